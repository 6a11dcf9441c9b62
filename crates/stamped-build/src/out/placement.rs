//! Decides who places the contents in the program: the compiler or the linker.

use super::linked::Target;
use crate::config::Embed;
use crate::error::{Error, Problem};

/// From so many bytes on, [`Embed::Auto`] leaves the contents to the linker.
///
/// The compiler needs some 10 to 35 ms for each megabyte that it includes, the linker one or two. Below
/// this, the difference is some thousandths of a second (`benches/run embed`), and the usual way to include a
/// file is the better one: it works with every compiler, linker and tool.
pub(crate) const LINKED_FROM: u64 = 256 << 10;

/// Who places the contents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Placer {
    Compiler,
    Linker(Target),
}

/// Who places contents of so many bytes in this build.
pub(crate) fn placer(embed: Embed, bytes: u64) -> Result<Placer, Error> {
    // Miri has no linker. Everything else about the target stays as it is.
    let is_miri = std::env::var_os("CARGO_CFG_MIRI").is_some();
    let target = if is_miri { None } else { Target::of_this_build() };
    match (embed, target) {
        (Embed::Linked, None) if !is_miri => Err(no_format()),
        (Embed::Linked, Some(target)) => Ok(Placer::Linker(target)),
        (Embed::Auto, Some(target)) if bytes >= LINKED_FROM => Ok(Placer::Linker(target)),
        (Embed::Auto | Embed::Linked | Embed::Include | Embed::Nothing, _) => Ok(Placer::Compiler),
    }
}

fn no_format() -> Error {
    let variable = |name| std::env::var(name).ok();
    let triple = || variable("TARGET").or_else(|| variable("CARGO_CFG_TARGET_ARCH"));
    Problem::NoLibraryFormat { target: triple() }.into()
}

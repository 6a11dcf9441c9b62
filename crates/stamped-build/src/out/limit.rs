//! How much can be embedded.

use super::placement::{Placer, placer};
use crate::config::Embed;
use crate::error::{Error, Problem};

const GIB: u64 = 1 << 30;

/// The largest file that is included. The build script and the compiler both hold all of it in memory.
pub(crate) const INCLUDED_FILE: u64 = GIB;

/// All files together. Most targets address no more in one program without special code models.
pub(crate) const BUNDLE: u64 = 2 * GIB;

/// Checks that files of these names and sizes are not too large to be embedded in this way, and that there
/// is this way.
pub(crate) fn check<'a>(
    embed: Embed,
    sizes: impl IntoIterator<Item = (&'a str, u64)>,
) -> Result<(), Error> {
    if embed == Embed::Nothing {
        return Ok(());
    }
    // So much that `Auto` would not include it.
    let largest = match placer(embed, u64::MAX)? {
        Placer::Compiler => INCLUDED_FILE,
        Placer::Linker(_) => BUNDLE,
    };
    let mut total: u64 = 0;
    for (name, size) in sizes {
        if size > largest {
            let name = Some(name.to_owned());
            return Err(Problem::TooMuch { name, size, limit: largest }.into());
        }
        total = total.saturating_add(size);
    }
    check_all(total)
}

/// Checks that all files together, with their encodings, are not too large.
pub(crate) fn check_all(size: u64) -> Result<(), Error> {
    match size > BUNDLE {
        true => Err(Problem::TooMuch { name: None, size, limit: BUNDLE }.into()),
        false => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Outside of a build script, everything is included.
    #[test]
    fn included_contents_have_a_limit_for_each_and_one_for_all() {
        let check = |embed, sizes: &[u64]| {
            check(embed, sizes.iter().map(|&size| ("a.mp4", size))).map_err(|error| error.message())
        };
        for embed in [Embed::Include, Embed::Auto] {
            assert!(check(embed, &[GIB, GIB]).is_ok());
            let one = check(embed, &[1, GIB + 1]).unwrap_err();
            assert!(one.contains("`a.mp4` has 1.1 GiB") && one.contains("1 GiB"), "{one}");
            let all = check(embed, &[GIB, GIB, 1]).unwrap_err();
            assert!(all.contains("2.1 GiB") && all.contains("2 GiB"), "{all}");
        }
        assert!(check(Embed::Nothing, &[u64::MAX, 5]).is_ok());
    }
}

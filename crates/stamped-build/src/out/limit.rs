//! How much the compiler can include.

use crate::config::Embed;
use crate::error::{Error, Problem};

const GIB: u64 = 1 << 30;

/// The largest file. The build script and the compiler both hold all of it in memory.
const FILE: u64 = GIB;

/// All files together. Most targets address no more in one program without special code models.
const BUNDLE: u64 = 2 * GIB;

/// Checks that files of these names and sizes are not too large to be embedded in this way.
pub(crate) fn check<'a>(
    embed: Embed,
    sizes: impl IntoIterator<Item = (&'a str, u64)>,
) -> Result<(), Error> {
    if embed != Embed::Include {
        return Ok(());
    }
    let mut total: u64 = 0;
    for (name, size) in sizes {
        if size > FILE {
            let name = Some(name.to_owned());
            return Err(Problem::TooMuch { name, size, limit: FILE }.into());
        }
        total = total.saturating_add(size);
    }
    match total > BUNDLE {
        true => Err(Problem::TooMuch { name: None, size: total, limit: BUNDLE }.into()),
        false => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_included_contents_have_a_limit_for_each_and_one_for_all() {
        let check = |embed, sizes: &[u64]| {
            check(embed, sizes.iter().map(|&size| ("a.mp4", size))).map_err(|error| error.message())
        };
        assert!(check(Embed::Include, &[GIB, GIB]).is_ok());
        let one = check(Embed::Include, &[1, GIB + 1]).unwrap_err();
        assert!(one.contains("`a.mp4` has 1.1 GiB") && one.contains("1 GiB"), "{one}");
        let all = check(Embed::Include, &[GIB, GIB, 1]).unwrap_err();
        assert!(all.contains("2.1 GiB") && all.contains("2 GiB"), "{all}");
        assert!(check(Embed::Nothing, &[u64::MAX, 5]).is_ok());
    }
}

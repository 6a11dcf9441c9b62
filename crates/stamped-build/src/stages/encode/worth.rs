//! Decides which contents are worth compressing, and which encodings are worth storing.

use crate::stages::describe::Described;
use stamped::content_type;

/// The size of the two header fields that an encoding needs, `Content-Encoding: gzip` and `Vary:
/// Accept-Encoding`, with their line ends.
pub(super) const HEADERS: usize = 47;

/// The largest size at which an encoding of this many bytes is worth storing: it saves 5 %, and
/// more than its headers cost. Entries in the cache depend on this rule.
pub(super) fn limit(length: usize) -> usize {
    length - length.div_ceil(20).max(HEADERS).min(length)
}

/// The largest size at which a delta is worth storing: it saves 20 % of the smallest other coding.
pub(super) fn delta_limit(smallest: u64) -> u64 {
    smallest - smallest.div_ceil(5)
}

/// The most bytes that both versions of a delta have together. RFC 9842, section 5, has every client take
/// a window of 8 MB, beyond which the dictionary would be out of reach.
pub(super) const DELTA_WINDOW: u64 = 8 << 20;

/// The largest size of a content that is compressed: all of it is in memory meanwhile, several times.
pub(super) const LARGEST: usize = 256 << 20;

/// The endings of file names that mark a file as compressed, whatever its type.
const COMPRESSED: &[&str] = &["br", "gz", "svgz", "zst"];

pub(super) fn is_worth_trying(file: &Described) -> bool {
    let essence = file.content_type.split(';').next().unwrap_or_default();
    let extension = file.name.rsplit_once('.').map_or("", |(_, extension)| extension);
    let length = usize::try_from(file.contents.len()).unwrap_or(usize::MAX);
    length <= LARGEST
        && limit(length) > 0
        && content_type::is_compressible(essence)
        && !COMPRESSED.iter().any(|compressed| compressed.eq_ignore_ascii_case(extension))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn nothing_is_stored_that_saves_less_than_5_percent(length in 0usize..10_000_000) {
            let limit = limit(length);
            prop_assert!(limit * 100 <= length * 95);
            prop_assert!(limit == 0 || limit + HEADERS <= length);
            prop_assert!(length < 1000 || (limit + 1) * 100 > length * 95);
        }
    }
}

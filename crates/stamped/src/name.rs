//! The name grammar: where a stamp stands in a file name, and how it is found again.
//!
//! A file name is split at its dots into segments. The *suffix* is the last segment, and before it
//! every segment that does not begin with a digit, as long as one segment is left over as the
//! *stem*. The stamp, 1 to 20 ASCII digits, becomes a segment of its own between stem and suffix. A
//! name without a dot has no suffix: the stamp is appended.
//!
//! | name | stamped |
//! |---|---|
//! | `style.css` | `style.1452929749.css` |
//! | `style.min.css` | `style.1452929749.min.css` |
//! | `app.js.map` | `app.1452929749.js.map` |
//! | `jquery-1.11.3.min.js` | `jquery-1.11.3.1452929749.min.js` |
//! | `report.2024.css` | `report.2024.1452929749.css` |
//! | `archive.7z` | `archive.1452929749.7z` |
//! | `LICENSE` | `LICENSE.1452929749` |
//!
//! The grammar applies to what follows the last `/` of a path; folders keep their names.
//!
//! [`unstamp`] is the exact inverse: it takes a path apart if, and only if, putting its name and
//! its stamp together again gives the same path. So no two names share a stamped path, and no
//! asset has two.
//!
//! ```
//! use stamped::name;
//!
//! let (stem, suffix) = name::split("js/jquery-1.11.3.min.js");
//! assert_eq!((stem, suffix), ("js/jquery-1.11.3", ".min.js"));
//!
//! let parts = name::unstamp("js/jquery-1.11.3.1452929749.min.js").unwrap();
//! assert_eq!((parts.stem, parts.stamp, parts.suffix), (stem, "1452929749", suffix));
//! ```

use core::ops::Range;

/// The most digits a stamp has: those of a 64-bit number.
pub const STAMP_DIGITS: usize = 20;

/// Whether `stamp` can stand in a path: 1 to [`STAMP_DIGITS`] ASCII digits.
#[must_use]
pub const fn is_stamp(stamp: &str) -> bool {
    is_stamp_bytes(stamp.as_bytes())
}

/// Splits `name` where its stamp goes: the stamped name is stem, dot, stamp, suffix.
///
/// The stem holds the folders; the suffix begins with a dot or is empty.
#[must_use]
pub fn split(name: &str) -> (&str, &str) {
    let at = suffix_start(name.as_bytes());
    // The position is that of a dot or the end, so it is always a character boundary.
    name.split_at_checked(at).unwrap_or((name, ""))
}

/// A stamped path, taken apart by [`unstamp`].
///
/// The name is the stem followed by the suffix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unstamped<'a> {
    /// Folders and the file name up to the stamp, without the dot before the stamp.
    pub stem: &'a str,
    /// The digits.
    pub stamp: &'a str,
    /// What follows the stamp: empty, or a dot and more.
    pub suffix: &'a str,
}

/// Takes a stamped path apart; `None` if no name has this path as a stamped path.
#[must_use]
pub fn unstamp(path: &str) -> Option<Unstamped<'_>> {
    let stamp = stamp_range(path.as_bytes())?;
    Some(Unstamped {
        // All three positions are next to a dot or at the end, so on character boundaries.
        stem: path.get(..stamp.start - 1)?,
        stamp: path.get(stamp.clone())?,
        suffix: path.get(stamp.end..)?,
    })
}

const fn is_stamp_bytes(digits: &[u8]) -> bool {
    if digits.is_empty() || digits.len() > STAMP_DIGITS {
        return false;
    }
    // Eight at once, and the last eight, which may overlap them.
    let mut rest = digits;
    while let Some((word, behind)) = rest.split_first_chunk() {
        if !are_digits(*word) {
            return false;
        }
        rest = behind;
    }
    if let Some(word) = digits.last_chunk() {
        return are_digits(*word);
    }
    while let [digit, behind @ ..] = rest {
        if !digit.is_ascii_digit() {
            return false;
        }
        rest = behind;
    }
    true
}

/// A byte eight times.
const fn each(byte: u8) -> u64 {
    u64::from_ne_bytes([byte; 8])
}

/// Whether these are ASCII digits: 0x30 to 0x39.
const fn are_digits(bytes: [u8; 8]) -> bool {
    let word = u64::from_le_bytes(bytes);
    let upper = each(0xf0);
    word & upper == each(b'0') && (word + each(6)) & upper == each(b'0')
}

/// The highest bit of each byte of `word` that is zero.
const fn zeros(word: u64) -> u64 {
    !(((word & each(0x7f)) + each(0x7f)) | word) & each(0x80)
}

/// The positions of the dots of the file name, from the last one on.
struct Dots<'a> {
    /// What has not been looked at.
    before: &'a [u8],
    /// Where the eight bytes begin that are looked at.
    at: usize,
    /// A bit for each dot in them.
    dots: u64,
}

impl<'a> Dots<'a> {
    fn of(path: &'a [u8]) -> Self {
        Dots { before: path, at: path.len(), dots: 0 }
    }
}

impl Iterator for Dots<'_> {
    type Item = usize;

    #[inline]
    fn next(&mut self) -> Option<usize> {
        while self.dots == 0 {
            let (before, word) = match self.before.split_last_chunk() {
                Some((before, word)) => (before, u64::from_le_bytes(*word)),
                None if self.before.is_empty() => return None,
                None => (&[][..], first_word(self.before)),
            };
            self.before = before;
            self.at = before.len();
            // Both at once: they differ in the lowest bit only.
            self.dots = zeros((word | each(1)) ^ each(b'.' | b'/'));
            if self.dots != 0 {
                let slashes = zeros(word ^ each(b'/'));
                if slashes != 0 {
                    self.dots &= !(u64::MAX >> slashes.leading_zeros());
                    self.before = &[];
                }
            }
        }
        let bit = 63 - self.dots.leading_zeros();
        self.dots ^= 1 << bit;
        Some(self.at + bit as usize / 8)
    }
}

/// Less than eight bytes, and zeros.
fn first_word(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |word, &byte| word << 8 | u64::from(byte))
}

fn begins_with_digit(path: &[u8], segment: usize) -> bool {
    path.get(segment).is_some_and(u8::is_ascii_digit)
}

fn suffix_start(name: &[u8]) -> usize {
    let mut dots = Dots::of(name);
    let Some(mut suffix) = dots.next() else {
        return name.len();
    };
    for dot in dots {
        if begins_with_digit(name, dot + 1) {
            break;
        }
        suffix = dot;
    }
    suffix
}

/// Where the stamp stands in `path`, without its dots. Works on bytes, because a request path need
/// not be UTF-8. The range never begins at 0.
pub(crate) fn stamp_range(path: &[u8]) -> Option<Range<usize>> {
    candidate(path).filter(|range| is_stamp_at(path, range))
}

/// The only place in `path` where a stamp can stand: the right-most segment that begins with a digit,
/// the last one aside; or else the last of two. It never begins at 0.
pub(crate) fn candidate(path: &[u8]) -> Option<Range<usize>> {
    let mut dots = Dots::of(path);
    let last = dots.next()?;
    let mut end = last;
    for dot in dots {
        if begins_with_digit(path, dot + 1) {
            return Some(dot + 1..end);
        }
        end = dot;
    }
    (end == last).then_some(last + 1..path.len())
}

/// Whether the [`candidate`] is a stamp, and stands where the name that is left would have it.
pub(crate) fn is_stamp_at(path: &[u8], candidate: &Range<usize>) -> bool {
    let stem = path.get(..candidate.start - 1).unwrap_or_default();
    let placed = if candidate.end == path.len() {
        !matches!(stem, [] | [.., b'/'])
    } else {
        Dots::of(stem).next().is_none_or(|before| begins_with_digit(path, before + 1))
    };
    placed && path.get(candidate.clone()).is_some_and(is_stamp_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::{format, string::String, vec::Vec};

    fn stamped(name: &str, stamp: &str) -> String {
        let (stem, suffix) = split(name);
        format!("{stem}.{stamp}{suffix}")
    }

    #[test]
    fn the_stamp_goes_between_stem_and_suffix() {
        for (name, path) in [
            ("style.css", "style.7.css"),
            ("css/style.css", "css/style.7.css"),
            ("style.min.css", "style.7.min.css"),
            ("app.js.map", "app.7.js.map"),
            ("app.min.js.map", "app.7.min.js.map"),
            ("jquery-1.11.3.min.js", "jquery-1.11.3.7.min.js"),
            ("report.2024.css", "report.2024.7.css"),
            ("report.2024", "report.7.2024"),
            ("archive.7z", "archive.7.7z"),
            ("archive.tar.7z", "archive.7.tar.7z"),
            ("LICENSE", "LICENSE.7"),
            ("2024", "2024.7"),
            ("a.b.css", "a.7.b.css"),
            ("v1.2/LICENSE", "v1.2/LICENSE.7"),
            (".well-known/x", ".well-known/x.7"),
            (".htaccess", ".7.htaccess"),
            ("a..css", "a.7..css"),
            ("a.", "a.7."),
            ("図.1.png", "図.1.7.png"),
            ("lib.3d.js", "lib.3d.7.js"),
        ] {
            assert_eq!(stamped(name, "7"), path);
            let parts = unstamp(path).expect(path);
            assert_eq!(format!("{}{}", parts.stem, parts.suffix), name);
            assert_eq!(parts.stamp, "7");
        }
    }

    #[test]
    fn a_path_that_no_name_is_stamped_as_has_no_stamp() {
        for path in [
            "style.css",
            "LICENSE",
            "",
            "7",
            ".7",
            "css.7/style",
            // Its name would be `app.js.map`, which is stamped as `app.7.js.map`.
            "app.js.7.map",
            "style.min.7.css",
            // 21 digits.
            "style.123456789012345678901.css",
            "style.12a.css",
            "a.b.7",
            "lib.1.3d.js",
            "style.٣.css",
        ] {
            assert_eq!(unstamp(path), None, "{path}");
        }
    }

    /// File names of the kind that the grammar could trip over.
    fn names() -> impl Strategy<Value = String> {
        let segment = prop_oneof![
            "[0-9]{0,22}",
            "[0-9][a-z]",
            "[a-z-]{0,3}",
            "[^/\0.]{0,3}",
            Just(String::new()),
        ];
        let file = proptest::collection::vec(segment, 1..6).prop_map(|s| s.join("."));
        ("([a-z.0-9]{1,4}/){0,2}", file)
            .prop_map(|(folder, file)| folder + &file)
            .prop_filter("a file has a name", |name| !name.ends_with('/') && !name.is_empty())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4096))]

        #[test]
        fn every_name_comes_back_from_its_stamped_path(name in names(), stamp in "[0-9]{1,20}") {
            let path = stamped(&name, &stamp);
            let parts = unstamp(&path);
            prop_assert!(parts.is_some(), "{path}");
            let parts = parts.unwrap();
            prop_assert_eq!(format!("{}{}", parts.stem, parts.suffix), name);
            prop_assert_eq!(parts.stamp, stamp);
        }

        #[test]
        fn what_comes_apart_goes_together_again(path in names()) {
            if let Some(parts) = unstamp(&path) {
                let name = format!("{}{}", parts.stem, parts.suffix);
                prop_assert_eq!(stamped(&name, parts.stamp), path);
            }
        }

        #[test]
        fn arbitrary_bytes_never_panic(path: Vec<u8>) {
            let _ = stamp_range(&path);
        }
    }
}

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
//! Only the last part of a path, behind the last `/`, is looked at; folders keep their names.
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
    let mut i = 0;
    while i < digits.len() {
        if !digits[i].is_ascii_digit() {
            return false;
        }
        i += 1;
    }
    true
}

/// The position of the last dot of the file name within `path[..end]`, where `start` is the
/// position of the file name.
fn dot_before(path: &[u8], start: usize, end: usize) -> Option<usize> {
    let at = path.get(start..end)?.iter().rposition(|&b| b == b'.')?;
    Some(start + at)
}

fn file_start(path: &[u8]) -> usize {
    path.iter().rposition(|&b| b == b'/').map_or(0, |at| at + 1)
}

fn begins_with_digit(path: &[u8], segment: usize) -> bool {
    path.get(segment).is_some_and(u8::is_ascii_digit)
}

fn suffix_start(name: &[u8]) -> usize {
    let start = file_start(name);
    let Some(mut suffix) = dot_before(name, start, name.len()) else {
        return name.len();
    };
    while let Some(dot) = dot_before(name, start, suffix) {
        if begins_with_digit(name, dot + 1) {
            break;
        }
        suffix = dot;
    }
    suffix
}

/// Where the stamp stands in `path`, without its dots. Works on bytes, because a request path need
/// not be UTF-8. The range never begins at 0.
pub(crate) fn stamp_range(path: &[u8]) -> Option<core::ops::Range<usize>> {
    let start = file_start(path);
    let last = dot_before(path, start, path.len())?;
    let mut end = last;
    while let Some(dot) = dot_before(path, start, end) {
        if !begins_with_digit(path, dot + 1) {
            end = dot;
            continue;
        }
        // The right-most segment that begins with a digit: the stamp, or the path has none.
        let is_stamp = path.get(dot + 1..end).is_some_and(is_stamp_bytes);
        // What is left must not want the stamp further to the left.
        let placed = match dot_before(path, start, dot) {
            Some(before) => begins_with_digit(path, before + 1),
            None => true,
        };
        return (is_stamp && placed).then_some(dot + 1..end);
    }
    // Without a second dot, the stamp of a name without a dot may be the last segment.
    let appended = end == last && last > start;
    let is_stamp = path.get(last + 1..).is_some_and(is_stamp_bytes);
    (appended && is_stamp).then_some(last + 1..path.len())
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

//! Entity tags and their two comparisons (RFC 9110, section 8.8.3).

use http::header::{AsHeaderName, HeaderMap};

/// How tags are compared (section 8.8.3.2). The tags of assets are strong, but those of large live files
/// are weak.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comparison {
    /// Both tags are strong and equal.
    Strong,
    /// The tags are equal, weak or not.
    Weak,
}

/// Whether one of the lines of `field` is `*`, or names the tag `etag`.
pub(super) fn any_names(
    headers: &HeaderMap,
    field: impl AsHeaderName,
    etag: &str,
    comparison: Comparison,
) -> bool {
    headers.get_all(field).iter().any(|value| {
        let list = value.as_bytes();
        list.trim_ascii() == b"*" || names(list, etag.as_bytes(), comparison)
    })
}

/// Whether a list of tags names the tag `etag`.
pub(super) fn names(list: &[u8], etag: &[u8], comparison: Comparison) -> bool {
    let (is_weak, etag) = match etag.strip_prefix(b"W/") {
        Some(etag) => (true, etag),
        None => (false, etag),
    };
    Tags { rest: list }.any(|tag| {
        tag.opaque == etag && (comparison == Comparison::Weak || !(tag.is_weak || is_weak))
    })
}

/// One tag of a list.
struct Tag<'a> {
    is_weak: bool,
    /// With its quotes.
    opaque: &'a [u8],
}

/// The tags of a list, up to the first thing that is none.
struct Tags<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for Tags<'a> {
    type Item = Tag<'a>;

    fn next(&mut self) -> Option<Tag<'a>> {
        let is_separator = |byte: &u8| matches!(byte, b' ' | b'\t' | b',');
        let start = self.rest.iter().position(|byte| !is_separator(byte))?;
        // What cannot be read ends the list.
        let rest = core::mem::take(&mut self.rest).get(start..)?;
        let (is_weak, rest) = match rest.strip_prefix(b"W/") {
            Some(rest) => (true, rest),
            None => (false, rest),
        };
        // Commas and blanks may be in a tag, and backslashes mean nothing there.
        let inside = rest.strip_prefix(b"\"")?;
        let length = inside.iter().position(|&byte| byte == b'"')? + 2;
        let (opaque, after) = rest.split_at_checked(length)?;
        if !after.first().is_none_or(is_separator) {
            return None;
        }
        self.rest = after;
        Some(Tag { is_weak, opaque })
    }
}

#[cfg(test)]
mod tests {
    use super::{Comparison, names};

    #[test]
    fn a_tag_is_found_in_a_list() {
        for list in
            ["\"a\"", "\"x\", \"a\"", "\"x\",\"a\"", ", ,\"a\" ,", "W/\"x\",\"a\"", "\"a,b\",\"a\""]
        {
            for comparison in [Comparison::Strong, Comparison::Weak] {
                assert!(names(list.as_bytes(), b"\"a\"", comparison), "{list}");
            }
        }
    }

    #[test]
    fn a_weak_tag_is_found_by_weak_comparison_only() {
        for list in ["W/\"a\"", "\"x\", W/\"a\""] {
            assert!(names(list.as_bytes(), b"\"a\"", Comparison::Weak), "{list}");
            assert!(!names(list.as_bytes(), b"\"a\"", Comparison::Strong), "{list}");
        }
    }

    #[test]
    fn a_weak_tag_of_ours_is_the_same_only_by_weak_comparison() {
        for list in ["\"a\"", "W/\"a\""] {
            assert!(names(list.as_bytes(), b"W/\"a\"", Comparison::Weak), "{list}");
            assert!(!names(list.as_bytes(), b"W/\"a\"", Comparison::Strong), "{list}");
        }
    }

    #[test]
    fn what_is_no_tag_ends_the_list() {
        for list in
            ["\"b\"", "a", "\"a", "", "\"a,b\"", "**", "w/\"a\"", "x\"a\"", "\"x\"\"a\"", "\"A\""]
        {
            assert!(!names(list.as_bytes(), b"\"a\"", Comparison::Weak), "{list}");
        }
    }
}

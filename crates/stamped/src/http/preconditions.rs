//! Conditions of a request (RFC 9110, section 13).

use http::HeaderMap;
use http::header::IF_NONE_MATCH;

/// Whether `If-None-Match` lets the request go on: it names neither `etag` nor `*` (section
/// 13.1.2). Tags are compared weakly.
pub(super) fn none_match(headers: &HeaderMap, etag: &str) -> bool {
    !headers.get_all(IF_NONE_MATCH).iter().any(|value| names(value.as_bytes(), etag.as_bytes()))
}

/// Whether a list of entity tags names `etag`, compared weakly (section 8.8.3.2).
fn names(list: &[u8], etag: &[u8]) -> bool {
    if list.trim_ascii() == b"*" {
        return true;
    }
    let mut rest = list;
    while let Some(open) = rest.iter().position(|&byte| byte == b'"') {
        // A tag may contain commas, but no quotes.
        let tag = &rest[open..];
        let Some(close) = tag.iter().skip(1).position(|&byte| byte == b'"') else { return false };
        let (tag, after) = tag.split_at(close + 2);
        if tag == etag {
            return true;
        }
        rest = after;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::names;

    #[test]
    fn lists_weak_tags_and_the_star_are_understood() {
        for list in
            ["\"a\"", "W/\"a\"", "\"x\", \"a\"", "W/\"x\",W/\"a\"", "*", " * ", "\"a,b\",\"a\""]
        {
            assert!(names(list.as_bytes(), b"\"a\""), "{list}");
        }
        for list in ["\"b\"", "a", "\"a", "", "\"a,b\"", "**"] {
            assert!(!names(list.as_bytes(), b"\"a\""), "{list}");
        }
    }
}

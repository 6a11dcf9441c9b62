//! Writes other names into files.

use crate::types::Context;
use core::ops::Range;
use stamped::percent::Encoded;

/// Escapes a file name so that it can stand at the [segment](crate::Reference::segment) of a reference.
///
/// The name is percent-encoded as in the URLs of assets, so that a browser asks for the same URL whether a page or a
/// style sheet names the file. A scan of the changed file finds the same references, now with this name, and nothing
/// else changes.
///
/// `name` must be a file name: not empty, without `/`, and neither `.` nor `..`.
///
/// ```
/// use stamped_scan::{Context, segment};
///
/// assert_eq!(segment(Context::CssUrl, "a (1).7.png"), "a%20%281%29.7.png");
/// ```
#[must_use]
pub fn segment(context: Context, name: &str) -> String {
    let mut segment = Encoded(name).to_string();
    match context {
        // `*/` would end it, if a slash came from elsewhere.
        Context::Comment => segment = segment.replace('*', "%2A"),
        // The URL of a candidate in `srcset` does not end in a comma.
        Context::Attribute(_) if segment.ends_with(',') => {
            segment.replace_range(segment.len() - 1.., "%2C")
        }
        _ => {}
    }
    // Where the segment begins the URL, a colon would make a scheme of what is before it, and `srcset`
    // would take a comma for the end of the candidate before. Anywhere else this means nothing.
    if segment.contains(':') || segment.starts_with(',') {
        segment.insert_str(0, "./");
    }
    segment
}

/// Replaces parts of a file: each range, which may be empty, gives way to the text beside it.
///
/// # Panics
///
/// If the ranges overlap, are out of order or reach outside of the file. The ranges that one scan of `source` reports
/// never do.
#[must_use]
#[expect(clippy::panic, reason = "a file with a reference missing must not go out unnoticed")]
pub fn replace(source: &[u8], edits: &[(Range<usize>, String)]) -> Vec<u8> {
    let added: usize = edits.iter().map(|(_, text)| text.len()).sum();
    // Too much by the bytes that are replaced, which are few.
    let mut out = Vec::with_capacity(source.len() + added);
    let mut done = 0;
    for (range, text) in edits {
        let parts = source.get(done..range.start).zip(source.get(range.clone()));
        let Some((kept, _)) = parts else {
            panic!(
                "cannot replace bytes {range:?} of a file of {} bytes whose first {done} bytes are done",
                source.len()
            );
        };
        out.extend_from_slice(kept);
        out.extend_from_slice(text.as_bytes());
        done = range.end;
    }
    out.extend_from_slice(&source[done..]);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_segment_is_encoded_like_a_url_and_needs_no_more_escaping() {
        let attribute = Context::Attribute(Some(b'"'));
        for (context, name, expected) in [
            (Context::CssUrl, "style.1.css", "style.1.css"),
            (Context::CssUrl, "my pic (1).1.png", "my%20pic%20%281%29.1.png"),
            (Context::CssUrl, "50%.1.css", "50%25.1.css"),
            (Context::CssUrl, "图.1.png", "%E5%9B%BE.1.png"),
            (Context::CssString(b'\''), "it's.1.png", "it%27s.1.png"),
            (Context::JsString(b'`'), "${x}`.js", "%24%7Bx%7D%60.js"),
            (attribute, "a&b's,.1.png", "a%26b%27s,.1.png"),
            (attribute, ",a,", "./,a%2C"),
            (Context::Json, "a\"\\b.png", "a%22%5Cb.png"),
            (Context::Json, "c:x.js", "./c:x.js"),
            (Context::Comment, "*.map", "%2A.map"),
        ] {
            assert_eq!(segment(context, name), expected, "{name} in {context:?}");
        }
    }

    #[test]
    fn replacing_keeps_everything_else() {
        let edits = [(0..1, "xx".into()), (1..1, "-".into()), (3..4, String::new())];
        assert_eq!(replace(b"abcde\xFF", &edits), b"xx-bce\xFF");
        assert_eq!(replace(b"ab", &[]), b"ab");
    }

    #[test]
    fn edits_that_overlap_or_lie_outside_panic() {
        for edits in ["0..2 1..3", "2..3 0..1", "0..9", "9..9", "2..1"] {
            let range = |edit: &str| {
                let (start, end) = edit.split_once("..").expect("a range");
                start.parse().expect("a number")..end.parse().expect("a number")
            };
            let edits: Vec<_> = edits.split(' ').map(|edit| (range(edit), String::new())).collect();
            let replaced = std::panic::catch_unwind(|| replace(b"abcd", &edits));
            let panic = replaced.expect_err("overlapping edits were made");
            let message = panic.downcast_ref::<String>().expect("a formatted message");
            assert!(message.starts_with("cannot replace bytes "), "{edits:?}: {message}");
        }
    }
}

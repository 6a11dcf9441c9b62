//! Writing new names into files.

use crate::scan::types::Context;
use core::fmt;
use core::ops::Range;
use stamped::percent::Encoded;

/// A file name as it can stand at the [segment](crate::scan::types::Reference::segment) of a reference.
///
/// It is percent-encoded just like the URLs of assets, so a browser asks for the same URL whether
/// a page or a file names it. What is left needs no escaping in any context but for three things.
/// Scanned again, the reference has this last segment, and the rest of the file is what it was.
///
/// `name` has to be a file name: not empty, without `/`, and neither `.` nor `..`.
pub(crate) fn segment(context: Context, name: &str) -> String {
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

/// Replaces parts of a file: at each range, which may be empty, stands the text beside it afterwards.
///
/// # Errors
///
/// If the ranges are not in order, overlap, or are not all inside the file.
pub(crate) fn replace(source: &[u8], edits: &[(Range<usize>, String)]) -> Result<Vec<u8>, BadEdit> {
    let added: usize = edits.iter().map(|(_, text)| text.len()).sum();
    // More than is needed by what is replaced, which is little.
    let mut out = Vec::with_capacity(source.len() + added);
    let mut done = 0;
    for (index, (range, text)) in edits.iter().enumerate() {
        let kept = source.get(done..range.start).ok_or(BadEdit { index })?;
        // Also looks whether the range goes forward and ends inside the file.
        source.get(range.clone()).ok_or(BadEdit { index })?;
        out.extend_from_slice(kept);
        out.extend_from_slice(text.as_bytes());
        done = range.end;
    }
    out.extend_from_slice(source.get(done..).unwrap_or_default());
    Ok(out)
}

/// An edit that cannot be made: it begins before the one before it ends, or does not lie inside the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BadEdit {
    /// Which one of the edits it is, counted from 0.
    pub(crate) index: usize,
}

impl fmt::Display for BadEdit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "edit {} overlaps the one before it or is not inside the file", self.index)
    }
}

impl core::error::Error for BadEdit {}

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
        assert_eq!(replace(b"abcde\xFF", &edits), Ok(b"xx-bce\xFF".to_vec()));
        assert_eq!(replace(b"ab", &[]), Ok(b"ab".to_vec()));
    }

    #[test]
    fn edits_that_overlap_or_lie_outside_are_refused() {
        #[expect(clippy::reversed_empty_ranges, reason = "one of the cases")]
        let reversed = 2..1;
        for (edits, index) in [
            (vec![(0..2, String::new()), (1..3, String::new())], 1),
            (vec![(2..3, String::new()), (0..1, String::new())], 1),
            (vec![(0..9, String::new())], 0),
            (vec![(9..9, String::new())], 0),
            (vec![(reversed, String::new())], 0),
        ] {
            assert_eq!(replace(b"abcd", &edits), Err(BadEdit { index }), "{edits:?}");
        }
    }
}

//! Several ranges in one body (RFC 9110, section 14.6).

use super::body::{Body, Piece};
use super::ranges::Several;
use super::response::Content;
use alloc::{format, string::String, vec::Vec};
use bytes::Bytes;

/// The most characters of a tag that go into a boundary, which may have 70 (RFC 2046, section 5.1.1).
const LONGEST_TAG: usize = 62;

/// A body of type `multipart/byteranges`: slices of the whole, and a few lines between them.
pub(super) struct ByteRanges {
    /// With the boundary.
    pub(super) content_type: String,
    pub(super) body: Body,
}

impl ByteRanges {
    /// The boundary comes from the entity tag, which is a hash of the bytes: to hold it, they would
    /// have to hold their own hash. A weak tag is one of the times of a file, which are no easier to
    /// hold.
    pub(super) fn new(content: &impl Content, ranges: &Several, content_type: &str) -> Self {
        let etag = content.etag();
        let tag: String =
            etag.chars().filter(char::is_ascii_alphanumeric).take(LONGEST_TAG).collect();
        let boundary = format!("stamped-{tag}");
        let text = |text| Piece::Bytes(Bytes::from(text));
        let mut pieces = Vec::with_capacity(2 * super::ranges::MOST + 1);
        let mut delimiter = format!("--{boundary}");
        for range in ranges.iter() {
            pieces.push(text(format!(
                "{delimiter}\r\nContent-Type: {content_type}\r\nContent-Range: bytes {}-{}/{}\r\n\r\n",
                range.start,
                range.end - 1,
                content.len(),
            )));
            pieces.push(content.part(range));
            delimiter = format!("\r\n--{boundary}");
        }
        pieces.push(text(format!("{delimiter}--\r\n")));
        ByteRanges {
            content_type: format!("multipart/byteranges; boundary={boundary}"),
            body: Body::from_pieces(pieces),
        }
    }
}

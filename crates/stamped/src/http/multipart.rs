//! Several ranges in one body (RFC 9110, section 14.6).

use super::body::Body;
use super::ranges::{Several, slice};
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
    /// have to hold their own hash.
    pub(super) fn new(bytes: &Bytes, ranges: &Several, content_type: &str, etag: &str) -> Self {
        let tag: String =
            etag.chars().filter(char::is_ascii_alphanumeric).take(LONGEST_TAG).collect();
        let boundary = format!("stamped-{tag}");
        let mut chunks = Vec::with_capacity(2 * super::ranges::MOST + 1);
        let mut delimiter = format!("--{boundary}");
        for range in ranges.iter() {
            chunks.push(Bytes::from(format!(
                "{delimiter}\r\nContent-Type: {content_type}\r\nContent-Range: bytes {}-{}/{}\r\n\r\n",
                range.start,
                range.end - 1,
                bytes.len(),
            )));
            chunks.push(slice(bytes, range));
            delimiter = format!("\r\n--{boundary}");
        }
        chunks.push(Bytes::from(format!("{delimiter}--\r\n")));
        ByteRanges {
            content_type: format!("multipart/byteranges; boundary={boundary}"),
            body: Body::from_chunks(chunks),
        }
    }
}

//! Decoded text that knows where in the file each part of it is written.

use crate::types::{Context, Found, Reference, ReferenceKind};
use core::ops::Range;

/// Decoded text that knows where it is written.
///
/// An escape may stand for `/`, `?` or `#`, so only a decoded URL can be cut into parts. An edit, though, replaces what
/// is written. This maps offsets of the one to offsets of the other.
#[derive(Debug, Default)]
pub(crate) struct Decoded {
    /// The text. Bytes, because a file need not be UTF-8.
    bytes: Vec<u8>,
    /// Ascending in both fields. From `decoded` on to the next run, bytes were written one by one from `source` on.
    runs: Vec<Run>,
    /// Offsets into `bytes`, ascending, of escapes whose meaning is not known and that were kept as written.
    unclear: Vec<usize>,
    /// Offsets into `bytes`, ascending, behind escapes that a letter or digit written there would become a part of.
    open: Vec<usize>,
    /// Offsets into `bytes`, ascending, where something else is written in between.
    gaps: Vec<usize>,
}

#[derive(Debug)]
struct Run {
    decoded: usize,
    source: usize,
}

impl Decoded {
    /// Appends bytes that were written literally, the first of them at offset `at` of the file.
    pub(crate) fn push_verbatim(&mut self, bytes: &[u8], at: usize) {
        self.mark(at);
        self.bytes.extend_from_slice(bytes);
    }

    /// Appends a character that is written as all of `written`.
    pub(crate) fn push_char(&mut self, character: char, written: Range<usize>) {
        self.mark(written.start);
        self.bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
        self.mark(written.end);
    }

    /// Notes that the text goes on at offset `source` of the file.
    pub(crate) fn mark(&mut self, source: usize) {
        let decoded = self.bytes.len();
        if self.runs.is_empty() || self.origin(decoded) != source {
            self.runs.push(Run { decoded, source });
        }
    }

    /// Notes that the escape appended last has no end of its own, as in `\2f` or `&#47`: a digit written behind it would
    /// become a part of it.
    pub(crate) fn mark_open(&mut self) {
        self.open.push(self.bytes.len());
    }

    /// Notes that something else is written between the text so far and what is appended next.
    pub(crate) fn mark_gap(&mut self) {
        self.gaps.push(self.bytes.len());
    }

    /// Notes that the bytes appended next may mean something else than themselves.
    pub(crate) fn mark_unclear(&mut self) {
        self.unclear.push(self.bytes.len());
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The offset of the first bytes that may mean something else than themselves.
    pub(crate) fn first_unclear(&self) -> Option<usize> {
        self.unclear.first().copied()
    }

    /// Where in the file the character at this offset of the text begins; for the end of the text, where it ends.
    pub(crate) fn origin(&self, decoded: usize) -> usize {
        let before = self.runs.partition_point(|run| run.decoded <= decoded);
        let Some(run) = self.runs[..before].last() else {
            unreachable!("the text was written nowhere in the file");
        };
        run.source + (decoded - run.decoded)
    }

    pub(crate) fn origins(&self, decoded: Range<usize>) -> Range<usize> {
        self.origin(decoded.start)..self.origin(decoded.end)
    }

    /// Whether an escape without an end stands before this offset, so that nothing can be written here.
    pub(crate) fn is_open(&self, at: usize) -> bool {
        self.open.binary_search(&at).is_ok()
    }

    /// Whether something else is written within this range of the text or at its end.
    pub(crate) fn is_broken(&self, decoded: &Range<usize>) -> bool {
        let first = self.gaps.partition_point(|at| *at <= decoded.start);
        self.gaps.get(first).is_some_and(|at| *at <= decoded.end)
    }

    /// Whether something within this range of the text may mean something else than itself.
    fn is_unclear(&self, decoded: Range<usize>) -> bool {
        let first = self.unclear.partition_point(|at| *at < decoded.start);
        self.unclear.get(first).is_some_and(|at| *at < decoded.end)
    }

    /// Records the reference that stands at `part` of the text; nothing for an empty one.
    pub(crate) fn report(
        &self,
        part: Range<usize>,
        kind: ReferenceKind,
        context: Context,
        found: &mut Found,
    ) {
        let span = self.origins(part.clone());
        let Ok(url) = core::str::from_utf8(&self.bytes[part.clone()]) else {
            found.skip(span.start, NOT_UTF8);
            return;
        };
        if url.is_empty() {
            return;
        }
        let (path, segment) = path_and_segment(url);
        let absolute = |offset: usize| part.start + offset;
        if self.is_unclear(part.start..absolute(path)) {
            found.skip(span.start, UNCLEAR);
            return;
        }
        if self.is_open(absolute(segment.start)) {
            found.skip(span.start, OPEN);
            return;
        }
        let segment = self.origins(absolute(segment.start)..absolute(segment.end));
        found.references.push(Reference { url: url.to_owned(), span, segment, kind, context });
    }
}

/// The message for a reference in another encoding.
pub(crate) const NOT_UTF8: &str = "this reference is not UTF-8, and is left as it is";

/// The message for a reference with an entity other than the five that need no table.
const UNCLEAR: &str = "this reference has a named character reference in its path other than &amp;, &lt;, &gt;, &quot; \
     and &apos;, and is left as it is: write the character itself";

/// The message for a reference whose last segment comes directly behind an escape without an end.
pub(crate) const OPEN: &str = "this reference has an escape without an end before its file name, and is left as it \
     is: write the character itself";

/// Where the path of a URL ends, and its last segment: behind the last `/`, before the first `?` or `#`.
///
/// By the [URL standard](https://url.spec.whatwg.org/#url-parsing) a query begins at the first `?` and a fragment at
/// the first `#`, so that a `/` behind them separates nothing.
pub(crate) fn path_and_segment(url: &str) -> (usize, Range<usize>) {
    let path = url.find(['?', '#']).unwrap_or(url.len());
    let start = url[..path].rfind('/').map_or(0, |slash| slash + 1);
    (path, start..path)
}

/// The value of a digit that was found to be one.
pub(crate) fn digit(byte: u8, radix: u32) -> u32 {
    match char::from(byte).to_digit(radix) {
        Some(value) => value,
        None => unreachable!("{:?} is no digit", char::from(byte)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_segment_stands_between_the_last_slash_and_the_query() {
        for (url, segment) in [
            ("a.png", "a.png"),
            ("../d/a.png?x=/y#/z", "a.png"),
            ("a.png#/x?y", "a.png"),
            ("dir/", ""),
            ("dir/?#iefix", ""),
            ("#id", ""),
            ("//host/ä.svg#é", "ä.svg"),
            ("", ""),
        ] {
            assert_eq!(&url[path_and_segment(url).1], segment, "{url}");
        }
    }

    #[test]
    fn offsets_lead_back_behind_escapes() {
        let mut decoded = Decoded::default();
        decoded.push_verbatim(b"ab", 10);
        decoded.push_char('é', 12..18);
        decoded.push_verbatim(b"c", 18);
        assert_eq!([0, 1, 2, 4, 5].map(|at| decoded.origin(at)), [10, 11, 12, 18, 19]);
    }
}

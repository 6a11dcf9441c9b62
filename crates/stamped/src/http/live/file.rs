//! A file on the disk, as an answer needs it.

use crate::files::{Utf8, Version};
use crate::hash::hash;
use crate::http::body::{Body, Piece};
use crate::http::part::{FilePart, OpenFile};
use crate::http::ranges;
use crate::http::response::Content;
use crate::{Coding, content_type, files};
use alloc::borrow::{Cow, ToOwned as _};
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::{format, vec::Vec};
use bytes::Bytes;
use core::ops::Range;
use std::io;
use std::path::Path;
use std::time::SystemTime;

/// The largest file that is read at once. Style sheets and scripts are smaller; what is larger is read
/// as it is sent, so that a client that stalls does not keep all of it in memory.
const LARGEST_HELD: u64 = 1 << 20;

/// What answers need of a file.
pub(super) struct File {
    name: String,
    content_type: Cow<'static, str>,
    contents: Contents,
    length: usize,
    etag: String,
}

enum Contents {
    /// All of it. Bytes, type and tag come from one read.
    Held(Bytes),
    /// To be read as it is sent.
    Open(Arc<OpenFile>),
}

impl File {
    fn held(name: String, bytes: Vec<u8>) -> Self {
        let content_type = content_type::of_file(&name, &bytes);
        // Not the time of the file: two edits may have the same.
        let etag = format!("\"{:016x}\"", hash(0, &bytes));
        let length = bytes.len();
        File { name, content_type, contents: Contents::Held(bytes.into()), length, etag }
    }

    fn open(name: String, file: OpenFile) -> io::Result<Self> {
        let version = file.version();
        let length = usize::try_from(version.length)
            .map_err(|_| io::Error::new(io::ErrorKind::FileTooLarge, "it is too large"))?;
        let file = Arc::new(file);
        let whole = FilePart::new(&file, 0..version.length);
        // Empty text tells whether the type would have a charset, without a look at the bytes.
        let content_type = match content_type::of_file(&name, b"") {
            Cow::Owned(_) if !is_utf8(whole)? => content_type::of(&name).into(),
            content_type => content_type,
        };
        let etag = weak_tag(&version, SystemTime::now());
        Ok(File { name, content_type, contents: Contents::Open(file), length, etag })
    }
}

impl Content for File {
    fn name(&self) -> &str {
        &self.name
    }

    fn content_type(&self) -> Cow<'static, str> {
        self.content_type.clone()
    }

    fn coding(&self) -> Coding {
        Coding::Identity
    }

    fn len(&self) -> usize {
        self.length
    }

    fn whole(&self) -> Body {
        match &self.contents {
            Contents::Held(bytes) => bytes.clone().into(),
            Contents::Open(_) => Body::from_piece(self.part(0..self.length)),
        }
    }

    fn part(&self, range: Range<usize>) -> Piece {
        match &self.contents {
            Contents::Held(bytes) => Piece::Bytes(ranges::slice(bytes, range)),
            Contents::Open(file) => {
                Piece::File(FilePart::new(file, range.start as u64..range.end as u64))
            }
        }
    }

    fn content_length(&self) -> Cow<'static, str> {
        self.length.to_string().into()
    }

    fn etag(&self) -> Cow<'static, str> {
        self.etag.clone().into()
    }

    fn last_modified(&self) -> Option<u64> {
        None
    }

    fn last_modified_http(&self) -> Option<&'static str> {
        None
    }
}

/// A tag that says what the system says of a file, and not what is in it. It is never given twice while
/// another edit could have the same times.
fn weak_tag(version: &Version, now: SystemTime) -> String {
    let moment = if version.is_settled(now) { None } else { Some(now) };
    format!("W/\"{:016x}\"", hash(0, format!("{version:?} {moment:?}").as_bytes()))
}

/// Whether all of a file is UTF-8.
fn is_utf8(mut part: FilePart) -> io::Result<bool> {
    let mut utf8 = Utf8::default();
    while let Some(chunk) = part.try_next()? {
        if !utf8.push(&chunk) {
            return Ok(false);
        }
    }
    Ok(utf8.is_text())
}

/// Reads a regular file, or opens it where it is large. `None` for anything else, which is not even
/// opened.
///
/// A small file that changes all the time is sent as it was read last.
pub(super) fn read(name: &str, path: &Path) -> io::Result<Option<File>> {
    if !std::fs::metadata(path)?.is_file() {
        return Ok(None);
    }
    let name = name.to_owned();
    match files::read(path, LARGEST_HELD) {
        Ok(contents) => Ok(Some(File::held(name, contents.bytes))),
        Err(error) if error.kind() == io::ErrorKind::FileTooLarge => match files::open(path)? {
            Some((file, metadata)) => {
                File::open(name, OpenFile::new(file, Version::of(&metadata))).map(Some)
            }
            None => Ok(None),
        },
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use stamped_test_support::Dir;
    use std::time::Duration;

    fn opened(folder: &Dir, bytes: impl AsRef<[u8]>) -> (Arc<OpenFile>, FilePart) {
        folder.write("file", bytes);
        let (file, metadata) = files::open(&folder.join("file")).unwrap().unwrap();
        let file = Arc::new(OpenFile::new(file, Version::of(&metadata)));
        let part = FilePart::new(&file, 0..file.version().length);
        (file, part)
    }

    #[test]
    fn characters_across_chunks_are_characters() {
        let folder = Dir::new();
        let text = "é".repeat(100_000);
        for (bytes, expected) in [
            (text.as_bytes(), true),
            (format!("a{text}").as_bytes(), true),
            (&text.as_bytes()[1..], false),
            (&text.as_bytes()[..text.len() - 1], false),
            (&[text.as_bytes(), b"\xff", text.as_bytes()].concat(), false),
        ] {
            assert_eq!(is_utf8(opened(&folder, bytes).1).unwrap(), expected);
        }
    }

    #[test]
    fn a_tag_is_kept_only_once_no_edit_can_have_the_same_times() {
        let folder = Dir::new();
        let (file, _) = opened(&folder, "text");
        let now = SystemTime::now();
        let tag = |age| weak_tag(&file.version(), now + Duration::from_secs_f32(age));
        assert_ne!(tag(0.0), tag(0.1));
        assert_eq!(tag(9.0), tag(99.0));
        assert!(tag(9.0).starts_with("W/\""));
    }

    #[test]
    fn a_file_that_changes_while_it_is_sent_ends_early() {
        let folder = Dir::new();
        let (_, mut part) = opened(&folder, "a".repeat(200_000));
        assert!(part.next_chunk().is_some_and(|chunk| chunk.len() == 64 << 10));
        std::fs::write(folder.join("file"), "b".repeat(200_001)).unwrap();
        assert!(part.next_chunk().is_none() && part.len() == 0);
    }
}

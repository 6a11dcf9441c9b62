//! A file that was just read.

use crate::hash::hash;
use crate::http::response::Content;
use crate::{Coding, content_type, files};
use alloc::borrow::Cow;
use alloc::string::{String, ToString};
use alloc::{format, vec::Vec};
use bytes::Bytes;
use std::fs;
use std::io;
use std::path::Path;

/// The largest file that is read. What is baked into programs is smaller by far, and the memory is
/// needed once for each request that is being answered.
const LARGEST: u64 = 256 << 20;

/// What answers need of a file. Name, bytes and tag come from one read.
pub(super) struct File {
    name: String,
    content_type: Cow<'static, str>,
    bytes: Bytes,
    etag: String,
}

impl File {
    pub(super) fn new(name: String, bytes: Vec<u8>) -> Self {
        let content_type = content_type::of_file(&name, &bytes);
        // Not the time of the file: two edits may have the same.
        let etag = format!("\"{:016x}\"", hash(0, &bytes));
        File { name, content_type, bytes: bytes.into(), etag }
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

    fn bytes(&self) -> Bytes {
        self.bytes.clone()
    }

    fn content_length(&self) -> Cow<'static, str> {
        self.bytes.len().to_string().into()
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

/// Reads a regular file. `None` for anything else: a pipe must not even be opened, because that would
/// wait until somebody writes to it.
///
/// A file that changes all the time is sent as it was read last.
pub(super) fn read(path: &Path) -> io::Result<Option<Vec<u8>>> {
    if !fs::metadata(path)?.is_file() {
        return Ok(None);
    }
    match files::read(path, LARGEST) {
        Ok(contents) => Ok(Some(contents.bytes)),
        Err(error) if error.kind() == io::ErrorKind::FileTooLarge => {
            Err(io::Error::new(error.kind(), "it is larger than 256 MiB"))
        }
        Err(error) => Err(error),
    }
}

//! A file that was just read.

use crate::hash::hash;
use crate::http::response::Content;
use crate::{Coding, content_type};
use alloc::borrow::Cow;
use alloc::string::{String, ToString};
use alloc::{format, vec::Vec};
use bytes::Bytes;
use std::fs;
use std::io::{self, Read as _};
use std::path::Path;

/// The largest file that is read. What is baked into programs is smaller by far, and the memory is
/// needed once for each request that is being answered.
const LARGEST: u64 = 256 << 20;

/// How often a file is read that changes meanwhile.
const ATTEMPTS: usize = 5;

/// What answers need of a file. Name, bytes and tag come from one read.
pub(super) struct File {
    name: String,
    content_type: Cow<'static, str>,
    bytes: Bytes,
    etag: String,
}

impl File {
    pub(super) fn new(name: String, bytes: Vec<u8>) -> Self {
        let essence = content_type::of(&name);
        // As the build does it.
        let is_utf8 = content_type::takes_charset(essence) && core::str::from_utf8(&bytes).is_ok();
        let content_type = match is_utf8 {
            true => format!("{essence}; charset=utf-8").into(),
            false => essence.into(),
        };
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

/// The bytes of a regular file. `None` for what is none: a pipe must not even be opened, because
/// that would wait until somebody writes to it.
pub(super) fn read(path: &Path) -> io::Result<Option<Vec<u8>>> {
    if !fs::metadata(path)?.is_file() {
        return Ok(None);
    }
    let mut bytes = Vec::new();
    for _ in 0..ATTEMPTS {
        if attempt(path, &mut bytes)? {
            break;
        }
    }
    // A file that changes all the time is sent as it was read last.
    Ok(Some(bytes))
}

/// Reads the file anew, and says whether it stayed the same meanwhile.
fn attempt(path: &Path, bytes: &mut Vec<u8>) -> io::Result<bool> {
    let mut file = fs::File::open(path)?;
    let before = file.metadata()?;
    if before.len() > LARGEST {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, "it is larger than 256 MiB"));
    }
    bytes.clear();
    (&mut file).take(LARGEST).read_to_end(bytes)?;
    let after = file.metadata()?;
    Ok(before.modified().ok() == after.modified().ok() && bytes.len() as u64 == after.len())
}

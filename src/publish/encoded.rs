//! Exported files as they are stored, some in a coding.

use super::digest;
use super::object::Object;
use super::request::Failure;
use std::fs;
use std::io::{self, Read};
use std::path::Path;

/// A file with the bytes that the manifest says.
pub(super) fn read_whole(path: &Path, object: &Object) -> Result<Vec<u8>, Failure> {
    let bytes = fs::read(path).map_err(|error| unreadable(path, &error))?;
    match decoded(object.headers.content_encoding.as_deref(), &*bytes) {
        Ok(integrity) if integrity == object.integrity => Ok(bytes),
        _ => Err(Failure::Final(super::damaged(path))),
    }
}

/// What is said of a file that cannot be read.
pub(super) fn unreadable(path: &Path, error: &io::Error) -> Failure {
    Failure::Final(format!("cannot read `{}`: {error}; build again", path.display()))
}

/// The hash of bytes that are stored in a coding.
pub(super) fn decoded(coding: Option<&str>, bytes: impl Read) -> io::Result<String> {
    match coding {
        None => digest::of_reader(bytes),
        Some("gzip" | "x-gzip") => digest::of_reader(flate2::read::MultiGzDecoder::new(bytes)),
        Some("br") => digest::of_reader(brotli_decompressor::Decompressor::new(bytes, 4096)),
        Some(other) => Err(io::Error::other(format!("the coding `{other}` is unknown"))),
    }
}

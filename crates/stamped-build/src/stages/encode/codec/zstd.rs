//! Zstandard by the library of its authors.

use zstd::zstd_safe::{self, CParameter};

/// The library, as far as what it encodes depends on it.
pub(super) fn version() -> u32 {
    zstd_safe::version_number()
}

pub(super) fn compress(bytes: &[u8], level: u32) -> Option<Vec<u8>> {
    // RFC 9659 allows 8 MiB at most. Levels up to 19 never use more.
    const WINDOW_BITS: u32 = 23;
    let level = i32::try_from(level).ok()?;
    let mut compressor = zstd::bulk::Compressor::new(level).ok()?;
    if level > 19 {
        compressor.set_parameter(CParameter::WindowLog(WINDOW_BITS)).ok()?;
    }
    // The buffer is larger than the limit, because the library gives up some bytes before a buffer
    // is full.
    compressor.compress(bytes).ok()
}

/// At most `length` bytes.
pub(super) fn decompress(encoded: &[u8], length: usize) -> Option<Vec<u8>> {
    zstd::bulk::decompress(encoded, length).ok()
}

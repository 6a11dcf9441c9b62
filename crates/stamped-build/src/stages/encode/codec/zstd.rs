//! Zstandard by the library of its authors.

use zstd::zstd_safe::{self, CCtx, CParameter, DCtx};

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

/// With a checksum, because another dictionary of the same length would decode to something else without
/// an error. The window reaches over the dictionary and all bytes, as far as clients take it.
pub(super) fn compress_with(bytes: &[u8], dictionary: &[u8], level: u32) -> Option<Vec<u8>> {
    const WINDOW_BITS: std::ops::RangeInclusive<u32> = 10..=23;
    let both = (bytes.len() + dictionary.len()).max(1);
    let bits = both.next_power_of_two().ilog2().clamp(*WINDOW_BITS.start(), *WINDOW_BITS.end());
    let mut context = CCtx::create();
    let level = i32::try_from(level).ok()?;
    context.set_parameter(CParameter::CompressionLevel(level)).ok()?;
    context.set_parameter(CParameter::ChecksumFlag(true)).ok()?;
    context.set_parameter(CParameter::WindowLog(bits)).ok()?;
    context.ref_prefix(dictionary).ok()?;
    let mut encoded = Vec::with_capacity(zstd_safe::compress_bound(bytes.len()));
    context.compress2(&mut encoded, bytes).ok()?;
    Some(encoded)
}

/// At most `length` bytes.
pub(super) fn decompress_with(encoded: &[u8], dictionary: &[u8], length: usize) -> Option<Vec<u8>> {
    let mut context = DCtx::create();
    context.ref_prefix(dictionary).ok()?;
    let mut decoded = Vec::with_capacity(length);
    context.decompress(&mut decoded, encoded).ok()?;
    Some(decoded)
}

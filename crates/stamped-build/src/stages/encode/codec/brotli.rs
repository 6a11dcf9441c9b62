//! Brotli by the crate `brotli`.

use brotli::enc::BrotliEncoderParams;
use std::io::Read as _;

/// The crate, as far as what it encodes depends on it.
pub(super) fn version() -> u32 {
    9
}

pub(super) fn compress(bytes: &[u8], limit: usize, level: u32, window: u8) -> Option<Vec<u8>> {
    let parameters = BrotliEncoderParams {
        quality: level.cast_signed(),
        lgwin: window.into(),
        size_hint: bytes.len(),
        ..BrotliEncoderParams::default()
    };
    let mut encoded = Vec::with_capacity(limit);
    brotli::BrotliCompress(&mut &*bytes, &mut encoded, &parameters).ok()?;
    Some(encoded)
}

/// At most `length` bytes, and one more where there are more.
pub(super) fn decompress(encoded: &[u8], length: usize) -> Option<Vec<u8>> {
    const BLOCK: usize = 64 << 10;
    let mut decoded = Vec::with_capacity(length + 1);
    let reader = brotli::Decompressor::new(encoded, BLOCK);
    reader.take(length as u64 + 1).read_to_end(&mut decoded).ok()?;
    Some(decoded)
}

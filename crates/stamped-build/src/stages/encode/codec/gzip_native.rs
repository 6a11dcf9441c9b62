//! Gzip by `libdeflate`.

use libdeflater::{CompressionLvl, Compressor, Decompressor};

/// The library does not report its version; the requirement in Cargo.toml is `1`.
pub(super) fn version() -> u32 {
    1
}

pub(super) fn compress(bytes: &[u8], limit: usize, level: u32) -> Option<Vec<u8>> {
    let level = CompressionLvl::new(i32::try_from(level).ok()?).ok()?;
    let mut encoded = vec![0; limit];
    let length = Compressor::new(level).gzip_compress(bytes, &mut encoded).ok()?;
    encoded.truncate(length);
    Some(encoded)
}

/// At most `length` bytes.
pub(super) fn decompress(encoded: &[u8], length: usize) -> Option<Vec<u8>> {
    let mut decoded = vec![0; length];
    let length = Decompressor::new().gzip_decompress(encoded, &mut decoded).ok()?;
    decoded.truncate(length);
    Some(decoded)
}

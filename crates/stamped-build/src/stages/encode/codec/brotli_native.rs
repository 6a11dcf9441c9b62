//! Brotli by the library of its authors.

use brotlic::{BrotliEncoder, CompressionMode, Quality, WindowSize};

/// The library, as far as what it encodes depends on it.
pub(super) fn version() -> u32 {
    BrotliEncoder::version()
}

pub(super) fn compress(bytes: &[u8], limit: usize, level: u32, window: u8) -> Option<Vec<u8>> {
    let quality = Quality::new(u8::try_from(level).ok()?).ok()?;
    let window = WindowSize::new(window).ok()?;
    let mut encoded = vec![0; limit];
    let mode = CompressionMode::Generic;
    let length = brotlic::compress(bytes, &mut encoded, quality, window, mode).ok()?;
    encoded.truncate(length);
    Some(encoded)
}

/// At most `length` bytes.
pub(super) fn decompress(encoded: &[u8], length: usize) -> Option<Vec<u8>> {
    let mut decoded = vec![0; length];
    let length = brotlic::decompress(encoded, &mut decoded).ok()?;
    decoded.truncate(length);
    Some(decoded)
}

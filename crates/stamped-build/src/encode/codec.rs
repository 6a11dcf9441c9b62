//! The libraries, behind one signature.
//!
//! They are the ones written in C, because build scripts are not optimised: there the C of brotli
//! compresses three times as fast as the crate `brotli`, and libdeflate inflates thirty times as
//! fast as `zlib-rs`. A C compiler is needed for `ring` anyway.

use super::Encoding;
use brotlic::{BrotliEncoder, CompressionMode, Quality, WindowSize};
use libdeflater::{CompressionLvl, Compressor, Decompressor};
use stamped::Coding;

/// The encoded bytes, unless they are more than `limit`.
pub(super) fn compress(encoding: Encoding, bytes: &[u8], limit: usize) -> Option<Vec<u8>> {
    let mut encoded = match encoding.coding {
        Coding::Brotli => brotli(bytes, limit, encoding.level)?,
        Coding::Gzip => gzip(bytes, limit, encoding.level)?,
        #[cfg(feature = "zstd")]
        Coding::Zstd => zstd(bytes, encoding.level)?,
        _ => return None,
    };
    encoded.shrink_to_fit();
    (encoded.len() <= limit).then_some(encoded)
}

fn brotli(bytes: &[u8], limit: usize, level: u32) -> Option<Vec<u8>> {
    // 4 MiB, the window that everybody uses, or where the file is larger, 16 MiB, the largest that
    // every browser grants.
    let bits = if bytes.len() <= 1 << 22 { 22 } else { 24 };
    let quality = Quality::new(u8::try_from(level).ok()?).ok()?;
    let window = WindowSize::new(bits).ok()?;
    let mut encoded = vec![0; limit];
    let mode = CompressionMode::Generic;
    let length = brotlic::compress(bytes, &mut encoded, quality, window, mode).ok()?;
    encoded.truncate(length);
    Some(encoded)
}

fn gzip(bytes: &[u8], limit: usize, level: u32) -> Option<Vec<u8>> {
    let level = CompressionLvl::new(i32::try_from(level).ok()?).ok()?;
    let mut encoded = vec![0; limit];
    let length = Compressor::new(level).gzip_compress(bytes, &mut encoded).ok()?;
    encoded.truncate(length);
    Some(encoded)
}

#[cfg(feature = "zstd")]
fn zstd(bytes: &[u8], level: u32) -> Option<Vec<u8>> {
    use zstd::zstd_safe::CParameter;
    // RFC 9659: 8 MiB at most. Levels up to 19 never ask for more.
    const WINDOW_BITS: u32 = 23;
    let level = i32::try_from(level).ok()?;
    let mut compressor = zstd::bulk::Compressor::new(level).ok()?;
    if level > 19 {
        compressor.set_parameter(CParameter::WindowLog(WINDOW_BITS)).ok()?;
    }
    // Not into a buffer of the limit: it gives up some bytes before that is full.
    compressor.compress(bytes).ok()
}

/// Whether a client gets the original back.
pub(super) fn decodes_to(coding: Coding, encoded: &[u8], original: &[u8]) -> bool {
    let mut decoded = vec![0; original.len()];
    let length = match coding {
        Coding::Brotli => brotlic::decompress(encoded, &mut decoded).ok(),
        Coding::Gzip => Decompressor::new().gzip_decompress(encoded, &mut decoded).ok(),
        #[cfg(feature = "zstd")]
        Coding::Zstd => zstd::bulk::decompress_to_buffer(encoded, &mut decoded).ok(),
        _ => None,
    };
    length == Some(original.len()) && decoded == original
}

/// Which bytes to expect of the library: other versions may make others of the same input.
pub(super) fn version(coding: Coding) -> u32 {
    match coding {
        Coding::Brotli => BrotliEncoder::version(),
        // It does not tell; the requirement in Cargo.toml is `1`.
        Coding::Gzip => 1,
        #[cfg(feature = "zstd")]
        Coding::Zstd => zstd::zstd_safe::version_number(),
        _ => 0,
    }
}

//! Gzip (RFC 1952) around what the crate `miniz_oxide` deflates.

use miniz_oxide::deflate;
use miniz_oxide::inflate::TINFLStatus;
use miniz_oxide::inflate::core::{self, DecompressorOxide, inflate_flags};

/// The crate, as far as what it encodes depends on it. `libdeflate` has the number 1.
pub(super) fn version() -> u32 {
    9
}

/// The highest level of the crate.
const HIGHEST: u8 = 10;

/// The method `deflate`, no flags, no time, the most effort, no system.
const HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 0xff];

pub(super) fn compress(bytes: &[u8], _limit: usize, level: u32) -> Option<Vec<u8>> {
    let level = u8::try_from(level).map_or(HIGHEST, |level| level.min(HIGHEST));
    let mut encoded = HEADER.to_vec();
    encoded.append(&mut deflate::compress_to_vec(bytes, level));
    encoded.extend(trailer(bytes)?);
    Some(encoded)
}

/// At most `length` bytes.
pub(super) fn decompress(encoded: &[u8], length: usize) -> Option<Vec<u8>> {
    let (header, rest) = encoded.split_first_chunk::<{ HEADER.len() }>()?;
    let (deflated, end) = rest.split_last_chunk::<8>()?;
    // The time, the effort and the system may be others.
    if header[..4] != HEADER[..4] {
        return None;
    }
    let mut decoded = vec![0; length];
    let flags = inflate_flags::TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF;
    let mut decompressor = Box::<DecompressorOxide>::default();
    let (status, read, written) =
        core::decompress(&mut decompressor, deflated, &mut decoded, 0, flags);
    let is_whole = status == TINFLStatus::Done && read == deflated.len();
    decoded.truncate(written);
    (is_whole && trailer(&decoded)? == *end).then_some(decoded)
}

/// The checksum and the length.
fn trailer(bytes: &[u8]) -> Option<[u8; 8]> {
    let length = u32::try_from(bytes.len()).ok()?;
    let mut trailer = [0; 8];
    trailer[..4].copy_from_slice(&crc32fast::hash(bytes).to_le_bytes());
    trailer[4..].copy_from_slice(&length.to_le_bytes());
    Some(trailer)
}

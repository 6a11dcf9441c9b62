//! Without the feature `zstd`, no pipeline has deltas.

pub(super) fn compress_with(_: &[u8], _: &[u8], _: u32) -> Option<Vec<u8>> {
    None
}

pub(super) fn decompress_with(_: &[u8], _: &[u8], _: usize) -> Option<Vec<u8>> {
    None
}

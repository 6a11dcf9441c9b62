//! Compresses and decompresses, through one signature for all libraries.
//!
//! The libraries are written in C, because build scripts are not optimised. There the C of brotli
//! compresses three times as fast as the crate `brotli`, and libdeflate inflates thirty times as
//! fast as `zlib-rs`. `ring` needs a C compiler anyway.

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
    // The usual window of 4 MiB, or for larger files 16 MiB, the largest that every browser
    // accepts.
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

/// Whether a client can decode the original.
pub(crate) fn decodes_to(coding: Coding, encoded: &[u8], original: &[u8]) -> bool {
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

/// The version of the library, because different versions may encode the same input differently.
pub(super) fn version(coding: Coding) -> u32 {
    match coding {
        Coding::Brotli => BrotliEncoder::version(),
        // The library does not report its version; the requirement in Cargo.toml is `1`.
        Coding::Gzip => 1,
        #[cfg(feature = "zstd")]
        Coding::Zstd => zstd::zstd_safe::version_number(),
        _ => 0,
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::digest::Hash;
    use proptest::prelude::*;

    /// One quick encoding of each coding.
    pub(in super::super) fn encodings() -> Vec<Encoding> {
        vec![
            Encoding::brotli().level(5),
            Encoding::gzip().level(6),
            #[cfg(feature = "zstd")]
            Encoding::zstd().level(3),
        ]
    }

    /// Bytes that no coding can make smaller, the same each time.
    pub(in super::super) fn noise(length: usize) -> Vec<u8> {
        let hash = |number: usize| *Hash::of(&number.to_le_bytes()).as_bytes();
        (0..length.div_ceil(Hash::LENGTH)).flat_map(hash).take(length).collect()
    }

    proptest! {
        #[test]
        fn every_coding_gives_any_bytes_back(
            bytes in prop_oneof![
                proptest::collection::vec(any::<u8>(), 0..3000),
                proptest::collection::vec(b'a'..=b'd', 0..3000),
            ],
            level in 0u32..=22,
        ) {
            for encoding in encodings() {
                let levels = encoding.levels();
                let encoding = encoding.level(level.clamp(*levels.start(), *levels.end()));
                let roomy = bytes.len() * 2 + 1000;
                let encoded = compress(encoding, &bytes, roomy).unwrap();
                prop_assert!(decodes_to(encoding.coding, &encoded, &bytes));
                let just = compress(encoding, &bytes, encoded.len());
                prop_assert_eq!(just, Some(encoded));
            }
        }
    }

    #[test]
    fn an_encoding_is_at_most_as_long_as_allowed() {
        let text = "stamp ".repeat(1000);
        for encoding in encodings() {
            let length = compress(encoding, text.as_bytes(), text.len()).unwrap().len();
            let just = compress(encoding, text.as_bytes(), length).map(|bytes| bytes.len());
            assert_eq!(just, Some(length), "{encoding:?}");
            assert_eq!(compress(encoding, text.as_bytes(), length - 1), None, "{encoding:?}");
        }
    }

    #[test]
    fn other_decoders_read_the_encodings() {
        use std::io::Read as _;
        // Longer than the usual window of brotli, so that the larger window is used.
        let mut bytes = noise(100_000);
        bytes = bytes.repeat(50);
        let brotli = compress(Encoding::brotli().level(5), &bytes, bytes.len()).unwrap();
        let mut decoded = Vec::new();
        brotli_decompressor::Decompressor::new(&*brotli, 4096).read_to_end(&mut decoded).unwrap();
        assert!(decoded == bytes);

        let text = "stamp ".repeat(1000);
        let gzip = compress(Encoding::gzip(), text.as_bytes(), text.len()).unwrap();
        let mut decoded = String::new();
        flate2::read::GzDecoder::new(&*gzip).read_to_string(&mut decoded).unwrap();
        assert_eq!(decoded, text);
    }

    #[cfg(feature = "zstd")]
    #[test]
    fn zstd_stays_within_the_window_of_browsers() {
        let bytes = b"0123456789abcdef".repeat(1 << 20);
        for level in [1, 19, 22] {
            let encoded = compress(Encoding::zstd().level(level), &bytes, bytes.len()).unwrap();
            // RFC 8878, section 3.1.1.1: the frame header's descriptor, then that of the window.
            assert_eq!(encoded[4] & 0b10_0000, 0, "a window as large as the content");
            let (exponent, mantissa) = (encoded[5] >> 3, u64::from(encoded[5] & 7));
            let base = 1u64 << (10 + exponent);
            assert!(base + base / 8 * mantissa <= 8 << 20, "level {level}");
        }
    }

    #[test]
    fn what_does_not_decode_to_the_original_is_noticed() {
        let text = "stamp ".repeat(100);
        let other = text.replacen('s', "S", 1);
        for encoding in encodings() {
            let encoded = compress(encoding, text.as_bytes(), text.len()).unwrap();
            let decodes =
                |encoded: &[u8], text: &str| decodes_to(encoding.coding, encoded, text.as_bytes());
            assert!(decodes(&encoded, &text));
            assert!(!decodes(&encoded, &other));
            assert!(!decodes(&encoded, &text[1..]));
            assert!(!decodes(&encoded, &format!("{text} ")));
            assert!(!decodes(&encoded[..encoded.len() - 1], &text));
            assert!(!decodes(&[], &text));
        }
    }
}

//! Compresses and decompresses, through one signature for all libraries.
//!
//! Those in Rust are the default, because not everybody has a C compiler. The feature `native` takes
//! those in C instead.

#[cfg(any(feature = "brotli", feature = "native"))]
#[cfg_attr(feature = "native", path = "brotli_native.rs")]
mod brotli;
#[cfg(any(feature = "gzip", feature = "native"))]
#[cfg_attr(feature = "native", path = "gzip_native.rs")]
mod gzip;
#[cfg_attr(not(feature = "zstd"), path = "no_zstd.rs")]
mod zstd;

use super::Encoding;
use stamped::Coding;

/// The packages whose optimisation makes compressing quick. This one is among them, because what is
/// generic in the others is compiled in it.
pub(super) const PACKAGES: &[&str] = if cfg!(feature = "native") {
    &["stamped-build", "brotlic-sys", "libdeflate-sys"]
} else {
    &["stamped-build", "brotli"]
};

/// The encoded bytes, unless they are more than `limit`.
pub(super) fn compress(encoding: Encoding, bytes: &[u8], limit: usize) -> Option<Vec<u8>> {
    let encoded: Option<Vec<u8>> = match encoding.coding {
        #[cfg(any(feature = "brotli", feature = "native"))]
        Coding::Brotli => brotli::compress(bytes, limit, encoding.level, window(bytes)),
        #[cfg(any(feature = "gzip", feature = "native"))]
        Coding::Gzip => gzip::compress(bytes, limit, encoding.level),
        #[cfg(feature = "zstd")]
        Coding::Zstd => zstd::compress(bytes, encoding.level),
        // Without its feature, no pipeline has the encoding.
        _ => {
            let _ = bytes;
            None
        }
    };
    let mut encoded = encoded.filter(|encoded| encoded.len() <= limit)?;
    encoded.shrink_to_fit();
    Some(encoded)
}

/// The bits of brotli's window: the usual 4 MiB, or for larger files 16 MiB, the largest that every
/// browser accepts.
#[cfg(any(feature = "brotli", feature = "native"))]
fn window(bytes: &[u8]) -> u8 {
    if bytes.len() <= 1 << 22 { 22 } else { 24 }
}

/// The delta that makes these bytes of a dictionary, as a client gets it: its magic number, the SHA-256 of the
/// dictionary, and a frame of Zstandard (RFC 9842, section 5).
pub(super) fn compress_delta(
    encoding: Encoding,
    bytes: &[u8],
    dictionary: (&[u8; 32], &[u8]),
) -> Option<Vec<u8>> {
    let (digest, dictionary) = dictionary;
    let frame = zstd::compress_with(bytes, dictionary, encoding.level)?;
    Some([&DELTA_MAGIC[..], digest, &frame].concat())
}

/// Whether a client that has the dictionary can decode the original.
pub(super) fn delta_decodes_to(
    delta: &[u8],
    original: &[u8],
    (digest, dictionary): (&[u8; 32], &[u8]),
) -> bool {
    let frame = delta.strip_prefix(&DELTA_MAGIC).and_then(|rest| rest.strip_prefix(digest));
    let decoded = frame.and_then(|frame| zstd::decompress_with(frame, dictionary, original.len()));
    decoded.is_some_and(|decoded| decoded == original)
}

/// Begins a delta: a frame that decoders of Zstandard skip, with the hash as its content.
const DELTA_MAGIC: [u8; 8] = [0x5e, 0x2a, 0x4d, 0x18, 0x20, 0, 0, 0];

/// Whether a client can decode the original.
pub(crate) fn decodes_to(coding: Coding, encoded: &[u8], original: &[u8]) -> bool {
    let length = original.len();
    let decoded: Option<Vec<u8>> = match coding {
        #[cfg(any(feature = "brotli", feature = "native"))]
        Coding::Brotli => brotli::decompress(encoded, length),
        #[cfg(any(feature = "gzip", feature = "native"))]
        Coding::Gzip => gzip::decompress(encoded, length),
        #[cfg(feature = "zstd")]
        Coding::Zstd => zstd::decompress(encoded, length),
        _ => {
            let _ = (encoded, length);
            None
        }
    };
    decoded.is_some_and(|decoded| decoded == original)
}

/// The version of the library, because different versions may encode the same input differently.
pub(super) fn version(coding: Coding) -> u32 {
    match coding {
        #[cfg(any(feature = "brotli", feature = "native"))]
        Coding::Brotli => brotli::version(),
        #[cfg(any(feature = "gzip", feature = "native"))]
        Coding::Gzip => gzip::version(),
        #[cfg(feature = "zstd")]
        Coding::Zstd | Coding::Delta => zstd::version(),
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
        decoded.fill(0);
        assert_eq!(brotlic::decompress(&brotli, &mut decoded).unwrap(), bytes.len());
        assert!(decoded == bytes);

        let text = "stamp ".repeat(1000);
        let gzip = compress(Encoding::gzip(), text.as_bytes(), text.len()).unwrap();
        let mut decoded = String::new();
        flate2::read::GzDecoder::new(&*gzip).read_to_string(&mut decoded).unwrap();
        assert_eq!(decoded, text);
        let mut decoded = vec![0; text.len()];
        libdeflater::Decompressor::new().gzip_decompress(&gzip, &mut decoded).unwrap();
        assert_eq!(decoded, text.as_bytes());
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
            // It would fill the memory if all of it was decoded.
            let bomb = compress(encoding, &vec![0; 4 << 20], 4 << 20).unwrap();
            assert!(!decodes(&bomb, &text));
        }
    }
}

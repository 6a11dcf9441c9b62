//! SHA-384, the hash of all contents, and the other hash functions that files name each other by.
//!
//! Answers need the SHA-384 of every content, for `integrity` attributes. So it is what the build
//! knows contents by, too, and nothing is hashed twice.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac_sha512::sha384;
use stamped_scan::Algorithm;
use std::fmt::{self, Write as _};

/// A SHA-384.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Hash([u8; Hash::LENGTH]);

impl Hash {
    /// The length in bytes.
    pub(crate) const LENGTH: usize = 48;

    /// The hash of these bytes.
    pub(crate) fn of(bytes: &[u8]) -> Self {
        let mut hasher = Hasher::default();
        hasher.update(bytes);
        hasher.finish()
    }

    /// The hash that has these bytes.
    pub(crate) const fn from_bytes(bytes: [u8; Hash::LENGTH]) -> Self {
        Hash(bytes)
    }

    pub(crate) const fn as_bytes(&self) -> &[u8; Hash::LENGTH] {
        &self.0
    }

    /// The first 64 bits.
    pub(crate) fn first_64_bits(&self) -> u64 {
        let [a, b, c, d, e, f, g, h, ..] = self.0;
        u64::from_le_bytes([a, b, c, d, e, f, g, h])
    }

    /// All digits, in hexadecimal.
    pub(crate) fn to_hex(self) -> String {
        hexadecimal(&self.0)
    }

    /// The first 32 digits, which suffice to tell contents apart, in hexadecimal.
    pub(crate) fn to_short_hex(self) -> String {
        hexadecimal(&self.0[..16])
    }

    /// The value of an `integrity` attribute.
    pub(crate) fn integrity(&self) -> String {
        format!("sha384-{}", STANDARD.encode(self.0))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_short_hex())
    }
}

/// Hashes bytes that come in pieces.
#[derive(Clone, Default)]
pub(crate) struct Hasher(sha384::Hash);

impl Hasher {
    pub(crate) fn update(&mut self, piece: &[u8]) {
        self.0.update(piece);
    }

    pub(crate) fn finish(self) -> Hash {
        Hash(self.0.finalize())
    }
}

/// The hash of these bytes by any hash function.
pub(crate) fn digest_by(algorithm: Algorithm, bytes: &[u8]) -> Vec<u8> {
    match algorithm {
        Algorithm::Sha1 => sha1_smol::Sha1::from(bytes).digest().bytes().to_vec(),
        Algorithm::Sha256 => hmac_sha256::Hash::hash(bytes).to_vec(),
        Algorithm::Sha384 => Hash::of(bytes).as_bytes().to_vec(),
        Algorithm::Sha512 => hmac_sha512::Hash::hash(bytes).to_vec(),
    }
}

/// These bytes in hexadecimal.
pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use ring::digest;

    proptest! {
        #[test]
        fn hashes_are_those_of_another_library(
            bytes in proptest::collection::vec(any::<u8>(), 0..600),
            cut in any::<prop::sample::Index>(),
        ) {
            for (algorithm, other) in [
                (Algorithm::Sha1, &digest::SHA1_FOR_LEGACY_USE_ONLY),
                (Algorithm::Sha256, &digest::SHA256),
                (Algorithm::Sha384, &digest::SHA384),
                (Algorithm::Sha512, &digest::SHA512),
            ] {
                let expected = digest::digest(other, &bytes);
                prop_assert_eq!(digest_by(algorithm, &bytes), expected.as_ref());
            }
            let (first, second) = bytes.split_at(cut.index(bytes.len() + 1));
            let mut pieces = Hasher::default();
            pieces.update(first);
            pieces.update(second);
            prop_assert_eq!(pieces.finish(), Hash::of(&bytes));
        }
    }

    #[test]
    fn a_hash_is_written_in_every_form() {
        // The empty input of FIPS 180-4.
        let empty = Hash::of(b"");
        assert!(empty.to_hex().starts_with("38b060a751ac96384cd9327eb1b1e36a21fdb71114be0743"));
        assert_eq!(empty.to_short_hex(), "38b060a751ac96384cd9327eb1b1e36a");
        assert_eq!(empty.first_64_bits(), 0x38b0_60a7_51ac_9638_u64.swap_bytes());
        assert!(
            empty
                .integrity()
                .starts_with("sha384-OLBgp1GsljhM2TJ+sbHjaiH9txEUvgdDTAzHv2P24donTt6/")
        );
        assert_eq!(Hash::from_bytes(*empty.as_bytes()), empty);
    }
}

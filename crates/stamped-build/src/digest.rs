//! SHA-384, the hash of `integrity` attributes, and the other hash functions that files name each other by.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::digest::{self, Context, SHA384, SHA384_OUTPUT_LEN};
use stamped_scan::Algorithm;

/// A digest.
pub(crate) type Digest = [u8; SHA384_OUTPUT_LEN];

/// Digests bytes that come in pieces.
pub(crate) struct Sha384(Context);

impl Default for Sha384 {
    fn default() -> Self {
        Sha384(Context::new(&SHA384))
    }
}

impl Sha384 {
    pub(crate) fn update(&mut self, piece: &[u8]) {
        self.0.update(piece);
    }

    pub(crate) fn finish(self) -> Digest {
        match self.0.finish().as_ref().try_into() {
            Ok(digest) => digest,
            Err(_) => unreachable!("a digest has the length that its algorithm gives"),
        }
    }
}

/// Digests these bytes.
pub(crate) fn sha384(bytes: &[u8]) -> Digest {
    let mut sha = Sha384::default();
    sha.update(bytes);
    sha.finish()
}

/// Digests these bytes by any hash function.
pub(crate) fn digest_by(algorithm: Algorithm, bytes: &[u8]) -> Vec<u8> {
    let algorithm = match algorithm {
        Algorithm::Sha1 => &digest::SHA1_FOR_LEGACY_USE_ONLY,
        Algorithm::Sha256 => &digest::SHA256,
        Algorithm::Sha384 => &SHA384,
        Algorithm::Sha512 => &digest::SHA512,
    };
    digest::digest(algorithm, bytes).as_ref().to_vec()
}

/// The value of an `integrity` attribute.
pub(crate) fn integrity(digest: &Digest) -> String {
    format!("sha384-{}", STANDARD.encode(digest))
}

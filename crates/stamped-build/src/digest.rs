//! SHA-384, the hash of `integrity` attributes.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::digest::{Context, SHA384, SHA384_OUTPUT_LEN};

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

/// The value of an `integrity` attribute.
pub(crate) fn integrity(digest: &Digest) -> String {
    format!("sha384-{}", STANDARD.encode(digest))
}

//! Tables whose keys are hashes already.

use crate::digest::Hash;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// A table by the hash of contents.
pub(crate) type ByHash<T> = HashMap<Hash, T, BuildHasherDefault<Beginning>>;

/// Takes a part of a key for its hash. To hash it again takes long where nothing is optimised.
#[derive(Default)]
pub(crate) struct Beginning(u64);

impl Hasher for Beginning {
    fn write(&mut self, bytes: &[u8]) {
        if let Some(beginning) = bytes.first_chunk() {
            self.0 = u64::from_le_bytes(*beginning);
        }
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }

    // The length of a key, which all keys share.
    fn write_usize(&mut self, _: usize) {}

    fn finish(&self) -> u64 {
        self.0
    }
}

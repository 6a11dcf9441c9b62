//! The hash that tells contents apart: SHA-384, as in `integrity` attributes.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac_sha512::sha384;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// The hash of what has come so far.
#[derive(Clone)]
pub(super) struct Hash(sha384::Hash);

impl Hash {
    pub(super) fn new() -> Self {
        Hash(sha384::Hash::new())
    }

    pub(super) fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The hash as text: `sha384-…`.
    pub(super) fn integrity(self) -> String {
        format!("sha384-{}", STANDARD.encode(self.0.finalize()))
    }
}

/// The hash of these bytes.
pub(super) fn integrity(bytes: &[u8]) -> String {
    let mut hash = Hash::new();
    hash.update(bytes);
    hash.integrity()
}

/// The hash of what a reader gives, which need not fit into the memory.
pub(super) fn of_reader(mut reader: impl Read) -> io::Result<String> {
    let mut hash = Hash::new();
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let count = reader.read(&mut buffer)?;
        if count == 0 {
            return Ok(hash.integrity());
        }
        hash.update(buffer.get(..count).unwrap_or_default());
    }
}

/// The same for a file.
pub(super) fn of_file(path: &Path) -> io::Result<String> {
    of_reader(File::open(path)?)
}

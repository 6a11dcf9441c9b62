//! The hash that tells contents apart: SHA-384, as in `integrity` attributes.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac_sha512::sha384::Hash;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// The hash of these bytes: `sha384-…`.
pub(super) fn integrity(bytes: &[u8]) -> String {
    text(Hash::hash(bytes))
}

/// The hash and the length of what a reader gives, which need not fit into the memory.
pub(super) fn of_reader(mut reader: impl Read) -> io::Result<(String, u64)> {
    let mut hash = Hash::new();
    let mut buffer = vec![0; 64 * 1024];
    let mut length = 0;
    loop {
        let count = reader.read(&mut buffer)?;
        if count == 0 {
            return Ok((text(hash.finalize()), length));
        }
        length += count as u64;
        hash.update(buffer.get(..count).unwrap_or_default());
    }
}

/// The same for a file.
pub(super) fn of_file(path: &Path) -> io::Result<(String, u64)> {
    of_reader(File::open(path)?)
}

fn text(digest: [u8; 48]) -> String {
    format!("sha384-{}", STANDARD.encode(digest))
}

//! Sends a file to an object store in parts: it need not fit into the memory, and no request takes long.

use super::digest::Hash;
use super::encoded::{decoded, unreadable};
use super::object::Object;
use super::request::{Failure, blocking};
use object_store::MultipartUpload;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::task::JoinSet;

/// How long a part is. S3 takes 5 MiB to 5 GiB, and all but the last must be equal for some stores.
const PART: u64 = 16 << 20;

/// How many parts S3 takes.
const MOST: u64 = 10_000;

/// How many parts are sent at a time.
const AT_ONCE: usize = 4;

/// A file that is to be sent.
pub(super) struct Parts {
    path: PathBuf,
    file: Hashing,
    /// The hash of the bytes as they are stored.
    integrity: String,
    part: u64,
}

/// Why not all parts were sent.
pub(super) enum Error {
    File(Failure),
    Store(object_store::Error),
}

impl Parts {
    /// Opens the file of an object. What is in a coding is decoded and compared first.
    pub(super) async fn open(path: PathBuf, object: Arc<Object>) -> Result<Self, Failure> {
        let part = PART.max(object.size.div_ceil(MOST));
        blocking(move || {
            let integrity = match object.headers.content_encoding.as_deref() {
                None => object.integrity.clone(),
                Some(coding) => {
                    let mut file = Hashing::open(&path)?;
                    match decoded(Some(coding), &mut file) {
                        Ok(integrity) if integrity == object.integrity => file.hash.integrity(),
                        _ => return Err(Failure::Final(super::damaged(&path))),
                    }
                }
            };
            Ok(Parts { file: Hashing::open(&path)?, path, integrity, part })
        })
        .await
    }

    /// Sends all parts, if together they are what the manifest says. They become visible when the upload is
    /// completed.
    pub(super) async fn send(self, upload: &mut dyn MultipartUpload) -> Result<(), Error> {
        let Parts { path, mut file, integrity, part } = self;
        let mut sending = JoinSet::new();
        loop {
            let shown = path.clone();
            let next = blocking(move || {
                let mut bytes = Vec::new();
                let read = file.by_ref().take(part).read_to_end(&mut bytes);
                read.map_err(|error| unreadable(&shown, &error))?;
                Ok((file, bytes))
            });
            let (back, bytes) = next.await.map_err(Error::File)?;
            file = back;
            let most = if bytes.is_empty() { 0 } else { AT_ONCE - 1 };
            while sending.len() > most
                && let Some(sent) = sending.join_next().await
            {
                sent.map_err(object_store::Error::from).flatten().map_err(Error::Store)?;
            }
            if bytes.is_empty() {
                break;
            }
            sending.spawn(upload.put_part(bytes.into()));
        }
        match file.hash.integrity() == integrity {
            true => Ok(()),
            false => Err(Error::File(Failure::Final(super::damaged(&path)))),
        }
    }
}

/// A file, and the hash of what was read of it.
struct Hashing {
    file: File,
    hash: Hash,
}

impl Hashing {
    fn open(path: &Path) -> Result<Self, Failure> {
        let file = File::open(path).map_err(|error| unreadable(path, &error))?;
        Ok(Hashing { file, hash: Hash::new() })
    }
}

impl Read for Hashing {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read(buffer)?;
        self.hash.update(buffer.get(..count).unwrap_or_default());
        Ok(count)
    }
}

//! The bytes of a file: in memory, or left on the disk.
//!
//! Most contents are only hashed and then copied somewhere. To keep all of them in memory would take as
//! much of it as the folder has, so what is large is let go once it is hashed, and read again where its
//! bytes are needed. That second read compares the hash: nothing that a build says of a file is ever
//! about other bytes.

use crate::digest::{Hash, Hasher};
use crate::edited::Edited;
use crate::error::{Error, Problem};
use crate::kept::memo::seen::{self, Facts};
use stamped::files::{self, Left, Outside, Utf8, Version};
use std::borrow::Cow;
use std::fs::{File, Metadata};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::SystemTime;

/// How much of a file is in memory at a time while it is hashed.
const BLOCK: usize = 256 << 10;

/// The largest file that is held though nothing needs its bytes yet. To open and read a small file
/// again takes longer than to hash it.
const SMALL: u64 = 64 << 10;

/// How many bytes of such files are held, so that a folder of any number of them fits into memory.
const ALL_SMALL: u64 = 32 << 20;

/// How often a file is read that changes meanwhile.
const ATTEMPTS: usize = 5;

/// The bytes of a file.
#[derive(Clone, Debug)]
pub(crate) enum Contents {
    Held(Arc<Held>),
    OnDisk(Arc<OnDisk>),
    Edited(Arc<Edited>),
}

/// Bytes in memory.
#[derive(Debug)]
pub(crate) struct Held {
    bytes: Arc<Vec<u8>>,
    /// Computed when it is first needed: a transformation may replace the bytes before.
    hash: OnceLock<Hash>,
}

impl Held {
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    fn hash(&self) -> Hash {
        *self.hash.get_or_init(|| Hash::of(&self.bytes))
    }
}

/// A file whose bytes are known but not held.
#[derive(Debug)]
pub(crate) struct OnDisk {
    path: PathBuf,
    length: u64,
    hash: Hash,
    is_utf8: bool,
    /// The version of the file that has these bytes.
    version: Version,
    /// Whether every other version of the file is known to differ from it.
    is_settled: bool,
    /// Whether an earlier run has read the file, and this one takes it for the same.
    is_known: bool,
}

impl Contents {
    pub(crate) fn held(bytes: impl Into<Vec<u8>>) -> Self {
        Contents::shared(Arc::new(bytes.into()))
    }

    pub(crate) fn shared(bytes: Arc<Vec<u8>>) -> Self {
        Contents::Held(Arc::new(Held { bytes, hash: OnceLock::new() }))
    }

    /// Bytes whose hash is known.
    pub(crate) fn hashed(bytes: Vec<u8>, hash: Hash) -> Self {
        Contents::Held(Arc::new(Held { bytes: Arc::new(bytes), hash: hash.into() }))
    }

    /// The bytes of a file that is transformed, all of which are held.
    pub(crate) fn bytes(&self) -> &[u8] {
        match self {
            Contents::Held(held) => held.bytes(),
            Contents::OnDisk(file) => {
                unreachable!("`{}` is transformed, but was let go", file.path.display())
            }
            Contents::Edited(_) => unreachable!("a file is transformed before it is edited"),
        }
    }

    /// The bytes, read again if they are not held.
    pub(crate) fn load(&self) -> Result<Cow<'_, [u8]>, Error> {
        match self {
            Contents::Held(held) => Ok(Cow::Borrowed(held.bytes())),
            Contents::OnDisk(file) => file.load().map(Cow::Owned),
            Contents::Edited(file) => file.load().map(Cow::Owned),
        }
    }

    /// The same contents, with their bytes in memory.
    pub(crate) fn in_memory(&self) -> Result<Self, Error> {
        Ok(match self {
            Contents::Held(_) => self.clone(),
            _ => Contents::hashed(self.load()?.into_owned(), self.hash()),
        })
    }

    /// The first bytes of a file, of which there may be more. They are read again if they are not held,
    /// and not compared.
    pub(crate) fn head(&self, length: u64) -> Result<Cow<'_, [u8]>, Error> {
        match self {
            Contents::Held(held) => {
                let bytes = held.bytes();
                let end = usize::try_from(length).unwrap_or(usize::MAX).min(bytes.len());
                Ok(Cow::Borrowed(&bytes[..end]))
            }
            Contents::OnDisk(file) => {
                let mut head = Vec::new();
                let read = io::Read::take(file.open()?, length).read_to_end(&mut head);
                read.map_err(|source| unreadable(&file.path, source))?;
                Ok(Cow::Owned(head))
            }
            Contents::Edited(file) => {
                let mut bytes = file.load()?;
                bytes.truncate(usize::try_from(length).unwrap_or(usize::MAX));
                Ok(Cow::Owned(bytes))
            }
        }
    }

    pub(crate) fn len(&self) -> u64 {
        match self {
            Contents::Held(held) => held.bytes.len() as u64,
            Contents::OnDisk(file) => file.length,
            Contents::Edited(file) => file.outcome().length,
        }
    }

    pub(crate) fn hash(&self) -> Hash {
        match self {
            Contents::Held(held) => held.hash(),
            Contents::OnDisk(file) => file.hash,
            Contents::Edited(file) => file.outcome().hash,
        }
    }

    pub(crate) fn is_utf8(&self) -> bool {
        match self {
            Contents::Held(held) => std::str::from_utf8(held.bytes()).is_ok(),
            Contents::OnDisk(file) => file.is_utf8,
            Contents::Edited(file) => file.outcome().is_utf8,
        }
    }
}

/// What was read of a file.
pub(crate) struct Read {
    pub(crate) contents: Contents,
    /// As it was once the file was read.
    pub(crate) metadata: Metadata,
    /// Whether every later change of the file is certain to change its metadata.
    pub(crate) is_settled: bool,
}

impl Read {
    /// What the next run may take over, instead of reading the file again.
    pub(crate) fn facts(&self) -> Option<Facts> {
        let Read { contents, metadata, is_settled } = self;
        if !is_settled {
            return None;
        }
        let marks = seen::marks(metadata)?;
        Some(Facts { marks, hash: contents.hash(), is_utf8: contents.is_utf8() })
    }
}

/// Decides which files are held, and reads them.
pub(crate) struct Reader {
    /// How many bytes of small files may still be held.
    room: AtomicU64,
}

impl Reader {
    /// A reader that holds small files, too, unless `only_needed` is true.
    pub(crate) fn new(only_needed: bool) -> Self {
        Reader { room: AtomicU64::new(if only_needed { 0 } else { ALL_SMALL }) }
    }

    /// Reads a file, and holds its bytes if a later stage needs them or it is small.
    pub(crate) fn read(&self, path: &Path, is_needed: bool) -> Result<Read, Error> {
        let before = SystemTime::now();
        let read = |contents, metadata| {
            let is_settled = Version::of(&metadata).is_settled(before);
            Read { contents, metadata, is_settled }
        };
        let has_room = || self.room.load(Ordering::Relaxed) >= SMALL;
        if is_needed || has_room() {
            match files::read(path, if is_needed { u64::MAX } else { SMALL }) {
                Ok(file) if file.is_steady => {
                    if !is_needed {
                        self.take(file.bytes.len() as u64);
                    }
                    return Ok(read(Contents::held(file.bytes), file.metadata));
                }
                Ok(_) => return Err(Problem::Unsteady { path: path.to_owned() }.into()),
                Err(error) if error.kind() == io::ErrorKind::FileTooLarge => {}
                Err(source) => return Err(unreadable(path, source)),
            }
        }
        let (file, metadata) = OnDisk::read(path)?;
        Ok(read(Contents::OnDisk(Arc::new(file)), metadata))
    }

    /// Takes room for a small file. Several threads may take the last of it, for one file each.
    fn take(&self, bytes: u64) {
        let left = |room: u64| Some(room.saturating_sub(bytes));
        // This function gives a new value always.
        let _ = self.room.fetch_update(Ordering::Relaxed, Ordering::Relaxed, left);
    }
}

impl OnDisk {
    /// A file that an earlier run has read, and that has not changed since.
    pub(crate) fn known(path: PathBuf, facts: &Facts, metadata: &Metadata) -> Self {
        OnDisk {
            path,
            length: metadata.len(),
            hash: facts.hash,
            is_utf8: facts.is_utf8,
            version: Version::of(metadata),
            is_settled: true,
            is_known: true,
        }
    }

    /// Hashes a file block by block.
    fn read(path: &Path) -> Result<(Self, Metadata), Error> {
        for _ in 0..ATTEMPTS {
            let (mut hasher, mut utf8) = (Hasher::default(), Utf8::default());
            let take = |block: &[u8]| {
                hasher.update(block);
                utf8.push(block);
            };
            let Some((length, metadata)) = blocks(path, take)? else { continue };
            let version = Version::of(&metadata);
            let file = OnDisk {
                path: path.to_owned(),
                length,
                hash: hasher.finish(),
                is_utf8: utf8.is_text(),
                version,
                is_settled: version.is_settled(SystemTime::now()),
                is_known: false,
            };
            return Ok((file, metadata));
        }
        Err(Problem::Unsteady { path: path.to_owned() }.into())
    }

    /// The bytes.
    fn load(&self) -> Result<Vec<u8>, Error> {
        // A file that has grown is not read to its end.
        match files::read(&self.path, self.length) {
            // What is known by its version stays so, and hashing takes longest of all.
            Ok(read) if self.is_known && Version::of(&read.metadata) == self.version => {
                Ok(read.bytes)
            }
            Ok(read) if Hash::of(&read.bytes) == self.hash => Ok(read.bytes),
            Err(error) if error.kind() != io::ErrorKind::FileTooLarge => {
                Err(unreadable(&self.path, error))
            }
            _ => Err(self.unsteady()),
        }
    }

    /// The file, to read its bytes. Whoever hands them on must look whether they have the hash.
    pub(crate) fn open(&self) -> Result<io::Take<File>, Error> {
        match files::open(&self.path) {
            Ok(Some((file, _))) => Ok(io::Read::take(file, self.length)),
            Ok(None) => Err(self.unsteady()),
            Err(error) => Err(unreadable(&self.path, error)),
        }
    }

    #[cfg(feature = "export")]
    pub(crate) fn len(&self) -> u64 {
        self.length
    }

    /// The hash of the bytes.
    #[cfg(feature = "export")]
    pub(crate) fn hash(&self) -> &Hash {
        &self.hash
    }

    pub(crate) fn is_utf8(&self) -> bool {
        self.is_utf8
    }

    /// The file, for another process.
    pub(crate) fn left(&self) -> Result<Left, Error> {
        let path =
            std::path::absolute(&self.path).map_err(|source| unreadable(&self.path, source))?;
        Ok(Left { path, version: self.version.to_bytes() })
    }

    /// The error for a file that has other bytes than before.
    pub(crate) fn unsteady(&self) -> Error {
        Problem::Unsteady { path: self.path.clone() }.into()
    }
}

/// The hash of a file of any size; `None` if it changed meanwhile.
#[cfg(feature = "export")]
pub(crate) fn hash(path: &Path) -> Result<Option<Hash>, Error> {
    let mut hasher = Hasher::default();
    let read = blocks(path, |block| hasher.update(block))?;
    Ok(read.map(|_| hasher.finish()))
}

/// Reads a file block by block. Returns its length and what the system says of it; `None` if it
/// changed meanwhile.
fn blocks(path: &Path, take: impl FnMut(&[u8])) -> Result<Option<(u64, Metadata)>, Error> {
    let read = || {
        let not_regular =
            || io::Error::new(io::ErrorKind::InvalidInput, "it is not a regular file");
        let (mut file, before) = files::open(path)?.ok_or_else(not_regular)?;
        let length = each_block(&mut file, before.len(), take)?;
        let after = file.metadata()?;
        let is_steady = Version::of(&before) == Version::of(&after) && length == after.len();
        Ok(is_steady.then_some((length, after)))
    };
    read().map_err(|source| unreadable(path, source))
}

/// Reads from here to the end, and returns how many bytes that were. Most likely they are so many.
fn each_block(
    file: &mut impl io::Read,
    likely: u64,
    mut take: impl FnMut(&[u8]),
) -> io::Result<u64> {
    // Most files are small, and each has a block of its own.
    let mut block = vec![0; (likely + 1).min(BLOCK as u64) as usize];
    let mut length = 0;
    loop {
        match file.read(&mut block) {
            Ok(0) => return Ok(length),
            Ok(read) => {
                take(&block[..read]);
                length += read as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

fn unreadable(path: &Path, source: io::Error) -> Error {
    Problem::Unreadable { path: path.to_owned(), source }.into()
}

/// The files of a bundle that were let go, as a server reads them.
pub(crate) struct Files(Vec<Served>);

/// A file, and what was last seen of it.
struct Served {
    file: Arc<OnDisk>,
    seen: Mutex<Seen>,
}

/// A version of a file.
#[derive(Clone, Copy)]
struct Seen {
    version: Version,
    /// Whether no other bytes can have this version.
    is_settled: bool,
    /// Whether it has the bytes that were stamped.
    is_same: bool,
}

impl Files {
    pub(crate) fn new(files: Vec<Arc<OnDisk>>) -> Self {
        let served = |file: Arc<OnDisk>| {
            let seen = Seen { version: file.version, is_settled: file.is_settled, is_same: true };
            Served { file, seen: Mutex::new(seen) }
        };
        Files(files.into_iter().map(served).collect())
    }
}

impl Outside for Files {
    fn open(&self, position: u64) -> io::Result<(File, Version)> {
        let position = usize::try_from(position).ok();
        let Some(served) = position.and_then(|position| self.0.get(position)) else {
            unreachable!("the index names a file that the bundle does not have");
        };
        served.open()
    }
}

impl Served {
    /// Opens the file if it has the bytes that were stamped. They are hashed again only where the
    /// system says that the file was touched, or where it could not tell.
    fn open(&self) -> io::Result<(File, Version)> {
        let changed = || io::Error::other("it was changed since it was stamped; start again");
        let (file, metadata) = files::open(&self.file.path)?.ok_or_else(changed)?;
        let version = Version::of(&metadata);
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.version != version || !seen.is_settled {
            let now = SystemTime::now();
            let is_same = metadata.len() == self.file.length && self.is_same(&file, version)?;
            *seen = Seen { version, is_settled: version.is_settled(now), is_same };
        }
        if seen.is_same { Ok((file, version)) } else { Err(changed()) }
    }

    /// Whether this file has the bytes that were stamped.
    fn is_same(&self, mut file: &File, version: Version) -> io::Result<bool> {
        use io::Seek as _;
        let mut hasher = Hasher::default();
        each_block(&mut file, self.file.length, |block| hasher.update(block))?;
        file.rewind()?;
        Ok(hasher.finish() == self.file.hash && Version::of(&file.metadata()?) == version)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use stamped_test_support::Dir;

    #[test]
    fn what_was_read_of_a_file_that_has_just_changed_is_not_kept() {
        let dir = Dir::new();
        let path = dir.write("a.css", "a {}");
        let mut read = Reader::new(false).read(&path, false).unwrap();
        let later = SystemTime::now() + std::time::Duration::from_secs(10);
        assert!(Version::of(&read.metadata).is_settled(later));
        read.is_settled = false;
        assert_eq!(read.facts(), None);
        read.is_settled = true;
        assert_eq!(read.facts().is_some(), cfg!(unix));
    }
}

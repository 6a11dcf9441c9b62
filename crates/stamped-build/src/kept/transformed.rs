//! What transformations have made of files, each under the hash of all that it depends on.
//!
//! What a transformation reads besides its file is known only once it has run. So there are two entries. One has,
//! under the hash of the file and the transformation, the paths that were read the last time. The other has the
//! result, under the hash of the same and of what is at these paths.

use crate::config::base;
use crate::digest::{Hash, Hasher};
use crate::kept::cache::{Cache, Key};
use crate::stages::read::seconds;
use stamped::files;
use std::collections::{BTreeMap, HashMap};
use std::fs::Metadata;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use walkdir::WalkDir;

/// What a transformation has made of a file.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Made {
    /// Another name.
    pub(crate) name: Option<String>,
    /// Other bytes.
    pub(crate) bytes: Option<Vec<u8>>,
    pub(crate) is_left_out: bool,
    /// Further files, each with its name.
    pub(crate) others: Vec<(String, Vec<u8>)>,
    pub(crate) warnings: Vec<String>,
}

/// What a transformation has read besides the file, and what was there.
pub(crate) type Reads = BTreeMap<PathBuf, Found>;

/// What is at a path, and when it was last modified, in seconds since 1970.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Found {
    pub(crate) state: State,
    pub(crate) modified: Option<u64>,
}

/// What is at a path, by content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Absent,
    File(Hash),
    /// The hash is one of the names and contents of all files in it.
    Folder(Hash),
}

impl State {
    /// Whether the error means that nothing is there.
    pub(crate) fn is_absence(error: &io::Error) -> bool {
        matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
    }
}

impl Found {
    pub(crate) fn absent() -> Self {
        Found { state: State::Absent, modified: None }
    }

    /// A file whose bytes have this hash.
    pub(crate) fn file(hash: Hash, metadata: &Metadata) -> Self {
        Found { state: State::File(hash), modified: seconds(metadata) }
    }

    /// Looks what is there.
    pub(crate) fn at(path: &Path) -> io::Result<Self> {
        match path.metadata() {
            Err(error) if State::is_absence(&error) => Ok(Found::absent()),
            Err(error) => Err(error),
            Ok(metadata) if metadata.is_dir() => Found::folder(path),
            Ok(_) => match files::read(path, u64::MAX) {
                Ok(read) => Ok(Found::file(Hash::of(&read.bytes), &read.metadata)),
                Err(error) if State::is_absence(&error) => Ok(Found::absent()),
                Err(error) => Err(error),
            },
        }
    }

    fn folder(path: &Path) -> io::Result<Self> {
        let is_seen = |entry: &walkdir::DirEntry| {
            entry.depth() == 0 || !entry.file_name().as_encoded_bytes().starts_with(b".")
        };
        let mut hasher = Hasher::default();
        let mut modified = None;
        let walk = WalkDir::new(path).follow_links(true).sort_by_file_name();
        for entry in walk.into_iter().filter_entry(is_seen) {
            let entry = match entry {
                Ok(entry) => entry,
                // A link to nothing, or to where it came from.
                Err(error) if error.path().is_some_and(Path::is_symlink) => continue,
                Err(error) => return Err(error.into()),
            };
            if !entry.file_type().is_file() {
                continue;
            }
            let read = files::read(entry.path(), u64::MAX)?;
            let below = entry.path().strip_prefix(path).unwrap_or(entry.path());
            push(&mut hasher, below.as_os_str().as_encoded_bytes());
            hasher.update(Hash::of(&read.bytes).as_bytes());
            modified = modified.max(seconds(&read.metadata));
        }
        Ok(Found { state: State::Folder(hasher.finish()), modified })
    }
}

/// Adds bytes of any length to a hash, so that no others have the same.
pub(crate) fn push(hasher: &mut Hasher, bytes: &[u8]) {
    hasher.update(&(bytes.len() as u64).to_le_bytes());
    hasher.update(bytes);
}

/// The results of earlier runs, and what this one has found of what they depend on.
pub(crate) struct Transformed {
    cache: Cache,
    found: Mutex<HashMap<PathBuf, Found>>,
}

impl Transformed {
    pub(crate) fn new(cache: Cache) -> Self {
        Transformed { cache, found: Mutex::default() }
    }

    /// What a transformation made under this key, if what it read then is the same now.
    pub(crate) fn recall(&self, key: &Key) -> Option<(Made, Reads)> {
        let paths = self.cache.get(key)?;
        let mut reader = Reader(&paths);
        let mut reads = Reads::new();
        for _ in 0..reader.number()? {
            let path = base().join(reader.text()?);
            let found = self.find(&path)?;
            reads.insert(path, found);
        }
        let result = self.cache.get(&with(key, &reads)?)?;
        Some((decode(&result)?, reads))
    }

    /// Keeps what a transformation made under this key, unless what it read has changed meanwhile.
    pub(crate) fn keep(&self, key: &Key, made: &Made, reads: &Reads) {
        if !self.cache.is_there() {
            return;
        }
        let is_same = |(path, found): (&PathBuf, &Found)| {
            Found::at(path).is_ok_and(|now| now.state == found.state)
        };
        // A path that is no text is not kept, and so the result is made again.
        let Some(of_result) = with(key, reads) else { return };
        if !reads.iter().all(is_same) {
            return;
        }
        let mut paths = Vec::new();
        push_number(&mut paths, reads.len());
        for path in reads.keys() {
            match portable(path) {
                Some(path) => push_bytes(&mut paths, path.as_bytes()),
                None => unreachable!("the key of a result has each path as text"),
            }
        }
        self.cache.put(&of_result, &encode(made));
        self.cache.put(key, &paths);
    }

    /// Why the results could not be kept, if they could not.
    pub(crate) fn trouble(&self) -> Option<&str> {
        self.cache.trouble()
    }

    /// Removes results that no build has used for a long time.
    pub(crate) fn sweep(&self) {
        self.cache.sweep();
    }

    /// What is at a path, which is looked at once in a run. `None` if that cannot be known.
    fn find(&self, path: &Path) -> Option<Found> {
        let known = || self.found.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = known().get(path) {
            return Some(*found);
        }
        let found = Found::at(path).ok()?;
        known().insert(path.to_owned(), found);
        Some(found)
    }
}

/// The key of a result that depends on these, too. `None` if a path is no text.
fn with(key: &Key, reads: &Reads) -> Option<Key> {
    let mut text = Vec::with_capacity(reads.len() * 128);
    for (path, found) in reads {
        push_bytes(&mut text, portable(path)?.as_bytes());
        match &found.state {
            State::Absent => text.push(0),
            State::File(hash) => {
                text.push(1);
                text.extend_from_slice(hash.as_bytes());
            }
            State::Folder(hash) => {
                text.push(2);
                text.extend_from_slice(hash.as_bytes());
            }
        }
    }
    let mut hasher = Hasher::default();
    hasher.update(key.as_bytes());
    hasher.update(&text);
    Some(hasher.finish())
}

/// The path as it is kept: relative to the package where it is in there, so that a copy of all of it
/// finds the same.
pub(crate) fn portable(path: &Path) -> Option<&str> {
    path.strip_prefix(base()).unwrap_or(path).to_str()
}

fn encode(made: &Made) -> Vec<u8> {
    let Made { name, bytes, is_left_out, others, warnings } = made;
    let mut result =
        vec![u8::from(name.is_some()), u8::from(bytes.is_some()), u8::from(*is_left_out)];
    push_bytes(&mut result, name.as_deref().unwrap_or_default().as_bytes());
    push_bytes(&mut result, bytes.as_deref().unwrap_or_default());
    push_number(&mut result, others.len());
    for (name, bytes) in others {
        push_bytes(&mut result, name.as_bytes());
        push_bytes(&mut result, bytes);
    }
    push_number(&mut result, warnings.len());
    for warning in warnings {
        push_bytes(&mut result, warning.as_bytes());
    }
    result
}

fn decode(result: &[u8]) -> Option<Made> {
    let ([has_name, has_bytes, is_left_out], rest) = result.split_first_chunk()?;
    let mut reader = Reader(rest);
    let (name, bytes) = (reader.text()?, reader.bytes()?);
    let mut made = Made {
        name: (*has_name == 1).then(|| name.to_owned()),
        bytes: (*has_bytes == 1).then(|| bytes.to_owned()),
        is_left_out: *is_left_out == 1,
        ..Made::default()
    };
    for _ in 0..reader.number()? {
        made.others.push((reader.text()?.to_owned(), reader.bytes()?.to_owned()));
    }
    for _ in 0..reader.number()? {
        made.warnings.push(reader.text()?.to_owned());
    }
    Some(made)
}

fn push_number(bytes: &mut Vec<u8>, number: usize) {
    bytes.extend_from_slice(&(number as u64).to_le_bytes());
}

fn push_bytes(bytes: &mut Vec<u8>, more: &[u8]) {
    push_number(bytes, more.len());
    bytes.extend_from_slice(more);
}

/// Reads what the functions above have written.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn number(&mut self) -> Option<usize> {
        let (number, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        usize::try_from(u64::from_le_bytes(*number)).ok()
    }

    fn bytes(&mut self) -> Option<&'a [u8]> {
        let length = self.number()?;
        let (bytes, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(bytes)
    }

    fn text(&mut self) -> Option<&'a str> {
        str::from_utf8(self.bytes()?).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use stamped_test_support::Dir;

    #[test]
    fn a_result_is_found_as_long_as_what_was_read_is_the_same() {
        let dir = Dir::new();
        let run = || Transformed::new(Cache::at_for_tests(&dir.join("cache")));
        let key = Hash::of(b"key");
        let (file, folder, nothing) = (dir.join("a.scss"), dir.join("more"), dir.join("b.scss"));
        dir.write("a.scss", "a");
        dir.write("more/c/d.html", "d");
        let made = Made {
            name: Some("a.css".into()),
            bytes: Some(b"a{}".into()),
            is_left_out: false,
            others: vec![("a.css.map".into(), b"{}".into())],
            warnings: vec!["watch out".into()],
        };
        let look = || [&file, &folder, &nothing].map(|at| (at.clone(), Found::at(at).unwrap()));
        run().keep(&key, &made, &Reads::from(look()));
        let recall = || run().recall(&key).map(|(made, reads)| (made, reads.len()));
        assert_eq!(recall(), Some((made, 3)));
        assert!(run().recall(&Hash::of(b"other key")).is_none());
        let edits =
            [("a.scss", "b"), ("more/c/d.html", "e"), ("more/new.html", ""), ("b.scss", "")];
        for (path, text) in edits {
            let old = std::fs::read(dir.join(path)).ok();
            dir.write(path, text);
            assert!(recall().is_none(), "{path}");
            match old {
                Some(old) => drop(dir.write(path, old)),
                None => std::fs::remove_file(dir.join(path)).unwrap(),
            }
            assert!(recall().is_some(), "{path} is as it was");
        }
        dir.write("more/.hidden", "");
        assert!(recall().is_some());
        // What changed while it was read has no result.
        let reads = Reads::from(look());
        dir.write("a.scss", "changed meanwhile");
        run().keep(&key, &Made::default(), &reads);
        assert!(recall().is_none());
    }

    #[test]
    fn a_result_that_was_cut_is_none() {
        let made = Made { bytes: Some(b"abc".into()), ..Made::default() };
        let whole = encode(&made);
        assert_eq!(decode(&whole), Some(made));
        for end in 0..whole.len() {
            assert_eq!(decode(&whole[..end]), None, "cut to {end}");
        }
    }
}

//! Remembers what the last run computed from the same bytes.
//!
//! Build scripts are compiled without optimisation. There, scanning takes ten times as long as
//! reading, and hashing even longer. After an edit, only the edited files are read, hashed and scanned
//! again, and a new perfect hash is searched for only if a name is new.
//!
//! The results lie in one file, and are used where they lie in it: to take apart ten thousand of them
//! would take longer than what they save.

mod file;
mod found;
mod outcome;
pub(crate) mod seen;

use crate::contents::Contents;
use crate::digest::{Hash, Hasher, digest_by};
use crate::edited::{self, Edited, Edits, Outcome};
use crate::error::Error;
use crate::kept::program::{self, Marks};
use crate::write;
use file::{HASH, Key, Old, Results, file};
use seen::{Facts, Finder};
use stamped::files;
use stamped_scan::{Algorithm, Found, Scanner};
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

// The kinds of results, besides the numbers of scanners.
const DIMENSIONS: u8 = 255;
const DIMENSIONS_OF_SVG: u8 = 250;
const EDITED: u8 = 249;
const MAP_OF_NAMES: u8 = 254;
/// The numbers of other hash functions than SHA-384, up to this one.
const LAST_OTHER_DIGEST: u8 = 253;

/// The variable that makes a build read every file, whatever the system says of it.
pub(crate) const READ_ALL: &str = "STAMPED_READ_ALL";

/// Results of the last run, by the hash of what they were computed from.
#[derive(Debug, Default)]
pub(crate) struct Memo {
    /// The file and the program that may use it; without them, everything is computed.
    kept: Option<(PathBuf, Hash)>,
    old: Old,
    /// Whether this run has used an old result.
    used: Vec<AtomicBool>,
    /// The results that are new.
    new: Mutex<BTreeMap<Key, Vec<u8>>>,
    /// Whether files that an earlier run has seen need not be read.
    trusts: bool,
    /// The files that this run has read, or need not read.
    seen: Mutex<(Vec<u8>, Vec<u8>)>,
}

impl Memo {
    /// Reads the results in this file, if this program wrote it. Any other content counts as
    /// absent.
    pub(crate) fn load(path: PathBuf) -> Self {
        let Some(program) = program::identity() else { return Memo::default() };
        let file = files::read(&path, u64::MAX).map(|old| old.bytes).unwrap_or_default();
        let old = Old::of(file, &program).unwrap_or_default();
        let used = (0..old.len()).map(|_| AtomicBool::new(false)).collect();
        Memo { kept: Some((path, program)), old, used, ..Memo::default() }
    }

    /// Lets this run take over what an earlier one has read of files that have not changed since, unless
    /// `STAMPED_READ_ALL` is set.
    ///
    /// Only debug builds and live mode do so. There is one release for a hundred edits, and its bytes are
    /// those that were read for it.
    pub(crate) fn trusting(mut self) -> Self {
        let reads_all = std::env::var_os(READ_ALL).is_some_and(|value| !value.is_empty());
        self.trusts = !reads_all;
        self
    }

    /// What an earlier run has read of these files, where that is what they still hold.
    pub(crate) fn seen<'a>(
        &self,
        files: impl Iterator<Item = (&'a Path, Option<Marks>)>,
    ) -> Vec<Option<Facts>> {
        if !self.trusts {
            return files.map(|_| None).collect();
        }
        let mut finder = Finder::new(self.old.seen(), self.old.paths());
        files.map(|(path, marks)| finder.find(path, &marks?)).collect()
    }

    /// Whether this run takes over what an earlier one has read, and leaves what it reads to the next.
    pub(crate) fn trusts(&self) -> bool {
        self.trusts
    }

    /// Notes what was read of files, for the next run.
    pub(crate) fn note<'a>(&self, files: impl Iterator<Item = (&'a Path, Option<Facts>)>) {
        if !self.trusts {
            return;
        }
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let (records, paths) = &mut *seen;
        for (path, one) in files {
            seen::push(records, paths, path, one.as_ref());
        }
    }

    /// What a scanner finds in a file, which is read again only where that is not known.
    pub(crate) fn scan(&self, scanner: Scanner, contents: &Contents) -> Result<Found, Error> {
        let scan = || Ok(scanner.scan(&contents.load()?));
        if self.kept.is_none() {
            return scan();
        }
        let key = key(scanner as u8, &contents.hash());
        self.try_recall(key, found::decode, scan, found::encode)
    }

    /// The digest of these contents by any hash function.
    pub(crate) fn digest_by(
        &self,
        algorithm: Algorithm,
        contents: &Contents,
    ) -> Result<Vec<u8>, Error> {
        let hash = contents.hash();
        let kind = match algorithm {
            Algorithm::Sha384 => return Ok(hash.as_bytes().to_vec()),
            Algorithm::Sha1 => LAST_OTHER_DIGEST,
            Algorithm::Sha256 => LAST_OTHER_DIGEST - 1,
            Algorithm::Sha512 => LAST_OTHER_DIGEST - 2,
        };
        let decode = |old: &[u8]| (old.len() == algorithm.length()).then(|| old.to_vec());
        let compute = || Ok(digest_by(algorithm, &contents.load()?));
        self.try_recall(key(kind, &hash), decode, compute, Vec::clone)
    }

    /// The width and height of a picture of this content type, whose bytes have this hash.
    pub(crate) fn dimensions(
        &self,
        essence: &str,
        hash: &Hash,
        compute: impl FnOnce() -> Result<Option<(u32, u32)>, Error>,
    ) -> Result<Option<(u32, u32)>, Error> {
        let is_svg = essence == "image/svg+xml";
        let kind = if is_svg { DIMENSIONS_OF_SVG } else { DIMENSIONS };
        let decode = |old: &[u8]| match old {
            [] => Some(None),
            &[a, b, c, d, e, f, g, h] => {
                Some(Some((u32::from_le_bytes([a, b, c, d]), u32::from_le_bytes([e, f, g, h]))))
            }
            _ => None,
        };
        let encode = |dimensions: &Option<(u32, u32)>| match dimensions {
            Some((width, height)) => [width.to_le_bytes(), height.to_le_bytes()].concat(),
            None => Vec::new(),
        };
        self.try_recall(key(kind, hash), decode, compute, encode)
    }

    /// A file with these edits. Its bytes are made, and hashed, only where the result is not known.
    pub(crate) fn edited(&self, source: &Contents, edits: Edits) -> Result<Contents, Error> {
        let mut hasher = Hasher::default();
        hasher.update(source.hash().as_bytes());
        for (range, text) in &edits {
            for number in [range.start, range.end, text.len()] {
                hasher.update(&(number as u64).to_le_bytes());
            }
            hasher.update(text.as_bytes());
        }
        let mut made = None;
        let compute = || {
            let bytes = edited::bytes(source, &edits)?;
            let outcome = Outcome::of(&bytes);
            made = Some(bytes);
            Ok::<_, Error>(outcome)
        };
        let key = key(EDITED, &hasher.finish());
        let outcome = self.try_recall(key, outcome::decode, compute, outcome::encode)?;
        Ok(match made {
            Some(bytes) => Contents::hashed(bytes, outcome.hash),
            None => Contents::Edited(Arc::new(Edited::new(source.clone(), edits, outcome))),
        })
    }

    /// The perfect hash over the hashes of all names, as source text.
    pub(crate) fn map(&self, hashes: &[u64], compute: impl FnOnce() -> String) -> String {
        let bytes: Vec<u8> = hashes.iter().flat_map(|hash| hash.to_le_bytes()).collect();
        let decode = |old: &[u8]| String::from_utf8(old.to_vec()).ok();
        let encode = |map: &String| map.clone().into_bytes();
        self.recall(key(MAP_OF_NAMES, &Hash::of(&bytes)), decode, compute, encode)
    }

    fn recall<T>(
        &self,
        key: Key,
        decode: impl FnOnce(&[u8]) -> Option<T>,
        compute: impl FnOnce() -> T,
        encode: impl FnOnce(&T) -> Vec<u8>,
    ) -> T {
        let compute = || Ok::<_, Infallible>(compute());
        let Ok(value) = self.try_recall(key, decode, compute, encode);
        value
    }

    fn try_recall<T, E>(
        &self,
        key: Key,
        decode: impl FnOnce(&[u8]) -> Option<T>,
        compute: impl FnOnce() -> Result<T, E>,
        encode: impl FnOnce(&T) -> Vec<u8>,
    ) -> Result<T, E> {
        if self.kept.is_none() {
            return compute();
        }
        if let Some((at, old)) = self.old.get(&key)
            && let Some(known) = decode(old)
        {
            if let Some(used) = self.used.get(at) {
                used.store(true, Ordering::Relaxed);
            }
            return Ok(known);
        }
        let value = compute()?;
        let bytes = encode(&value);
        self.new.lock().unwrap_or_else(PoisonError::into_inner).insert(key, bytes);
        Ok(value)
    }

    /// Keeps the results that this run has used, and no others. If they cannot be written, the next
    /// run computes them again.
    pub(crate) fn save(self) {
        let Some((path, program)) = self.kept else { return };
        let new = self.new.into_inner().unwrap_or_else(PoisonError::into_inner);
        let (records, paths) = self.seen.into_inner().unwrap_or_else(PoisonError::into_inner);
        let mut results = Results::default();
        // Both are sorted.
        let mut new = new.iter().peekable();
        for (at, used) in self.used.iter().enumerate() {
            if !used.load(Ordering::Relaxed) {
                continue;
            }
            let Some((key, old)) = self.old.at(at) else { continue };
            while let Some((key, result)) = new.next_if(|(new, _)| *new < key) {
                results.push(key, result);
            }
            results.push(key, old);
        }
        for (key, result) in new {
            results.push(key, result);
        }
        let bytes = file(&program, &[&results.records, &results.bytes, &records, &paths]);
        // What is there already is what was read.
        if bytes != self.old.file {
            let _ = write::whole(&path, |file| file.write_all(&bytes));
        }
    }
}

fn key(kind: u8, hash: &Hash) -> Key {
    let mut key = [kind; 1 + HASH];
    key[1..].copy_from_slice(hash.as_bytes());
    key
}

#[cfg(test)]
mod tests {
    use super::*;
    use stamped_test_support::Dir;

    fn scan(memo: &Memo, scanner: Scanner, bytes: &[u8]) -> Found {
        memo.scan(scanner, &Contents::held(bytes)).unwrap()
    }

    #[test]
    fn what_was_found_is_found_again_and_what_is_not_used_is_forgotten() {
        let dir = Dir::new();
        let path = dir.join("memo");
        let (one, two) = (b"a{b:url(c.png)}".as_slice(), b"@import 'd.css';".as_slice());
        let first = Memo::load(path.clone());
        let found = [one, two].map(|bytes| scan(&first, Scanner::Css, bytes));
        let of_one = Contents::held(one);
        let digest = first.digest_by(Algorithm::Sha256, &of_one).unwrap();
        first.save();

        let second = Memo::load(path.clone());
        assert_eq!(second.old.len(), 3);
        assert_eq!(scan(&second, Scanner::Css, one), found[0]);
        assert_eq!(scan(&second, Scanner::Css, one), Scanner::Css.scan(one));
        assert_eq!(second.digest_by(Algorithm::Sha256, &of_one).unwrap(), digest);
        // The same bytes in another language have another result.
        assert_eq!(scan(&second, Scanner::JavaScript, one), Scanner::JavaScript.scan(one));
        second.save();
        assert_eq!(Memo::load(path.clone()).old.len(), 3);
    }

    #[test]
    fn a_known_edit_is_made_only_where_its_bytes_are_needed() {
        let dir = Dir::new();
        let path = dir.join("memo");
        let source = Contents::held(b"a{b:url(c.png)}".as_slice());
        let edits = |text: &str| vec![(8..13, text.to_owned())];
        let first = Memo::load(path.clone());
        let made = first.edited(&source, edits("c.1.png")).unwrap();
        assert!(matches!(made, Contents::Held(_)));
        first.save();

        let second = Memo::load(path);
        let known = second.edited(&source, edits("c.1.png")).unwrap();
        assert!(matches!(known, Contents::Edited(_)));
        assert_eq!(*known.load().unwrap(), *b"a{b:url(c.1.png)}");
        assert_eq!(*known.head(4).unwrap(), *b"a{b:");
        assert_eq!((known.hash(), known.len()), (made.hash(), made.len()));
        assert_eq!(known.is_utf8(), made.is_utf8());
        let other = second.edited(&source, edits("c.2.png")).unwrap();
        assert!(matches!(other, Contents::Held(_)));
        assert_ne!(other.hash(), known.hash());
    }

    #[test]
    fn a_file_of_another_program_or_a_broken_one_is_as_good_as_none() {
        let dir = Dir::new();
        let path = dir.join("memo");
        let memo = Memo::load(path.clone());
        scan(&memo, Scanner::Css, b"a{b:url(c.png)}");
        memo.save();
        let whole = std::fs::read(&path).unwrap();
        for end in 0..whole.len() {
            std::fs::write(&path, &whole[..end]).unwrap();
            let memo = Memo::load(path.clone());
            assert_eq!(scan(&memo, Scanner::Css, b"a{b:url(c.png)}").references.len(), 1);
        }
        for at in 0..whole.len() {
            let mut other = whole.clone();
            other[at] ^= 1;
            std::fs::write(&path, &other).unwrap();
            assert!(Memo::load(path.clone()).old.len() == 0, "byte {at}");
        }
    }
}

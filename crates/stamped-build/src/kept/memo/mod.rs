//! Remembers what the last run computed from the same bytes.
//!
//! Build scripts are compiled without optimisation. There, scanning takes ten times as long as
//! reading. After an edit, only the edited files are scanned again, and a new perfect hash is
//! searched for only if a name is new.

mod found;

use crate::contents::Contents;
use crate::digest::{Hash, Hasher, digest_by};
use crate::error::Error;
use crate::kept::program;
use crate::write;
use stamped::files;
use stamped_scan::{Algorithm, Found, Scanner};
use std::collections::{BTreeMap, HashMap};
use std::convert::Infallible;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

/// The kind of the result (the number of a [`Scanner`], or one of those below), and the hash of the
/// bytes it was computed from.
type Key = (u8, [u8; Hash::LENGTH]);

const MAP_OF_NAMES: u8 = 254;
/// The numbers of other hash functions than SHA-384, up to this one.
const LAST_OTHER_DIGEST: u8 = 253;

/// Results of the last run, by the hash of what they were computed from.
#[derive(Debug, Default)]
pub(crate) struct Memo {
    /// The file and the program that may use it; without them, everything is computed.
    kept: Option<(PathBuf, Hash)>,
    old: Vec<u8>,
    index: HashMap<Key, Range<usize>>,
    /// What this run has used, in the order in which it is kept.
    used: Mutex<BTreeMap<Key, Vec<u8>>>,
}

impl Memo {
    /// Reads the results in this file, if this program wrote it. Any other content counts as
    /// absent.
    pub(crate) fn load(path: PathBuf) -> Self {
        let Some(program) = program::identity() else { return Memo::default() };
        let old = files::read(&path, u64::MAX).map(|old| old.bytes).unwrap_or_default();
        let index = index(&old, &program).unwrap_or_default();
        Memo { kept: Some((path, program)), old, index, used: Mutex::default() }
    }

    /// What a scanner finds in a file, which is read again only where that is not known.
    pub(crate) fn scan(&self, scanner: Scanner, contents: &Contents) -> Result<Found, Error> {
        let scan = || Ok(scanner.scan(&contents.load()?));
        if self.kept.is_none() {
            return scan();
        }
        let key = (scanner as u8, *contents.hash().as_bytes());
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
        self.try_recall((kind, *hash.as_bytes()), decode, compute, Vec::clone)
    }

    /// The perfect hash over the hashes of all names, as source text.
    pub(crate) fn map(&self, hashes: &[u64], compute: impl FnOnce() -> String) -> String {
        let mut hasher = Hasher::default();
        for hash in hashes {
            hasher.update(&hash.to_le_bytes());
        }
        let decode = |old: &[u8]| String::from_utf8(old.to_vec()).ok();
        let encode = |map: &String| map.clone().into_bytes();
        self.recall((MAP_OF_NAMES, *hasher.finish().as_bytes()), decode, compute, encode)
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
        let old = self.index.get(&key).and_then(|range| self.old.get(range.clone()));
        let known = old.and_then(|old| Some((decode(old)?, old.to_vec())));
        let (value, bytes) = match known {
            Some(known) => known,
            None => {
                let value = compute()?;
                let bytes = encode(&value);
                (value, bytes)
            }
        };
        self.used.lock().unwrap_or_else(PoisonError::into_inner).insert(key, bytes);
        Ok(value)
    }

    /// Keeps the results that this run has used, and no others. If they cannot be written, the next
    /// run computes them again.
    pub(crate) fn save(self) {
        let Some((path, program)) = self.kept else { return };
        let used = self.used.into_inner().unwrap_or_else(PoisonError::into_inner);
        let mut results = Vec::new();
        for ((tag, hash), result) in used {
            // A result of 4 GiB or more is not kept.
            let Ok(length) = u32::try_from(result.len()) else { continue };
            results.push(tag);
            results.extend(hash);
            results.extend(length.to_le_bytes());
            results.extend(result);
        }
        let mut bytes = checksum(&program, &results).as_bytes().to_vec();
        bytes.extend(results);
        let _ = write::if_changed(&path, &bytes);
    }
}

/// The first bytes of a file with these results. A file of another program counts as absent, and so
/// does one with a damaged byte, which could bake a wrong program.
fn checksum(program: &Hash, results: &[u8]) -> Hash {
    let mut hasher = Hasher::default();
    hasher.update(program.as_bytes());
    hasher.update(results);
    hasher.finish()
}

/// The place of each result in a file that this program wrote.
fn index(file: &[u8], program: &Hash) -> Option<HashMap<Key, Range<usize>>> {
    let (sum, mut rest) = file.split_first_chunk::<{ Hash::LENGTH }>()?;
    if *checksum(program, rest).as_bytes() != *sum {
        return None;
    }
    let mut index = HashMap::new();
    while !rest.is_empty() {
        let (&[tag], after) = rest.split_first_chunk()?;
        let (hash, after) = after.split_first_chunk::<{ Hash::LENGTH }>()?;
        let (length, after) = after.split_first_chunk::<4>()?;
        let length = u32::from_le_bytes(*length) as usize;
        let start = file.len() - after.len();
        rest = after.get(length..)?;
        index.insert((tag, *hash), start..start + length);
    }
    Some(index)
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
        assert_eq!(second.index.len(), 3);
        assert_eq!(scan(&second, Scanner::Css, one), found[0]);
        assert_eq!(scan(&second, Scanner::Css, one), Scanner::Css.scan(one));
        assert_eq!(second.digest_by(Algorithm::Sha256, &of_one).unwrap(), digest);
        // The same bytes in another language have another result.
        assert_eq!(scan(&second, Scanner::JavaScript, one), Scanner::JavaScript.scan(one));
        second.save();
        assert_eq!(Memo::load(path.clone()).index.len(), 3);
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
            assert!(Memo::load(path.clone()).index.is_empty(), "byte {at}");
        }
    }
}

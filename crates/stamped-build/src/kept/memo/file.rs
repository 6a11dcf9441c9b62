//! The file of the memo: tables of records of a fixed length, which are searched where they lie.
//!
//! A sum over all that follows; the lengths of four parts; results, sorted by their keys; their bytes; files that were
//! seen; their paths. Numbers are little-endian.

use super::seen;
use crate::digest::Hash;
use stamped::hash::hash;
use std::ops::Range;

pub(super) const HASH: usize = Hash::LENGTH;

/// The kind of a result, and the hash of the bytes it was computed from.
pub(super) type Key = [u8; 1 + HASH];

const KEY: usize = size_of::<Key>();

/// A key, and the place and length of the result.
const RECORD: usize = KEY + 8;

type Record = [u8; RECORD];

const PARTS: usize = 4;

/// Results that are collected for the next run.
#[derive(Default)]
pub(super) struct Results {
    pub(super) records: Vec<u8>,
    pub(super) bytes: Vec<u8>,
}

impl Results {
    /// Adds a result. Its key is greater than those before it.
    pub(super) fn push(&mut self, key: &Key, result: &[u8]) {
        // What 32 bits cannot count is not kept.
        let place = u32::try_from(self.bytes.len());
        let (Ok(place), Ok(length)) = (place, u32::try_from(result.len())) else { return };
        self.records.extend_from_slice(key);
        self.records.extend_from_slice(&place.to_le_bytes());
        self.records.extend_from_slice(&length.to_le_bytes());
        self.bytes.extend_from_slice(result);
    }
}

/// The bytes of the file that has these parts.
pub(super) fn file(program: &Hash, parts: &[&[u8]; PARTS]) -> Vec<u8> {
    let mut bytes = vec![0; SUM];
    for part in parts {
        bytes.extend_from_slice(&(part.len() as u64).to_le_bytes());
    }
    for part in parts {
        bytes.extend_from_slice(part);
    }
    let sum = checksum(program, &bytes[SUM..]);
    bytes[..SUM].copy_from_slice(&sum.to_le_bytes());
    bytes
}

const SUM: usize = 8;

/// A file of another program counts as absent, and so does one with a damaged byte, which could bake a
/// wrong program. Nobody else writes here, and SHA-384 takes ten times as long.
fn checksum(program: &Hash, rest: &[u8]) -> u64 {
    hash(program.first_64_bits(), rest)
}

/// What an earlier run has kept.
#[derive(Debug, Default)]
pub(super) struct Old {
    pub(super) file: Vec<u8>,
    parts: [Range<usize>; PARTS],
}

impl Old {
    /// Returns `None` for a file that this program did not write.
    pub(super) fn of(file: Vec<u8>, program: &Hash) -> Option<Self> {
        let (sum, rest) = file.split_first_chunk::<SUM>()?;
        if checksum(program, rest) != u64::from_le_bytes(*sum) {
            return None;
        }
        let (lengths, _) = rest.split_first_chunk::<{ PARTS * 8 }>()?;
        let mut parts = <[Range<usize>; PARTS]>::default();
        let mut begin = SUM + PARTS * 8;
        for (part, length) in parts.iter_mut().zip(lengths.as_chunks().0) {
            let end = begin.checked_add(usize::try_from(u64::from_le_bytes(*length)).ok()?)?;
            *part = begin..end;
            begin = end;
        }
        (begin == file.len()).then_some(Old { file, parts })
    }

    fn part(&self, number: usize) -> &[u8] {
        self.file.get(self.parts[number].clone()).unwrap_or_default()
    }

    fn results(&self) -> &[Record] {
        self.part(0).as_chunks().0
    }

    /// How many results there are.
    pub(super) fn len(&self) -> usize {
        self.results().len()
    }

    pub(super) fn seen(&self) -> &[seen::Record] {
        self.part(2).as_chunks().0
    }

    pub(super) fn paths(&self) -> &[u8] {
        self.part(3)
    }

    /// The result at this position, and its key.
    pub(super) fn at(&self, position: usize) -> Option<(&Key, &[u8])> {
        let (key, rest) = self.results().get(position)?.split_first_chunk::<KEY>()?;
        let (place, rest) = rest.split_first_chunk()?;
        let place = u32::from_le_bytes(*place) as usize;
        let length = u32::from_le_bytes(*rest.first_chunk()?) as usize;
        Some((key, self.part(1).get(place..place.checked_add(length)?)?))
    }

    /// The result that has this key, and its position.
    pub(super) fn get(&self, key: &Key) -> Option<(usize, &[u8])> {
        let results = self.results();
        let (mut low, mut high) = (0, results.len());
        while low < high {
            let middle = low + (high - low) / 2;
            // Without iterators and closures, which take longer than the search where nothing is optimised.
            if results[middle][..KEY] < key[..] {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        let (found, result) = self.at(low)?;
        (found == key).then_some((low, result))
    }
}

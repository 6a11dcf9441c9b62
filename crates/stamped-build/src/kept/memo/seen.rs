//! Files that an earlier run has read, so that this one need not read them again.
//!
//! A file is taken for the same as long as all that the system says of it is: its size, its times, its
//! number and its device. Git trusts the same facts in its index, and cargo trusts the modification
//! time alone. No program can set the time of change (`ctime`), so bytes that were replaced under a
//! time that was put back are noticed. A file that was changed shortly before it was read is not kept
//! at all, because it could be changed again within one tick of the clock.

use crate::by_hash::Beginning;
use crate::digest::Hash;
use crate::kept::program::{self, Marks};
use stamped::hash::hash;
use std::collections::HashMap;
use std::fs::Metadata;
use std::hash::BuildHasherDefault;
use std::path::Path;

/// What was read of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Facts {
    pub(crate) marks: Marks,
    pub(crate) hash: Hash,
    pub(crate) is_utf8: bool,
}

/// What tells one state of a file from all others. `None` where the system does not report enough for
/// that: without a time of change, a file could be replaced by an older one of its size.
pub(crate) fn marks(metadata: &Metadata) -> Option<Marks> {
    #[cfg(unix)]
    {
        let changed = std::os::unix::fs::MetadataExt::ctime(metadata);
        // Some file systems have no such time, and report zero.
        if changed > 0 { program::marks(metadata) } else { None }
    }
    #[cfg(not(unix))]
    {
        let _ = metadata;
        None
    }
}

const MARKS: usize = size_of::<Marks>();
const HASH: usize = Hash::LENGTH;

/// The length of a record: the place and length of the path, and the fields of [`Facts`].
pub(super) const RECORD: usize = 8 + MARKS + HASH + 1;

pub(super) type Record = [u8; RECORD];

/// The marks of no file.
const NO_MARKS: Marks = [0; MARKS];

/// Adds a record, and the path that it names. A file that has to be read again has one too, so that
/// files are found in their order.
pub(super) fn push(records: &mut Vec<u8>, paths: &mut Vec<u8>, path: &Path, facts: Option<&Facts>) {
    let path = path.as_os_str().as_encoded_bytes();
    // What does not fit is not found again, and read.
    let place = u32::try_from(paths.len()).unwrap_or(u32::MAX);
    let length = u32::try_from(path.len()).unwrap_or(u32::MAX);
    records.extend_from_slice(&place.to_le_bytes());
    records.extend_from_slice(&length.to_le_bytes());
    match facts {
        Some(facts) => {
            records.extend_from_slice(&facts.marks);
            records.extend_from_slice(facts.hash.as_bytes());
            records.push(u8::from(facts.is_utf8));
        }
        None => {
            records.extend_from_slice(&NO_MARKS);
            records.extend_from_slice(&[0; HASH + 1]);
        }
    }
    paths.extend_from_slice(path);
}

/// Finds files among those of the last run, which are mostly the same in the same order.
pub(super) struct Finder<'a> {
    records: &'a [Record],
    paths: &'a [u8],
    /// The record behind the one that was found last.
    next: usize,
    /// All records by the hash of their path, once one was not the next.
    by_path: Option<Places>,
}

impl<'a> Finder<'a> {
    pub(super) fn new(records: &'a [Record], paths: &'a [u8]) -> Self {
        Finder { records, paths, next: 0, by_path: None }
    }

    /// What was read of the file with this path, if these are still its marks.
    pub(super) fn find(&mut self, path: &Path, marks: &Marks) -> Option<Facts> {
        let path = path.as_os_str().as_encoded_bytes();
        let (records, paths) = (self.records, self.paths);
        let at = match records.get(self.next).and_then(|record| path_of(record, paths)) {
            Some(next) if next == path => self.next,
            _ => {
                let by_path = self.by_path.get_or_insert_with(|| places(records, paths));
                *by_path.get(&hash(0, path))?
            }
        };
        self.next = at + 1;
        let record = records.get(at)?;
        let (_, rest) = record.split_first_chunk::<8>()?;
        let (known, rest) = rest.split_first_chunk::<MARKS>()?;
        // Two paths may have one hash.
        if known != marks || path_of(record, paths)? != path {
            return None;
        }
        let (hash, rest) = rest.split_first_chunk::<HASH>()?;
        let hash = Hash::from_bytes(*hash);
        Some(Facts { marks: *marks, hash, is_utf8: rest == [1] })
    }
}

/// Positions by the hashes of paths.
type Places = HashMap<u64, usize, BuildHasherDefault<Beginning>>;

fn places(records: &[Record], paths: &[u8]) -> Places {
    let place = |(at, record)| Some((hash(0, path_of(record, paths)?), at));
    records.iter().enumerate().filter_map(place).collect()
}

fn path_of<'a>(record: &Record, paths: &'a [u8]) -> Option<&'a [u8]> {
    let (place, rest) = record.split_first_chunk()?;
    let place = u32::from_le_bytes(*place) as usize;
    let length = u32::from_le_bytes(*rest.first_chunk()?) as usize;
    paths.get(place..place.checked_add(length)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(number: u8) -> Facts {
        let hash = Hash::of(&[number]);
        Facts { marks: [number; MARKS], hash, is_utf8: number % 2 == 1 }
    }

    #[test]
    fn files_are_found_in_any_order_by_path_and_marks() {
        let (mut records, mut paths) = (Vec::new(), Vec::new());
        let path = |number: u8| std::path::PathBuf::from(format!("/assets/{}/a", number % 7));
        for number in 0..7 {
            let known = (number != 3).then(|| facts(number + 1));
            push(&mut records, &mut paths, &path(number), known.as_ref());
        }
        let records: Vec<Record> =
            records.chunks(RECORD).map(|one| one.try_into().unwrap()).collect();
        for order in [[0, 1, 2, 3, 4, 5, 6], [6, 5, 4, 3, 2, 1, 0], [0, 2, 4, 6, 1, 3, 5]] {
            let mut finder = Finder::new(&records, &paths);
            for number in order {
                let expected = (number != 3).then(|| facts(number + 1));
                assert_eq!(finder.find(&path(number), &[number + 1; MARKS]), expected);
                assert_eq!(finder.find(&path(number), &[9; MARKS]), None);
                assert_eq!(finder.find(Path::new("/assets/7/a"), &[number + 1; MARKS]), None);
            }
        }
    }
}

//! Finds the hashes of files in other files.
//!
//! A browser runs a script only if its bytes have the hash that a page states for it. Where a page that is rewritten
//! states the hash of a URL, in an attribute or an import map, the hash of the final bytes is written there. A hash that
//! stands anywhere else, such as in the script that loads others later, is of a file that keeps its bytes. So is one in a
//! file that keeps its own bytes.

use super::address::Address;
use super::{Names, Resolved, Scanned};
use crate::error::Error;
use crate::kept::memo::Memo;
use crate::parallel;
use stamped_scan::{Algorithm, Hash, ReferenceKind};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

/// A hash of another file.
#[derive(Clone, Debug)]
pub(crate) struct Promise {
    pub(crate) target: usize,
    /// The place of its base64.
    pub(crate) span: Range<usize>,
    pub(crate) algorithm: Algorithm,
}

/// A hash in a page that is not that of the original bytes. It may be that of the final ones, which another program took
/// from the manifest of an earlier build.
pub(super) struct Doubted {
    pub(super) file: usize,
    pub(super) offset: usize,
    pub(super) target: usize,
    pub(super) algorithm: Algorithm,
    /// The file needs to have one of these.
    pub(super) digests: Vec<Vec<u8>>,
}

/// Digests by the position of the file and the hash function.
type Digests = HashMap<(usize, Algorithm), Arc<[u8]>>;

/// The hashes of files as they are before anything is rewritten, each computed when it is first asked for.
pub(super) struct Originals<'a> {
    files: &'a [Scanned],
    memo: &'a Memo,
    known: Mutex<Digests>,
}

impl<'a> Originals<'a> {
    pub(super) fn new(files: &'a [Scanned], memo: &'a Memo) -> Self {
        Originals { files, memo, known: Mutex::default() }
    }

    pub(super) fn of(&self, position: usize, algorithm: Algorithm) -> Result<Arc<[u8]>, Error> {
        let known = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(digest) = known().get(&(position, algorithm)) {
            return Ok(digest.clone());
        }
        let contents = &self.files[position].source.contents;
        let digest = self.memo.digest_by(algorithm, contents)?;
        let digest: Arc<[u8]> = digest.into();
        known().insert((position, algorithm), digest.clone());
        Ok(digest)
    }
}

/// Finds all hashes of files. Those that can be kept right become promises, and the files of all others keep their
/// bytes. A hash that a page states of a file with other bytes is doubted.
pub(super) fn find(
    files: &[Scanned],
    mount: &str,
    names: &Names<'_>,
    originals: &Originals<'_>,
    resolved: &mut [Resolved],
    doubted: &mut Vec<Doubted>,
) -> Result<(), Error> {
    let mut others: Vec<&Hash> = Vec::new();
    for (position, file) in files.iter().enumerate() {
        if file.found.integrity.is_empty() {
            others.extend(&file.found.hashes);
            continue;
        }
        let mut stated = HashSet::new();
        let base = file.base(mount);
        for integrity in &file.found.integrity {
            let Address::Name(name) = base.resolve(&integrity.url, ReferenceKind::Markup) else {
                continue;
            };
            let Some(target) = names.get(&name) else { continue };
            let first =
                file.found.hashes.partition_point(|hash| hash.span.start < integrity.value.start);
            let hashes: Vec<&Hash> = file.found.hashes[first..]
                .iter()
                .take_while(|hash| hash.span.end <= integrity.value.end)
                .collect();
            // Browsers look at those of the strongest function only.
            let strongest = hashes.iter().map(|hash| hash.algorithm).max();
            let mut is_right = false;
            for hash in &hashes {
                stated.insert(hash.span.start);
                if *originals.of(target, hash.algorithm)? == *hash.digest {
                    is_right |= Some(hash.algorithm) == strongest;
                    resolved[position].promises.push(Promise {
                        target,
                        span: hash.span.clone(),
                        algorithm: hash.algorithm,
                    });
                }
            }
            if let Some(hash) = hashes.iter().find(|hash| Some(hash.algorithm) == strongest)
                && !is_right
            {
                let strongest = hashes.iter().filter(|one| one.algorithm == hash.algorithm);
                doubted.push(Doubted {
                    file: position,
                    offset: hash.span.start,
                    target,
                    algorithm: hash.algorithm,
                    digests: strongest.map(|one| one.digest.clone()).collect(),
                });
            }
        }
        resolved[position].promises.sort_by_key(|promise| promise.span.start);
        others.extend(file.found.hashes.iter().filter(|hash| !stated.contains(&hash.span.start)));
    }
    keep_named(files, originals, resolved, &others)
}

/// Lets the files keep their bytes that have one of these hashes.
fn keep_named(
    files: &[Scanned],
    originals: &Originals<'_>,
    resolved: &mut [Resolved],
    hashes: &[&Hash],
) -> Result<(), Error> {
    let wanted: HashSet<(Algorithm, &[u8])> =
        hashes.iter().map(|hash| (hash.algorithm, &*hash.digest)).collect();
    let algorithms: BTreeSet<Algorithm> = hashes.iter().map(|hash| hash.algorithm).collect();
    let may_change = |position: &usize| {
        let Resolved { links, promises, entries, keeps_bytes } = &resolved[*position];
        let links = links
            .iter()
            .any(|link| link.inline.is_some() || files[link.target].unstamped.is_none());
        !keeps_bytes && (links || !promises.is_empty() || !entries.is_empty())
    };
    let may_change: Vec<usize> = (0..files.len()).filter(may_change).collect();
    let is_wanted = |position: usize| {
        for &algorithm in &algorithms {
            if wanted.contains(&(algorithm, &*originals.of(position, algorithm)?)) {
                return Ok(Some(position));
            }
        }
        Ok::<_, Error>(None)
    };
    let found: Vec<Option<usize>> = parallel::try_map(may_change, is_wanted)?;
    for position in found.into_iter().flatten() {
        resolved[position].keeps_bytes = true;
    }
    Ok(())
}

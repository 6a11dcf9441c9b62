//! Remembers which bytes were published under which stamped path.
//!
//! Two versions of a file may have the same time. Their stamps must differ all the same, because
//! caches keep the first for a year. The record of published bytes distinguishes them.

use crate::digest::{Hash, Hasher};
use crate::write;
use stamped::files;
use std::collections::BTreeMap;
use std::ops::Bound;
use std::path::Path;

/// The versions that were published before: by the last bake, and by what the build script names.
#[derive(Debug, Default)]
pub(crate) struct Known {
    /// The last bake: stamped paths and the hashes of their bytes.
    baked: BTreeMap<String, Hash>,
    /// Elsewhere: stamped paths and values of `integrity` attributes.
    published: BTreeMap<String, String>,
}

/// What is known about a stamped path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Knowledge {
    Unknown,
    SameBytes,
    OtherBytes,
}

impl Known {
    /// The versions that are kept in the file `baked`, and these.
    pub(crate) fn new(baked: Option<&Path>, published: BTreeMap<String, String>) -> Self {
        let baked = baked
            .and_then(|path| decode(&files::read(path, u64::MAX).ok()?.bytes))
            .unwrap_or_default();
        Known { baked, published }
    }

    /// Compares what was published under this path with bytes of this hash.
    pub(crate) fn of(&self, path: &str, hash: &Hash) -> Knowledge {
        let baked = self.baked.get(path).map(|known| known == hash);
        let published = self.published.get(path).map(|known| *known == hash.integrity());
        match (baked, published) {
            (None, None) => Knowledge::Unknown,
            (Some(false), _) | (_, Some(false)) => Knowledge::OtherBytes,
            _ => Knowledge::SameBytes,
        }
    }

    /// Whether a known path begins and ends like this, with this many digits between.
    pub(crate) fn has(&self, start: &str, digits: usize, end: &str) -> bool {
        let is_it = |path: &str| {
            let between = path.strip_prefix(start).and_then(|rest| rest.strip_suffix(end));
            between.is_some_and(|between| {
                between.len() == digits && between.bytes().all(|byte| byte.is_ascii_digit())
            })
        };
        let from = (Bound::Included(start), Bound::Unbounded);
        let begins = |path: &&String| path.starts_with(start);
        self.baked.range::<str, _>(from).map(|(path, _)| path).take_while(begins).any(|p| is_it(p))
            || (self.published.range::<str, _>(from).map(|(path, _)| path))
                .take_while(begins)
                .any(|p| is_it(p))
    }

    /// Whether something was published under this path.
    pub(crate) fn contains(&self, path: &str) -> bool {
        self.baked.contains_key(path) || self.published.contains_key(path)
    }

    /// Whether the file of this name was published with a stamp.
    pub(crate) fn has_stamped(&self, name: &str) -> bool {
        let (stem, suffix) = stamped::name::split(name);
        let start = format!("{stem}.");
        let longest = stamped::name::STAMP_DIGITS;
        !self.is_empty() && (1..=longest).any(|digits| self.has(&start, digits, suffix))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.baked.is_empty() && self.published.is_empty()
    }
}

/// Keeps the versions that a bake publishes.
pub(crate) fn save<'a>(
    path: &Path,
    versions: impl Iterator<Item = (&'a str, &'a Hash)>,
) -> Result<(), crate::Error> {
    let mut entries = Vec::new();
    for (path, hash) in versions {
        entries.extend((path.len() as u64).to_le_bytes());
        entries.extend(path.as_bytes());
        entries.extend(hash.as_bytes());
    }
    let mut bytes = checksum(&entries).as_bytes().to_vec();
    bytes.extend(entries);
    write::if_changed(path, &bytes)
}

/// Returns `None` for bytes that [`save`] does not write.
fn decode(file: &[u8]) -> Option<BTreeMap<String, Hash>> {
    let (sum, mut rest) = file.split_first_chunk::<{ Hash::LENGTH }>()?;
    if *checksum(rest).as_bytes() != *sum {
        return None;
    }
    let mut versions = BTreeMap::new();
    while !rest.is_empty() {
        let (length, after) = rest.split_first_chunk()?;
        let length = usize::try_from(u64::from_le_bytes(*length)).ok()?;
        let (path, after) = after.split_at_checked(length)?;
        let (hash, after) = after.split_first_chunk::<{ Hash::LENGTH }>()?;
        rest = after;
        versions.insert(str::from_utf8(path).ok()?.to_owned(), Hash::from_bytes(*hash));
    }
    Some(versions)
}

/// The first bytes of a file of this format.
fn checksum(entries: &[u8]) -> Hash {
    let mut hasher = Hasher::default();
    hasher.update(b"stamped-build versions 2");
    hasher.update(entries);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use stamped_test_support::Dir;

    #[test]
    fn what_was_saved_is_known_and_a_damaged_file_is_as_good_as_none() {
        let dir = Dir::new();
        let file = dir.join("versions");
        let (a, b) = (Hash::of(b"a"), Hash::of(b"b"));
        save(&file, [("x/b.7.css", &b), ("a.7.css", &a)].into_iter()).unwrap();
        let load = || Known::new(Some(&file), BTreeMap::new());
        let of = |path, hash| load().of(path, hash);
        assert_eq!(of("a.7.css", &a), Knowledge::SameBytes);
        assert_eq!(of("a.7.css", &b), Knowledge::OtherBytes);
        assert_eq!(of("a.8.css", &a), Knowledge::Unknown);
        let whole = std::fs::read(&file).unwrap();
        for at in 0..whole.len() {
            let mut damaged = whole.clone();
            damaged[at] ^= 1;
            std::fs::write(&file, &damaged).unwrap();
            assert!(load().is_empty(), "byte {at}");
            std::fs::write(&file, &whole[..at]).unwrap();
            assert!(load().is_empty(), "cut to {at}");
        }
    }

    #[test]
    fn paths_are_found_by_what_surrounds_their_digits() {
        let published = ["a.7123456.css", "a.7123456.css.map", "b.712345x.css"]
            .map(|path| (path.to_owned(), String::new()));
        let known = Known::new(None, published.into());
        assert!(known.has("a.7", 6, ".css") && known.has("a.7", 6, ".css.map"));
        assert!(!known.has("a.7", 5, ".css") && !known.has("a.71", 6, ".css"));
        assert!(!known.has("b.7", 6, ".css") && !known.has("a.7", 6, ".js"));
    }
}

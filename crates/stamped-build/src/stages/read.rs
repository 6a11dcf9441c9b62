//! Reads each asset: its bytes or what is computed from them, and the time that belongs to them.

use super::walk::Entry;
use crate::contents::{Contents, OnDisk, Reader};
use crate::error::Error;
use crate::kept::memo::Memo;
use crate::kept::memo::seen::{self, Facts};
use crate::names;
use crate::parallel;
use std::fs::Metadata;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::UNIX_EPOCH;

/// An asset's name and bytes on their way through the stages.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    pub(crate) name: String,
    pub(crate) origin: PathBuf,
    /// The modification or commit time, in seconds since 1970, if it means something.
    pub(crate) time: Option<Time>,
    pub(crate) contents: Contents,
    /// Whether the bytes differ from those of the file.
    pub(crate) changed: bool,
    /// Whether the manifest of a bundler lists the file.
    pub(crate) bundled: bool,
    /// The name that the file had before the first transformation that gave it another.
    pub(crate) former: Option<String>,
}

/// The time at which a source last changed, in seconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Time {
    Modified(u64),
    Committed(u64),
}

/// Reads all files, several at a time, and adds those that the build script has made. The bytes of
/// files of whose names `is_needed` is true are held, and those of small ones unless `only_needed` is true.
pub(crate) fn all(
    entries: Vec<Entry>,
    made_files: &[(String, Arc<Vec<u8>>)],
    is_needed: impl Fn(&str) -> bool + Sync,
    only_needed: bool,
    memo: &Memo,
) -> Result<Vec<Source>, Error> {
    let reader = Reader::new(only_needed);
    let marks = |entry: &Entry| seen::marks(entry.metadata.as_ref()?);
    let seen = memo.seen(entries.iter().map(|entry| (entry.path.as_path(), marks(entry))));
    let one = |(entry, seen): (Entry, Option<Facts>)| {
        let is_needed = is_needed(&entry.name);
        match (seen, &entry.metadata) {
            (Some(seen), Some(metadata)) if !is_needed => Ok(known(&entry, seen, metadata)),
            _ => one(&entry, &reader, is_needed, memo),
        }
    };
    let read = parallel::try_map(entries.into_iter().zip(seen), one)?;
    let (mut sources, seen): (Vec<Source>, Vec<Option<Facts>>) = read.into_iter().unzip();
    memo.note(sources.iter().map(|source| source.origin.as_path()).zip(seen));
    sources.extend(made(made_files)?);
    Ok(sources)
}

/// A file that an earlier run has read, and that has not changed since.
fn known(entry: &Entry, seen: Facts, metadata: &Metadata) -> (Source, Option<Facts>) {
    let file = OnDisk::known(entry.path.clone(), &seen, metadata);
    (source(entry, Contents::OnDisk(Arc::new(file)), metadata), Some(seen))
}

fn made(files: &[(String, Arc<Vec<u8>>)]) -> Result<Vec<Source>, Error> {
    let origin = PathBuf::from("a file made by the build script");
    files
        .iter()
        .map(|(name, bytes)| {
            names::check(name, &origin)?;
            let (name, origin) = (name.clone(), origin.clone());
            let contents = Contents::shared(Arc::clone(bytes));
            Ok(untouched(name, origin, None, contents))
        })
        .collect()
}

fn one(
    entry: &Entry,
    reader: &Reader,
    is_needed: bool,
    memo: &Memo,
) -> Result<(Source, Option<Facts>), Error> {
    let read = reader.read(&entry.path, is_needed)?;
    let seen = if memo.trusts() { read.facts() } else { None };
    Ok((source(entry, read.contents, &read.metadata), seen))
}

fn source(entry: &Entry, contents: Contents, metadata: &Metadata) -> Source {
    let time = match (entry.committed, entry.made || entry.ignored) {
        (Some(seconds), _) => Some(Time::Committed(seconds)),
        (None, false) => seconds(metadata).map(Time::Modified),
        (None, true) => None,
    };
    untouched(entry.name.clone(), entry.path.clone(), time, contents)
}

/// A source as it was read.
fn untouched(name: String, origin: PathBuf, time: Option<Time>, contents: Contents) -> Source {
    Source { name, origin, time, contents, changed: false, bundled: false, former: None }
}

/// When a file was last modified, in seconds since 1970. `None` for times before, and if the file system has none.
pub(crate) fn seconds(metadata: &Metadata) -> Option<u64> {
    let modified = metadata.modified().ok()?;
    modified.duration_since(UNIX_EPOCH).ok().map(|since| since.as_secs())
}

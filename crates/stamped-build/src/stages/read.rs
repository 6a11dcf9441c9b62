//! Reads each asset once: its bytes, and the time that belongs to them.

use super::walk::Entry;
use crate::error::{Error, Problem};
use crate::names;
use rayon::prelude::*;
use stamped::files;
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
    pub(crate) bytes: Arc<[u8]>,
    /// Whether the bytes differ from those of the file.
    pub(crate) changed: bool,
}

/// The time at which a source last changed, in seconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Time {
    Modified(u64),
    Committed(u64),
}

/// Reads all files, several at a time, and adds those that the build script has made.
pub(crate) fn all(
    entries: &[Entry],
    made_files: &[(String, Arc<[u8]>)],
) -> Result<Vec<Source>, Error> {
    let mut sources: Vec<Source> = entries.par_iter().map(one).collect::<Result<_, _>>()?;
    sources.extend(made(made_files)?);
    Ok(sources)
}

fn made(files: &[(String, Arc<[u8]>)]) -> Result<Vec<Source>, Error> {
    let origin = PathBuf::from("a file made by the build script");
    files
        .iter()
        .map(|(name, bytes)| {
            names::check(name, &origin)?;
            let (name, bytes, origin) = (name.clone(), bytes.clone(), origin.clone());
            Ok(Source { name, origin, time: None, bytes, changed: false })
        })
        .collect()
}

fn one(entry: &Entry) -> Result<Source, Error> {
    let contents = files::read(&entry.path, u64::MAX)
        .map_err(|source| Problem::Unreadable { path: entry.path.clone(), source })?;
    if !contents.is_steady {
        return Err(Problem::Unsteady { path: entry.path.clone() }.into());
    }
    let time = match (entry.committed, entry.made || entry.ignored) {
        (Some(seconds), _) => Some(Time::Committed(seconds)),
        (None, false) => seconds(&contents.metadata).map(Time::Modified),
        (None, true) => None,
    };
    Ok(Source {
        name: entry.name.clone(),
        origin: entry.path.clone(),
        time,
        bytes: contents.bytes.into(),
        changed: false,
    })
}

/// `None` for times before 1970, and if the file system has none.
fn seconds(metadata: &Metadata) -> Option<u64> {
    let modified = metadata.modified().ok()?;
    modified.duration_since(UNIX_EPOCH).ok().map(|since| since.as_secs())
}

//! Looks at files again and again, where the system does not tell of changes.

use crate::files::Version;
use crate::hash::hash;
use alloc::collections::BTreeSet;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::time::Duration;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::{fs, io, thread};

/// Calls a function when something in the paths changes, as long as this lives.
///
/// The poller of `notify` compares whole seconds, and so does not see the second edit within one, nor
/// that a file was replaced by an older one.
pub(super) struct Poll {
    looked: Arc<Mutex<Looked>>,
    _end: Sender<()>,
}

#[derive(Default)]
struct Looked {
    paths: BTreeSet<PathBuf>,
    /// Stands for names and versions of all that is there.
    found: u64,
}

impl Poll {
    pub(super) fn new(interval: Duration, changed: impl Fn() + Send + 'static) -> io::Result<Self> {
        let looked = Arc::new(Mutex::new(Looked::default()));
        let (end, ended) = channel::<()>();
        let mine = Arc::clone(&looked);
        thread::Builder::new().name("stamped poll".into()).spawn(move || {
            while ended.recv_timeout(interval) == Err(RecvTimeoutError::Timeout) {
                let mut looked = lock(&mine);
                let now = look(&looked.paths);
                let is_new = core::mem::replace(&mut looked.found, now) != now;
                drop(looked);
                if is_new {
                    changed();
                }
            }
        })?;
        Ok(Poll { looked, _end: end })
    }

    /// Looks at these from now on. What is there now is no change, unless it is looked at already.
    pub(super) fn set(&self, paths: BTreeSet<PathBuf>) {
        let mut looked = lock(&self.looked);
        if looked.paths == paths {
            return;
        }
        looked.found = look(&paths);
        looked.paths = paths;
    }
}

fn lock(looked: &Mutex<Looked>) -> MutexGuard<'_, Looked> {
    looked.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A number for all that is there. The order of a folder's entries says nothing.
pub(super) fn look(paths: &BTreeSet<PathBuf>) -> u64 {
    let mut found = 0_u64;
    let mut rest: Vec<PathBuf> = paths.iter().cloned().collect();
    while let Some(path) = rest.pop() {
        // Both the link and what it leads to.
        for metadata in [path.symlink_metadata(), path.metadata()].into_iter().flatten() {
            let seed = hash(0, path.as_os_str().as_encoded_bytes());
            found = found.wrapping_add(hash(seed, &Version::of(&metadata).to_bytes()));
        }
        if path.is_dir() && !is_circle(&path) {
            // One that cannot be read has no entries to look at; the run says so.
            let entries = fs::read_dir(&path).into_iter().flatten().flatten();
            let entries = entries.filter(|entry| entry.file_name() != OsStr::new(".git"));
            rest.extend(entries.map(|entry| entry.path()));
        }
    }
    found
}

/// Whether the path is a link to a folder that it lies in.
fn is_circle(path: &Path) -> bool {
    path.is_symlink()
        && path.canonicalize().is_ok_and(|target| {
            path.parent()
                .and_then(|parent| parent.canonicalize().ok())
                .is_some_and(|parent| parent.starts_with(&target))
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use stamped_test_support::Dir;

    #[test]
    fn each_change_is_seen_and_a_circle_of_links_ends() {
        let dir = Dir::new();
        dir.write_at(1_000_000_000, "a/b/c.css", "one");
        let paths = || BTreeSet::from([dir.join("a"), dir.join("missing")]);
        let mut last = look(&paths());
        let mut differs = |what: &str| {
            let now = look(&paths());
            assert_ne!(core::mem::replace(&mut last, now), now, "{what}");
            assert_eq!(look(&paths()), now, "{what}");
        };
        dir.write_at(1_000_000_000, "a/b/c.css", "two");
        #[cfg(unix)]
        differs("an edit that leaves length and time");
        dir.write_at(900_000_000, "a/b/c.css", "old");
        differs("an older file");
        dir.write("a/new/file", "");
        differs("a new folder");
        fs::rename(dir.join("a/new"), dir.join("a/renamed")).unwrap();
        differs("a folder with another name");
        dir.write("missing", "");
        differs("a file that was not there");
        fs::remove_dir_all(dir.join("a/b")).unwrap();
        differs("a folder that is gone");
        #[cfg(unix)]
        {
            dir.symlink("..", "a/renamed/up");
            differs("a link to a folder above");
            dir.write("elsewhere/x", "1");
            dir.symlink("../elsewhere", "a/out");
            differs("a link to another folder");
            dir.write("elsewhere/x", "22");
            differs("an edit behind a link");
        }
    }
}

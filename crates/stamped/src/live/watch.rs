//! Watches files and folders.

use alloc::borrow::ToOwned as _;
use alloc::collections::BTreeSet;
use alloc::sync::Arc;
use alloc::vec::Vec;
use notify::event::{AccessKind, AccessMode};
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};
use std::path::{Path, PathBuf};

/// Calls a function when something in the watched paths changes.
pub(super) struct Watch {
    watcher: RecommendedWatcher,
    watched: BTreeSet<(PathBuf, bool)>,
}

impl Watch {
    /// A watch over nothing. `changed` gets the paths that changed; none if events were lost, which
    /// means that anything may have.
    pub(super) fn new(
        changed: impl Fn(&[PathBuf]) + Send + Sync + 'static,
    ) -> notify::Result<Self> {
        let changed = Arc::new(changed);
        let watcher =
            notify::recommended_watcher(move |event: notify::Result<Event>| match event {
                Ok(event) if is_change(event.kind) => changed(&event.paths),
                Ok(_) => {}
                Err(error) => changed(&error.paths),
            })?;
        Ok(Watch { watcher, watched: BTreeSet::new() })
    }

    /// Watches these, and nothing else. Returns the first error: what is left is watched all the same.
    pub(super) fn set(&mut self, paths: &BTreeSet<PathBuf>) -> notify::Result<()> {
        let wanted: BTreeSet<_> = paths.iter().filter_map(|path| place(path)).collect();
        let mut outcome = Ok(());
        for (old, _) in self.watched.difference(&wanted) {
            // One that was deleted is not watched any more.
            let _ = self.watcher.unwatch(old);
        }
        let new: Vec<_> = wanted.difference(&self.watched).cloned().collect();
        for (path, is_folder) in new {
            let mode = match is_folder {
                true => RecursiveMode::Recursive,
                false => RecursiveMode::NonRecursive,
            };
            let watched = self.watcher.watch(&path, mode);
            outcome = outcome.and(watched);
        }
        self.watched = wanted;
        outcome
    }
}

/// What to watch for a path: a folder with all that is in it, or the folder around a file, because
/// editors replace files; around what does not exist yet, the nearest folder that does.
fn place(path: &Path) -> Option<(PathBuf, bool)> {
    match path.metadata() {
        Ok(metadata) if metadata.is_dir() => Some((path.to_owned(), true)),
        _ => {
            let around = path.ancestors().skip(1).find(|folder| folder.is_dir())?;
            Some((around.to_owned(), false))
        }
    }
}

/// Whether a file may have other bytes, or another name. To read one is no change.
fn is_change(kind: EventKind) -> bool {
    match kind {
        EventKind::Access(access) => access == AccessKind::Close(AccessMode::Write),
        _ => true,
    }
}

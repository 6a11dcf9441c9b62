//! The order in which files take their places.

use super::before::{Before, Present, above, below};
use super::plan::{Bytes, Change, Plan, Turn};
use super::work::{Staged, Work};
use crate::error::Error;
use crate::parallel;
use crate::progress::Meter;
use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::Path;

/// What distinguishes the output from the one that is planned.
#[derive(Debug)]
pub(super) struct Replacement<'a> {
    changes: Vec<Change<'a>>,
    /// The import map and the manifest, where they change.
    own: Vec<(&'static str, &'a [u8])>,
    removed: Vec<&'a String>,
}

impl<'a> Replacement<'a> {
    pub(super) fn new(
        plan: &'a Plan,
        changes: Vec<Change<'a>>,
        own: [(&'static str, &'a [u8]); 2],
        before: &Before,
        present: &'a Present,
        out: &Path,
    ) -> Self {
        let changes_own = |&(path, bytes): &(&str, &[u8])| {
            !present.files.contains(path) || fs::read(out.join(path)).ok().as_deref() != Some(bytes)
        };
        // One that has to be a folder is removed when that is made.
        let is_left = |path: &&String| {
            before.ours.contains(*path) && below(&plan.taken, path).next().is_none()
        };
        Replacement {
            changes,
            own: own.into_iter().filter(changes_own).collect(),
            removed: present.files.difference(&plan.taken).filter(is_left).collect(),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.changes.is_empty() && self.own.is_empty() && self.removed.is_empty()
    }

    /// How many files of assets are made.
    pub(super) fn files(&self) -> usize {
        self.changes.iter().map(|change| change.places.len()).sum()
    }

    /// Makes all files, and then puts one after the other into its place.
    pub(super) fn carry_out(
        &self,
        mut work: Work,
        plan: &Plan,
        before: &Before,
        present: &Present,
        meter: &Meter,
    ) -> Result<(), Error> {
        let staged = parallel::try_map(&self.changes, |change| {
            let staged = stage(change, &work)?;
            meter.advance(staged.len() as u64);
            Ok::<_, Error>(staged)
        })?;
        let mut staged: Vec<_> = staged.into_iter().flatten().collect();
        // Whatever does not fit on the disk has failed by now, and nothing has changed yet.
        let own = self.own.iter().map(|&(path, bytes)| Ok((path, work.stage(path, bytes, None)?)));
        let own = own.collect::<Result<Vec<_>, Error>>()?;
        staged.sort_by_key(|&(path, turn, _)| (turn, path));
        work.begin(&before.ours.union(&plan.taken).cloned().collect())?;
        work.sync()?;

        let out = work.out().to_owned();
        let free = staged.iter().filter(|&&(_, turn, _)| turn != Turn::Blocked);
        make_folders(&work, free.map(|&(path, ..)| path))?;
        for (path, turn, file) in staged {
            if turn == Turn::Blocked {
                clear_way(&out, path, present).map_err(|error| work.unwritable(path, error))?;
                make_folders(&work, [path])?;
            }
            work.place(file, path)?;
        }
        // The manifest must not be on the disk before what it names.
        work.sync()?;
        for (path, file) in own {
            work.place(file, path)?;
        }
        work.sync_names()?;

        for path in &self.removed {
            remove_file(&out.join(path)).map_err(|error| work.unwritable(path, error))?;
        }
        remove_folders(&out, plan, before, present);
        work.finish();
        Ok(())
    }
}

fn stage<'a>(change: &Change<'a>, work: &Work) -> Result<Vec<(&'a str, Turn, Staged)>, Error> {
    let mut staged: Vec<(&str, Turn, Staged)> = Vec::with_capacity(change.places.len());
    for &(path, turn) in &change.places {
        // Copies and not hard links: an edit of the plain file would change the stamped one too.
        let file = match staged.first() {
            Some((_, _, first)) => work.copy(path, first, Some(change.time))?,
            None => match change.bytes {
                Bytes::Held(bytes) => work.stage(path, bytes, Some(change.time))?,
                Bytes::OnDisk(file) => work.stage_copy(path, file, Some(change.time))?,
            },
        };
        staged.push((path, turn, file));
    }
    Ok(staged)
}

fn make_folders<'a>(work: &Work, paths: impl IntoIterator<Item = &'a str>) -> Result<(), Error> {
    let folders: BTreeSet<&str> =
        paths.into_iter().filter_map(|path| Some(path.rsplit_once('/')?.0)).collect();
    for folder in folders {
        fs::create_dir_all(work.out().join(folder))
            .map_err(|error| work.unwritable(folder, error))?;
    }
    Ok(())
}

/// Removes the file in which, or the folder at which, a file is to be. All of it is ours: a plan
/// refuses what others have put there.
fn clear_way(out: &Path, path: &str, present: &Present) -> io::Result<()> {
    for folder in above(path).filter(|&folder| present.files.contains(folder)) {
        // Another file may have cleared the way, and made it a folder.
        if !out.join(folder).is_dir() {
            remove_file(&out.join(folder))?;
        }
    }
    if present.folders.contains(path) {
        for file in present.below(path) {
            remove_file(&out.join(file))?;
        }
        for folder in present.folders_below(path).rev() {
            fs::remove_dir(out.join(folder))?;
        }
        fs::remove_dir(out.join(path))?;
    }
    Ok(())
}

/// Removes a file that may be gone already.
fn remove_file(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error)
            if !matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) =>
        {
            Err(error)
        }
        _ => Ok(()),
    }
}

/// Removes the folders in which nothing of ours is left. Those that hold files of others stay.
fn remove_folders(out: &Path, plan: &Plan, before: &Before, present: &Present) {
    let gone = before.ours.difference(&plan.taken);
    let folders: BTreeSet<&str> = gone
        .flat_map(|path| above(path))
        .filter(|folder| present.folders.contains(*folder))
        .collect();
    for folder in folders.into_iter().rev() {
        fs::remove_dir(out.join(folder)).ok();
    }
}

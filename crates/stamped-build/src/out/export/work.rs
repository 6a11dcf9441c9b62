//! The folder in the output in which new files are made before they take their places.
//!
//! It lies in the output, because only there a rename is sure to stay on one file system: the output
//! may be a mount point, and the folder that holds it may be read-only. It is not in a tree that
//! servers show.

use crate::contents::{self, OnDisk};
use crate::error::{Error, Problem};
use crate::names;
use same_file::Handle;
use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::SystemTime;

/// The name of the folder.
pub(super) const FOLDER: &str = ".stamped";
const LOCK: &str = "lock";
/// The paths of all files that a run may have made, written before it makes the first, so that a
/// later one can tell them from those of others.
const JOURNAL: &str = "journal.json";

/// The work folder of an output, which this process alone may change.
#[derive(Debug)]
pub(super) struct Work {
    out: PathBuf,
    folder: PathBuf,
    /// Held as long as this lives.
    _lock: File,
    made_out: bool,
    /// Whether files of the journal may be there.
    keeps_journal: bool,
    next: AtomicUsize,
}

/// A file in the work folder.
#[derive(Debug)]
pub(super) struct Staged(PathBuf);

/// The paths in the journal of a run that did not finish; `None` if all did.
pub(super) fn left_behind(out: &Path) -> Result<Option<Vec<String>>, Error> {
    let folder = out.join(FOLDER);
    match fs::symlink_metadata(&folder) {
        Ok(metadata) if metadata.is_dir() => {}
        Ok(_) => return Err(in_the_way(out, FOLDER, "is not a folder")),
        // An output that is a file is found out later.
        Err(error)
            if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) =>
        {
            return Ok(None);
        }
        Err(source) => return Err(Problem::Unreadable { path: folder, source }.into()),
    }
    let path = folder.join(JOURNAL);
    if !is_file(out, JOURNAL)? {
        return Ok(Some(Vec::new()));
    }
    let json = match fs::read(&path) {
        Ok(json) => json,
        Err(source) => return Err(Problem::Unreadable { path, source }.into()),
    };
    let paths = serde_json::from_slice::<Vec<String>>(&json).ok();
    let is_ours = |path: &String| names::check(path, Path::new(JOURNAL)).is_ok();
    match paths.filter(|paths| paths.iter().all(is_ours)) {
        Some(paths) => Ok(Some(paths)),
        None => {
            Err(in_the_way(out, &format!("{FOLDER}/{JOURNAL}"), "was not written by an export"))
        }
    }
}

/// Whether a file of ours is in the work folder. Something else of its name is an error, because it
/// may lead to what is not ours.
fn is_file(out: &Path, name: &str) -> Result<bool, Error> {
    match fs::symlink_metadata(out.join(FOLDER).join(name)) {
        Ok(metadata) if metadata.is_file() => Ok(true),
        Ok(_) => Err(in_the_way(out, &format!("{FOLDER}/{name}"), "is not a file")),
        Err(_) => Ok(false),
    }
}

fn in_the_way(out: &Path, name: &str, what: &str) -> Error {
    let why = format!("`{name}` in it {what}");
    let help = "move that away, or choose another folder";
    Problem::BadOutput { path: out.to_owned(), why, help }.into()
}

/// Another process writes to the output.
pub(super) fn in_use(out: &Path) -> Error {
    let why = "another export is writing there".to_owned();
    let help = "wait until it is done";
    Problem::BadOutput { path: out.to_owned(), why, help }.into()
}

impl Work {
    /// Locks the output, and removes what a run that was killed has not put into its place.
    pub(super) fn open(out: &Path) -> Result<Self, Error> {
        let folder = out.join(FOLDER);
        let unwritable = |source| Problem::Unwritable { path: folder.clone(), source };
        let made_out = !exists(out);
        fs::create_dir_all(out)
            .map_err(|source| Problem::Unwritable { path: out.to_owned(), source })?;
        match fs::create_dir(&folder) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                return Err(unwritable(error).into());
            }
            _ => {}
        }
        let keeps_journal = left_behind(out)?.is_some() && is_file(out, JOURNAL)?;
        is_file(out, LOCK)?;
        let Some(lock) = lock(&folder.join(LOCK)).map_err(unwritable)? else {
            return Err(in_use(out));
        };
        let next = AtomicUsize::new(0);
        let out = out.to_owned();
        let work = Work { folder, _lock: lock, made_out, keeps_journal, next, out };
        work.clear().map_err(|source| Problem::Unwritable { path: work.folder.clone(), source })?;
        Ok(work)
    }

    pub(super) fn out(&self) -> &Path {
        &self.out
    }

    /// Makes a file that takes its place later. `path` is that place.
    pub(super) fn stage(
        &self,
        path: &str,
        bytes: &[u8],
        time: Option<SystemTime>,
    ) -> Result<Staged, Error> {
        self.make(path, |staged| {
            let mut file = File::create_new(staged)?;
            file.write_all(bytes)?;
            finish(&file, time)
        })
    }

    /// Makes a file that takes its place later, with the bytes of one that was let go. They are read
    /// once more in the copy, because only that shows whether they are still those that were hashed.
    pub(super) fn stage_copy(
        &self,
        path: &str,
        file: &OnDisk,
        time: Option<SystemTime>,
    ) -> Result<Staged, Error> {
        let mut from = file.open()?;
        let staged = self.make(path, |staged| {
            let mut to = File::create_new(staged)?;
            // Where the file system can, the two share their blocks.
            io::copy(&mut from, &mut to)?;
            finish(&to, time)
        })?;
        match contents::hash(&staged.0)? == Some(*file.hash()) {
            true => Ok(staged),
            false => Err(file.unsteady()),
        }
    }

    /// Makes a copy of a staged file. Where the file system can, the two share their blocks until one is
    /// changed.
    pub(super) fn copy(
        &self,
        path: &str,
        staged: &Staged,
        time: Option<SystemTime>,
    ) -> Result<Staged, Error> {
        self.make(path, |copy| {
            fs::copy(&staged.0, copy)?;
            finish(&File::options().write(true).open(copy)?, time)
        })
    }

    fn make(
        &self,
        path: &str,
        make: impl FnOnce(&Path) -> io::Result<()>,
    ) -> Result<Staged, Error> {
        let staged = self.folder.join(self.next.fetch_add(1, Ordering::Relaxed).to_string());
        make(&staged).map_err(|source| self.unwritable(path, source))?;
        Ok(Staged(staged))
    }

    /// Writes down which files may be there from now on.
    pub(super) fn begin(&mut self, paths: &BTreeSet<String>) -> Result<(), Error> {
        let journal = self.stage(JOURNAL, &json(paths), None)?;
        self.keeps_journal = true;
        fs::rename(journal.0, self.folder.join(JOURNAL))
            .map_err(|source| self.unwritable(&format!("{FOLDER}/{JOURNAL}"), source))
    }

    /// Moves a file to its place, which another file may have had.
    pub(super) fn place(&self, staged: Staged, path: &str) -> Result<(), Error> {
        fs::rename(staged.0, self.out.join(path)).map_err(|source| match source.kind() {
            io::ErrorKind::CrossesDevices => {
                let why =
                    format!("files cannot be moved to `{path}` in it, which is mounted apart");
                let help = "mount the whole folder";
                Problem::BadOutput { path: self.out.clone(), why, help }.into()
            }
            _ => self.unwritable(path, source),
        })
    }

    /// Waits until all that was done is on the disk.
    pub(super) fn sync(&self) -> Result<(), Error> {
        sync(&self.out).map_err(|source| self.unwritable("", source))
    }

    /// Waits until the names in the output itself are on the disk.
    pub(super) fn sync_names(&self) -> Result<(), Error> {
        sync_names(&self.out).map_err(|source| self.unwritable("", source))
    }

    /// Says that all files of the journal are named by the manifest, or gone.
    pub(super) fn finish(mut self) {
        self.keeps_journal = false;
    }

    pub(super) fn unwritable(&self, path: &str, source: io::Error) -> Error {
        Problem::Unwritable { path: self.out.join(path), source }.into()
    }

    /// Removes the files that are in no place yet.
    fn clear(&self) -> io::Result<()> {
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            let is_ours = |name: &str| name.bytes().all(|byte| byte.is_ascii_digit());
            if entry.file_name().to_str().is_some_and(is_ours) {
                fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }
}

impl Drop for Work {
    /// The lock goes last, and the next run removes what cannot be removed.
    fn drop(&mut self) {
        if self.clear().is_err() {
            return;
        }
        if !self.keeps_journal {
            fs::remove_file(self.folder.join(JOURNAL)).ok();
        }
        fs::remove_file(self.folder.join(LOCK)).ok();
        // Neither is removed where something is in it.
        fs::remove_dir(&self.folder).ok();
        if self.made_out {
            fs::remove_dir(&self.out).ok();
        }
    }
}

#[expect(clippy::expect_used, reason = "a list of texts is always JSON")]
fn json(paths: &BTreeSet<String>) -> Vec<u8> {
    serde_json::to_vec(paths).expect("a list of texts can be written as JSON")
}

/// Locks the file at `path`; `None` if another process has done so.
fn lock(path: &Path) -> io::Result<Option<File>> {
    let mut options = File::options();
    options.create(true).truncate(false).write(true);
    no_follow(&mut options);
    let file = options.open(path)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Ok(None),
        // A file system without locks: better to work than to refuse.
        Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => {}
        Err(TryLockError::Error(error)) => return Err(error),
    }
    // Another process may have removed the file when it was done, and a third have made a new one.
    let is_there = Handle::from_path(path)
        .and_then(|there| Ok(there == Handle::from_file(file.try_clone()?)?))
        .unwrap_or_default();
    Ok(is_there.then_some(file))
}

fn exists(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}

/// Opens no link, and does not wait for the other end of a pipe.
#[cfg(any(target_os = "linux", target_vendor = "apple"))]
fn no_follow(options: &mut OpenOptions) {
    use rustix::fs::OFlags;
    use std::os::unix::fs::OpenOptionsExt as _;
    options.custom_flags((OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed());
}

/// Links were looked for before.
#[cfg(not(any(target_os = "linux", target_vendor = "apple")))]
fn no_follow(_: &mut OpenOptions) {}

/// Gives a file that is written its time. A file system without times is not our business.
fn finish(file: &File, time: Option<SystemTime>) -> io::Result<()> {
    if let Some(time) = time {
        file.set_modified(time).ok();
    }
    flush(file)
}

/// `sync` flushes all files at once: one wait in the place of thousands.
#[cfg(target_os = "linux")]
fn flush(_: &File) -> io::Result<()> {
    Ok(())
}

/// Not `File::sync_all`, which waits for the disk to empty its own cache too.
#[cfg(target_vendor = "apple")]
fn flush(file: &File) -> io::Result<()> {
    Ok(rustix::fs::fsync(file)?)
}

#[cfg(not(any(target_os = "linux", target_vendor = "apple")))]
fn flush(file: &File) -> io::Result<()> {
    file.sync_all()
}

#[cfg(target_os = "linux")]
fn sync(folder: &Path) -> io::Result<()> {
    Ok(rustix::fs::syncfs(File::open(folder)?)?)
}

/// Each file was flushed when it was made.
#[cfg(not(target_os = "linux"))]
fn sync(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(unix)]
fn sync_names(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// A folder cannot be opened like a file.
#[cfg(not(unix))]
fn sync_names(_: &Path) -> io::Result<()> {
    Ok(())
}

//! Makes the next output in a folder beside the current one, and lets the two change places.

use crate::error::{Error, Problem};
use same_file::Handle;
use std::ffi::OsString;
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

/// An output folder that this process alone may replace.
///
/// While the output `site` is replaced, the folder `.site.stamped` lies beside it. It holds a lock,
/// the new output, and the old one if the two cannot change places in one step.
#[derive(Debug)]
pub(super) struct Place {
    out: PathBuf,
    work: PathBuf,
    /// The lock, held as long as this lives.
    _lock: File,
}

impl Place {
    /// Locks the output, and removes what a killed run has left behind.
    pub(super) fn open(out: PathBuf) -> Result<Self, Error> {
        let bad = |why: &str, help| {
            let (path, why) = (out.clone(), why.to_owned());
            Error::from(Problem::BadOutput { path, why, help })
        };
        let (Some(parent), Some(name)) = (out.parent(), out.file_name()) else {
            let why = "it has no folder above it in which to make the new one";
            return Err(bad(why, "choose a folder further down"));
        };
        let mut hidden = OsString::from(".");
        hidden.push(name);
        hidden.push(".stamped");
        let work = parent.join(hidden);
        let unwritable = |source| Problem::Unwritable { path: work.clone(), source };
        fs::create_dir_all(&work).map_err(unwritable)?;
        let Some(lock) = lock(&work.join("lock")).map_err(unwritable)? else {
            return Err(bad("another export is writing there", "wait until it is done"));
        };
        let place = Place { work, _lock: lock, out };
        place
            .recover()
            .map_err(|source| Problem::Unwritable { path: place.out.clone(), source })?;
        let new = place.work.join("new");
        fs::create_dir(&new).map_err(|source| Problem::Unwritable { path: new, source })?;
        Ok(place)
    }

    pub(super) fn out(&self) -> &Path {
        &self.out
    }

    /// The path of a file in the new output, while it is made.
    pub(super) fn new_path(&self, path: impl AsRef<Path>) -> PathBuf {
        self.work.join("new").join(path)
    }

    /// The path of a file in the old output.
    pub(super) fn old_path(&self, path: impl AsRef<Path>) -> PathBuf {
        self.out.join(path)
    }

    pub(super) fn unwritable(&self, path: impl AsRef<Path>, source: io::Error) -> Error {
        Problem::Unwritable { path: self.new_path(path), source }.into()
    }

    /// Writes a file of the new output.
    pub(super) fn write(&self, path: &str, bytes: &[u8]) -> Result<(), Error> {
        fs::write(self.new_path(path), bytes).map_err(|error| self.unwritable(path, error))
    }

    /// Puts the new output in the place of the old one, and returns its path.
    pub(super) fn swap(self) -> Result<PathBuf, Error> {
        let new = self.new_path("");
        self.take_place(&new, exchange).map_err(|source| {
            let why = format!("the new output cannot take its place: {source}");
            let help = "if it is a mount point, choose a folder in it";
            Problem::BadOutput { path: self.out.clone(), why, help }
        })?;
        Ok(self.out.clone())
    }

    fn take_place(
        &self,
        new: &Path,
        exchange: impl Fn(&Path, &Path) -> io::Result<()>,
    ) -> io::Result<()> {
        let permissions = match fs::metadata(&self.out) {
            Ok(metadata) => metadata.permissions(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return fs::rename(new, &self.out);
            }
            Err(error) => return Err(error),
        };
        fs::set_permissions(new, permissions)?;
        if exchange(new, &self.out).is_ok() {
            return Ok(());
        }
        // For an instant there is no output. If the process is killed then, the next run puts the
        // old one back.
        let old = self.old();
        fs::rename(&self.out, &old)?;
        fs::rename(new, &self.out).inspect_err(|_| {
            // If this fails, the next run puts the old one back.
            fs::rename(&old, &self.out).ok();
        })
    }

    fn old(&self) -> PathBuf {
        self.work.join("old")
    }

    fn recover(&self) -> io::Result<()> {
        if !exists(&self.out) && exists(&self.old()) {
            fs::rename(self.old(), &self.out)?;
        }
        for rest in [self.old(), self.work.join("new")] {
            if exists(&rest) {
                fs::remove_dir_all(rest)?;
            }
        }
        Ok(())
    }
}

impl Drop for Place {
    /// Removes the lock last. The next run removes what is left after a failure.
    fn drop(&mut self) {
        if self.recover().is_ok() {
            fs::remove_dir_all(&self.work).ok();
        }
    }
}

/// Locks the file at `path`; `None` if another process has done so.
fn lock(path: &Path) -> io::Result<Option<File>> {
    let file = File::options().create(true).truncate(false).write(true).open(path)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Ok(None),
        // A file system without locks: working without one is better than refusing.
        Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => {}
        Err(TryLockError::Error(error)) => return Err(error),
    }
    // Another process may have removed the file after its run, and a third may have made a new one.
    let is_there = Handle::from_path(path)
        .and_then(|there| Ok(there == Handle::from_file(file.try_clone()?)?))
        .unwrap_or_default();
    Ok(is_there.then_some(file))
}

fn exists(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}

/// Makes two folders change places in one step.
#[cfg(any(target_os = "linux", target_vendor = "apple"))]
fn exchange(a: &Path, b: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    Ok(renameat_with(CWD, a, CWD, b, RenameFlags::EXCHANGE)?)
}

/// Fails, because two folders cannot change places in one step here.
#[cfg(not(any(target_os = "linux", target_vendor = "apple")))]
fn exchange(_: &Path, _: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// The path without links. A part that does not exist yet stays as it is written.
pub(super) fn resolve(path: &Path) -> Result<PathBuf, Error> {
    let unusable = |why: &str, help| {
        let (path, why) = (path.to_owned(), why.to_owned());
        Err(Problem::BadOutput { path, why, help }.into())
    };
    match fs::canonicalize(path) {
        Ok(resolved) => return Ok(resolved),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(source) => return Err(Problem::Unwritable { path: path.to_owned(), source }.into()),
    }
    if exists(path) {
        return unusable("it is a link to something that does not exist", "mend or remove it");
    }
    let Some(name) = path.file_name() else {
        return unusable("it does not exist, and does not end in a name", "name a folder");
    };
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    Ok(resolve(parent.unwrap_or(Path::new(".")))?.join(name))
}

/// Checks that the output is not read as assets, and that it does not replace the assets.
pub(super) fn check_apart(out: &Path, folder: &Path) -> Result<(), Error> {
    // A folder that does not exist is reported when it is read.
    let Ok(assets) = fs::canonicalize(folder) else { return Ok(()) };
    let shown = folder.display();
    let (why, help) = if out == assets {
        ("it is the folder with the assets".to_owned(), "choose one beside it")
    } else if out.starts_with(&assets) {
        let why = format!("it lies in `{shown}`, so it would be taken for assets");
        (why, "choose a folder beside that")
    } else if assets.starts_with(out) {
        let why = format!("it holds the assets in `{shown}`, and is replaced as a whole");
        (why, "choose a folder in it")
    } else {
        return Ok(());
    };
    Err(Problem::BadOutput { path: out.to_owned(), why, help }.into())
}

/// A process inside the folder would stay in the old one.
pub(super) fn check_working_directory(out: &Path) -> Result<(), Error> {
    let current = std::env::current_dir().and_then(fs::canonicalize);
    if current.is_ok_and(|current| current.starts_with(out)) {
        let why = "it is replaced as a whole, and is or holds the working directory".to_owned();
        let help = "go elsewhere, or choose a folder in it";
        return Err(Problem::BadOutput { path: out.to_owned(), why, help }.into());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use stamped_test_support::Dir;

    /// A folder with an export of an old version.
    struct Own(Dir);

    impl Own {
        fn new() -> Self {
            let dir = Dir::new();
            dir.write("site/version", "old");
            Own(dir)
        }

        fn place(&self) -> Place {
            let place = Place::open(self.0.join("site")).unwrap();
            place.write("version", b"new").unwrap();
            place
        }

        #[track_caller]
        fn holds_only(&self, version: &str) {
            assert_eq!(fs::read_to_string(self.0.join("site/version")).unwrap(), version);
            let names = fs::read_dir(&self.0).unwrap().map(|entry| entry.unwrap().file_name());
            assert_eq!(names.collect::<Vec<_>>(), ["site"]);
        }
    }

    fn cannot(_: &Path, _: &Path) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    #[test]
    fn the_new_output_takes_the_place_of_the_old_one() {
        let own = Own::new();
        own.place().swap().unwrap();
        own.holds_only("new");
    }

    #[test]
    fn it_does_so_where_folders_cannot_change_places_at_once() {
        let own = Own::new();
        let place = own.place();
        place.take_place(&place.new_path(""), cannot).unwrap();
        drop(place);
        own.holds_only("new");
    }

    #[test]
    fn the_old_output_is_put_back_where_the_new_one_cannot_take_its_place() {
        let own = Own::new();
        let place = own.place();
        place.take_place(&own.0.join("nothing"), cannot).unwrap_err();
        drop(place);
        own.holds_only("old");
    }

    #[test]
    fn what_a_killed_run_has_left_is_put_back_and_removed() {
        // Killed between the two steps: no output at all.
        let own = Own::new();
        let work = own.0.join(".site.stamped");
        fs::create_dir_all(work.join("new/static")).unwrap();
        fs::write(work.join("lock"), "").unwrap();
        fs::rename(own.0.join("site"), work.join("old")).unwrap();
        drop(own.place());
        own.holds_only("old");

        // Killed before and after: the rest of one or the other.
        for rest in ["new", "old"] {
            fs::create_dir_all(work.join(rest).join("static")).unwrap();
            drop(own.place());
            own.holds_only("old");
        }
    }

    #[test]
    fn two_exports_do_not_write_to_one_folder() {
        let own = Own::new();
        let first = own.place();
        let error = Place::open(own.0.join("site")).unwrap_err().to_string();
        assert!(error.contains("another export"), "{error}");
        first.swap().unwrap();
        own.holds_only("new");
    }
}

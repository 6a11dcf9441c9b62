//! A folder as the target. It keeps bytes and no metadata, so files are compared by their bytes.
//!
//! `.stamped` in it holds what is not ready yet (`new`), the keys that a run that did not end may have
//! made (`unfinished.json`), and a lock, because file systems know no conditions.

use super::digest;
use super::object::{Object, Source};
use super::plan::{Found, Need, Version};
use super::request::Failure;
use std::collections::BTreeSet;
use std::fs::{self, File, TryLockError};
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

const OWN: &str = ".stamped";

pub(super) struct Folder {
    root: PathBuf,
    next: AtomicUsize,
    /// Held from the first write on.
    lock: Mutex<Option<File>>,
}

impl Folder {
    pub(super) fn new(root: &Path) -> Self {
        Folder { root: root.to_owned(), next: AtomicUsize::new(0), lock: Mutex::new(None) }
    }

    pub(super) fn keys(&self, folder: &str) -> Result<BTreeSet<String>, Failure> {
        let mut keys = BTreeSet::new();
        let mut open = vec![folder.to_owned()];
        while let Some(folder) = open.pop() {
            let path = self.root.join(&folder);
            let entries = match fs::read_dir(&path) {
                Ok(entries) => entries,
                Err(error) if is_absent(&error) => continue,
                Err(error) => return Err(unreadable(&path, &error)),
            };
            for entry in entries {
                let entry = entry.map_err(|error| unreadable(&path, &error))?;
                // A name that no asset can have is no key of ours.
                let Ok(name) = entry.file_name().into_string() else { continue };
                let key = if folder.is_empty() { name } else { format!("{folder}/{name}") };
                let kind = entry.file_type().map_err(|error| unreadable(&entry.path(), &error))?;
                match kind.is_dir() {
                    true => open.push(key),
                    false => drop(keys.insert(key)),
                }
            }
        }
        Ok(keys)
    }

    pub(super) fn look(&self, key: &str) -> Result<Option<Found>, Failure> {
        let path = self.root.join(key);
        match digest::of_file(&path) {
            Ok(integrity) => Ok(Some(Found { integrity, ..Found::default() })),
            Err(error) if is_absent(&error) => Ok(None),
            Err(error) => Err(unreadable(&path, &error)),
        }
    }

    pub(super) fn read(&self, key: &str) -> Result<Option<(Vec<u8>, Version)>, Failure> {
        let path = self.root.join(key);
        match fs::read(&path) {
            Ok(bytes) => Ok(Some((bytes, Version::default()))),
            Err(error) if is_absent(&error) => Ok(None),
            Err(error) => Err(unreadable(&path, &error)),
        }
    }

    pub(super) fn put(&self, object: &Object, out: &Path, need: &Need) -> Result<(), Failure> {
        let path = self.root.join(&object.key);
        let unwritable = |error: io::Error| Failure::Final(unwritable(&path, &error));
        // Nobody else publishes, for there is a lock.
        if *need == Need::Create && fs::symlink_metadata(&path).is_ok() {
            return Err(Failure::Taken);
        }
        let number = self.next.fetch_add(1, Ordering::Relaxed).to_string();
        let staged = self.root.join(OWN).join("new").join(number);
        let mut to = File::create(&staged).map_err(unwritable)?;
        let written = match &object.source {
            Source::Text(text) => to.write_all(text.as_bytes()).map_err(unwritable),
            Source::File(file) => copy(&out.join(file), &mut to, object),
        };
        let placed = written.and_then(|()| {
            flush(&to).map_err(unwritable)?;
            if let Some(folder) = path.parent() {
                fs::create_dir_all(folder).map_err(unwritable)?;
            }
            fs::rename(&staged, &path).map_err(unwritable)
        });
        if placed.is_err() {
            // The first error is the one to report.
            let _ = fs::remove_file(&staged);
        }
        placed
    }

    pub(super) fn delete(&self, key: &str) -> Result<(), Failure> {
        let path = self.root.join(key);
        match fs::remove_file(&path) {
            Err(error) if !is_absent(&error) => {
                return Err(Failure::Final(format!(
                    "cannot delete `{}`: {error}; make its folder writable",
                    path.display()
                )));
            }
            _ => {}
        }
        // Folders that are empty now, and none that is not.
        let above = path.ancestors().skip(1).take_while(|folder| **folder != *self.root);
        above.map(fs::remove_dir).take_while(Result::is_ok).for_each(drop);
        Ok(())
    }

    pub(super) fn unfinished(&self) -> Result<BTreeSet<String>, String> {
        let path = self.journal();
        let json = match fs::read(&path) {
            Ok(json) => json,
            Err(error) if is_absent(&error) => return Ok(BTreeSet::new()),
            Err(error) => return Err(unreadable(&path, &error).message()),
        };
        serde_json::from_slice(&json).map_err(|error| {
            format!(
                "`{}` was not written by a publish: {error}; remove it if nothing needs it",
                path.display()
            )
        })
    }

    pub(super) fn begin(&self, mut keys: BTreeSet<String>) -> Result<(), String> {
        let unwritable = |error: io::Error| unwritable(&self.root, &error);
        let own = self.root.join(OWN);
        fs::create_dir_all(&own).map_err(unwritable)?;
        let path = own.join("lock");
        let mut options = File::options();
        let lock =
            options.create(true).truncate(false).write(true).open(path).map_err(unwritable)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(format!(
                    "another publish is writing to `{}`; nothing was changed; run it again when that \
                     one is done",
                    self.root.display()
                ));
            }
            // A file system without locks: better to work than to refuse.
            Err(TryLockError::Error(error)) if error.kind() == ErrorKind::Unsupported => {}
            Err(TryLockError::Error(error)) => return Err(unwritable(error)),
        }
        *self.lock.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(lock);
        let new = own.join("new");
        match fs::remove_dir_all(&new) {
            Err(error) if !is_absent(&error) => return Err(unwritable(error)),
            _ => fs::create_dir_all(&new).map_err(unwritable)?,
        }
        keys.extend(self.unfinished()?);
        let json = serde_json::json!(keys).to_string();
        crate::file::write(&self.journal(), json.as_bytes())?;
        self.sync()
    }

    pub(super) fn finish(&self) -> Result<(), String> {
        self.sync()?;
        let own = self.root.join(OWN);
        let ended =
            fs::remove_dir_all(own.join("new")).and_then(|()| fs::remove_file(self.journal()));
        ended.map_err(|error| format!("cannot tidy up `{}`: {error}", own.display()))
    }

    fn journal(&self) -> PathBuf {
        self.root.join(OWN).join("unfinished.json")
    }

    /// One wait for all files, where there is such a call.
    #[cfg(target_os = "linux")]
    pub(super) fn sync(&self) -> Result<(), String> {
        let synced = File::open(&self.root).and_then(|root| Ok(rustix::fs::syncfs(root)?));
        synced.map_err(|error| unwritable(&self.root, &error))
    }

    /// Each file was flushed when it was made.
    #[cfg(not(target_os = "linux"))]
    #[expect(clippy::unnecessary_wraps, reason = "as on Linux")]
    pub(super) fn sync(&self) -> Result<(), String> {
        Ok(())
    }
}

#[cfg(target_os = "linux")]
fn flush(_: &File) -> io::Result<()> {
    Ok(())
}

#[cfg(not(target_os = "linux"))]
fn flush(file: &File) -> io::Result<()> {
    file.sync_all()
}

fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
}

fn unreadable(path: &Path, error: &io::Error) -> Failure {
    Failure::Final(format!("cannot read `{}`: {error}; make it readable", path.display()))
}

fn unwritable(path: &Path, error: &io::Error) -> String {
    let shown = path.display();
    format!("cannot write to `{shown}`: {error}; make it writable, or name another folder")
}

/// Copies a file, if it still has the bytes that the manifest says.
fn copy(path: &Path, to: &mut File, object: &Object) -> Result<(), Failure> {
    let from = File::open(path).map_err(|error| unreadable(path, &error))?;
    let mut tee = Tee { from, to };
    let integrity = digest::of_reader(&mut tee)
        .map_err(|error| Failure::Final(format!("cannot copy `{}`: {error}", path.display())))?;
    match integrity == object.integrity {
        true => Ok(()),
        false => Err(Failure::Final(super::damaged(path))),
    }
}

/// Writes what is read.
struct Tee<'a> {
    from: File,
    to: &'a mut File,
}

impl Read for Tee<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.from.read(buffer)?;
        self.to.write_all(buffer.get(..count).unwrap_or_default())?;
        Ok(count)
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::fs::Permissions;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn a_folder_without_the_rights_is_named() {
        const NAME: &str = "publish::folder::tests::a_folder_without_the_rights_is_named";
        if !stamped_test_support::is_unprivileged(NAME) {
            return;
        }
        let dir = stamped_test_support::Dir::new();
        dir.write("static/a.css", "");
        let close = |mode| {
            let mode = Permissions::from_mode(mode);
            fs::set_permissions(dir.join("static"), mode.clone()).unwrap();
            fs::set_permissions(dir.path(), mode).unwrap();
        };
        let folder = Folder::new(dir.path());
        close(0o555);
        let begun = folder.begin(BTreeSet::new()).unwrap_err();
        let deleted = folder.delete("static/a.css").unwrap_err().message();
        close(0o111);
        let listed = folder.keys("static").unwrap_err().message();
        close(0o755);
        let (root, shown) = (dir.path().display(), dir.join("static"));
        let shown = shown.display();
        let denied = "Permission denied (os error 13)";
        assert_eq!(
            [begun, deleted, listed],
            [
                format!(
                    "cannot write to `{root}`: {denied}; make it writable, or name another folder"
                ),
                format!("cannot delete `{shown}/a.css`: {denied}; make its folder writable"),
                format!("cannot read `{shown}`: {denied}; make it readable"),
            ]
        );
    }
}

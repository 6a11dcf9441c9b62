use std::ffi::OsStr;
use std::fs;
use std::io;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};
use tempfile::TempDir;

/// A folder for the files of one test.
///
/// It dereferences to its [`Path`].
#[derive(Debug)]
pub struct Dir {
    path: PathBuf,
    /// Removes the folder on drop.
    _temporary: Option<TempDir>,
}

impl Dir {
    /// Creates an empty folder, which is removed on drop. It lies outside of any git repository.
    #[track_caller]
    #[expect(clippy::new_without_default, reason = "a default has no effects")]
    pub fn new() -> Self {
        let temporary = tempfile::Builder::new().prefix("stamped-").tempdir().unwrap();
        // Programs that a test starts may report the path that links lead to. On Windows the canonical
        // form has a prefix that many programs do not take.
        let path = match cfg!(unix) {
            true => temporary.path().canonicalize().unwrap(),
            false => temporary.path().to_owned(),
        };
        Dir { path, _temporary: Some(temporary) }
    }

    /// Creates a folder at this path, or empties the one that is there. It stays after the test, so
    /// that one can look into it.
    #[track_caller]
    pub fn at(path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        match fs::remove_dir_all(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                panic!("cannot empty `{}`: {error}", path.display())
            }
            _ => {}
        }
        fs::create_dir_all(&path).unwrap();
        Dir { path, _temporary: None }
    }

    /// The path of the folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The path of a file or folder inside. Its separators are those of this system, as in the paths
    /// that a walk gives, also where `path` spells them as `/`.
    pub fn join(&self, path: impl AsRef<Path>) -> PathBuf {
        self.path.join(path.as_ref().components().collect::<PathBuf>())
    }

    /// Creates a folder inside, with those above it, and returns its path.
    #[track_caller]
    pub fn mkdirp(&self, path: impl AsRef<Path>) -> PathBuf {
        let path = self.join(path);
        fs::create_dir_all(&path).unwrap();
        path
    }

    /// Writes a file, with the folders above it, and returns its path.
    #[track_caller]
    pub fn write(&self, path: impl AsRef<Path>, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.join(path);
        write(&path, bytes);
        path
    }

    /// Writes a file with a modification time, in seconds since 1970, and returns its path.
    #[track_caller]
    pub fn write_at(
        &self,
        seconds: u64,
        path: impl AsRef<Path>,
        bytes: impl AsRef<[u8]>,
    ) -> PathBuf {
        let path = self.join(path);
        write_at(seconds, &path, bytes);
        path
    }

    /// Creates a link at `path` that leads to `to`, with the folders above it.
    #[cfg(unix)]
    #[track_caller]
    pub fn symlink(&self, to: impl AsRef<Path>, path: impl AsRef<Path>) -> PathBuf {
        let path = self.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::os::unix::fs::symlink(to, &path).unwrap();
        path
    }
}

impl Deref for Dir {
    type Target = Path;

    fn deref(&self) -> &Path {
        &self.path
    }
}

impl AsRef<Path> for Dir {
    fn as_ref(&self) -> &Path {
        &self.path
    }
}

impl AsRef<OsStr> for Dir {
    fn as_ref(&self) -> &OsStr {
        self.path.as_os_str()
    }
}

/// Writes a file, with the folders above it.
#[track_caller]
pub fn write(path: impl AsRef<Path>, bytes: impl AsRef<[u8]>) {
    let path = path.as_ref();
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap_or_else(|error| panic!("`{}`: {error}", path.display()));
}

/// Writes a file with a modification time, in seconds since 1970.
#[track_caller]
pub fn write_at(seconds: u64, path: impl AsRef<Path>, bytes: impl AsRef<[u8]>) {
    write(&path, bytes);
    touch_at(seconds, path);
}

/// Sets the modification time of a file, in seconds since 1970.
#[track_caller]
pub fn touch_at(seconds: u64, path: impl AsRef<Path>) {
    let time = UNIX_EPOCH + Duration::from_secs(seconds);
    fs::File::options().write(true).open(path).unwrap().set_modified(time).unwrap();
}

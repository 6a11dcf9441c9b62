//! Caches of what builds have made, each entry under the hash of all that it depends on.
//!
//! An entry is a file, `ab/cdef…`, named by its key in hexadecimal. It holds the payload and then
//! a hash of key and payload, so that a torn, damaged or misplaced entry is noticed. The sum
//! does not say who wrote the entry. An encoding is checked by whoever takes it. What a transformation has made
//! cannot be checked, so it lies only where nobody writes but the builds of one target folder. Files appear by
//! renaming, so builds may share a cache. Nothing here is an error: without a cache, a build is slow but right.

use crate::config::base;
use crate::digest::{Hash, Hasher};
use stamped::files;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, SystemTime};

/// The environment variable that sets the folder.
pub(crate) const VARIABLE: &str = "STAMPED_CACHE";

/// The folders of this version below it. A new format of the entries needs a new name.
const ENCODINGS: &str = "encodings-2";
const TRANSFORMED: &str = "transformed-1";

/// How long an entry is kept that no build uses.
const KEPT: Duration = Duration::from_secs(90 * DAY.as_secs());

/// How exactly the last use of an entry is known, how often old entries are removed, and how long a
/// file stays that was never finished.
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// The file whose time is that of the last search for old entries.
const SWEPT: &str = "swept";

/// The ending of a file that is still being written.
const UNFINISHED: &str = ".new";

const CHECKSUM: usize = Hash::LENGTH;

/// The name of an entry.
pub(crate) type Key = Hash;

/// Which folder a pipeline asks for.
#[derive(Clone, Debug)]
pub(crate) enum Wanted {
    /// This one, unless the environment names another, or else the one in the target folder.
    Unless(Option<PathBuf>),
    /// This one or none, whatever the environment says.
    Only(Option<PathBuf>),
}

/// A folder of entries, or no folder.
#[derive(Debug)]
pub(crate) struct Cache {
    folder: Option<PathBuf>,
    /// What happens if the folder cannot be written, and the way out.
    otherwise: &'static str,
    trouble: OnceLock<String>,
}

impl Cache {
    /// Finds the cache: in `STAMPED_CACHE`, or in `folder`, or below the target folder that holds
    /// the `out_dir` of a build script. Otherwise there is none.
    pub(crate) fn find(wanted: &Wanted, out_dir: Option<&Path>) -> Self {
        let named = || std::env::var_os(VARIABLE).filter(|value| !value.is_empty());
        let root = match wanted {
            Wanted::Only(folder) => folder.as_ref().map(|folder| base().join(folder)),
            Wanted::Unless(folder) => match (named(), folder) {
                (Some(named), _) => Some(base().join(named)),
                (None, Some(folder)) => Some(base().join(folder)),
                (None, None) => out_dir.map(in_target_folder),
            },
        };
        Cache::of_encodings(root)
    }

    /// The cache for what transformations have made, below the target folder that holds the `out_dir` of a
    /// build script, unless none is wanted at all.
    pub(crate) fn of_transformed(wanted: &Wanted, out_dir: Option<&Path>) -> Self {
        let root = match wanted {
            Wanted::Only(None) => None,
            _ => out_dir.map(in_target_folder),
        };
        let otherwise = "the next build transforms again, unless you make it writable";
        Cache::at(root, TRANSFORMED, otherwise)
    }

    fn of_encodings(root: Option<PathBuf>) -> Self {
        let otherwise = "the next build compresses again, unless you make it writable or name another \
                         folder in STAMPED_CACHE";
        Cache::at(root, ENCODINGS, otherwise)
    }

    fn at(root: Option<PathBuf>, subfolder: &str, otherwise: &'static str) -> Self {
        let folder = root.map(|root| root.join(subfolder));
        Cache { folder, otherwise, trouble: OnceLock::new() }
    }

    /// A cache of results in this folder.
    #[cfg(test)]
    pub(crate) fn at_for_tests(root: &Path) -> Self {
        Cache::at(Some(root.to_owned()), TRANSFORMED, "")
    }

    /// Whether entries are kept at all.
    pub(crate) fn is_there(&self) -> bool {
        self.folder.is_some()
    }

    /// The payload that was put under this key.
    pub(crate) fn get(&self, key: &Key) -> Option<Vec<u8>> {
        let path = self.path(key)?;
        let (mut file, metadata) = files::open(&path).ok()??;
        let mut payload = Vec::with_capacity(usize::try_from(metadata.len()).ok()?);
        file.read_to_end(&mut payload).ok()?;
        let end = payload.len().checked_sub(CHECKSUM)?;
        if payload.get(end..)? != checksum(key, payload.get(..end)?).as_bytes() {
            return None;
        }
        payload.truncate(end);
        if age(&metadata) > DAY {
            // If this cannot be written, no entry is removed either.
            File::options().write(true).open(&path).and_then(|file| file.set_modified(now())).ok();
        }
        Some(payload)
    }

    /// Stores a payload under a key. [`trouble`](Self::trouble) returns the first failure.
    pub(crate) fn put(&self, key: &Key, payload: &[u8]) {
        let Some(path) = self.path(key) else { return };
        if self.trouble.get().is_some() {
            return;
        }
        if let Err(error) = write(&path, payload, &checksum(key, payload)) {
            let folder = self.folder.as_deref().unwrap_or(&path);
            let (folder, otherwise) = (folder.display(), self.otherwise);
            let trouble = format!("the cache `{folder}` cannot be written: {error}; {otherwise}");
            // Another thread may have had the same trouble first.
            self.trouble.set(trouble).ok();
        }
    }

    /// Why the cache could not be written, if a write failed.
    pub(crate) fn trouble(&self) -> Option<&str> {
        self.trouble.get().map(String::as_str)
    }

    /// Removes entries that no build has used for a long time, once a day. Failures are ignored.
    pub(crate) fn sweep(&self) {
        let Some(folder) = self.folder.as_deref().filter(|folder| folder.is_dir()) else { return };
        let swept = folder.join(SWEPT);
        if fs::metadata(&swept).is_ok_and(|metadata| age(&metadata) < DAY) {
            return;
        }
        // This comes first, so that only one of several builds does it.
        if fs::write(&swept, "").is_err() {
            return;
        }
        // This tells backup programs to skip the folder.
        let tag =
            "Signature: 8a477f597d28d172789f06886806bc55\n# This folder is a cache of stamped.\n";
        fs::write(folder.join("CACHEDIR.TAG"), tag).ok();
        for shard in entries(folder).filter(|shard| is_hexadecimal(shard.file_name(), 2)) {
            for file in entries(&shard.path()) {
                let kept = match file.file_name().to_string_lossy().ends_with(UNFINISHED) {
                    true => DAY,
                    false => KEPT,
                };
                if file.metadata().is_ok_and(|metadata| metadata.is_file() && age(&metadata) > kept)
                {
                    fs::remove_file(file.path()).ok();
                }
            }
        }
    }

    fn path(&self, key: &Key) -> Option<PathBuf> {
        let name = key.to_hex();
        let (shard, rest) = name.split_at_checked(2)?;
        // A single join, because this runs once per asset and coding, unoptimised.
        self.folder.as_ref().map(|folder| folder.join([shard, rest].join("/")))
    }
}

fn checksum(key: &Key, payload: &[u8]) -> Hash {
    let mut hasher = Hasher::default();
    hasher.update(key.as_bytes());
    hasher.update(payload);
    hasher.finish()
}

fn write(path: &Path, payload: &[u8], checksum: &Hash) -> io::Result<()> {
    let temporary = temporary(path);
    let create = || File::options().write(true).create_new(true).open(&temporary);
    let mut file = match create() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            path.parent().map_or(Ok(()), fs::create_dir_all)?;
            create()?
        }
        file => file?,
    };
    let written = file
        .write_all(payload)
        .and_then(|()| file.write_all(checksum.as_bytes()))
        .and_then(|()| fs::rename(&temporary, path));
    if written.is_err() {
        fs::remove_file(&temporary).ok();
    }
    settled(written, path)
}

/// The outcome of writing an entry. Windows refuses to replace a file that another program has open;
/// then another build has put the same entry there.
fn settled(written: io::Result<()>, path: &Path) -> io::Result<()> {
    match written {
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied && path.is_file() => Ok(()),
        written => written,
    }
}

/// A name beside `path` that no other thread, process or machine uses.
fn temporary(path: &Path) -> PathBuf {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let nanos = now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_nanos();
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{}-{count}-{nanos}{UNFINISHED}", std::process::id()));
    name.into()
}

/// The folder of all caches in the target folder that holds the `out_dir` of a build script.
fn in_target_folder(out_dir: &Path) -> PathBuf {
    let triple = std::env::var_os("TARGET").unwrap_or_default();
    target_folder(out_dir, &triple).join("stamped-cache")
}

/// The root of cargo's target folder, which cargo marks as a cache. Cargo also marks the folder of
/// a target triple inside it.
fn target_folder<'a>(out_dir: &'a Path, triple: &OsStr) -> &'a Path {
    let is_marked = |folder: &&Path| folder.join("CACHEDIR.TAG").is_file();
    match out_dir.ancestors().find(is_marked) {
        Some(folder) if folder.file_name() == Some(triple) => {
            folder.parent().filter(is_marked).unwrap_or(folder)
        }
        Some(folder) => folder,
        None => out_dir,
    }
}

fn entries(folder: &Path) -> impl Iterator<Item = fs::DirEntry> + use<> {
    fs::read_dir(folder).into_iter().flatten().flatten()
}

fn is_hexadecimal(name: std::ffi::OsString, digits: usize) -> bool {
    name.len() == digits && name.to_string_lossy().bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// The time since the last change; zero if that is in the future.
fn age(metadata: &fs::Metadata) -> Duration {
    let modified = metadata.modified().unwrap_or_else(|_| now());
    now().duration_since(modified).unwrap_or_default()
}

fn now() -> SystemTime {
    SystemTime::now()
}

#[cfg(test)]
mod tests {
    use super::*;
    use stamped_test_support::Dir;

    /// A cache in a folder of its own.
    struct Own(Dir, Cache);

    impl Own {
        fn new() -> Self {
            let dir = Dir::new();
            let cache = Cache::of_encodings(Some(dir.to_owned()));
            Own(dir, cache)
        }

        fn file(&self, key: &Key) -> PathBuf {
            self.1.path(key).unwrap()
        }
    }

    fn key(name: &str) -> Key {
        Hash::of(name.as_bytes())
    }

    fn set_age(path: &Path, age: Duration) {
        File::options().write(true).open(path).unwrap().set_modified(now() - age).unwrap();
    }

    #[test]
    fn what_was_put_is_found_and_nothing_else() {
        let own = Own::new();
        own.1.put(&key("a"), b"payload");
        own.1.put(&key("empty"), b"");
        assert_eq!(own.1.get(&key("a")).unwrap(), b"payload");
        assert_eq!(own.1.get(&key("empty")).unwrap(), b"");
        assert_eq!(own.1.get(&key("b")), None);
        assert_eq!(own.1.trouble(), None);
    }

    #[test]
    fn a_damaged_entry_is_none_and_can_be_put_again() {
        let own = Own::new();
        let (a, b) = (key("a"), key("b"));
        own.1.put(&a, b"payload");
        let whole = fs::read(own.file(&a)).unwrap();
        for length in 0..whole.len() {
            fs::write(own.file(&a), &whole[..length]).unwrap();
            assert_eq!(own.1.get(&a), None, "cut to {length}");
        }
        for at in 0..whole.len() {
            let mut damaged = whole.clone();
            damaged[at] ^= 1;
            fs::write(own.file(&a), &damaged).unwrap();
            assert_eq!(own.1.get(&a), None, "flipped at {at}");
        }
        own.1.put(&a, b"payload");
        assert_eq!(own.1.get(&a).unwrap(), b"payload");

        own.1.put(&b, b"other");
        fs::copy(own.file(&a), own.file(&b)).unwrap();
        assert_eq!(own.1.get(&b), None, "an entry in another's place");
    }

    #[cfg(unix)]
    #[test]
    fn a_pipe_in_the_place_of_an_entry_is_none_and_not_waited_for() {
        let own = Own::new();
        let key = key("a");
        own.1.put(&key, b"payload");
        fs::remove_file(own.file(&key)).unwrap();
        let made = std::process::Command::new("mkfifo").arg(own.file(&key)).status().unwrap();
        assert!(made.success());
        let cache = Cache::of_encodings(Some(own.0.to_owned()));
        let (send, receive) = std::sync::mpsc::channel();
        std::thread::spawn(move || send.send(cache.get(&key)));
        assert_eq!(receive.recv_timeout(Duration::from_secs(60)), Ok(None));
        own.1.put(&key, b"payload");
        assert_eq!(own.1.get(&key).unwrap(), b"payload");
    }

    #[test]
    fn an_entry_that_another_build_has_open_is_no_trouble() {
        let own = Own::new();
        own.1.put(&key("a"), b"payload");
        let fails = |name, kind: io::ErrorKind| settled(Err(kind.into()), &own.file(&key(name)));
        assert!(fails("a", io::ErrorKind::PermissionDenied).is_ok());
        assert!(fails("b", io::ErrorKind::PermissionDenied).is_err());
        assert!(fails("a", io::ErrorKind::StorageFull).is_err());
    }

    #[test]
    fn no_folder_is_no_cache() {
        let cache = Cache::of_encodings(None);
        cache.put(&key("a"), b"payload");
        cache.sweep();
        assert_eq!((cache.get(&key("a")), cache.trouble()), (None, None));
    }

    #[test]
    fn a_folder_that_cannot_be_written_is_told_once_and_harms_nothing() {
        let own = Own::new();
        // A file where the folder should be, because permissions do not stop root.
        own.0.write(ENCODINGS, "");
        own.1.put(&key("a"), b"payload");
        own.1.put(&key("b"), b"payload");
        own.1.sweep();
        assert_eq!(own.1.get(&key("a")), None);
        let trouble = own.1.trouble().unwrap();
        assert!(trouble.contains(own.0.to_str().unwrap()) && trouble.contains(VARIABLE));
    }

    #[test]
    fn only_what_was_not_asked_for_in_a_long_time_is_removed() {
        let own = Own::new();
        let names = ["new", "old", "old but asked for"].map(key);
        for key in &names {
            own.1.put(key, b"payload");
        }
        let unfinished = temporary(&own.file(&names[0]));
        let abandoned = temporary(&own.file(&names[1]));
        let foreign = own.0.join(ENCODINGS).join("notes.txt");
        for path in [&unfinished, &abandoned, &foreign] {
            fs::write(path, "").unwrap();
        }
        for path in [own.file(&names[1]), own.file(&names[2]), abandoned.clone(), foreign.clone()] {
            set_age(&path, KEPT + DAY);
        }
        assert!(own.1.get(&names[2]).is_some());

        own.1.sweep();
        let left = names.map(|key| own.1.get(&key).is_some());
        assert_eq!(left, [true, false, true]);
        assert!(unfinished.exists() && foreign.exists() && !abandoned.exists());

        set_age(&own.file(&names[0]), KEPT + DAY);
        own.1.sweep();
        assert!(own.file(&names[0]).exists(), "once a day is enough");
        set_age(&own.0.join(ENCODINGS).join(SWEPT), DAY * 2);
        own.1.sweep();
        assert!(!own.file(&names[0]).exists());
    }

    #[test]
    fn many_threads_share_a_folder() {
        let own = Own::new();
        // Each has a cache of its own over the same folder, as processes do.
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    let cache = Cache::of_encodings(Some(own.0.to_owned()));
                    for number in 0..100 {
                        let key = key(&number.to_string());
                        let payload = vec![number; 1 << 12];
                        assert!(cache.get(&key).is_none_or(|found| found == payload));
                        cache.put(&key, &payload);
                        assert_eq!(cache.get(&key).unwrap(), payload);
                    }
                    assert_eq!(cache.trouble(), None);
                });
            }
        });
        let unfinished = entries(&own.0.join(ENCODINGS))
            .flat_map(|shard| entries(&shard.path()).collect::<Vec<_>>())
            .filter(|file| file.file_name().to_string_lossy().ends_with(UNFINISHED));
        assert_eq!(unfinished.count(), 0);
    }

    #[test]
    fn the_target_folder_is_found_in_every_layout() {
        let own = Own::new();
        let triple = OsStr::new("x86_64-unknown-none");
        let out = |path: &str| {
            let out = own.0.join(path);
            fs::create_dir_all(&out).unwrap();
            out
        };
        let mark = |path: &str| fs::write(own.0.join(path).join("CACHEDIR.TAG"), "").unwrap();

        let unmarked = out("elsewhere/out");
        assert_eq!(target_folder(&unmarked, triple), unmarked);

        let host = out("target/debug/build/p-0123456789abcdef/out");
        let cross = out("target/x86_64-unknown-none/release/build/p-0123456789abcdef/out");
        let newer = out("build-dir/debug/build/p/0123456789abcdef/out");
        for folder in ["target", "target/x86_64-unknown-none", "build-dir"] {
            mark(folder);
        }
        assert_eq!(target_folder(&host, triple), own.0.join("target"));
        assert_eq!(target_folder(&cross, triple), own.0.join("target"));
        assert_eq!(target_folder(&newer, triple), own.0.join("build-dir"));
    }
}

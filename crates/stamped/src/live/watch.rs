//! Watches files and folders.

use super::poll::{Poll, look};
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use alloc::{borrow::ToOwned as _, format};
use core::time::Duration;
use notify::event::{AccessKind, AccessMode, ModifyKind};
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::{env, eprintln};

/// The environment variable with the number of milliseconds after which files are looked at again,
/// instead of waiting for the system to tell.
const VARIABLE: &str = "STAMPED_POLL";

/// The same where the system cannot watch so many folders.
const USUAL: Duration = Duration::from_millis(500);

/// How often places are looked up anew that change while they are begun to be watched.
const ATTEMPTS: usize = 5;

/// What has happened.
pub(super) enum Happened<'a> {
    /// Something that is watched may be another.
    Change,
    /// The system has lost events, so that anything may have changed. Reading a very large folder alone
    /// can be too much for it.
    Lost,
    /// A file of this path was made among the [marks](Watch::new).
    Mark(&'a Path),
}

/// Whether a change of this path, which lies at the other one below a path that is watched, does not
/// count.
type Ignores = dyn Fn(&Path, &Path) -> bool + Send + Sync;

type Tell = dyn Fn(Happened<'_>) + Send + Sync;

/// Calls a function when something in the watched paths changes.
pub(super) struct Watch {
    means: Means,
    marks: PathBuf,
    wanted: Arc<Mutex<Wanted>>,
    tell: Arc<Tell>,
    /// What the system watches.
    places: BTreeMap<PathBuf, RecursiveMode>,
}

enum Means {
    Events(RecommendedWatcher),
    Looks(Poll),
}

/// What is to be watched.
#[derive(Default)]
struct Wanted {
    paths: BTreeSet<PathBuf>,
    /// Those among them that may be other folders by now, which the system does not watch.
    lost: BTreeSet<PathBuf>,
}

/// The interval that the [variable](VARIABLE) sets.
pub(super) fn interval() -> Result<Option<Duration>, String> {
    let Some(text) = env::var_os(VARIABLE).filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let number = text.to_str().and_then(|text| text.parse().ok());
    match number.filter(|number| (10..=3_600_000).contains(number)) {
        Some(number) => Ok(Some(Duration::from_millis(number))),
        None => Err(format!("{VARIABLE} must be a number of milliseconds from 10 to 3600000")),
    }
}

impl Watch {
    /// A watch over nothing but the folder `marks`, which is told of apart. It looks at files at this
    /// interval, if there is one, else it has the system tell.
    pub(super) fn new(
        marks: PathBuf,
        interval: Option<Duration>,
        ignores: impl Fn(&Path, &Path) -> bool + Send + Sync + 'static,
        tell: impl Fn(Happened<'_>) + Send + Sync + 'static,
    ) -> Result<Self, String> {
        let (ignores, tell): (Arc<Ignores>, Arc<Tell>) = (Arc::new(ignores), Arc::new(tell));
        let wanted = Arc::new(Mutex::new(Wanted::default()));
        let places = BTreeMap::new();
        let means = match interval {
            Some(interval) => Means::looks(interval, &tell)?,
            None => match events(&marks, &wanted, &ignores, &tell) {
                Ok(watcher) => Means::Events(watcher),
                Err(error) => Means::instead_of_events(&error, &tell)?,
            },
        };
        Ok(Watch { means, marks, wanted, tell, places })
    }

    /// Watches these, and nothing else. Returns whether one was not watched before. The error says why
    /// none are watched.
    pub(super) fn set(&mut self, paths: &BTreeSet<PathBuf>) -> Result<bool, String> {
        let paths: BTreeSet<PathBuf> = paths.iter().map(|path| normal(path)).collect();
        let is_more = !paths.is_subset(&lock(&self.wanted).paths);
        if let Means::Events(watcher) = &mut self.means {
            match follow(watcher, &paths, &self.marks, &self.wanted, &mut self.places) {
                Ok(()) => return Ok(is_more),
                Err(error) => self.means = Means::instead_of_events(&error, &self.tell)?,
            }
        }
        if let Means::Looks(poll) = &self.means {
            lock(&self.wanted).paths.clone_from(&paths);
            poll.set(paths);
        }
        Ok(is_more)
    }

    /// A number for all that is watched, as it is now.
    pub(super) fn look(&self) -> u64 {
        look(&lock(&self.wanted).paths)
    }

    /// Whether a [mark](Happened::Mark) is told of behind every change that was made before it: all
    /// events of inotify come through one queue.
    pub(super) fn is_in_order(&self) -> bool {
        cfg!(any(target_os = "linux", target_os = "android"))
            && matches!(self.means, Means::Events(_))
    }
}

impl Means {
    fn looks(interval: Duration, tell: &Arc<Tell>) -> Result<Self, String> {
        let tell = Arc::clone(tell);
        let poll = Poll::new(interval, move || tell(Happened::Change));
        poll.map(Means::Looks).map_err(|error| format!("no thread can be started: {error}"))
    }

    fn instead_of_events(error: &notify::Error, tell: &Arc<Tell>) -> Result<Self, String> {
        let every = USUAL.as_millis();
        let cure = match error.kind {
            notify::ErrorKind::MaxFilesWatch => "; more is in `sysctl fs.inotify.max_user_watches`",
            _ => "",
        };
        eprintln!(
            "stamped: the system does not tell of changes here, so files are looked at every {every} ms: \
             {error}{cure}; {VARIABLE} sets another time"
        );
        Self::looks(USUAL, tell)
    }
}

/// A watcher of the system over the folder of marks.
fn events(
    marks: &Path,
    wanted: &Arc<Mutex<Wanted>>,
    ignores: &Arc<Ignores>,
    tell: &Arc<Tell>,
) -> notify::Result<RecommendedWatcher> {
    let (of_marks, wanted) = (marks.to_owned(), Arc::clone(wanted));
    let (ignores, tell) = (Arc::clone(ignores), Arc::clone(tell));
    let mut watcher =
        notify::recommended_watcher(move |event: notify::Result<Event>| match event {
            Ok(event) => {
                let mark = event.paths.iter().find(|path| path.parent() == Some(&of_marks));
                match mark {
                    Some(mark) if event.kind.is_create() => tell(Happened::Mark(mark)),
                    Some(_) => {}
                    None if event.need_rescan() || event.paths.is_empty() => {
                        lock(&wanted).lose_all();
                        tell(Happened::Lost);
                    }
                    None if lock(&wanted).heed(&event, &*ignores) => tell(Happened::Change),
                    None => {}
                }
            }
            // Folders that are not watched: the next `set` meets the same error.
            Err(_) => {
                lock(&wanted).lose_all();
                tell(Happened::Change);
            }
        })?;
    watcher.watch(marks, RecursiveMode::NonRecursive)?;
    Ok(watcher)
}

fn lock(wanted: &Mutex<Wanted>) -> MutexGuard<'_, Wanted> {
    wanted.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Wanted {
    fn lose_all(&mut self) {
        self.lost = self.paths.clone();
    }

    /// Whether the event may be a change of what is wanted. Notes what has to be watched anew.
    fn heed(&mut self, event: &Event, ignores: &Ignores) -> bool {
        let moves = match event.kind {
            EventKind::Create(_) | EventKind::Remove(_) => true,
            EventKind::Modify(kind) => matches!(kind, ModifyKind::Name(_)),
            // To read a file is no change.
            EventKind::Access(kind) if kind != AccessKind::Close(AccessMode::Write) => {
                return false;
            }
            EventKind::Access(_) => false,
            EventKind::Any | EventKind::Other => true,
        };
        let mut counts = false;
        for path in &event.paths {
            if let Some(around) = path.ancestors().find(|around| self.paths.contains(*around)) {
                let below = path.strip_prefix(around).unwrap_or(path);
                let is_of_git = below.iter().any(|name| name == ".git");
                if is_of_git || ignores(path, below) {
                    continue;
                }
                counts = true;
                // The system does not follow links to folders that are new.
                if moves && (path == around || (path.is_symlink() && path.is_dir())) {
                    self.lost.insert(around.to_owned());
                }
            }
            if moves {
                let below = self.paths.range(path.clone()..);
                let below: Vec<_> =
                    below.take_while(|one| one.starts_with(path)).cloned().collect();
                counts |= !below.is_empty();
                self.lost.extend(below);
            }
        }
        counts
    }
}

/// Has the system watch these paths.
fn follow(
    watcher: &mut RecommendedWatcher,
    paths: &BTreeSet<PathBuf>,
    marks: &Path,
    wanted: &Mutex<Wanted>,
    places: &mut BTreeMap<PathBuf, RecursiveMode>,
) -> notify::Result<()> {
    for _ in 0..ATTEMPTS {
        let mut shared = lock(wanted);
        shared.paths.clone_from(paths);
        let lost = core::mem::take(&mut shared.lost);
        drop(shared);
        let now = self::places(paths, marks);
        if lost.is_empty() && now == *places {
            return Ok(());
        }
        let is_kept = |path: &Path, mode| {
            now.get(path) == Some(&mode) && !lost.iter().any(|lost| lost.starts_with(path))
        };
        places.retain(|path, mode| {
            let is_kept = is_kept(path, *mode);
            if !is_kept {
                // One that was deleted is not watched any more.
                let _ = watcher.unwatch(path);
            }
            is_kept
        });
        for (path, mode) in now {
            if places.contains_key(&path) {
                continue;
            }
            match watcher.watch(&path, mode) {
                Ok(()) => {
                    places.insert(path, mode);
                }
                // Deleted since; the next attempt finds another place.
                Err(_) if !path.exists() => {}
                Err(error) => return Err(error),
            }
        }
    }
    // What changes all the time is looked at by the next run.
    Ok(())
}

/// What to watch for these paths: folders with all that is in them; and around each path the nearest
/// folder, because files and folders are replaced.
fn places(paths: &BTreeSet<PathBuf>, marks: &Path) -> BTreeMap<PathBuf, RecursiveMode> {
    let mut places: BTreeMap<PathBuf, RecursiveMode> = BTreeMap::new();
    for path in paths.iter().filter(|path| path.is_dir()) {
        places.insert(path.clone(), RecursiveMode::Recursive);
    }
    for path in paths {
        let around = path.ancestors().skip(1).find(|folder| folder.is_dir());
        // A place of its own would be watched without what is in it, also where it is in another.
        if let Some(around) = around
            && around != marks
            && !around.ancestors().any(|above| {
                places.get(above).is_some_and(|mode| *mode == RecursiveMode::Recursive)
            })
        {
            places.insert(around.to_owned(), RecursiveMode::NonRecursive);
        }
    }
    places
}

/// The path with the links above it resolved. The last one, if it is one, is what is watched.
fn normal(path: &Path) -> PathBuf {
    let resolved = match (path.parent(), path.file_name()) {
        (Some(parent), Some(name)) => {
            let parent = if parent == Path::new("") { Path::new(".") } else { parent };
            parent.canonicalize().map(|parent| parent.join(name))
        }
        _ => path.canonicalize(),
    };
    resolved.or_else(|_| std::path::absolute(path)).unwrap_or_else(|_| path.to_owned())
}

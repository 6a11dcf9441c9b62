//! A script that is run whenever something changes.

use super::changes;
use super::clients::{Clients, Events, HEARTBEAT, RETRY, event};
use super::dev_server::DevServer;
use super::git;
use super::json;
use super::script::{Said, Script};
use super::tables::Tables;
use super::watch::{self, Happened, Watch};
use crate::assets::Assets;
use crate::entry::Entry;
use crate::files::visible;
use alloc::borrow::ToOwned as _;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use std::ffi::OsString;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};
use std::{eprintln, thread};

/// How long nothing may change before the script runs. Editors write a file in several steps.
const QUIET: Duration = Duration::from_millis(15);

/// The same behind many changes, as of a checkout, which goes on for longer than it pauses.
const LONG_QUIET: Duration = Duration::from_millis(100);

/// How many changes are many. An editor makes fewer to save a file.
const MANY: u32 = 20;

/// How long it is waited for that, at most.
const LONGEST_NOISE: Duration = Duration::from_secs(2);

/// How long it is waited for git, at most, which has a lock while it checks out files.
const LONGEST_CHECKOUT: Duration = Duration::from_secs(5);

/// How long a request waits for a run, at most.
const PATIENCE: Duration = Duration::from_secs(20);

/// How long it is waited for a mark, at most. It comes within a millisecond.
const PATIENCE_FOR_MARKS: Duration = Duration::from_millis(200);

/// How often a connection to a browser is tried.
const HEARTBEATS: Duration = Duration::from_secs(15);

/// Why live mode cannot be had.
#[derive(Clone, Debug)]
pub(crate) struct Unavailable(pub(crate) String);

/// A script whose output is current.
#[derive(Debug)]
pub(crate) struct Session {
    script: Script,
    state: Mutex<State>,
    /// A run has ended, or a mark was told of.
    done: Condvar,
    /// Wakes the thread that runs the script.
    wake: Sender<()>,
    /// Tells this process from another one at the same address.
    instance: String,
    /// Whether marks come behind all changes before them.
    has_marks: AtomicBool,
    last_mark: AtomicU64,
}

#[derive(Debug, Default)]
struct State {
    /// The number of the newest change.
    newest: u64,
    /// The newest change of which more is known than that events were lost.
    certain: u64,
    /// The newest change that a run has seen.
    seen: u64,
    /// The newest mark that was told of.
    mark: u64,
    bundles: BTreeMap<String, Bundle>,
    /// How many runs have changed something. A page is made from one of these versions.
    version: u64,
    /// What the last run has said, if it failed.
    failure: Option<String>,
    clients: Clients,
    is_over: bool,
}

/// One bundle of the script.
#[derive(Debug)]
struct Bundle {
    tables: Tables,
    /// The last good version; none before the first.
    assets: Option<Assets>,
}

type Started = Result<Arc<Session>, Unavailable>;

/// All sessions of this process with build scripts, by the folder of the records.
static SESSIONS: Mutex<BTreeMap<PathBuf, Started>> = Mutex::new(BTreeMap::new());

impl Session {
    /// The session that keeps `assets` current, and the name of their bundle.
    pub(crate) fn of(assets: Assets) -> Result<(Arc<Session>, String), Unavailable> {
        let record = Path::new(assets.record_of_run());
        let (Some(folder), Some(name)) = (record.parent(), record.file_stem()) else {
            return Err(Unavailable(
                "the program is a release build, or cargo did not bake its assets".to_owned(),
            ));
        };
        let name = name.to_string_lossy().into_owned();
        let mut sessions = SESSIONS.lock().unwrap_or_else(PoisonError::into_inner);
        let session = match sessions.get(folder) {
            Some(session) => session.clone(),
            None => {
                let started = Script::of(record)
                    .and_then(|script| Session::start(script, watch::interval()?));
                let session = started.map_err(Unavailable);
                sessions.insert(folder.to_owned(), session.clone());
                session
            }
        }?;
        session.add(&name, Some(assets));
        Ok((session, name))
    }

    /// A session that runs this very program with these arguments over a folder, and writes below
    /// `slots`; and what the first run has made of the bundle of this name.
    pub(crate) fn of_itself(
        arguments: Vec<OsString>,
        folder: PathBuf,
        slots: &Path,
        bundle: &str,
    ) -> Result<(Arc<Session>, Assets), String> {
        let interval = watch::interval()?;
        let session = Session::start(Script::itself(arguments, folder, slots)?, interval)?;
        session.add(bundle, None);
        let mut state = session.state();
        // However long it takes: there is nothing to answer with until then.
        while state.seen == 0 {
            state = session.done.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        let assets = state.bundles.get(bundle).and_then(|bundle| bundle.assets);
        let failure = state.failure.clone();
        drop(state);
        match assets {
            Some(assets) => Ok((session, assets)),
            None => {
                session.end();
                Err(failure.unwrap_or_default())
            }
        }
    }

    pub(super) fn start(script: Script, interval: Option<Duration>) -> Result<Arc<Self>, String> {
        let started = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
        let (wake, changes) = channel();
        let session = Arc::new(Session {
            script,
            state: Mutex::default(),
            done: Condvar::new(),
            wake,
            instance: format!("{}-{}", std::process::id(), started.as_nanos()),
            has_marks: AtomicBool::new(false),
            last_mark: AtomicU64::new(0),
        });
        let (judge, watcher) = (Arc::downgrade(&session), Arc::downgrade(&session));
        let watch = Watch::new(
            session.script.slot().marks(),
            interval,
            move |path, below| {
                judge.upgrade().is_some_and(|session| session.script.ignores(path, below))
            },
            move |happened| {
                if let Some(session) = watcher.upgrade() {
                    session.heed(&happened);
                }
            },
        )
        .map_err(|error| format!("files cannot be watched: {error}"))?;
        session.has_marks.store(watch.is_in_order(), Ordering::Relaxed);
        let worker = Arc::clone(&session);
        thread::Builder::new()
            .name("stamped live".to_owned())
            .spawn(move || worker.work(watch, &changes))
            .map_err(|error| format!("no thread can be started: {error}"))?;
        Ok(session)
    }

    /// Adds a bundle that the script bakes.
    fn add(&self, name: &str, assets: Option<Assets>) {
        let of_vite = assets.filter(|assets| assets.entries().any(Entry::is_by_vite));
        let dev_server = of_vite.and_then(|assets| DevServer::of_environment(assets.mount()));
        let mut state = self.state();
        if !state.bundles.contains_key(name) {
            let tables = Tables::new(&self.script.folder(), name, dev_server);
            state.bundles.insert(name.to_owned(), Bundle { tables, assets });
            self.change(&mut state);
        }
    }

    pub(super) fn heed(&self, happened: &Happened<'_>) {
        let mut state = self.state();
        match happened {
            Happened::Change => self.change(&mut state),
            Happened::Lost => self.lose(&mut state),
            Happened::Mark(path) => {
                let name = path.file_name().and_then(|name| name.to_str());
                if let Some(mark) = name.and_then(|name| name.parse().ok()) {
                    state.mark = state.mark.max(mark);
                    drop(state);
                    self.done.notify_all();
                }
            }
        }
    }

    fn change(&self, state: &mut State) {
        self.lose(state);
        state.certain = state.newest;
    }

    fn lose(&self, state: &mut State) {
        state.newest += 1;
        // The other end waits until the session is over.
        let _ = self.wake.send(());
    }

    /// The last good version of a bundle, once a run has seen every change until now.
    pub(crate) fn current(&self, name: &str) -> Option<Assets> {
        self.settled().bundles.get(name).and_then(|bundle| bundle.assets)
    }

    /// Waits until the system has told of every change that was made before.
    fn catch_up(&self) {
        if !self.has_marks.load(Ordering::Relaxed) {
            return;
        }
        let mark = self.last_mark.fetch_add(1, Ordering::Relaxed) + 1;
        let path = self.script.slot().marks().join(format!("{mark}"));
        // Without a mark, changes of this very moment may be missed, as on other systems.
        if File::create(&path).is_err() {
            return;
        }
        let (state, _) = self
            .done
            .wait_timeout_while(self.state(), PATIENCE_FOR_MARKS, |state| state.mark < mark)
            .unwrap_or_else(PoisonError::into_inner);
        drop(state);
        // One that stays is removed with the slot.
        let _ = fs::remove_file(path);
    }

    /// Whether a file that a bundle left on the disk has changed though no change was told of. If so,
    /// the next version has it.
    pub(crate) fn finds_change(&self, name: &str) -> bool {
        let mut state = self.state();
        let is_outdated =
            state.bundles.get(name).is_some_and(|bundle| bundle.tables.take_outdated());
        if is_outdated {
            self.change(&mut state);
        }
        is_outdated
    }

    /// Runs the script no more, tells the browsers nothing more, and removes what was written.
    pub(crate) fn end(&self) {
        let mut state = self.state();
        state.is_over = true;
        state.clients.end();
        drop(state);
        let _ = self.wake.send(());
        self.done.notify_all();
        // What stays is removed by the next process.
        let _ = self.script.slot().clear();
    }

    /// What a page that is made now is made from.
    pub(crate) fn version(&self) -> String {
        self.version_of(&self.settled())
    }

    /// The version of all assets, different from that of any other process. Digits, a dash and a dot.
    fn version_of(&self, state: &State) -> String {
        format!("{}.{}", self.instance, state.version)
    }

    /// The state once a run has seen every change until now.
    fn settled(&self) -> MutexGuard<'_, State> {
        self.catch_up();
        let state = self.state();
        let newest = state.newest;
        let goes_on = |state: &mut State| state.seen < newest && !state.is_over;
        let waited = self.done.wait_timeout_while(state, PATIENCE, goes_on);
        waited.unwrap_or_else(PoisonError::into_inner).0
    }

    /// The events for one more browser. The first one says which version this is.
    pub(crate) fn join(&self) -> Events {
        let mut state = self.state();
        let hello = event("hello", &json::string(&self.version_of(&state)));
        let failed = state.failure.as_deref().map(failed);
        state.clients.join([RETRY, hello].into_iter().chain(failed))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs the script after each change, until the session is over.
    fn work(&self, mut watch: Watch, changes: &Receiver<()>) {
        let mut said = self.script.known();
        let mut looked = None;
        loop {
            // Before the run, so that no change is missed after it.
            watched(watch.set(&said.watched));
            self.has_marks.store(watch.is_in_order(), Ordering::Relaxed);
            let state = self.state();
            let (newest, is_certain) = (state.newest, state.certain > state.seen);
            if state.is_over {
                return;
            }
            drop(state);
            // A run that reads too many files for the system to tell of would else be followed by another.
            let is_same = !is_certain && {
                let now = Some(watch.look());
                core::mem::replace(&mut looked, now) == now
            };
            if is_same {
                self.state().seen = newest;
                self.done.notify_all();
            } else {
                let (mut now, outcome) = self.script.run();
                let wanted = match outcome {
                    Ok(()) => &now.watched,
                    // It may have failed before it named all that it depends on, and because of what it
                    // names for the first time.
                    Err(_) => {
                        said.watched.append(&mut now.watched);
                        &said.watched
                    }
                };
                // What is new there may have changed before it was watched.
                if watched(watch.set(wanted)) {
                    self.change(&mut self.state());
                }
                self.take(newest, outcome.map(|()| now), &mut said);
            }
            self.wait(changes, &git::locks(said.watched.iter().map(PathBuf::as_path)));
        }
    }

    /// Waits until something has changed that no run has seen, and then until nothing changes.
    fn wait(&self, changes: &Receiver<()>, locks: &[PathBuf]) {
        let is_current = || {
            let state = self.state();
            state.seen >= state.newest && !state.is_over
        };
        while is_current() {
            if changes.recv_timeout(HEARTBEATS) == Err(RecvTimeoutError::Timeout) {
                self.state().clients.send(&HEARTBEAT);
            }
        }
        let (began, mut count) = (Instant::now(), 0);
        let quiet = |count| if count < MANY { QUIET } else { LONG_QUIET };
        loop {
            let is_quiet = changes.recv_timeout(quiet(count)).is_err();
            let waited = began.elapsed();
            let goes_on = match git::is_busy(locks) {
                true => waited < LONGEST_CHECKOUT,
                false => !is_quiet && waited < LONGEST_NOISE,
            };
            if !goes_on || self.state().is_over {
                return;
            }
            count += 1;
        }
    }

    /// Takes over what a run has made, or keeps the last good version.
    fn take(&self, newest: u64, outcome: Result<Said, String>, said: &mut Said) {
        let mut state = self.state();
        let changed_meanwhile = state.newest > newest;
        let outcome = outcome.and_then(|now| {
            let mut changed = Vec::new();
            for bundle in state.bundles.values_mut() {
                let assets = bundle.tables.read()?;
                changed.extend(bundle.assets.and_then(|old| changes::json(old, assets)));
                bundle.assets = Some(assets);
            }
            Ok((now, changed))
        });
        match outcome {
            Ok((now, changed)) => {
                for warning in now.warnings.iter().filter(|one| !said.warnings.contains(one)) {
                    eprintln!("stamped: {warning}");
                    state.clients.send(&event("warned", &json::string(warning)));
                }
                *said = now;
                if state.failure.take().is_some() {
                    state.clients.send(&event("repaired", "{}"));
                }
                if !changed.is_empty() {
                    let old = self.version_of(&state);
                    state.version += 1;
                    let data = format!(
                        r#"{{"from":"{old}","to":"{}","assets":[{}]}}"#,
                        self.version_of(&state),
                        changed.join(",")
                    );
                    state.clients.send(&event("changed", &data));
                }
            }
            // The next run begins at once, and may well succeed.
            Err(_) if changed_meanwhile || state.is_over => return,
            Err(why) => {
                // Whoever waits for the first version says so.
                if state.bundles.values().all(|bundle| bundle.assets.is_some()) {
                    let lines: Vec<_> = why.trim_end().split('\n').map(visible).collect();
                    eprintln!("stamped: {}", lines.join("\n"));
                }
                state.clients.send(&failed(&why));
                state.failure = Some(why);
            }
        }
        state.seen = newest;
        drop(state);
        self.done.notify_all();
    }
}

/// Whether more is watched than before.
fn watched(outcome: Result<bool, String>) -> bool {
    outcome.unwrap_or_else(|error| {
        eprintln!("stamped: some changes may not be seen: {error}");
        false
    })
}

fn failed(why: &str) -> bytes::Bytes {
    event("failed", &json::string(why))
}

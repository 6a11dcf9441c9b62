//! A build script that is run whenever something changes.

use super::changes;
use super::clients::{Clients, Events, HEARTBEAT, RETRY, event};
use super::json;
use super::script::{Said, Script};
use super::tables::Tables;
use super::watch::Watch;
use crate::assets::Assets;
use alloc::borrow::ToOwned as _;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};
use std::{eprintln, thread};

/// How long nothing may change before the script runs. Editors write a file in several steps.
const QUIET: Duration = Duration::from_millis(15);

/// How long it is waited for that, at most.
const LONGEST_NOISE: Duration = Duration::from_secs(2);

/// How long a request waits for a run, at most.
const PATIENCE: Duration = Duration::from_secs(20);

/// How often a connection to a browser is tried.
const HEARTBEATS: Duration = Duration::from_secs(15);

/// Why live mode cannot be had.
#[derive(Clone, Debug)]
pub(crate) struct Unavailable(pub(crate) String);

/// A build script whose output is current.
#[derive(Debug)]
pub(crate) struct Session {
    script: Script,
    state: Mutex<State>,
    /// A run has ended.
    done: Condvar,
    /// Tells this process from another one at the same address.
    instance: String,
}

#[derive(Debug, Default)]
struct State {
    /// The number of the newest change.
    newest: u64,
    /// The newest change that a run has seen.
    seen: u64,
    bundles: BTreeMap<String, Bundle>,
    /// How many runs have changed something. A page is made from one of these versions.
    version: u64,
    /// What the last run has said, if it failed.
    failure: Option<String>,
    clients: Clients,
}

/// One bundle of the script.
#[derive(Debug)]
struct Bundle {
    tables: Tables,
    /// The last good version.
    assets: Assets,
}

type Started = Result<Arc<Session>, Unavailable>;

/// All sessions of this process, by the folder of the records.
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
                let session = Session::start(record).map_err(Unavailable);
                sessions.insert(folder.to_owned(), session.clone());
                session
            }
        }?;
        session.add(&name, assets);
        Ok((session, name))
    }

    fn start(record: &Path) -> Result<Arc<Self>, String> {
        let started = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
        let session = Arc::new(Session {
            script: Script::of(record)?,
            state: Mutex::default(),
            done: Condvar::new(),
            instance: format!("{}-{}", std::process::id(), started.as_nanos()),
        });
        let (send, receive) = channel();
        let watcher = Arc::downgrade(&session);
        let watch = Watch::new(move |paths| {
            if let Some(session) = watcher.upgrade()
                && (paths.is_empty() || paths.iter().any(|path| !session.script.writes(path)))
            {
                session.state().newest += 1;
                // The other end waits as long as the program runs.
                let _ = send.send(());
            }
        })
        .map_err(|error| format!("files cannot be watched: {error}"))?;
        let worker = Arc::clone(&session);
        thread::Builder::new()
            .name("stamped live".to_owned())
            .spawn(move || worker.work(watch, &receive))
            .map_err(|error| format!("no thread can be started: {error}"))?;
        Ok(session)
    }

    /// Adds a bundle that the script bakes.
    fn add(&self, name: &str, assets: Assets) {
        let mut state = self.state();
        if !state.bundles.contains_key(name) {
            let tables = Tables::new(&self.script.folder(), name);
            state.bundles.insert(name.to_owned(), Bundle { tables, assets });
            state.newest += 1;
        }
    }

    /// The last good version of a bundle, once a run has seen every change until now.
    pub(crate) fn current(&self, name: &str) -> Option<Assets> {
        self.settled().bundles.get(name).map(|bundle| bundle.assets)
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
        let state = self.state();
        let newest = state.newest;
        let waited = self.done.wait_timeout_while(state, PATIENCE, |state| state.seen < newest);
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

    /// Runs the script after each change, as long as the program runs.
    fn work(&self, mut watch: Watch, changes: &Receiver<()>) {
        let mut said = self.script.said_to_cargo();
        loop {
            // Before the run, so that no change is missed after it.
            if let Err(error) = watch.set(&said.watched) {
                eprintln!("stamped: some changes may not be seen: {error}");
            }
            let newest = self.state().newest;
            if self.state().seen < newest {
                let outcome = self.script.run();
                self.take(newest, outcome, &mut said);
            }
            self.wait(changes);
        }
    }

    /// Waits until something has changed that no run has seen, and then until nothing changes.
    fn wait(&self, changes: &Receiver<()>) {
        let is_current = || {
            let state = self.state();
            state.seen >= state.newest
        };
        while is_current() {
            if changes.recv_timeout(HEARTBEATS) == Err(RecvTimeoutError::Timeout) {
                self.state().clients.send(&HEARTBEAT);
            }
        }
        let began = Instant::now();
        while began.elapsed() < LONGEST_NOISE && changes.recv_timeout(QUIET).is_ok() {}
    }

    /// Takes over what a run has made, or keeps the last good version.
    fn take(&self, newest: u64, outcome: Result<Said, String>, said: &mut Said) {
        let mut state = self.state();
        let changed_meanwhile = state.newest > newest;
        let outcome = outcome.and_then(|now| {
            let mut changed = Vec::new();
            for bundle in state.bundles.values_mut() {
                let assets = bundle.tables.read()?;
                changed.extend(changes::json(bundle.assets, assets));
                bundle.assets = assets;
            }
            Ok((now, changed))
        });
        match outcome {
            Ok((now, changed)) => {
                for warning in now.warnings.iter().filter(|one| !said.warnings.contains(one)) {
                    eprintln!("warning: {warning}");
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
            Err(_) if changed_meanwhile => return,
            Err(why) => {
                eprintln!("{why}");
                state.clients.send(&failed(&why));
                state.failure = Some(why);
            }
        }
        state.seen = newest;
        drop(state);
        self.done.notify_all();
    }
}

fn failed(why: &str) -> bytes::Bytes {
    event("failed", &json::string(why))
}

//! Carries a plan out.

use super::object::{Object, Phase};
use super::plan::{Conflict, Need, Plan, Step, need};
use super::request::Failure;
use super::store::Store;
use crate::stop::unless;
use std::collections::BTreeSet;
use std::iter::Peekable;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

/// How many MiB of files are in memory at a time. A larger file is alone there.
const MEMORY: u32 = 128;

pub(super) struct Worker {
    pub(super) store: Store,
    /// The exported folder.
    pub(super) out: PathBuf,
    /// Keys that the last manifest of the target names.
    pub(super) listed: Arc<BTreeSet<String>>,
    pub(super) jobs: usize,
    pub(super) memory: Arc<Semaphore>,
}

/// What was done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Done {
    pub(super) put: usize,
    pub(super) deleted: usize,
}

/// Why a phase did not come to its end.
enum Ended {
    Failed(String),
    Interrupted,
}

impl Worker {
    pub(super) fn memory() -> Arc<Semaphore> {
        Arc::new(Semaphore::new(MEMORY as usize))
    }

    /// Does all steps, phase after phase, unless `stop` completes before. The error says how far it came.
    /// `manifest` is the one that is to be in place then, whether it changes or not.
    pub(super) async fn carry_out(
        &self,
        plan: Plan,
        manifest: Object,
        mut stop: Pin<&mut impl Future<Output = ()>>,
        tick: impl Fn(),
    ) -> Result<Done, String> {
        let all = plan.steps.len();
        let mut names = vec![manifest];
        names.extend(plan.steps.iter().filter_map(Step::name).cloned());
        let mut done = Done::default();
        let mut steps = plan.steps.into_iter().peekable();
        while let Some(phase) = steps.peek().map(Step::phase) {
            let begun = match phase {
                Some(Phase::Manifest) => self.store.sync().map_err(Ended::Failed),
                Some(_) => Ok(()),
                None => {
                    self.confirm(std::mem::take(&mut names), stop.as_mut()).await?;
                    Ok(())
                }
            };
            let ended = match begun {
                Ok(()) => self.phase(phase, &mut steps, &mut done, stop.as_mut(), &tick).await,
                failed => failed,
            };
            let (why, at_least) = match ended {
                Ok(()) => continue,
                Err(Ended::Failed(why)) => (why, ""),
                // What was under way may have been done.
                Err(Ended::Interrupted) => ("interrupted".to_owned(), "at least "),
            };
            let so_far = done.put + done.deleted;
            let manifest = match phase {
                None => "the new manifest is in place",
                _ => "the manifest is as it was",
            };
            return Err(format!(
                "{why}; {at_least}{so_far} of {all} steps are done, and {manifest}; run it again to finish"
            ));
        }
        self.confirm(names, stop).await?;
        Ok(done)
    }

    /// Does the steps of a phase, and adds them to what is `done`.
    async fn phase(
        &self,
        phase: Option<Phase>,
        steps: &mut Peekable<impl Iterator<Item = Step>>,
        done: &mut Done,
        mut stop: Pin<&mut impl Future<Output = ()>>,
        tick: impl Fn(),
    ) -> Result<(), Ended> {
        let mut running = JoinSet::new();
        let mut failed: Option<String> = None;
        loop {
            while failed.is_none()
                && running.len() < self.jobs
                && let Some(step) = steps.next_if(|step| step.phase() == phase)
            {
                running.spawn(self.step(step));
            }
            // A request that is given up leaves no other state than a process that is killed.
            let Some(ended) = unless(stop.as_mut(), running.join_next()).await else {
                return Err(Ended::Interrupted);
            };
            match ended {
                None => return failed.map_or(Ok(()), |why| Err(Ended::Failed(why))),
                Some(Ok(Ok(step))) => {
                    done.put += step.put;
                    done.deleted += step.deleted;
                    tick();
                }
                // The first one is the one to report.
                Some(Ok(Err(why))) => failed = failed.or(Some(why)),
                Some(Err(error)) => failed = failed.or(Some(super::broken(&error))),
            }
        }
    }

    /// Looks whether names whose bytes change still have what this publish has put there. A condition
    /// protects each write, and not the time from the first to the last of them: another publish that
    /// began earlier may have put its own bytes there, and found that the manifest needs no change.
    async fn confirm(
        &self,
        names: Vec<Object>,
        stop: Pin<&mut impl Future<Output = ()>>,
    ) -> Result<(), String> {
        if names.is_empty() || !self.store.has_rivals() {
            return Ok(());
        }
        let (nowhere, nothing) = (BTreeSet::new(), BTreeSet::new());
        let found = super::survey::found(&self.store, &names, &nowhere, &nothing, self.jobs, || ());
        let found = match unless(stop, found).await {
            Some(found) => found.map_err(Failure::message),
            None => Err("interrupted".to_owned()),
        };
        let found = found.map_err(|why| {
            format!(
                "{why}; all objects were put, but whether another publish has changed one meanwhile \
                 was not seen; run it again"
            )
        })?;
        match names.iter().find(|name| need(name, found.get(&name.key), true) != Need::Nothing) {
            None => Ok(()),
            Some(name) => Err(format!(
                "another publish has changed `{}` since this one wrote it, so names of both may be \
                 mixed; run the one that is to hold again, alone",
                name.key
            )),
        }
    }

    fn step(&self, step: Step) -> impl Future<Output = Result<Done, String>> + Send + 'static {
        let (store, out, listed) = (self.store.clone(), self.out.clone(), self.listed.clone());
        let memory = self.memory.clone();
        async move {
            match step {
                Step::Delete { key } => {
                    super::survey::again(|| store.delete(&key)).await.map_err(Failure::message)?;
                    Ok(Done { deleted: 1, put: 0 })
                }
                Step::Put { object, need } => {
                    let size = u32::try_from(object.size >> 20).unwrap_or(MEMORY);
                    let room = memory.acquire_many_owned((size + 1).min(MEMORY)).await;
                    let _room = room.map_err(|error| error.to_string())?;
                    let is_listed = listed.contains(&object.key);
                    put(&store, Arc::new(object), out, need, is_listed).await?;
                    Ok(Done { put: 1, deleted: 0 })
                }
            }
        }
    }
}

/// Puts one object. Where the target is in another state than the plan expects, what is there now decides:
/// a request whose answer was lost may have been carried out.
async fn put(
    store: &Store,
    object: Arc<Object>,
    out: PathBuf,
    mut state: Need,
    is_listed: bool,
) -> Result<(), String> {
    let key = &object.key;
    let mut pauses = super::pauses();
    loop {
        let failure = match store.put(&object, &out, state.clone()).await {
            Ok(()) => return Ok(()),
            Err(failure) => failure,
        };
        let cause = match failure {
            Failure::Final(cause) => return Err(cause),
            Failure::Passing(cause) => cause,
            Failure::Taken => {
                let look = super::survey::again(|| store.look(key)).await;
                let found = look.map_err(Failure::message)?;
                match need(&object, found.as_ref(), is_listed) {
                    Need::Nothing => return Ok(()),
                    Need::Conflict(why) => return Err(conflict(key, why)),
                    // The right bytes in another coding, or with other metadata.
                    now @ Need::Replace(_)
                        if found.is_some_and(|it| it.integrity == object.integrity) =>
                    {
                        state = now;
                    }
                    _ => return Err(collision(&object)),
                }
                format!("cannot write `{key}`: it changes all the time")
            }
        };
        match pauses.next() {
            Some(pause) => tokio::time::sleep(pause).await,
            None => return Err(cause),
        }
    }
}

fn collision(object: &Object) -> String {
    let what = match object.phase {
        Phase::Manifest => "another publish has replaced the manifest",
        _ => "another publish has changed it",
    };
    format!(
        "cannot write `{}`: {what} since this one looked; nothing of it was overwritten",
        object.key
    )
}

/// What is said of a key that cannot be had.
pub(super) fn conflict(key: &str, why: Conflict) -> String {
    match why {
        Conflict::OtherBytes => format!(
            "`{key}` holds other bytes than this build has under that stamp, and caches may keep them \
             for a year; build with `--stamp content`, or remove the object if it never was public"
        ),
        Conflict::Stranger => format!(
            "`{key}` was not put there by a publish; name another place, or remove the object if \
             nothing needs it"
        ),
    }
}

/// Refuses to go on where something is in the way.
pub(super) fn report(conflicts: &[(String, Conflict)]) -> Result<(), String> {
    const SHOWN: usize = 10;
    if conflicts.is_empty() {
        return Ok(());
    }
    let mut text: Vec<String> =
        conflicts.iter().take(SHOWN).map(|(key, why)| conflict(key, *why)).collect();
    if conflicts.len() > SHOWN {
        text.push(format!("and {} more keys", conflicts.len() - SHOWN));
    }
    Err(format!("nothing was changed: {}", text.join("\n")))
}

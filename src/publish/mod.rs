//! `stamped publish`: an exported folder to an object store or another folder, in the order that never
//! breaks a page.
//!
//! `exported` is the folder. `object` says what the target is to hold, `survey` what it holds, `plan` what follows from
//! both, and `work` does it. `target` is what a person names, and `store` what is read and written: a `folder` or a
//! `bucket`, which sends large files in `parts` and says in `refusal` what stores refuse.

#[cfg(feature = "publish")]
mod bucket;
mod digest;
#[cfg(feature = "publish")]
mod encoded;
mod exported;
mod folder;
mod object;
#[cfg(feature = "publish")]
mod parts;
mod plan;
#[cfg(feature = "publish")]
mod refusal;
mod request;
mod store;
mod survey;
mod target;
#[cfg(feature = "publish")]
mod verify;
mod work;

use crate::progress::Bar;
use crate::stop::{self, unless};
use crate::values::{bytes, count, time};
use crate::{folder as typed, output};
use clap::{Args, ValueHint};
use exported::{Exported, apart};
use object::{Encoding, MANIFEST, Object};
use plan::{Plan, Situation};
use request::Requests;
use serde_json::json;
use stamped_build::{Keep, Manifest, Retired};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::Duration;
use store::Store;
use survey::Last;
use target::Place;
use work::{Done, Worker};

const EXAMPLES: &str = "\
Examples:
  stamped build assets --out dist
  stamped publish dist s3://shop-assets --plan
  stamped publish dist s3://shop-assets --encoding gzip --verify https://cdn.example
  stamped publish dist gs://shop-assets/site --prune --keep 2 --keep-for 30d
  stamped publish dist /mnt/www

docs/publish.md names the variables for credentials, and what to set in a CDN.";

/// Brings what `build` wrote to an object store or another folder, without breaking a page
///
/// Stamped files come first, and only where none is there: what is there is compared and never
/// overwritten. Then come plain names, pages after others, and the manifest last, unless another publish
/// has replaced it meanwhile. So whoever reads the manifest finds every file that it names, at any time,
/// also after a run that was killed; the next one finishes its work.
///
/// Keys are the paths of the URLs: static/css/style.1452929749.css. The manifest is
/// .stamped/manifest.json. Objects get the Content-Type, Cache-Control and Content-Encoding with which
/// `stamped serve` would answer, and are corrected where they have others. Earlier versions stay, and the
/// manifest goes on naming them, until `--prune` deletes them.
#[derive(Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Publish {
    /// A folder that `build` wrote
    #[arg(value_name = "OUT", value_hint = ValueHint::DirPath)]
    out: PathBuf,

    /// s3://BUCKET/PREFIX, gs://BUCKET/PREFIX, az://CONTAINER/PREFIX, or a folder
    #[arg(value_name = "TARGET", value_hint = ValueHint::Other)]
    target: String,

    /// Only print what would be done, one step in JSON on each line
    #[arg(long)]
    plan: bool,

    /// Store the files like this, for everybody: a key holds one encoding
    #[arg(long, value_name = "CODING", default_value = "identity")]
    encoding: Encoding,

    /// Delete earlier versions that are not to be kept, and the plain names of removed assets
    #[arg(long)]
    prune: bool,

    /// With --prune: keep this many earlier versions of each asset, however old
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = count, requires = "prune")]
    keep: usize,

    /// With --prune: keep all versions that were replaced within this time, such as 12h or 7d
    #[arg(long, value_name = "TIME", default_value = "7d", value_parser = time, requires = "prune")]
    keep_for: Duration,

    /// With --prune: keep no more bytes of earlier versions than this, such as 20m [default: no limit]
    #[arg(long, value_name = "SIZE", value_parser = bytes, requires = "prune")]
    keep_bytes: Option<u64>,

    /// Put robots.txt, favicon.ico and the like only below the mount
    #[arg(long)]
    no_root_files: bool,

    /// Then read everything back from this URL, and compare bytes and headers
    #[arg(long, value_name = "URL", value_hint = ValueHint::Url, conflicts_with = "plan")]
    verify: Option<String>,

    /// How many requests to make at a time
    #[arg(long, value_name = "N", default_value_t = 32, value_parser = jobs)]
    jobs: usize,

    /// How long a request may take before it is made again
    #[arg(long, value_name = "TIME", default_value = "2m", value_parser = time)]
    timeout: Duration,

    /// Send larger files in parts of 16 MiB; S3 takes at most 5g at once
    ///
    /// Sends larger files in parts of 16 MiB, which a slow line can manage in the time for a request. Object
    /// stores take no condition for such a file, so it is looked at before it becomes visible whether the
    /// key is still as it was. S3 takes at most 5g at once.
    #[arg(long, value_name = "SIZE", default_value = "128m", value_parser = parts_above)]
    parts_above: u64,

    /// Print the summary in JSON
    #[arg(long)]
    json: bool,

    /// Show neither warnings nor progress
    #[arg(long, short)]
    quiet: bool,
}

/// What is to be done, and what will be there then.
struct Task {
    plan: Plan,
    /// The keys that the last manifest names.
    listed: BTreeSet<String>,
    /// What was compared with the target.
    objects: Vec<Object>,
    manifest: Manifest,
}

/// The end of a sentence about what needs the feature.
const MISSING: &str = "needs the feature `publish`, which this program was built without; install it with \
                       `cargo install --path . --features publish`";

impl Publish {
    pub(crate) fn run(&self) -> Result<(), String> {
        let exported = Exported::read(&self.out)?;
        let place = match Place::parse(&self.target)? {
            Place::Folder(path) => Place::Folder(apart(&exported.folder, &typed::here(&path)?)?),
            bucket => bucket,
        };
        let requests = Requests { timeout: self.timeout, parts_above: self.parts_above };
        let store = Store::open(&place, requests)?;
        if store.as_ref().is_some_and(|store| !store.keeps_headers())
            && self.encoding != Encoding::Identity
        {
            return Err(format!(
                "`{}` is a folder, which keeps no Content-Encoding; leave `--encoding` out",
                self.target
            ));
        }
        if cfg!(not(feature = "publish")) && self.verify.is_some() {
            return Err(format!("`--verify` {MISSING}"));
        }
        if store.is_none() && !self.plan {
            return Err(format!(
                "publishing to `{}` {MISSING}, or let another tool carry `--plan` out",
                self.target
            ));
        }
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()
            .map_err(|error| format!("cannot start threads: {error}"))?;
        let ended = runtime.block_on(self.publish(&exported, &place, store));
        // After an interrupt, a large file may still be on its way to a disk.
        runtime.shutdown_background();
        ended
    }

    async fn publish(
        &self,
        exported: &Exported,
        place: &Place,
        store: Option<Store>,
    ) -> Result<(), String> {
        let mut stop = pin!(stop::signal());
        let task = unless(stop.as_mut(), self.task(exported, store.as_ref())).await;
        let task = task.ok_or("interrupted; nothing was changed")??;
        let (all, unchanged) = (task.plan.steps.len(), task.plan.unchanged);
        if self.plan {
            work::report(&task.plan.conflicts)?;
            if store.is_none() && !self.quiet {
                output::note(&format!(
                    "note: `{}` was not looked at, so this is the plan for an empty target",
                    self.target
                ));
            }
            let mut lines = String::new();
            for step in &task.plan.steps {
                let _ = writeln!(lines, "{}", step.json(place.prefix()));
            }
            return output::print(&lines);
        }
        work::report(&task.plan.conflicts)?;
        let Some(store) = store else { unreachable!("without a target there is only `--plan`") };
        let manifest = task.objects.iter().find(|object| object.key == MANIFEST).cloned();
        let Some(manifest) = manifest else { unreachable!("the manifest is one of the objects") };
        let done = match task.plan.steps.is_empty() {
            true => Done::default(),
            false => {
                let (plan, listed) = (task.plan, task.listed);
                self.carry_out(exported, &store, plan, manifest, listed, stop.as_mut()).await?
            }
        };
        #[cfg(feature = "publish")]
        if let Some(url) = &self.verify {
            let bar = Bar::counting(self.quiet, "reading back", task.objects.len());
            let tick = || bar.advance();
            let (timeout, jobs) = (self.timeout, self.jobs);
            let verify = verify::verify(url, &task.objects, &task.manifest, timeout, jobs, tick);
            let read = unless(stop.as_mut(), verify).await;
            read.ok_or("interrupted; all objects are in place, but not all were read back")??;
        }
        let kept = task.manifest.retired().len();
        if self.json {
            return output::print_json(&json!({
                "target": self.target,
                "put": done.put,
                "deleted": done.deleted,
                "unchanged": unchanged,
                "kept": kept,
                "verified": self.verify.is_some(),
            }));
        }
        let verified = if self.verify.is_some() { "; all of it was read back" } else { "" };
        debug_assert_eq!(all, done.put + done.deleted, "every step is done, or there is an error");
        output::print(&format!(
            "{}: {} objects put, {unchanged} were there already; earlier versions: {kept} kept, {} \
             objects deleted{verified}\n",
            self.target, done.put, done.deleted
        ))
    }

    /// Compares what the target is to hold with what it holds.
    async fn task(&self, exported: &Exported, store: Option<&Store>) -> Result<Task, String> {
        let own = &exported.manifest;
        let mut last = match store {
            Some(store) => Last::read(store).await?,
            None => Last::default(),
        };
        let folders = survey::folders(own, &last.manifest);
        let present = match store {
            Some(store) => survey::present(store, &folders).await?,
            None => BTreeSet::new(),
        };
        // Others may have deleted what the last manifest names, as rules for the age of objects do.
        let before = last.manifest.clone();
        last.manifest
            .retain(|version| present.contains(&object::key(version.mount(), version.path())));
        let (manifest, gone) = own.clone().following(last.manifest, self.kept());
        let gone = self.gone(&before, &gone, &present);

        let mut objects = object::objects(own, &manifest, self.encoding, !self.no_root_files);
        objects.extend(exported.own_files(&manifest)?);
        let mut found = match store {
            Some(store) => {
                let bar = Bar::counting(self.quiet, "comparing", objects.len());
                let tick = || bar.advance();
                let found =
                    survey::found(store, &objects, &folders, &present, self.jobs, tick).await;
                found.map_err(survey::unchanged)?
            }
            None => BTreeMap::new(),
        };
        // The new manifest was made of the one that was read, and of no later one.
        let now = found.remove(MANIFEST);
        if let Some((text, version)) = last.read {
            let integrity = digest::integrity(text.as_bytes());
            found.insert(
                MANIFEST.to_owned(),
                plan::Found { integrity, version, ..now.unwrap_or_default() },
            );
        }
        let listed = last.listed;
        let situation =
            Situation { objects: objects.clone(), found: &found, listed: &listed, gone };
        let plan = plan::plan(situation);
        Ok(Task { plan, listed, objects, manifest })
    }

    /// The earlier versions that stay.
    fn kept(&self) -> Keep {
        if !self.prune {
            return Keep::ALL;
        }
        let keep = Keep::default().versions(self.keep).time(self.keep_for);
        self.keep_bytes.map_or(keep, |limit| keep.bytes(limit))
    }

    /// The keys that `--prune` deletes.
    fn gone(
        &self,
        last: &Manifest,
        gone: &[Retired],
        present: &BTreeSet<String>,
    ) -> BTreeSet<String> {
        if !self.prune {
            return BTreeSet::new();
        }
        let mut keys = BTreeSet::new();
        for version in gone.iter().map(Retired::version) {
            keys.insert(object::key(version.mount(), version.path()));
            keys.insert(object::key(version.mount(), version.name()));
        }
        // What is an asset still has this key in the plan.
        for asset in last.assets().iter().filter(|asset| !asset.is_prestamped()) {
            keys.insert(object::key(asset.mount(), asset.name()));
            if asset.is_at_root() && !self.no_root_files {
                keys.insert(asset.name().to_owned());
            }
        }
        keys.retain(|key| present.contains(key) || !key.contains('/'));
        keys
    }

    async fn carry_out(
        &self,
        exported: &Exported,
        store: &Store,
        plan: Plan,
        manifest: Object,
        listed: BTreeSet<String>,
        stop: Pin<&mut impl Future<Output = ()>>,
    ) -> Result<Done, String> {
        let names = plan.steps.iter().filter_map(plan::Step::name);
        store.begin(names.map(|object| object.key.clone()).collect())?;
        let bar = Bar::counting(self.quiet, "publishing", plan.steps.len());
        let worker = Worker {
            store: store.clone(),
            out: exported.folder.clone(),
            listed: Arc::new(listed),
            jobs: self.jobs,
            memory: Worker::memory(),
        };
        let done = worker.carry_out(plan, manifest, stop, || bar.advance()).await;
        drop(bar);
        let done = done?;
        store.finish()?;
        Ok(done)
    }
}

/// What is said of a file that changed since the build.
fn damaged(path: &Path) -> String {
    format!("`{}` is not what the manifest beside it says; build again", path.display())
}

/// How long to wait before each further try.
fn pauses() -> impl Iterator<Item = Duration> {
    (0..5).map(|tries| Duration::from_millis(200) * 2_u32.pow(tries))
}

/// What is said of a task that has panicked.
fn broken(error: &tokio::task::JoinError) -> String {
    format!("a part of this program failed: {error}; please report this")
}

fn jobs(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(number @ 1..=1000) => Ok(number),
        _ => Err("expected a number from 1 to 1000".to_owned()),
    }
}

fn parts_above(text: &str) -> Result<u64, String> {
    match bytes(text)? {
        size @ ..=5_000_000_000 => Ok(size),
        _ => Err("stores take at most 5g at once".to_owned()),
    }
}

//! Which earlier versions are kept.

use super::plan::Plan;
use crate::bundle::{Bundle, EarlierVersion};
use crate::contents;
use crate::digest::Hash;
use crate::error::{Warning, WarningKind};
use crate::manifest::{AssetVersion, Manifest, Retired, encoded};
use crate::parallel;
use crate::stages::encode::decodes_to;
use crate::versions::policy::{Current, Policy};
use stamped::Coding;
use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::Path;

impl Policy {
    /// Adds the earlier versions in `out` and in the bundle that are kept to the plan. Returns them, and
    /// the number of those in `out` that are not kept.
    pub(super) fn apply<'a>(
        self,
        old: &Manifest,
        (bundle, assets): (&'a Bundle, &[AssetVersion]),
        out: &Path,
        plan: &mut Plan<'a>,
        warnings: &mut Vec<Warning>,
    ) -> (Vec<Retired>, usize) {
        let current = Current {
            locations: assets.iter().map(AssetVersion::location).collect(),
            contents: assets.iter().map(|asset| asset.integrity().to_owned()).collect(),
        };
        let replaced = old.assets.iter().map(|version| old.retire(version, self.now));
        let old: Vec<Retired> = replaced.chain(old.retired.iter().cloned()).collect();
        let is_earlier = |retired: &&Retired| {
            let version = &retired.version;
            version.is_immutable() && !current.locations.contains(&version.location())
        };
        let given: HashMap<String, &EarlierVersion> = (bundle.versions().iter())
            .map(|earlier| (of_bundle(earlier, self.now).version.location(), earlier))
            .collect();
        let earlier: HashSet<String> =
            old.iter().filter(is_earlier).map(|retired| retired.version.location()).collect();
        let of_bundle = bundle.versions().iter().map(|earlier| of_bundle(earlier, self.now));
        let kept = self.choose(old.into_iter().chain(of_bundle).collect(), &current);
        let of_out = |retired: &&Retired| earlier.contains(&retired.version.location());
        let mut removed = earlier.len() - kept.iter().filter(of_out).count();
        let states = parallel::map(&kept, |retired| State::of(out, &retired.version));
        let mut damaged = |location: &str, what| {
            let message = format!(
                "`{}` is no longer what the manifest says of it, so this {what} is not kept",
                out.join(location).display()
            );
            warnings.push(Warning::new(WarningKind::RetiredVersion, message, ""));
        };
        let mut added = Vec::with_capacity(kept.len());
        for (mut retired, state) in kept.into_iter().zip(states) {
            let location = retired.version.location();
            if !state.is_whole
                && let Some(given) = given.get(&location)
            {
                if let Some(version) = plan.add_earlier(given) {
                    added.push(Retired { version, ..retired });
                }
                continue;
            }
            if !state.is_whole {
                damaged(&location, "earlier version");
            }
            if !state.is_whole || !plan.is_free(&location) {
                removed += 1;
                continue;
            }
            retired.version.retain_encodings(|coding, _| {
                let path = encoded(&location, coding);
                let is_whole = state.encodings.contains(&coding);
                if !is_whole {
                    damaged(&path, "encoding of an earlier version");
                }
                let takes = is_whole && plan.is_free(&path);
                if takes {
                    plan.keep(path);
                }
                takes
            });
            plan.keep(location);
            added.push(retired);
        }
        (added, removed)
    }
}

/// A version in the bundle, as the manifest lists it.
fn of_bundle(earlier: &EarlierVersion, now: u64) -> Retired {
    let version = AssetVersion::new(&[], earlier.asset(), &[]);
    Retired { version, since: earlier.since.unwrap_or(now), uses: Some(earlier.uses.clone()) }
}

/// What of a version is still as the manifest says.
#[derive(Default)]
struct State {
    is_whole: bool,
    /// Those that decode to it.
    encodings: Vec<Coding>,
}

impl State {
    fn of(out: &Path, version: &AssetVersion) -> Self {
        let location = version.location();
        let path = out.join(&location);
        let is_it = |hash: Hash| version.integrity() == hash.integrity();
        if version.encodings().next().is_none() {
            let hash = is_file(&path, version.size()).then(|| contents::hash(&path));
            let is_whole = hash.is_some_and(|read| read.ok().flatten().is_some_and(is_it));
            return State { is_whole, encodings: Vec::new() };
        }
        let Some(bytes) = read(&path, version.size()) else {
            return State::default();
        };
        if !is_it(Hash::of(&bytes)) {
            return State::default();
        }
        let decodes = |&(coding, length): &(Coding, u64)| {
            read(&out.join(encoded(&location, coding)), length)
                .is_some_and(|encoded| decodes_to(coding, &encoded, &bytes))
        };
        let encodings = version.encodings().filter(decodes).map(|(coding, _)| coding).collect();
        State { is_whole: true, encodings }
    }
}

/// A file of this length.
fn read(path: &Path, length: u64) -> Option<Vec<u8>> {
    is_file(path, length).then(|| fs::read(path).ok()).flatten()
}

fn is_file(path: &Path, length: u64) -> bool {
    fs::symlink_metadata(path).is_ok_and(|found| found.is_file() && found.len() == length)
}

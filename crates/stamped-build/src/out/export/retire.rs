//! Which earlier versions are kept.

use super::manifest::{AssetVersion, Manifest, Retired, encoded};
use super::plan::Plan;
use crate::contents;
use crate::digest::Hash;
use crate::error::{Warning, WarningKind};
use crate::parallel;
use crate::stages::encode::decodes_to;
use stamped::Coding;
use std::cmp::Reverse;
use std::collections::HashSet;
use std::fs;
use std::path::Path;
use std::time::Duration;

/// How long earlier versions are kept.
#[derive(Clone, Copy, Debug)]
pub(super) struct Policy {
    /// So many of each asset, or
    pub(super) keep: usize,
    /// for so long since they were replaced.
    pub(super) keep_for: Duration,
    /// Seconds since 1970.
    pub(super) now: u64,
}

impl Policy {
    /// Adds the earlier versions in `out` that are kept to the plan. Returns them, and the number of
    /// those that are not kept.
    pub(super) fn apply(
        self,
        old: Manifest,
        assets: &[AssetVersion],
        out: &Path,
        plan: &mut Plan,
        warnings: &mut Vec<Warning>,
    ) -> (Vec<Retired>, usize) {
        let current: HashSet<String> = assets.iter().map(AssetVersion::location).collect();
        let (kept, removed) = self.choose(old, &current);
        let mut removed = removed.len();
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

    /// The versions to keep, by name and the newest first, and the others.
    pub(super) fn choose(
        self,
        old: Manifest,
        current: &HashSet<String>,
    ) -> (Vec<Retired>, Vec<Retired>) {
        let replaced = old.assets.into_iter().filter(AssetVersion::is_immutable);
        let replaced = replaced.map(|version| Retired { version, since: self.now });
        let mut seen = HashSet::new();
        let mut versions: Vec<Retired> = replaced
            .chain(old.retired)
            .filter(|retired| {
                let location = retired.version.location();
                !current.contains(&location) && seen.insert(location)
            })
            .collect();
        versions.sort_by(|a, b| {
            (a.version.name(), Reverse(a.since)).cmp(&(b.version.name(), Reverse(b.since)))
        });
        let mut newer: Option<String> = None;
        let mut count = 0;
        let mut is_kept = |Retired { version, since }: &Retired| {
            if newer.as_deref() != Some(version.name()) {
                newer = Some(version.name().to_owned());
                count = 0;
            }
            count += 1;
            // A name that a bundler has stamped is that of one version, so each would be the first
            // of its name, and kept for ever.
            let is_counted = version.stamp().is_some() && count <= self.keep;
            is_counted || self.now.saturating_sub(*since) < self.keep_for.as_secs()
        };
        versions.into_iter().partition(|version| is_kept(version))
    }
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

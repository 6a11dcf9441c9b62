//! Decides which earlier versions are kept.

use super::manifest::{AssetVersion, Manifest, Retired, encoded};
use super::place::Place;
use super::plan::Plan;
use crate::error::{Warning, WarningKind};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rayon::prelude::*;
use std::cmp::Reverse;
use std::collections::HashSet;
use std::fs;
use std::path::Path;
use std::time::Duration;

/// How long earlier versions are kept.
#[derive(Clone, Copy, Debug)]
pub(super) struct Policy {
    /// How many of each asset are kept in any case.
    pub(super) keep: usize,
    /// How long all of them are kept after they were replaced.
    pub(super) keep_for: Duration,
    /// The current time, in seconds since 1970.
    pub(super) now: u64,
}

impl Policy {
    /// Adds the earlier versions that are kept to the plan. Returns them, and the number of those
    /// that are removed.
    pub(super) fn apply(
        self,
        old: Manifest,
        assets: &[AssetVersion],
        place: &Place,
        plan: &mut Plan,
        warnings: &mut Vec<Warning>,
    ) -> (Vec<Retired>, usize) {
        let current: HashSet<String> = assets.iter().map(AssetVersion::location).collect();
        let (kept, mut removed) = self.choose(old, &current);
        let is_whole: Vec<bool> = kept
            .par_iter()
            .map(|retired| is_whole(&place.old_path(retired.version.location()), &retired.version))
            .collect();
        let mut added = Vec::with_capacity(kept.len());
        for (mut retired, is_whole) in kept.into_iter().zip(is_whole) {
            let location = retired.version.location();
            if !is_whole {
                let path = place.old_path(&location);
                let message = format!(
                    "`{}` is no longer what the manifest says of it, so this earlier version is not \
                     kept",
                    path.display()
                );
                warnings.push(Warning::new(WarningKind::RetiredVersion, message, ""));
            }
            if !is_whole || !plan.is_free(&location) {
                removed += 1;
                continue;
            }
            retired.version.retain_encodings(|coding, length| {
                let path = encoded(&location, coding);
                let is_there = fs::symlink_metadata(place.old_path(&path))
                    .is_ok_and(|metadata| metadata.is_file() && metadata.len() == length);
                let takes = is_there && plan.is_free(&path);
                if takes {
                    plan.carry(path);
                }
                takes
            });
            plan.carry(location);
            added.push(retired);
        }
        (added, removed)
    }

    /// The versions to keep, sorted by name and the newest first, and the number of the others.
    fn choose(self, old: Manifest, current: &HashSet<String>) -> (Vec<Retired>, usize) {
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
        let all = versions.len();
        let mut newer: Option<String> = None;
        let mut count = 0;
        versions.retain(|Retired { version, since }| {
            if newer.as_deref() != Some(version.name()) {
                newer = Some(version.name().to_owned());
                count = 0;
            }
            count += 1;
            // A name that a bundler has stamped has one version only, so each would be the first of
            // its name, and be kept for ever.
            let is_counted = version.stamp().is_some() && count <= self.keep;
            is_counted || self.now.saturating_sub(*since) < self.keep_for.as_secs()
        });
        let kept = versions.len();
        (versions, all - kept)
    }
}

/// Whether the file still has the bytes that the manifest lists.
fn is_whole(path: &Path, version: &AssetVersion) -> bool {
    let is_file = fs::symlink_metadata(path)
        .is_ok_and(|metadata| metadata.is_file() && metadata.len() == version.size());
    is_file
        && fs::read(path).is_ok_and(|bytes| {
            let digest = ring::digest::digest(&ring::digest::SHA384, &bytes);
            version.integrity() == format!("sha384-{}", STANDARD.encode(digest))
        })
}

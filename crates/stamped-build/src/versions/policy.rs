//! Which earlier versions stay: by number, by age, by size, and always with what they refer to.

use super::keep::Keep;
use crate::manifest::Retired;
use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};
use std::time::SystemTime;

impl Keep {
    /// What stays now, by the clock of the machine.
    pub(crate) fn now(self) -> Policy {
        let since_1970 = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        Policy { keep: self, now: since_1970.unwrap_or_default().as_secs() }
    }
}

/// Which versions stay at a moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Policy {
    keep: Keep,
    /// Seconds since 1970.
    pub(crate) now: u64,
}

impl Policy {
    /// The versions that stay, by name and the newest first. None of them is one that is `current`, by
    /// its location, or twice there.
    pub(crate) fn choose(self, mut versions: Vec<Retired>, current: &Current) -> Vec<Retired> {
        let mut seen = HashSet::new();
        versions.retain(|Retired { version, .. }| {
            let location = version.location();
            version.is_immutable()
                && !current.locations.contains(&location)
                && seen.insert(location)
        });
        versions.sort_by(|a, b| {
            (a.version.name(), Reverse(a.since)).cmp(&(b.version.name(), Reverse(b.since)))
        });
        let mut wanted = self.wanted(&versions, &current.contents);
        wanted.sort_by_key(|&at| Reverse(versions[at].since));
        let uses = uses(&versions);
        let mut stays = vec![false; versions.len()];
        let mut contents = current.contents.clone();
        let mut bytes = 0;
        for at in wanted {
            let with = with_uses(at, &uses, &stays);
            let mut new: HashMap<&str, u64> = HashMap::new();
            for Retired { version, .. } in with.iter().map(|&at| &versions[at]) {
                if !contents.contains(version.integrity()) {
                    new.insert(version.integrity(), version.size());
                }
            }
            bytes += new.values().sum::<u64>();
            if self.keep.bytes.is_some_and(|limit| bytes > limit) {
                break;
            }
            contents.extend(new.into_keys().map(str::to_owned));
            with.into_iter().for_each(|at| stays[at] = true);
        }
        let mut stays = stays.into_iter();
        versions.retain(|_| stays.next() == Some(true));
        versions
    }

    /// The positions of those that stay by number or age, of versions that are sorted by name.
    /// Bytes that are current too, such as those of a file that only got a new time, do not count.
    fn wanted(self, versions: &[Retired], current: &HashSet<String>) -> Vec<usize> {
        let mut name = "";
        // The contents of this name: how many newer ones there are, and how many versions have it.
        let mut contents: HashMap<&str, (usize, usize)> = HashMap::new();
        let mut earlier = 0;
        let mut wanted = Vec::new();
        for (at, Retired { version, since, .. }) in versions.iter().enumerate() {
            if version.name() != name {
                name = version.name();
                contents.clear();
                earlier = 0;
            }
            let (rank, same) = contents.entry(version.integrity()).or_insert_with(|| {
                earlier += usize::from(!current.contains(version.integrity()));
                (if current.contains(version.integrity()) { 0 } else { earlier }, 0)
            });
            *same += 1;
            // A name that a bundler has stamped is that of one version, so each would be the first
            // of its name, and kept for ever.
            let Keep { versions, time, .. } = self.keep;
            let is_counted = version.stamp().is_some() && *rank <= versions && *same <= versions;
            if is_counted || self.now.saturating_sub(*since) < time.as_secs() {
                wanted.push(at);
            }
        }
        wanted
    }
}

/// What there is besides earlier versions.
#[derive(Clone, Debug, Default)]
pub(crate) struct Current {
    /// The paths in the folder.
    pub(crate) locations: HashSet<String>,
    /// The values of `integrity` attributes.
    pub(crate) contents: HashSet<String>,
}

/// The positions of the versions that each one refers to. Where that was not written down, they are all
/// versions of the names that it refers to.
fn uses(versions: &[Retired]) -> Vec<Vec<usize>> {
    let mut by_location: HashMap<String, usize> = HashMap::new();
    let mut by_name: HashMap<&str, Vec<usize>> = HashMap::new();
    for (at, Retired { version, .. }) in versions.iter().enumerate() {
        by_location.insert(version.location(), at);
        by_name.entry(version.name()).or_default().push(at);
    }
    let of = |retired: &Retired| match &retired.uses {
        Some(paths) => {
            let locations = paths.iter().map(|path| retired.version.location_of(path));
            locations.filter_map(|location| by_location.get(&location).copied()).collect()
        }
        None => {
            let named = retired.version.references().filter_map(|name| by_name.get(name));
            named.flatten().copied().collect()
        }
    };
    versions.iter().map(of).collect()
}

/// A version and all that it refers to, without those that stay already.
fn with_uses(at: usize, uses: &[Vec<usize>], stays: &[bool]) -> HashSet<usize> {
    let mut found = HashSet::new();
    let mut next = vec![at];
    while let Some(at) = next.pop() {
        if !stays[at] && found.insert(at) {
            next.extend(&uses[at]);
        }
    }
    found
}

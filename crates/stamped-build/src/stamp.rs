//! How a stamp is decided.

use crate::config::Stamp;
use crate::error::{Error, Problem};
use crate::link::{Link, Linked};
use crate::read::{Source, Time};
use crate::scan;
use rayon::prelude::*;
use stamped::Addressing;
use stamped::name::STAMP_DIGITS;
use std::sync::Arc;

/// Times that tools set when they do not want to tell one: 0 and 1 (Nix, OSTree), the first of
/// 1980 (zip, Bazel), and those of npm and cargo packages.
const MEANINGLESS: &[u64] = &[0, 1, 315_532_800, 499_162_500, 1_153_704_088];

/// The limit of times in a reproducible build.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Clock {
    source_date_epoch: Option<u64>,
}

impl Clock {
    /// Reads `SOURCE_DATE_EPOCH`.
    pub(crate) fn from_environment() -> Result<Self, Error> {
        const VARIABLE: &str = "SOURCE_DATE_EPOCH";
        let Some(value) = std::env::var_os(VARIABLE) else { return Ok(Clock::default()) };
        match value.to_str().and_then(|text| text.parse().ok()) {
            Some(seconds) => Ok(Clock { source_date_epoch: Some(seconds) }),
            None => Err(Problem::BadEnvironment {
                variable: VARIABLE,
                value: value.to_string_lossy().into_owned(),
                wanted: "a number of seconds since 1970",
            }
            .into()),
        }
    }

    /// The time of a source, if it tells its versions apart.
    fn telling(self, time: Option<Time>) -> Option<u64> {
        match time? {
            Time::Committed(seconds) => Some(seconds),
            // A time that had to be clamped is that of the release and not of the file.
            Time::Modified(seconds) => Some(seconds)
                .filter(|seconds| !MEANINGLESS.contains(seconds))
                .filter(|&seconds| self.source_date_epoch.is_none_or(|epoch| seconds <= epoch)),
        }
    }
}

/// A source with its stamp, if it has one.
#[derive(Debug)]
pub(crate) struct Stamped {
    pub(crate) source: Source,
    pub(crate) addressing: Addressing,
    pub(crate) stamp: Option<String>,
    /// The path under the mount, with the stamp in it.
    pub(crate) path: String,
    /// Of the bytes.
    pub(crate) hash: blake3::Hash,
    /// Seconds since 1970, if these bytes are known to be of that time.
    pub(crate) modified: Option<u64>,
    /// The newest time among the source and all that is written into it.
    newest: Option<u64>,
    pub(crate) module: bool,
    /// Positions of the sources that this one refers to, each once.
    pub(crate) references: Vec<(usize, scan::Kind)>,
}

/// Decides the stamps of all sources and writes them into the files that refer to them: first those
/// that refer to nothing, then those that refer to these, and so on.
pub(crate) fn all(linked: Linked, stamp: Stamp, clock: &Clock) -> Vec<Stamped> {
    let Linked { sources, addressings, links, modules, components, .. } = linked;
    let levels = levels(&links, &components);
    let mut waiting: Vec<Option<Unstamped>> = sources
        .into_iter()
        .zip(addressings)
        .zip(links)
        .zip(modules)
        .map(|(((source, addressing), links), module)| {
            Some(Unstamped { source, addressing, links, module })
        })
        .collect();
    let mut done: Vec<Option<Stamped>> = waiting.iter().map(|_| None).collect();
    for level in levels {
        let components: Vec<Vec<(usize, Unstamped)>> = level
            .into_iter()
            .map(|component| {
                let take = |&node: &usize| Some((node, waiting.get_mut(node)?.take()?));
                component.iter().filter_map(take).collect()
            })
            .collect();
        let stamped: Vec<Vec<(usize, Stamped)>> = components
            .into_par_iter()
            .map(|members| Component { members, done: &done, stamp, clock }.stamp())
            .collect();
        for (node, stamped) in stamped.into_iter().flatten() {
            if let Some(place) = done.get_mut(node) {
                *place = Some(stamped);
            }
        }
    }
    done.into_iter().flatten().collect()
}

/// The components, each in ascending order, by the length of the longest way down from them: those of
/// one level do not depend on each other.
fn levels<'a>(links: &[Vec<Link>], components: &'a [Vec<usize>]) -> Vec<Vec<&'a Vec<usize>>> {
    let mut level_of = vec![0; links.len()];
    let mut levels: Vec<Vec<&Vec<usize>>> = Vec::new();
    for component in components {
        let targets = component
            .iter()
            .filter_map(|&node| links.get(node))
            .flatten()
            .filter(|link| link.rewritten && component.binary_search(&link.target).is_err());
        let below = targets.filter_map(|link| level_of.get(link.target)).max();
        let level = below.map_or(0, |below| below + 1);
        for &node in component {
            if let Some(place) = level_of.get_mut(node) {
                *place = level;
            }
        }
        if levels.len() <= level {
            levels.resize_with(level + 1, Vec::new);
        }
        if let Some(place) = levels.get_mut(level) {
            place.push(component);
        }
    }
    levels
}

/// A source before it is stamped.
#[derive(Debug)]
struct Unstamped {
    source: Source,
    addressing: Addressing,
    links: Vec<Link>,
    module: bool,
}

/// Sources that refer to each other, mostly just one, above those that are stamped already.
struct Component<'a> {
    /// In the order of their positions.
    members: Vec<(usize, Unstamped)>,
    done: &'a [Option<Stamped>],
    stamp: Stamp,
    clock: &'a Clock,
}

impl Component<'_> {
    fn stamp(self) -> Vec<(usize, Stamped)> {
        // With all that is known of the stamps below. References within the component stay as they
        // are for now, so that its stamp can cover them.
        let drafts: Vec<Draft> =
            self.members.iter().map(|(_, member)| self.draft(member)).collect();
        let newest = drafts.iter().filter_map(|draft| draft.newest).max();
        let is_cycle = self.members.iter().any(|(_, member)| {
            member.links.iter().any(|link| link.rewritten && self.member(link.target).is_some())
        });
        let shared = is_cycle.then(|| {
            let mut hasher = blake3::Hasher::new();
            for ((_, member), draft) in self.members.iter().zip(&drafts) {
                hasher.update(&number(&member.source.name, &draft.hash).to_le_bytes());
            }
            hasher.finalize()
        });
        let stamps: Vec<Option<String>> = self
            .members
            .iter()
            .zip(&drafts)
            .map(|((_, member), draft)| {
                let number = match &shared {
                    Some(shared) => first_64_bits(shared),
                    None => number(&member.source.name, &draft.hash),
                };
                (member.addressing == Addressing::Stamped)
                    .then(|| self.digits(draft, is_cycle, newest, number))
            })
            .collect();
        let paths: Vec<String> = self
            .members
            .iter()
            .zip(&stamps)
            .map(|((_, member), stamp)| path(&member.source.name, stamp.as_deref()))
            .collect();
        // Now the references within the component can be written too.
        let whole: Vec<Option<Arc<[u8]>>> = match is_cycle {
            true => self.members.iter().map(|(_, member)| self.whole(member, &paths)).collect(),
            false => drafts.iter().map(|draft| draft.bytes.clone()).collect(),
        };
        let parts = self.members.into_iter().zip(drafts).zip(whole).zip(stamps).zip(paths);
        parts
            .map(|(((((node, mut member), draft), whole), stamp), path)| {
                let changed = member.source.changed || whole.is_some();
                let mut hash = draft.hash;
                if let Some(bytes) = whole {
                    if is_cycle {
                        hash = blake3::hash(&bytes);
                    }
                    member.source.bytes = bytes;
                }
                let mut references: Vec<(usize, scan::Kind)> =
                    member.links.iter().map(|link| (link.target, link.kind)).collect();
                references.sort_unstable();
                references.dedup();
                let stamped = Stamped {
                    addressing: member.addressing,
                    stamp,
                    path,
                    hash,
                    modified: draft.time.filter(|_| !changed),
                    newest,
                    module: member.module,
                    references,
                    source: member.source,
                };
                (node, stamped)
            })
            .collect()
    }

    /// Where in the component a source is.
    fn member(&self, node: usize) -> Option<usize> {
        self.members.binary_search_by_key(&node, |(node, _)| *node).ok()
    }

    /// The bytes of a member with all stamps written into it; `None` where nothing is written.
    fn whole(&self, member: &Unstamped, paths: &[String]) -> Option<Arc<[u8]>> {
        write(member, |target| match self.member(target) {
            Some(inside) => paths.get(inside),
            None => path_of(self.done, target),
        })
    }

    /// A member with the stamps below written into it.
    fn draft(&self, member: &Unstamped) -> Draft {
        let time = match self.stamp {
            Stamp::Modified | Stamp::Committed => self.clock.telling(member.source.time),
            Stamp::Content | Stamp::Fixed(_) => None,
        };
        let below = member.links.iter().filter(|link| link.rewritten);
        let below = below.filter_map(|link| self.done.get(link.target)?.as_ref()?.newest);
        let newest = below.chain(time).max();
        let bytes = write(member, |target| path_of(self.done, target));
        let hash = blake3::hash(bytes.as_deref().unwrap_or(&member.source.bytes));
        Draft { time, newest, changed: member.source.changed || bytes.is_some(), bytes, hash }
    }

    fn digits(&self, draft: &Draft, is_cycle: bool, newest: Option<u64>, number: u64) -> String {
        match (self.stamp, draft.time, newest) {
            (Stamp::Fixed(fixed), _, _) => fixed.to_string(),
            (_, Some(_), Some(newest)) if draft.changed || is_cycle => changed(newest, number),
            (_, Some(seconds), _) => seconds.to_string(),
            (_, None, _) => content(number),
        }
    }
}

/// A member of a component with the stamps below written into it.
struct Draft {
    /// Its own time, if it tells something.
    time: Option<u64>,
    newest: Option<u64>,
    /// Where something was written.
    bytes: Option<Arc<[u8]>>,
    hash: blake3::Hash,
    /// These bytes are no longer those of the file.
    changed: bool,
}

/// The bytes of a source with the paths of targets written at the references to them, where they are
/// known; `None` where none is.
fn write<'a>(
    source: &Unstamped,
    path_of: impl Fn(usize) -> Option<&'a String>,
) -> Option<Arc<[u8]>> {
    let rewritten = source.links.iter().filter(|link| link.rewritten);
    let edits: Vec<(std::ops::Range<usize>, String)> = rewritten
        .filter_map(|link| {
            let path = path_of(link.target)?;
            let file = path.rsplit('/').next().unwrap_or(path);
            Some((link.segment.clone(), scan::segment(link.context, file)))
        })
        .collect();
    if edits.is_empty() {
        return None;
    }
    // Scanners report places in order and inside the file, so this does not fail.
    scan::replace(&source.source.bytes, &edits).ok().map(Into::into)
}

fn path_of(done: &[Option<Stamped>], target: usize) -> Option<&String> {
    done.get(target)?.as_ref().map(|stamped| &stamped.path)
}

fn path(name: &str, stamp: Option<&str>) -> String {
    match stamp {
        Some(stamp) => {
            let (stem, suffix) = stamped::name::split(name);
            format!("{stem}.{stamp}{suffix}")
        }
        None => name.to_owned(),
    }
}

/// The stamp of bytes that do not follow from one file's time: six digits of them tell the versions
/// apart that share a newest time.
fn changed(newest: u64, number: u64) -> String {
    let digits = format!("{newest}{:06}", number % 1_000_000);
    if digits.len() <= STAMP_DIGITS { digits } else { content(number) }
}

fn content(number: u64) -> String {
    format!("{number:020}")
}

/// 64 bits of the hash of a name and of the bytes' hash, which has a fixed length.
fn number(name: &str, hash: &blake3::Hash) -> u64 {
    let mut hasher = blake3::Hasher::new();
    hasher.update(hash.as_bytes());
    hasher.update(name.as_bytes());
    first_64_bits(&hasher.finalize())
}

fn first_64_bits(hash: &blake3::Hash) -> u64 {
    hash.as_bytes().first_chunk().copied().map_or(0, u64::from_le_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stamp(
        name: &str,
        time: Option<u64>,
        bytes: &str,
        stamp: Stamp,
        epoch: Option<u64>,
    ) -> Stamped {
        let source = Source {
            name: name.to_owned(),
            origin: name.into(),
            time: time.map(Time::Modified),
            bytes: bytes.as_bytes().into(),
            changed: false,
        };
        let addressing = if name == "robots.txt" { Addressing::Plain } else { Addressing::Stamped };
        let linked = Linked {
            sources: vec![source],
            addressings: vec![addressing],
            links: vec![Vec::new()],
            modules: vec![false],
            components: vec![vec![0]],
            warnings: Vec::new(),
        };
        all(linked, stamp, &Clock { source_date_epoch: epoch }).remove(0)
    }

    fn modified(time: u64, epoch: Option<u64>) -> String {
        stamp("a.css", Some(time), "x", Stamp::Modified, epoch).stamp.unwrap()
    }

    #[test]
    fn a_modification_time_is_the_stamp() {
        assert_eq!(modified(1_452_929_749, None), "1452929749");
        assert_eq!(modified(1_452_929_749, Some(1_500_000_000)), "1452929749");
    }

    #[test]
    fn a_time_that_says_nothing_gives_way_to_the_content() {
        let content = stamp("a.css", None, "x", Stamp::Content, None).stamp.unwrap();
        assert_eq!(content.len(), 20);
        for constant in [0, 1, 315_532_800, 499_162_500, 1_153_704_088] {
            assert_eq!(modified(constant, None), content, "{constant}");
        }
        assert_eq!(modified(1_500_000_001, Some(1_500_000_000)), content);
        let no_time = stamp("a.css", None, "x", Stamp::Modified, None);
        assert_eq!((no_time.stamp.unwrap(), no_time.modified), (content, None));
    }

    #[test]
    fn content_stamps_cover_bytes_and_name() {
        let stamp = |name, bytes| stamp(name, Some(7), bytes, Stamp::Content, None).stamp.unwrap();
        assert_eq!(stamp("a.css", "x"), stamp("a.css", "x"));
        assert_ne!(stamp("a.css", "x"), stamp("a.css", "y"));
        assert_ne!(stamp("a.css", "x"), stamp("b.css", "x"));
    }

    #[test]
    fn a_fixed_stamp_is_the_number_itself() {
        assert_eq!(stamp("a.css", Some(9), "", Stamp::Fixed(42), None).stamp.unwrap(), "42");
        let largest = stamp("a.css", None, "", Stamp::Fixed(u64::MAX), None).stamp.unwrap();
        assert_eq!(largest.len(), STAMP_DIGITS);
    }

    #[test]
    fn a_plain_file_has_no_stamp_but_a_time() {
        let plain = stamp("robots.txt", Some(1_452_929_749), "", Stamp::Modified, None);
        assert_eq!(
            (plain.addressing, plain.stamp, plain.modified),
            (Addressing::Plain, None, Some(1_452_929_749))
        );
    }

    #[test]
    fn the_longest_time_still_fits() {
        for seconds in [9_999_999_999, 99_999_999_999_999, 100_000_000_000_000, u64::MAX] {
            assert!(changed(seconds, 7).len() <= STAMP_DIGITS);
        }
    }
}

//! Decides the stamps, and writes stamped paths into the files that refer to them.

use super::data_url;
use super::link::{Doubt, Entry, Graph, Link, Linked, ListedNames};
use super::read::{Source, Time};
use crate::config::Stamp;
use crate::contents::Contents;
use crate::digest::{Hash, Hasher, digest_by, hexadecimal};
use crate::edited::Edits;
use crate::error::{Error, Problem, Warning, WarningKind};
use crate::kept::memo::Memo;
use crate::kept::versions::{Knowledge, Known};
use crate::parallel;
use crate::rules::Unstamped;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use stamped::name::STAMP_DIGITS;
use stamped_scan::{Algorithm, Context, ReferenceKind, Version as Promised};
use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

/// Times that tools set instead of the real one: 0 and 1 (Nix, OSTree), the first day of 1980 (zip,
/// Bazel), and those of npm and cargo packages.
const MEANINGLESS: &[u64] = &[0, 1, 315_532_800, 499_162_500, 1_153_704_088];

/// How many digits of the content follow a time that does not distinguish all versions.
const CONTENT_DIGITS: usize = 6;

/// The latest time that a reproducible build may show.
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

    /// The time of a source, if it distinguishes the versions of the source.
    fn telling(self, time: Option<Time>) -> Option<u64> {
        match time? {
            Time::Committed(seconds) => Some(seconds),
            // A later time would be that of the release, and not of the file. An equal one was set by
            // whoever packed the files.
            Time::Modified(seconds) => Some(seconds)
                .filter(|seconds| !MEANINGLESS.contains(seconds))
                .filter(|&seconds| self.source_date_epoch.is_none_or(|epoch| seconds < epoch)),
        }
    }
}

/// A file with its stamp, if it has one, and its final bytes.
#[derive(Debug)]
pub(crate) struct Stamped {
    /// The source, with its final bytes.
    pub(crate) source: Source,
    pub(crate) unstamped: Option<Unstamped>,
    pub(crate) stamp: Option<String>,
    /// The path below the mount, with the stamp in it.
    pub(crate) path: String,
    /// Of the bytes.
    pub(crate) hash: Hash,
    /// When these bytes were last changed, in seconds since 1970, if that is known.
    pub(crate) modified: Option<u64>,
    pub(crate) module: bool,
    /// The positions of the files that this one refers to, each once per kind.
    pub(crate) references: Vec<(usize, ReferenceKind)>,
}

/// Decides the stamps of all files and writes them into the files that refer to them. It begins
/// with files that refer to nothing, then takes those that refer to these, and so on. It never
/// gives a stamp that other bytes had before, and adds a warning where that would have happened.
pub(crate) fn all(
    graph: Graph,
    stamp: Stamp,
    clock: &Clock,
    known: &Known,
    memo: &Memo,
    warnings: &mut Vec<Warning>,
) -> Result<Vec<Stamped>, Error> {
    let stamping = Stamping { stamp, clock, known, memo };
    let Graph { files, levels, doubts } = graph;
    let mut rank = vec![usize::MAX; files.len()];
    for (at, &position) in levels.iter().flatten().flatten().enumerate() {
        rank[position] = at;
    }
    assert!(!rank.contains(&usize::MAX), "the order of stamping leaves a file out");
    let placed = |(position, linked)| (rank[position], Placed { position, linked });
    let files = parallel::in_order(files.into_iter().enumerate().map(placed).collect());
    let mut files = files.into_iter();
    let mut below = Below { rank, done: Vec::new() };
    for level in levels {
        let components: Vec<Vec<Placed>> =
            level.iter().map(|members| files.by_ref().take(members.len()).collect()).collect();
        let done = parallel::try_map(components, |members| {
            Component::new(&members, &below, &stamping).done(members)
        })?;
        below.done.extend(done.into_iter().flatten());
    }
    let done = below.done.into_iter().map(|file| (file.position, file)).collect();
    let mut done = parallel::in_order(done);
    warnings.extend(done.iter_mut().filter_map(|file| file.warning.take()));
    for Doubt { target, algorithm, digests, warning } in doubts {
        let digest = done[target].digest(algorithm)?;
        if !digests.iter().any(|one| **one == *digest) {
            warnings.push(warning);
        }
    }
    Ok(done.into_iter().map(|file| file.stamped).collect())
}

/// Everything that stamps depend on besides the files.
struct Stamping<'a> {
    stamp: Stamp,
    clock: &'a Clock,
    known: &'a Known,
    memo: &'a Memo,
}

/// A file and its position among all files, which are sorted by name.
struct Placed {
    position: usize,
    linked: Linked,
}

/// A file that is stamped.
struct Done {
    position: usize,
    stamped: Stamped,
    /// The newest time of the file and all that is written into it.
    newest: Option<u64>,
    /// Whether anything was written into it.
    changed: bool,
    /// The hashes of its bytes that other files have.
    digests: Mutex<HashMap<Algorithm, Arc<[u8]>>>,
    warning: Option<Warning>,
}

impl Done {
    fn digest(&self, algorithm: Algorithm) -> Result<Arc<[u8]>, Error> {
        let mut digests = self.digests.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = digests.get(&algorithm) {
            return Ok(known.clone());
        }
        let digest: Arc<[u8]> = match algorithm {
            Algorithm::Sha384 => self.stamped.hash.as_bytes().as_slice().into(),
            _ => digest_by(algorithm, &self.stamped.source.contents.load()?).into(),
        };
        digests.insert(algorithm, digest.clone());
        Ok(digest)
    }
}

/// The files that are already stamped, in the order in which they were stamped.
struct Below {
    /// The index of each position in that order.
    rank: Vec<usize>,
    done: Vec<Done>,
}

impl Below {
    /// The file at this position. Every link that is rewritten leads here, or to a member of the
    /// same component.
    fn get(&self, position: usize) -> &Done {
        match self.done.get(self.rank[position]) {
            Some(done) => done,
            None => unreachable!("a file is stamped before one that it refers to"),
        }
    }
}

/// Files that refer to each other, mostly just one, above those that are already stamped.
struct Component<'a> {
    /// The positions of its members, in ascending order.
    inside: Vec<usize>,
    below: &'a Below,
    stamping: &'a Stamping<'a>,
}

impl<'a> Component<'a> {
    fn new(members: &[Placed], below: &'a Below, stamping: &'a Stamping<'a>) -> Self {
        let inside = members.iter().map(|member| member.position).collect();
        Component { inside, below, stamping }
    }

    fn done(&self, members: Vec<Placed>) -> Result<Vec<Done>, Error> {
        // Write all stamps from below. References within the component stay as they are for now, so
        // that its stamp can cover them.
        let drafts = members.into_iter().map(|member| self.draft(member));
        let drafts: Vec<Draft> = drafts.collect::<Result<_, Error>>()?;
        let newest = drafts.iter().filter_map(|draft| draft.newest).max();
        let leads_inside = |link: &Link| link.rewritten && self.holds(link.target);
        let is_cycle = drafts.iter().any(|draft| draft.linked.links.iter().any(leads_inside));
        let shared = is_cycle.then(|| {
            let mut hasher = Hasher::default();
            for draft in &drafts {
                hasher.update(&draft.number().to_le_bytes());
            }
            hasher.finish().first_64_bits()
        });
        let named: Vec<Named> =
            drafts.into_iter().map(|draft| self.name(draft, newest, shared)).collect();
        if !is_cycle {
            return Ok(named.into_iter().map(|named| named.done(newest)).collect());
        }
        // Now the references within the component can be written too.
        let paths: HashMap<usize, String> =
            named.iter().map(|named| (named.draft.position, named.path.clone())).collect();
        let path_of = |target| match paths.get(&target) {
            Some(path) => path,
            None => &self.below.get(target).stamped.path,
        };
        named
            .into_iter()
            .map(|mut named| {
                let draft = &mut named.draft;
                draft.edited = self.write(&draft.linked, |target| Some(path_of(target)))?;
                if let Some(edited) = &draft.edited {
                    draft.hash = edited.hash();
                }
                Ok(named.done(newest))
            })
            .collect()
    }

    fn holds(&self, position: usize) -> bool {
        self.inside.binary_search(&position).is_ok()
    }

    /// Writes the stamps from below into a member.
    fn draft(&self, member: Placed) -> Result<Draft, Error> {
        let Placed { position, linked } = member;
        let time = match self.stamping.stamp {
            Stamp::Modified | Stamp::Committed => self.stamping.clock.telling(linked.source.time),
            Stamp::Content | Stamp::Fixed(_) => None,
        };
        let below = |target: usize| (!self.holds(target)).then(|| self.below.get(target));
        let rewritten = linked.links.iter().filter(|link| link.rewritten).map(|link| link.target);
        let written = rewritten
            .chain(linked.promises.iter().map(|promise| promise.target))
            .chain(linked.entries.iter().map(|entry| entry.target));
        let newest = written.filter_map(|target| below(target)?.newest).chain(time).max();
        let edited = self.write(&linked, |target| Some(&below(target)?.stamped.path))?;
        let hash = edited.as_ref().unwrap_or(&linked.source.contents).hash();
        Ok(Draft { position, time, newest, edited, hash, linked })
    }

    /// A file with the known paths of its targets, or their contents, written into its references, and with
    /// what it says of the bytes of others; `None` if all stays as it is.
    fn write<'b>(
        &self,
        linked: &Linked,
        path_of: impl Fn(usize) -> Option<&'b String>,
    ) -> Result<Option<Contents>, Error> {
        let mut edits = Edits::new();
        for link in linked.links.iter().filter(|link| link.rewritten) {
            if let Some(whole) = &link.inline {
                let source = &self.below.get(link.target).stamped.source;
                edits.push((whole.clone(), data_url::of(&source.name, &source.contents.load()?)));
            } else if let Some(path) = path_of(link.target) {
                let segment = stamped_scan::segment(link.context, file(path));
                edits.push((link.segment.clone(), segment));
            }
        }
        for promise in &linked.promises {
            let target = self.below.get(promise.target);
            if target.changed {
                let hash = STANDARD.encode(target.digest(promise.algorithm)?);
                edits.push((promise.span.clone(), hash));
            }
        }
        if !linked.entries.is_empty() {
            let source = linked.source.contents.load()?;
            for entry in &linked.entries {
                edits.extend(listed(entry, self.below.get(entry.target), &source)?);
            }
        }
        if edits.is_empty() {
            return Ok(None);
        }
        edits.sort_by_key(|(range, _)| range.start);
        self.stamping.memo.edited(&linked.source.contents, edits).map(Some)
    }

    /// Gives a member its stamp: the one that all members of a cycle share, or its own.
    fn name(&self, draft: Draft, newest: Option<u64>, shared: Option<u64>) -> Named {
        // Most stamps do not need it.
        let number = || shared.unwrap_or_else(|| draft.number());
        let covers_more = draft.linked.source.changed || draft.edited.is_some() || shared.is_some();
        let mut warning = None;
        let stamp = draft.linked.unstamped.is_none().then(|| {
            match (self.stamping.stamp, draft.time, newest) {
                (Stamp::Fixed(fixed), _, _) => fixed.to_string(),
                (_, Some(_), Some(newest)) if covers_more => changed(newest, number()),
                (_, Some(seconds), _) => match self.version(&draft, seconds, number) {
                    Version::Only => seconds.to_string(),
                    Version::Another => changed(seconds, number()),
                    Version::New => {
                        let stamp = changed(seconds, number());
                        warning = Some(same_time(&draft.linked.source.name, seconds, &stamp));
                        stamp
                    }
                },
                (_, None, _) => content(number()),
            }
        });
        let path = path(&draft.linked.source.name, stamp.as_deref());
        Named { draft, stamp, path, warning }
    }

    /// Decides which of the versions with this time a file is.
    fn version(&self, draft: &Draft, seconds: u64, number: impl Fn() -> u64) -> Version {
        let known = self.stamping.known;
        if known.is_empty() {
            return Version::Only;
        }
        let name = &draft.linked.source.name;
        let of = |stamp: &str| known.of(&path(name, Some(stamp)), &draft.hash);
        match of(&seconds.to_string()) {
            Knowledge::SameBytes => Version::Only,
            Knowledge::OtherBytes => match of(&changed(seconds, number())) {
                Knowledge::SameBytes => Version::Another,
                Knowledge::OtherBytes | Knowledge::Unknown => Version::New,
            },
            Knowledge::Unknown => {
                // The first version of this time may no longer be known, but caches still have it.
                let (stem, suffix) = stamped::name::split(name);
                match known.has(&format!("{stem}.{seconds}"), CONTENT_DIGITS, suffix) {
                    true => Version::Another,
                    false => Version::Only,
                }
            }
        }
    }
}

/// The versions of a file that had the same time.
enum Version {
    /// The only one that is known, or the first.
    Only,
    /// A later one, which already has content digits in its stamp.
    Another,
    /// A later one, for the first time.
    New,
}

fn same_time(name: &str, seconds: u64, stamp: &str) -> Warning {
    let message = format!(
        "`{name}` has other bytes than before but the same time, {seconds}, so its stamp is {stamp}, \
         with digits of its content"
    );
    Warning::new(WarningKind::SameTime, message, "")
}

/// A member of a component, with the stamps from below written into it.
struct Draft {
    position: usize,
    linked: Linked,
    /// Its own time, if that distinguishes its versions.
    time: Option<u64>,
    newest: Option<u64>,
    /// The file with the stamps in it, if there are any.
    edited: Option<Contents>,
    /// The hash of these bytes, or else of those of the file.
    hash: Hash,
}

impl Draft {
    /// 64 bits of a hash over the name and the hash of the bytes, which has a fixed length.
    fn number(&self) -> u64 {
        let mut hasher = Hasher::default();
        hasher.update(self.hash.as_bytes());
        hasher.update(self.linked.source.name.as_bytes());
        hasher.finish().first_64_bits()
    }
}

/// A member of a component, with its stamp.
struct Named {
    draft: Draft,
    stamp: Option<String>,
    path: String,
    warning: Option<Warning>,
}

impl Named {
    fn done(self, newest: Option<u64>) -> Done {
        let Named {
            draft: Draft { position, linked, time, edited, hash, .. },
            stamp,
            path,
            warning,
        } = self;
        let Linked { mut source, unstamped, links, module, .. } = linked;
        let is_rewritten = edited.is_some();
        let changed = source.changed || is_rewritten;
        if let Some(edited) = edited {
            source.contents = edited;
        }
        let asked_for = links.iter().filter(|link| !link.is_inlined());
        let mut references: Vec<(usize, ReferenceKind)> =
            asked_for.map(|link| (link.target, link.kind)).collect();
        references.sort_unstable();
        references.dedup();
        let modified = time.filter(|_| !changed);
        let stamped =
            Stamped { source, unstamped, stamp, path, hash, modified, module, references };
        let digests = Mutex::default();
        Done { position, stamped, newest, changed: is_rewritten, digests, warning }
    }
}

fn file(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// The edit that an entry of a service worker's list needs, if it needs one.
fn listed(
    entry: &Entry,
    target: &Done,
    source: &[u8],
) -> Result<Option<(Range<usize>, String)>, Error> {
    let within =
        |range: Range<usize>| range.start - entry.whole.start..range.end - entry.whole.start;
    let revision = || {
        // Any string does, in the quotes that are there already.
        let quote = match entry.context {
            Context::JsString(quote) => char::from(quote),
            _ => '"',
        };
        format!("{quote}{}{quote}", target.stamped.hash.to_short_hex())
    };
    let written = |is_stamped: bool| {
        let mut edits = Edits::new();
        if is_stamped {
            let name = stamped_scan::segment(entry.context, file(&target.stamped.path));
            edits.push((within(entry.segment.clone()), name));
        }
        let version = entry.version.as_ref().filter(|_| target.changed);
        if let Some(version) = version {
            let text = match version {
                Promised::Sha1 { .. } => Some(hexadecimal(&target.digest(Algorithm::Sha1)?)),
                Promised::Revision(_) => Some(revision()),
                // A stamped name never has other bytes.
                Promised::Unversioned(_) => (!is_stamped).then(revision),
            };
            edits.extend(text.map(|text| (within(version.span()), text)));
        }
        edits.sort_by_key(|(range, _)| range.start);
        Ok::<_, Error>(stamped_scan::replace(&source[entry.whole.clone()], &edits))
    };
    let text = match entry.names {
        ListedNames::Plain => written(false)?,
        ListedNames::Stamped => written(true)?,
        ListedNames::Both => [written(false)?, written(true)?].join(&b','),
    };
    if text == source[entry.whole.clone()] {
        return Ok(None);
    }
    // The scanners report no entry of other bytes, and what is written into one is ASCII.
    match String::from_utf8(text) {
        Ok(text) => Ok(Some((entry.whole.clone(), text))),
        Err(_) => unreachable!("an entry of a list is UTF-8"),
    }
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

/// The stamp of bytes that do not depend on the time of one file alone. Six digits of their hash
/// distinguish versions that share a newest time.
fn changed(newest: u64, number: u64) -> String {
    let digits = format!("{newest}{:0CONTENT_DIGITS$}", number % 10_u64.pow(CONTENT_DIGITS as u32));
    if digits.len() <= STAMP_DIGITS { digits } else { content(number) }
}

fn content(number: u64) -> String {
    format!("{number:020}")
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
            contents: Contents::held(bytes),
            changed: false,
            bundled: false,
            former: None,
        };
        let unstamped = (name == "robots.txt").then_some(Unstamped::Plain);
        let linked = Linked {
            source,
            unstamped,
            links: Vec::new(),
            promises: Vec::new(),
            entries: Vec::new(),
            module: false,
        };
        let graph = Graph { files: vec![linked], levels: vec![vec![vec![0]]], doubts: Vec::new() };
        let clock = Clock { source_date_epoch: epoch };
        all(graph, stamp, &clock, &Known::default(), &Memo::default(), &mut Vec::new())
            .unwrap()
            .remove(0)
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
        for clamped in [1_500_000_000, 1_500_000_001] {
            assert_eq!(modified(clamped, Some(1_500_000_000)), content);
        }
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
            (plain.unstamped, plain.stamp, plain.modified),
            (Some(Unstamped::Plain), None, Some(1_452_929_749))
        );
    }

    #[test]
    fn the_longest_time_still_fits() {
        for seconds in [9_999_999_999, 99_999_999_999_999, 100_000_000_000_000, u64::MAX] {
            assert!(changed(seconds, 7).len() <= STAMP_DIGITS);
        }
    }
}

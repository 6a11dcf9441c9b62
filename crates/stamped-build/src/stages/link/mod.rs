//! Resolves the references of each file, and decides which of them are rewritten.

mod address;
mod bundled;
mod by_name;
mod graph;
mod inline;
mod missing;
mod offline;
mod promises;
mod resolve;

use super::read::Source;
use crate::config::{Config, References};
use crate::error::{Error, Warning};
use crate::kept::memo::Memo;
use crate::kept::versions::Known;
use crate::parallel;
use crate::rules::{Rules, Unstamped};
use address::Base;
use missing::Trouble;
use promises::Doubted;
use resolve::Resolving;
use stamped::content_type;
use stamped_scan::{Algorithm, Context, Found, ReferenceKind, Scanner};
use std::collections::{HashMap, HashSet};
use std::ops::Range;

pub(crate) use offline::{Entry, Names as ListedNames};
pub(crate) use promises::Promise;

/// All files, and the order in which to stamp them.
#[derive(Debug)]
pub(crate) struct Graph {
    /// Sorted by name.
    pub(crate) files: Vec<Linked>,
    /// Levels of components of positions in `files`. A file refers only to files of earlier levels,
    /// and to others of its own component.
    pub(crate) levels: Vec<Vec<Vec<usize>>>,
    /// What is only known once the bytes of all files are final.
    pub(crate) doubts: Vec<Doubt>,
}

/// A warning that does not hold if the final bytes of a file have one of these digests.
#[derive(Debug)]
pub(crate) struct Doubt {
    pub(crate) target: usize,
    pub(crate) algorithm: Algorithm,
    pub(crate) digests: Vec<Vec<u8>>,
    pub(crate) warning: Warning,
}

/// A file, how it is addressed, and its references.
#[derive(Debug)]
pub(crate) struct Linked {
    pub(crate) source: Source,
    /// Why the file gets no stamp, if it gets none.
    pub(crate) unstamped: Option<Unstamped>,
    /// The references that lead to other files.
    pub(crate) links: Vec<Link>,
    /// The hashes of other files that are kept right.
    pub(crate) promises: Vec<Promise>,
    /// What it lists for use without a network, with what is to become of it.
    pub(crate) entries: Vec<Entry>,
    /// Whether the file is a JavaScript module.
    pub(crate) module: bool,
}

/// A reference to another file.
#[derive(Clone, Debug)]
pub(crate) struct Link {
    pub(crate) target: usize,
    pub(crate) kind: ReferenceKind,
    /// Whether the reference has the name of the target from before a transformation gave it another.
    former: bool,
    /// Whether the reference is rewritten: to the stamped path of the target, or to its contents.
    pub(crate) rewritten: bool,
    /// The whole reference, if it is to become the contents of the target.
    pub(crate) inline: Option<Range<usize>>,
    pub(crate) segment: Range<usize>,
    pub(crate) context: Context,
}

impl Link {
    /// Whether the reference becomes the contents of the target, so that it refers to it no longer.
    pub(crate) fn is_inlined(&self) -> bool {
        self.rewritten && self.inline.is_some()
    }
}

/// Scans all files, resolves their references, and decides which are rewritten. Adds to the
/// warnings what a person should know.
pub(crate) fn all(
    sources: Vec<Source>,
    mount: &str,
    config: &Config,
    rules: &Rules,
    memo: &Memo,
    known: &Known,
    warnings: &mut Vec<Warning>,
) -> Result<Graph, Error> {
    let scan = |source| Scanned::new(source, config.references, rules, memo);
    let mut scanned = parallel::try_map(sources, scan)?;
    let names = Names::of(&scanned);

    let resolving = Resolving { scanned: &scanned, names: &names, mount, config, rules };
    let mut troubles = Vec::new();
    let mut pinned = HashSet::new();
    let mut resolved: Vec<Resolved> = Vec::with_capacity(scanned.len());
    for outcome in parallel::try_map(0..scanned.len(), |position| resolving.resolve(position))? {
        resolved.push(outcome.resolved);
        troubles.extend(outcome.troubles);
        pinned.extend(outcome.pinned);
    }
    let mut plain = pinned.clone();
    plain.extend(kept_loads(&resolved, &scanned));
    warnings.extend(bundled::keep_names(&mut scanned, &resolved, &plain, config, known)?);
    for (file, resolved) in scanned.iter().zip(&mut resolved) {
        // Caches may have its bytes under this name, for ever.
        resolved.keeps_bytes |= file.unstamped == Some(Unstamped::Bundled);
    }
    let names = Names::of(&scanned);
    let originals = promises::Originals::new(&scanned, memo);
    let mut doubted = Vec::new();
    promises::find(&scanned, mount, &names, &originals, &mut resolved, &mut doubted)?;
    offline::compare(&scanned, &originals, &mut resolved, &mut troubles)?;

    let levels = loop {
        close(&mut resolved);
        decide(&scanned, config, &pinned, &mut resolved);
        let edges: Vec<Vec<usize>> = resolved.iter().map(Resolved::targets).collect();
        let levels = graph::levels(&edges);
        if inline::leave_circles(&levels, &mut resolved) {
            continue;
        }
        let circles = circles(&levels, &resolved);
        if circles.is_empty() {
            break levels;
        }
        // The hash of a file is known once its bytes are final. It cannot be in these bytes, nor in those that
        // they name.
        for (position, place, target) in circles {
            if !std::mem::replace(&mut resolved[target].keeps_bytes, true) {
                troubles.push(Trouble::circle(position, place, target));
            }
        }
    };
    // A message counts lines, and a page may have a million wrong hashes.
    for Doubted { file, offset, target, .. } in doubted.drain(doubted.len().min(missing::SHOWN)..) {
        troubles.push(Trouble::other_bytes(file, offset, &scanned[target].source));
    }
    let doubt = |Doubted { file, offset, target, algorithm, digests }| {
        let trouble = Trouble::other_bytes(file, offset, &scanned[target].source);
        Ok(Doubt { target, algorithm, digests, warning: trouble.warning(&scanned)? })
    };
    let doubts = doubted.into_iter().map(doubt).collect::<Result<_, Error>>()?;
    warnings.extend(missing::report(troubles, &scanned, config, rules)?);
    if config.references != References::Leave {
        let place = |file: usize, at| missing::place(&scanned[file].source, at);
        warnings.extend(by_name::warnings(&scanned, &names, mount, &pinned, place)?);
    }

    let files = scanned.into_iter().zip(resolved);
    let files = files.map(|(file, resolved)| file.linked(resolved)).collect();
    Ok(Graph { files, levels, doubts })
}

/// What a file has that leads to other files.
#[derive(Default)]
struct Resolved {
    links: Vec<Link>,
    promises: Vec<Promise>,
    entries: Vec<Entry>,
    /// Whether nothing is rewritten in it.
    keeps_bytes: bool,
}

impl Resolved {
    /// The files whose names or hashes are written into this one.
    fn targets(&self) -> Vec<usize> {
        if self.keeps_bytes {
            return Vec::new();
        }
        let links = self.links.iter().filter(|link| link.rewritten).map(|link| link.target);
        links.chain(self.described().map(|(_, target)| target)).collect()
    }

    /// The files whose bytes this one says something of, each with the place where it does.
    fn described(&self) -> impl Iterator<Item = (usize, usize)> {
        let promises = self.promises.iter().map(|one| (one.span.start, one.target));
        promises.chain(self.entries.iter().map(|one| (one.whole.start, one.target)))
    }
}

/// Lets each file keep its bytes that one which keeps its own says something of.
fn close(resolved: &mut [Resolved]) {
    let mut open: Vec<usize> =
        (0..resolved.len()).filter(|&position| resolved[position].keeps_bytes).collect();
    while let Some(position) = open.pop() {
        let targets: Vec<usize> =
            resolved[position].described().map(|(_, target)| target).collect();
        for target in targets {
            if !std::mem::replace(&mut resolved[target].keeps_bytes, true) {
                open.push(target);
            }
        }
    }
}

/// What files that keep their bytes load as modules, or list: it keeps its plain name.
fn kept_loads(resolved: &[Resolved], scanned: &[Scanned]) -> Vec<usize> {
    let keepers = resolved.iter().filter(|resolved| resolved.keeps_bytes);
    let loads = keepers.flat_map(|keeper| {
        let loaded = keeper.links.iter().filter(|link| loads_module(link, scanned));
        let listed = keeper.entries.iter().map(|entry| entry.target);
        loaded.map(|link| link.target).chain(listed)
    });
    loads.collect()
}

/// Decides which references are rewritten, and which names the lists of service workers have.
fn decide(
    scanned: &[Scanned],
    config: &Config,
    pinned: &HashSet<usize>,
    resolved: &mut [Resolved],
) {
    let mut plain = pinned.clone();
    plain.extend(kept_loads(resolved, scanned));
    let keeps_name = |target: usize| scanned[target].unstamped.is_some() || plain.contains(&target);
    let mut asked = offline::Asked::new(scanned);
    for (file, resolved) in scanned.iter().zip(&mut *resolved) {
        let is_mapped = config.references == References::ImportMap && file.is_script();
        for link in &mut resolved.links {
            let is_left_to_the_map = is_mapped && is_script(link.kind) && !link.former;
            let is_inlined = !resolved.keeps_bytes && link.inline.is_some();
            // The former name of a file leads nowhere, also where the file is not stamped.
            let is_asked =
                !resolved.keeps_bytes && !is_inlined && (link.former || !keeps_name(link.target));
            link.rewritten = is_inlined || (is_asked && !is_left_to_the_map);
            if is_asked {
                asked.add(link.target, is_left_to_the_map);
            }
        }
    }
    for entry in resolved.iter_mut().flat_map(|resolved| &mut resolved.entries) {
        entry.names = match keeps_name(entry.target) {
            true => offline::Names::Plain,
            false => asked.names(entry.target),
        };
    }
}

/// The places where a file says something of the bytes of another of the same component: the file, the offset and the
/// other file.
fn circles(levels: &[Vec<Vec<usize>>], resolved: &[Resolved]) -> Vec<(usize, usize, usize)> {
    let mut circles = Vec::new();
    for component in levels.iter().flatten() {
        for &position in component.iter().filter(|&&position| !resolved[position].keeps_bytes) {
            let inside = resolved[position]
                .described()
                .filter(|(_, target)| component.binary_search(target).is_ok());
            circles.extend(inside.map(|(place, target)| (position, place, target)));
        }
    }
    circles
}

/// A file and what its scanner found in it.
#[derive(Debug)]
struct Scanned {
    source: Source,
    unstamped: Option<Unstamped>,
    /// Whether nothing is rewritten in it.
    keeps_bytes: bool,
    found: Found,
}

impl Scanned {
    fn is_script(&self) -> bool {
        content_type::of(&self.source.name) == "text/javascript"
    }

    /// Whether it leads to no other file, as pictures do.
    fn says_nothing(&self) -> bool {
        let Found { references, partial, skipped, precached, .. } = &self.found;
        references.is_empty()
            && partial.is_empty()
            && skipped.is_empty()
            && precached.is_empty()
            && !offline::is_service_worker(&self.source.name)
    }

    fn is_page(&self) -> bool {
        content_type::of(&self.source.name) == "text/html"
    }

    fn base<'a>(&self, mount: &'a str) -> Base<'a> {
        let base = Base::of(mount, &self.source.name);
        match &self.found.base {
            Some(href) => base.with_href(href),
            None => base,
        }
    }

    fn new(
        source: Source,
        references: References,
        rules: &Rules,
        memo: &Memo,
    ) -> Result<Self, Error> {
        let is_markup = rules.rewrites_markup(&source.name);
        let leaves = references == References::Leave;
        let scanner = Scanner::of(&source.name, content_type::of(&source.name), is_markup);
        let found = match scanner {
            Some(scanner) if !leaves || rules.rewrites_some_markup() => {
                memo.scan(scanner, &source.contents)?
            }
            _ => Found::default(),
        };
        let unstamped = rules.unstamped(&source.name);
        let keeps_bytes = unstamped == Some(Unstamped::Prestamped)
            || rules.is_verbatim(&source.name)
            || scanner == Some(Scanner::Hashes)
            || (leaves && !is_markup);
        Ok(Scanned { source, unstamped, keeps_bytes, found })
    }

    fn linked(self, resolved: Resolved) -> Linked {
        let Scanned { source, unstamped, found, .. } = self;
        let Resolved { links, mut promises, mut entries, keeps_bytes } = resolved;
        // What it says of other files is true as it stands: they keep their bytes as well.
        if keeps_bytes {
            promises.clear();
            entries.clear();
        }
        Linked { source, unstamped, links, promises, entries, module: found.module }
    }
}

/// The positions of files by their names.
struct Names<'a> {
    /// In the order of positions, which is that of names.
    sorted: &'a [Scanned],
    /// Those that have another name than before, by the former one.
    former: HashMap<&'a str, usize>,
}

impl<'a> Names<'a> {
    fn of(files: &'a [Scanned]) -> Self {
        let renamed = files.iter().enumerate();
        let former =
            renamed.filter_map(|(at, file)| Some((file.source.former.as_deref()?, at))).collect();
        Names { sorted: files, former }
    }

    fn get(&self, name: &str) -> Option<usize> {
        self.sorted.binary_search_by(|file| file.source.name.as_str().cmp(name)).ok()
    }

    /// The file of this name, or else the one that had it before a transformation, and whether it is that.
    fn get_also_former(&self, name: &str) -> Option<(usize, bool)> {
        let now = self.get(name).map(|at| (at, false));
        now.or_else(|| self.former.get(name).map(|&at| (at, true)))
    }

    fn beginning_with(&self, begin: &str) -> impl Iterator<Item = usize> {
        let first = self.sorted.partition_point(|file| file.source.name.as_str() < begin);
        let rest = &self.sorted[first..];
        let count = rest.iter().take_while(|file| file.source.name.starts_with(begin)).count();
        first..first + count
    }
}

/// Whether a reference is rewritten.
fn is_rewritten(
    file: &Scanned,
    link: &Link,
    files: &[Scanned],
    pinned: &HashSet<usize>,
    references: References,
) -> bool {
    if link.former {
        return !file.keeps_bytes;
    }
    let keeps_name = files[link.target].unstamped.is_some() || pinned.contains(&link.target);
    let is_left_to_the_map =
        references == References::ImportMap && file.is_script() && is_script(link.kind);
    !file.keeps_bytes && (link.inline.is_some() || !(keeps_name || is_left_to_the_map))
}

fn is_script(kind: ReferenceKind) -> bool {
    kind.is_specifier() || matches!(kind, ReferenceKind::ImportMetaUrl | ReferenceKind::VitePreload)
}

/// Whether this reference loads the target as a module. A module that is loaded under two URLs is
/// evaluated twice, so all references that load it must use the same URL.
fn loads_module(link: &Link, files: &[Scanned]) -> bool {
    match link.kind {
        ReferenceKind::PageModule => true,
        // A worker, or what is then imported; but not a picture or a style sheet.
        ReferenceKind::ImportMetaUrl | ReferenceKind::VitePreload => files[link.target].is_script(),
        kind => kind.is_specifier(),
    }
}

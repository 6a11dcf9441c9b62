//! Resolves the references of each file, and decides which of them are rewritten.

mod address;
mod bundled;
mod by_name;
mod graph;
mod missing;

use super::read::Source;
use crate::config::{Config, Missing, References};
use crate::error::{Error, Warning};
use crate::kept::memo::Memo;
use crate::kept::versions::Known;
use crate::rules::{Rules, Unstamped};
use address::{Address, Base};
use missing::Trouble;
use rayon::prelude::*;
use stamped::content_type;
use stamped_scan::{Context, Found, ReferenceKind, Scanner};
use std::collections::{HashMap, HashSet};
use std::ops::Range;

/// All files, and the order in which to stamp them.
#[derive(Debug)]
pub(crate) struct Graph {
    /// Sorted by name.
    pub(crate) files: Vec<Linked>,
    /// Levels of components of positions in `files`. A file refers only to files of earlier levels,
    /// and to others of its own component.
    pub(crate) levels: Vec<Vec<Vec<usize>>>,
}

/// A file, how it is addressed, and its references.
#[derive(Debug)]
pub(crate) struct Linked {
    pub(crate) source: Source,
    /// Why the file gets no stamp, if it gets none.
    pub(crate) unstamped: Option<Unstamped>,
    /// The references that lead to other files.
    pub(crate) links: Vec<Link>,
    /// Whether the file is a JavaScript module.
    pub(crate) module: bool,
}

/// A reference to another file.
#[derive(Clone, Debug)]
pub(crate) struct Link {
    pub(crate) target: usize,
    pub(crate) kind: ReferenceKind,
    /// Whether the reference is rewritten to the stamped path of the target.
    pub(crate) rewritten: bool,
    pub(crate) segment: Range<usize>,
    pub(crate) context: Context,
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
    let mut scanned: Vec<Scanned> = sources
        .into_par_iter()
        .map(|source| Scanned::new(source, config.references, rules, memo))
        .collect();
    let names = Names::of(&scanned);

    let mut troubles = Vec::new();
    let mut pinned = HashSet::new();
    let mut resolved: Vec<Vec<Link>> = Vec::with_capacity(scanned.len());
    for (position, file) in scanned.iter().enumerate() {
        let mut links = Vec::with_capacity(file.found.references.len());
        let base = file.base(mount);
        for reference in &file.found.references {
            let Address::Name(name) = base.resolve(&reference.url, reference.kind) else {
                continue;
            };
            match names.get(&name) {
                Some(target) => links.push(Link {
                    target,
                    kind: reference.kind,
                    rewritten: false,
                    segment: reference.segment.clone(),
                    context: reference.context,
                }),
                None if config.missing_references == Missing::Allow => {}
                None => troubles.push(Trouble::missing(position, reference, name)),
            }
        }
        let skipped = file.found.skipped.iter();
        troubles.extend(skipped.map(|skipped| Trouble::skipped(position, skipped)));
        for partial in &file.found.partial {
            if let Some(begin) = base.resolve_partial(&partial.url) {
                pinned.extend(names.beginning_with(&begin).filter(|&at| scanned[at].is_script()));
            }
        }
        if file.keeps_bytes {
            let loaded = links.iter().filter(|link| loads_module(link, &scanned));
            pinned.extend(loaded.map(|link| link.target));
        } else if !file.found.skipped.is_empty() && (file.is_script() || file.is_page()) {
            pinned.extend(mentioned(file, &base, &names));
        }
        resolved.push(links);
    }
    warnings.extend(bundled::keep_names(&mut scanned, &resolved, &pinned, config, known));
    for (file, links) in scanned.iter().zip(&mut resolved) {
        for link in links {
            link.rewritten = is_rewritten(file, link, &scanned, &pinned, config.references);
        }
    }
    warnings.extend(missing::report(troubles, &scanned, config, rules)?);
    if config.references != References::Leave {
        let place = |file: usize, at| missing::place(&scanned[file].source, at);
        let names = Names::of(&scanned);
        warnings.extend(by_name::warnings(&scanned, &names, mount, &pinned, place));
    }

    let files: Vec<Linked> =
        scanned.into_iter().zip(resolved).map(|(file, links)| file.linked(links)).collect();
    let edges: Vec<Vec<usize>> = files.iter().map(Linked::rewritten_targets).collect();
    Ok(Graph { levels: graph::levels(&edges), files })
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

    fn new(source: Source, references: References, rules: &Rules, memo: &Memo) -> Self {
        let is_markup = rules.rewrites_markup(&source.name);
        let leaves = references == References::Leave;
        let scanner = Scanner::of(content_type::of(&source.name), is_markup);
        let found = match scanner {
            Some(scanner) if !leaves || rules.rewrites_some_markup() => {
                memo.scan(scanner, &source.bytes)
            }
            _ => Found::default(),
        };
        let unstamped = rules.unstamped(&source.name);
        let keeps_bytes = unstamped == Some(Unstamped::Prestamped)
            || rules.is_verbatim(&source.name)
            || (leaves && !is_markup);
        Scanned { source, unstamped, keeps_bytes, found }
    }

    fn linked(self, links: Vec<Link>) -> Linked {
        let Scanned { source, unstamped, found, .. } = self;
        Linked { source, unstamped, links, module: found.module }
    }
}

impl Linked {
    fn rewritten_targets(&self) -> Vec<usize> {
        self.links.iter().filter(|link| link.rewritten).map(|link| link.target).collect()
    }
}

/// The positions of files by their names.
struct Names<'a> {
    by_name: HashMap<&'a str, usize>,
    /// In the order of positions, which is that of names.
    sorted: &'a [Scanned],
}

impl<'a> Names<'a> {
    fn of(files: &'a [Scanned]) -> Self {
        let by_name = files.iter().map(|file| file.source.name.as_str()).zip(0..).collect();
        Names { by_name, sorted: files }
    }

    fn get(&self, name: &str) -> Option<usize> {
        self.by_name.get(name).copied()
    }

    fn beginning_with(&self, begin: &str) -> impl Iterator<Item = usize> {
        let first = self.sorted.partition_point(|file| file.source.name.as_str() < begin);
        let rest = &self.sorted[first..];
        let count = rest.iter().take_while(|file| file.source.name.starts_with(begin)).count();
        first..first + count
    }
}

/// Whether a reference is rewritten to the stamped path of its target.
fn is_rewritten(
    file: &Scanned,
    link: &Link,
    files: &[Scanned],
    pinned: &HashSet<usize>,
    references: References,
) -> bool {
    let keeps_name = files[link.target].unstamped.is_some() || pinned.contains(&link.target);
    let is_left_to_the_map =
        references == References::ImportMap && file.is_script() && is_script(link.kind);
    !(file.keeps_bytes || keeps_name || is_left_to_the_map)
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

/// The scripts that a file may import which could not be understood: any that a quoted text in it
/// names. It goes on importing them by their plain names, so all others have to as well.
fn mentioned(file: &Scanned, base: &Base<'_>, names: &Names<'_>) -> Vec<usize> {
    let quoted = file.source.bytes.split(|byte| matches!(byte, b'"' | b'\'' | b'`'));
    quoted
        .filter(|text| text.starts_with(b".") || text.starts_with(b"/"))
        // Names are UTF-8, so other bytes cannot contain one.
        .filter_map(|text| std::str::from_utf8(text).ok())
        .filter_map(|text| match base.resolve(text, ReferenceKind::StaticImport) {
            Address::Name(name) => names.get(&name),
            Address::Elsewhere => None,
        })
        .collect()
}

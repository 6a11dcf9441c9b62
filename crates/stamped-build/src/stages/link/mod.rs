//! Resolves the references of each file, and decides which of them are rewritten.

mod address;
mod graph;
mod missing;

use super::read::Source;
use crate::config::{Config, Missing, References};
use crate::error::{Error, Warning};
use crate::kept::memo::Memo;
use crate::rules::{Rules, Unstamped};
use address::Address;
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
    warnings: &mut Vec<Warning>,
) -> Result<Graph, Error> {
    let scanned: Vec<Scanned> = sources
        .into_par_iter()
        .map(|source| Scanned::new(source, config.references, rules, memo))
        .collect();
    let names: HashMap<&str, usize> =
        scanned.iter().map(|file| file.source.name.as_str()).zip(0..).collect();

    let mut troubles = Vec::new();
    let mut pinned = HashSet::new();
    let mut resolved: Vec<Vec<Link>> = Vec::with_capacity(scanned.len());
    for (position, file) in scanned.iter().enumerate() {
        let mut links = Vec::with_capacity(file.found.references.len());
        for reference in &file.found.references {
            let name = &file.source.name;
            let Address::Name(name) = address::resolve(mount, name, &reference.url, reference.kind)
            else {
                continue;
            };
            match names.get(name.as_str()) {
                Some(&target) => links.push(Link {
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
        if file.unstamped == Some(Unstamped::Prestamped) {
            let loaded = links.iter().filter(|link| loads_module(link, &scanned));
            pinned.extend(loaded.map(|link| link.target));
        } else if !file.found.skipped.is_empty() && is_javascript(&file.source.name) {
            pinned.extend(mentioned(&file.source, mount, &names));
        }
        resolved.push(links);
    }
    for (file, links) in scanned.iter().zip(&mut resolved) {
        for link in links {
            link.rewritten = file.unstamped != Some(Unstamped::Prestamped)
                && scanned[link.target].unstamped.is_none()
                && !(is_script(link.kind) && config.references == References::ImportMap)
                && !(loads_module(link, &scanned) && pinned.contains(&link.target));
        }
    }
    warnings.extend(missing::report(troubles, &scanned, config, rules)?);

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
    found: Found,
}

impl Scanned {
    fn new(source: Source, references: References, rules: &Rules, memo: &Memo) -> Self {
        let essence = content_type::of(&source.name);
        let found = match Scanner::of(essence, rules.rewrites_markup(&source.name)) {
            Some(scanner) if references != References::Leave => memo.scan(scanner, &source.bytes),
            _ => Found::default(),
        };
        Scanned { unstamped: rules.unstamped(&source.name), source, found }
    }

    fn linked(self, links: Vec<Link>) -> Linked {
        let Scanned { source, unstamped, found } = self;
        Linked { source, unstamped, links, module: found.module }
    }
}

impl Linked {
    fn rewritten_targets(&self) -> Vec<usize> {
        self.links.iter().filter(|link| link.rewritten).map(|link| link.target).collect()
    }
}

fn is_javascript(name: &str) -> bool {
    content_type::of(name) == "text/javascript"
}

fn is_script(kind: ReferenceKind) -> bool {
    kind.is_specifier() || kind == ReferenceKind::ImportMetaUrl
}

/// Whether this reference loads the target as a module. A module that is loaded under two URLs is
/// evaluated twice, so all references that load it must use the same URL.
fn loads_module(link: &Link, files: &[Scanned]) -> bool {
    match link.kind {
        kind if kind.is_specifier() => true,
        // It may be a worker, or a module that is imported later, but not a picture.
        ReferenceKind::ImportMetaUrl => is_javascript(&files[link.target].source.name),
        _ => false,
    }
}

/// The scripts that a script which could not be understood may import: any that a quoted text in it
/// names. It keeps importing them by their plain names, so all other files must do so too.
fn mentioned(source: &Source, mount: &str, names: &HashMap<&str, usize>) -> Vec<usize> {
    let quoted = source.bytes.split(|byte| matches!(byte, b'"' | b'\'' | b'`'));
    quoted
        .filter(|text| text.starts_with(b".") || text.starts_with(b"/"))
        // Names are UTF-8, so other bytes cannot contain one.
        .filter_map(|text| std::str::from_utf8(text).ok())
        .filter_map(|text| {
            match address::resolve(mount, &source.name, text, ReferenceKind::StaticImport) {
                Address::Name(name) => names.get(name.as_str()).copied(),
                Address::Elsewhere => None,
            }
        })
        .collect()
}

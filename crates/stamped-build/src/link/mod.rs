//! Which asset names which: every reference resolved, and what of it is to be rewritten.

mod address;
mod graph;
mod missing;

use crate::config::{Config, References};
use crate::error::Error;
use crate::memo::Memo;
use crate::read::Source;
use crate::select::Rules;
use address::Address;
use missing::Trouble;
use rayon::prelude::*;
use stamped::content_type;
use stamped_scan::{Context, Found, ReferenceKind, Scanner};
use std::collections::{HashMap, HashSet};
use std::ops::Range;

/// All sources, what they refer to, and the order in which they can be stamped.
#[derive(Debug)]
pub(crate) struct Linked {
    pub(crate) sources: Vec<Source>,
    /// How each source is addressed.
    pub(crate) kinds: Vec<stamped::Kind>,
    /// The references of each source that lead to other sources.
    pub(crate) links: Vec<Vec<Link>>,
    /// Which sources are JavaScript modules.
    pub(crate) modules: Vec<bool>,
    /// Sources that refer to each other, after those they refer to.
    pub(crate) components: Vec<Vec<usize>>,
    pub(crate) warnings: Vec<String>,
}

/// A reference to another source.
#[derive(Clone, Debug)]
pub(crate) struct Link {
    pub(crate) target: usize,
    pub(crate) kind: ReferenceKind,
    /// Whether the target's stamp is to be written here.
    pub(crate) rewritten: bool,
    pub(crate) segment: Range<usize>,
    pub(crate) context: Context,
}

/// Scans all sources, resolves what they refer to, and decides what is rewritten.
pub(crate) fn all(
    sources: Vec<Source>,
    mount: &str,
    config: &Config,
    rules: &Rules,
    memo: &Memo,
) -> Result<Linked, Error> {
    let found: Vec<Found> = if config.references == References::Leave {
        sources.iter().map(|_| Found::default()).collect()
    } else {
        sources.par_iter().map(|source| scan(source, rules, memo)).collect()
    };
    let kinds: Vec<stamped::Kind> = sources.iter().map(|source| rules.kind(&source.name)).collect();
    let names: HashMap<&str, usize> =
        sources.iter().map(|source| source.name.as_str()).zip(0..).collect();

    let mut troubles = Vec::new();
    let mut links: Vec<Vec<Link>> = Vec::with_capacity(sources.len());
    let mut pinned = HashSet::new();
    for ((source, found), kind) in sources.iter().zip(&found).zip(&kinds) {
        let mut of_source = Vec::with_capacity(found.references.len());
        for reference in &found.references {
            let Address::Name(name) =
                address::resolve(mount, &source.name, &reference.url, reference.kind)
            else {
                continue;
            };
            match names.get(name.as_str()) {
                Some(&target) => of_source.push(Link {
                    target,
                    kind: reference.kind,
                    rewritten: false,
                    segment: reference.segment.clone(),
                    context: reference.context,
                }),
                None => troubles.push(Trouble::missing(source, reference, name)),
            }
        }
        troubles.extend(found.skipped.iter().map(|skipped| Trouble::skipped(source, skipped)));
        if *kind == stamped::Kind::Prestamped {
            let loaded = of_source.iter().filter(|link| loads_module(link, &sources));
            pinned.extend(loaded.map(|link| link.target));
        } else if !found.skipped.is_empty() && is_javascript(&source.name) {
            pinned.extend(mentioned(source, mount, &names));
        }
        links.push(of_source);
    }
    for (of_source, &kind) in links.iter_mut().zip(&kinds) {
        for link in of_source {
            link.rewritten = kind != stamped::Kind::Prestamped
                && kinds.get(link.target) == Some(&stamped::Kind::Stamped)
                && !(is_script(link.kind) && config.references == References::ImportMap)
                && !(loads_module(link, &sources) && pinned.contains(&link.target));
        }
    }
    let edges: Vec<Vec<usize>> = links
        .iter()
        .map(|links| links.iter().filter(|link| link.rewritten).map(|link| link.target).collect())
        .collect();
    let warnings = missing::report(troubles, &sources, config, rules)?;
    Ok(Linked {
        components: graph::components(&edges),
        modules: found.iter().map(|found| found.module).collect(),
        sources,
        kinds,
        links,
        warnings,
    })
}

fn scan(source: &Source, rules: &Rules, memo: &Memo) -> Found {
    let essence = content_type::of(&source.name);
    match Scanner::of(essence, rules.rewrites_markup(&source.name)) {
        Some(scanner) => memo.scan(scanner, &source.bytes),
        None => Found::default(),
    }
}

fn is_javascript(name: &str) -> bool {
    content_type::of(name) == "text/javascript"
}

fn is_script(kind: ReferenceKind) -> bool {
    kind.is_specifier() || kind == ReferenceKind::ImportMetaUrl
}

/// Whether the target is loaded as a module by this reference. One that is loaded under two URLs is
/// evaluated twice, so all that load it must name it alike.
fn loads_module(link: &Link, sources: &[Source]) -> bool {
    match link.kind {
        kind if kind.is_specifier() => true,
        // A worker, or what is then imported; but not a picture.
        ReferenceKind::ImportMetaUrl => {
            sources.get(link.target).is_some_and(|target| is_javascript(&target.name))
        }
        _ => false,
    }
}

/// The scripts that a script may import which could not be understood: any that a quoted text in it
/// names. It goes on importing them by their plain names, so all others have to as well.
fn mentioned(source: &Source, mount: &str, names: &HashMap<&str, usize>) -> Vec<usize> {
    let quoted = source.bytes.split(|byte| matches!(byte, b'"' | b'\'' | b'`'));
    quoted
        .filter(|text| text.starts_with(b".") || text.starts_with(b"/"))
        .filter_map(|text| std::str::from_utf8(text).ok())
        .filter_map(|text| {
            match address::resolve(mount, &source.name, text, ReferenceKind::StaticImport) {
                Address::Name(name) => names.get(name.as_str()).copied(),
                Address::Elsewhere => None,
            }
        })
        .collect()
}

//! Resolves the references of one file.

use super::address::{Address, Base};
use super::missing::Trouble;
use super::{Link, Names, Resolved, Scanned, inline, offline};
use crate::config::{Config, Missing};
use crate::error::Error;
use crate::rules::Rules;
use stamped_scan::ReferenceKind;
use std::collections::HashSet;

/// Everything that the references of a file are resolved by.
pub(super) struct Resolving<'a> {
    pub(super) scanned: &'a [Scanned],
    pub(super) names: &'a Names<'a>,
    pub(super) mount: &'a str,
    pub(super) config: &'a Config,
    pub(super) rules: &'a Rules,
}

/// What came of the references of a file.
#[derive(Default)]
pub(super) struct Outcome {
    pub(super) resolved: Resolved,
    pub(super) troubles: Vec<Trouble>,
    /// The files that keep their plain names because of it.
    pub(super) pinned: Vec<usize>,
}

impl Resolving<'_> {
    pub(super) fn resolve(&self, position: usize) -> Result<Outcome, Error> {
        let Resolving { scanned, names, mount, config, rules } = *self;
        let file = &scanned[position];
        let keeps_bytes = file.keeps_bytes;
        let mut outcome = Outcome {
            resolved: Resolved { keeps_bytes, ..Resolved::default() },
            ..Outcome::default()
        };
        if file.says_nothing() {
            return Ok(outcome);
        }
        let Outcome { resolved, troubles, pinned } = &mut outcome;
        let base = file.base(mount);
        resolved.links.reserve(file.found.references.len());
        for reference in &file.found.references {
            let Address::Name(name) = base.resolve(&reference.url, reference.kind) else {
                continue;
            };
            match names.get_also_former(&name) {
                Some((target, former)) => resolved.links.push(Link {
                    target,
                    kind: reference.kind,
                    former,
                    rewritten: false,
                    inline: inline::place(reference, &scanned[target].source, rules),
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
        if !keeps_bytes && !file.found.skipped.is_empty() && (file.is_script() || file.is_page()) {
            pinned.extend(mentioned(file, &base, names, ReferenceKind::StaticImport)?);
        }
        if offline::is_service_worker(&file.source.name) {
            pinned.extend(mentioned(file, &base, names, ReferenceKind::Markup)?);
        }
        resolved.entries = offline::entries(position, file, &base, names);
        Ok(outcome)
    }
}

/// The files that a quoted text in a file names, read as a reference of this kind, besides its references.
///
/// A script that could not be understood goes on importing them by their plain names, so all others have to as well. A
/// service worker keeps them under these names, so pages have to ask for them.
fn mentioned(
    file: &Scanned,
    base: &Base<'_>,
    names: &Names<'_>,
    kind: ReferenceKind,
) -> Result<Vec<usize>, Error> {
    let references = file.found.references.iter().map(|one| one.span.start);
    let precached = file.found.precached.iter().map(|one| one.reference.span.start);
    let known: HashSet<usize> = references.chain(precached).collect();
    let mut at = 0;
    let mut mentioned = Vec::new();
    let bytes = file.source.contents.load()?;
    for text in bytes.split(|byte| matches!(byte, b'"' | b'\'' | b'`')) {
        let start = at;
        at += text.len() + 1;
        if kind.is_specifier() && !(text.starts_with(b".") || text.starts_with(b"/")) {
            continue;
        }
        // Names are UTF-8, so other bytes cannot contain one.
        let Ok(text) = std::str::from_utf8(text) else { continue };
        if known.contains(&start) {
            continue;
        }
        if let Address::Name(name) = base.resolve(text, kind) {
            mentioned.extend(names.get(&name));
        }
    }
    Ok(mentioned)
}

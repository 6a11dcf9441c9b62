//! The files that a service worker fetches in advance, so that a site works without a network.
//!
//! It keeps each under the URL in its list and finds it under no other. So the list has the URLs that pages will ask for:
//! the stamped one where a reference was rewritten to it, the plain one where scripts may compute it, or both.

use super::address::{Address, Base};
use super::missing::Trouble;
use super::promises::Originals;
use super::{Resolved, Scanned};
use crate::error::Error;
use stamped::content_type;
use stamped_scan::{Algorithm, Context, Version};
use std::collections::HashMap;
use std::ops::Range;

/// An entry of a list.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) target: usize,
    /// The whole of it. A copy behind a comma is one more entry.
    pub(crate) whole: Range<usize>,
    pub(crate) segment: Range<usize>,
    pub(crate) context: Context,
    /// What it says of the bytes of the file.
    pub(crate) version: Option<Version>,
    pub(crate) names: Names,
}

/// The names under which a list has a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Names {
    Plain,
    Stamped,
    Both,
}

/// Whether the file of this name is a service worker. Any file can be one, but these are by their names.
pub(super) fn is_service_worker(name: &str) -> bool {
    const NAMES: [&str; 4] =
        ["sw.js", "service-worker.js", "serviceworker.js", "firebase-messaging-sw.js"];
    NAMES.contains(&name.rsplit('/').next().unwrap_or(name))
}

/// The entries of the lists in a file, for files that exist. A worker need not fetch itself.
pub(super) fn entries(
    position: usize,
    file: &Scanned,
    base: &Base<'_>,
    names: &super::Names<'_>,
) -> Vec<Entry> {
    let entries = file.found.precached.iter().filter_map(|precached| {
        let reference = &precached.reference;
        let target = match base.resolve(&reference.url, reference.kind) {
            Address::Name(name) => names.get(&name)?,
            Address::Elsewhere => return None,
        };
        (target != position).then(|| Entry {
            target,
            whole: precached.entry.clone(),
            segment: reference.segment.clone(),
            context: reference.context,
            version: precached.version.clone(),
            names: Names::Plain,
        })
    });
    entries.collect()
}

/// Compares the hashes in lists with those of the files. One that does not fit stays as it is.
pub(super) fn compare(
    files: &[Scanned],
    originals: &Originals<'_>,
    resolved: &mut [Resolved],
    troubles: &mut Vec<Trouble>,
) -> Result<(), Error> {
    for (position, resolved) in resolved.iter_mut().enumerate() {
        for entry in &mut resolved.entries {
            if let Some(Version::Sha1 { span, digest }) = &entry.version
                && *originals.of(entry.target, Algorithm::Sha1)? != **digest
            {
                let target = &files[entry.target].source;
                troubles.push(Trouble::other_bytes(position, span.start, target));
                entry.version = None;
            }
        }
    }
    Ok(())
}

/// What is asked for by its stamped name.
pub(super) struct Asked<'a> {
    files: &'a [Scanned],
    /// Without one, pages that are made by a program may ask for anything.
    has_pages: bool,
    /// Whether an import map, which may be missing, leads to the stamped name.
    asked: HashMap<usize, bool>,
}

impl<'a> Asked<'a> {
    pub(super) fn new(files: &'a [Scanned]) -> Self {
        Asked { files, has_pages: files.iter().any(Scanned::is_page), asked: HashMap::new() }
    }

    pub(super) fn add(&mut self, target: usize, by_import_map: bool) {
        *self.asked.entry(target).or_default() |= by_import_map;
    }

    /// The names under which a list should have a file that has a stamp.
    pub(super) fn names(&self, target: usize) -> Names {
        // Of these, scripts mostly do not compute the URL, and a module has one URL everywhere.
        let is_code = ["text/javascript", "text/css"]
            .contains(&content_type::of(&self.files[target].source.name));
        match self.asked.get(&target) {
            None if self.has_pages => Names::Plain,
            Some(false) if is_code => Names::Stamped,
            _ => Names::Both,
        }
    }
}

//! Lets files keep the names that a bundler has stamped.
//!
//! Such a name must always stand for the same bytes, because caches keep it for ever. So a file in
//! which a reference is rewritten does not keep it, and neither do those that refer to this file by
//! references that are rewritten then.

use super::{Link, Resolved, Scanned, is_rewritten};
use crate::bundlers::{self, Candidate};
use crate::config::{Config, References, base};
use crate::error::{Error, Warning, WarningKind};
use crate::kept::versions::{Knowledge, Known};
use crate::parallel;
use crate::rules::Unstamped;
use stamped::files;
use std::collections::{HashMap, HashSet};
use std::ops::Range;

/// Finds the files that keep the names that a bundler has stamped, and notes it in each.
pub(super) fn keep_names(
    files: &mut [Scanned],
    resolved: &[Resolved],
    pinned: &HashSet<usize>,
    config: &Config,
    known: &Known,
) -> Result<Vec<Warning>, Error> {
    let mut warnings = Vec::new();
    if config.keep_bundler_names == Some(false) {
        return Ok(warnings);
    }
    let mut found = Vec::new();
    for position in recognised(files, resolved, config)? {
        let file = &files[position];
        if knowledge(file, known) == Knowledge::OtherBytes {
            warnings.push(changed(&file.source.name));
        } else if !known.has_stamped(&file.source.name) {
            found.push(position);
        }
    }
    for &position in &found {
        files[position].unstamped = Some(Unstamped::Bundled);
        for beside in beside(files, position) {
            if files[beside].unstamped.is_none() {
                files[beside].unstamped = Some(Unstamped::BesideBundled);
            }
        }
    }
    for position in rewritten(files, resolved, pinned, &found, config.references) {
        for beside in beside(files, position) {
            if files[beside].unstamped == Some(Unstamped::BesideBundled) {
                files[beside].unstamped = None;
            }
        }
    }
    found.retain(|&position| files[position].unstamped.is_some());
    let mut guessed = found.iter().filter(|&&position| !files[position].source.bundled);
    if config.keep_bundler_names.is_none()
        && let Some(&first) = guessed.next()
    {
        warnings.push(kept(1 + guessed.count(), &files[first].source.name));
    }
    Ok(warnings)
}

/// The positions of files whose names look stamped by a bundler.
fn recognised(
    files: &[Scanned],
    resolved: &[Resolved],
    config: &Config,
) -> Result<Vec<usize>, Error> {
    // What a transformation has changed has bytes that no bundler has seen.
    let is_candidate = |file: &Scanned| {
        file.unstamped.is_none() && !file.source.changed && !is_beside(files, &file.source.name)
    };
    let is_candidate = parallel::map(files, is_candidate);
    let positions: Vec<usize> =
        is_candidate.into_iter().enumerate().filter_map(|(at, is)| is.then_some(at)).collect();
    let mut listed = listed(files, config)?;
    for (file, resolved) in files.iter().zip(resolved) {
        if file.is_page() {
            listed.extend(resolved.links.iter().map(|link| link.target));
        }
    }
    let candidates: Vec<Candidate<'_>> = positions
        .iter()
        .map(|position| Candidate {
            name: &files[*position].source.name,
            is_listed: listed.contains(position),
        })
        .collect();
    let stamped = bundlers::stamped(&candidates);
    let is_known = |position: &usize| {
        let source = &files[*position].source;
        source.bundled && bundlers::may_be_stamped(&source.name)
    };
    let found =
        positions.into_iter().zip(stamped).filter(|(position, is)| *is || is_known(position));
    Ok(found.map(|(position, _)| position).collect())
}

/// The files that manifests of bundlers list.
fn listed(files: &[Scanned], config: &Config) -> Result<HashSet<usize>, Error> {
    let position = |name: &str| position(files, name);
    let mut listed = HashSet::new();
    let mut add = |bytes: &[u8], folder: &str| {
        let Ok(text) = std::str::from_utf8(bytes) else { return };
        let names = bundlers::listed(text, folder, |name| position(name).is_some());
        listed.extend(names.iter().filter_map(|name| position(name)));
    };
    for file in files.iter().filter(|file| bundlers::is_manifest(&file.source.name)) {
        let name = &file.source.name;
        add(&file.source.contents.load()?, &name[..name.rfind('/').map_or(0, |slash| slash + 1)]);
    }
    // A hidden folder is no folder of assets.
    for root in &config.roots {
        let path = base().join(&root.folder).join(".vite/manifest.json");
        // Most folders have none, and a damaged one says nothing.
        if let Ok(manifest) = files::read(&path, u64::MAX) {
            add(&manifest.bytes, &root.prefix);
        }
    }
    Ok(listed)
}

/// What is known of the name of a file.
fn knowledge(file: &Scanned, known: &Known) -> Knowledge {
    let name = &file.source.name;
    if !known.contains(name) {
        return Knowledge::Unknown;
    }
    let contents = &file.source.contents;
    known.of(name, &contents.hash())
}

fn position(files: &[Scanned], name: &str) -> Option<usize> {
    files.binary_search_by(|file| file.source.name.as_str().cmp(name)).ok()
}

/// Whether this is the name of another file with something behind it, as that of a source map is.
fn is_beside(files: &[Scanned], name: &str) -> bool {
    let file = name.rfind('/').map_or(0, |slash| slash + 1);
    let dots = name.match_indices('.').map(|(at, _)| at).filter(|&at| at > file);
    let mut shorter = dots.map(|at| &name[..at]);
    shorter.any(|name| position(files, name).is_some())
}

/// The files beside the one at `position` whose names begin with its whole name and a dot: its source
/// map, its licence.
fn beside(files: &[Scanned], position: usize) -> Range<usize> {
    let begin = format!("{}.", files[position].source.name);
    let first = files.partition_point(|file| file.source.name < begin);
    let count =
        files[first..].iter().take_while(|file| file.source.name.starts_with(&begin)).count();
    first..first + count
}

/// Takes the names back from those of these files whose bytes do not stay, because references in them
/// are rewritten.
fn rewritten(
    files: &mut [Scanned],
    resolved: &[Resolved],
    pinned: &HashSet<usize>,
    found: &[usize],
    references: References,
) -> HashSet<usize> {
    let mut referring: HashMap<usize, Vec<usize>> = HashMap::new();
    for &position in found {
        for link in &resolved[position].links {
            referring.entry(link.target).or_default().push(position);
        }
    }
    let mut rewritten = HashSet::new();
    let mut open = found.to_vec();
    while let Some(position) = open.pop() {
        let file = &files[position];
        let rewrites = |link: &Link| is_rewritten(file, link, files, pinned, references);
        let Resolved { links, entries, .. } = &resolved[position];
        // Lists of files and the hashes in pages are kept right, so they may change as well.
        let changes =
            !entries.is_empty() || !file.found.integrity.is_empty() || links.iter().any(rewrites);
        if changes && !rewritten.contains(&position) {
            files[position].unstamped = None;
            rewritten.insert(position);
            open.extend(referring.get(&position).into_iter().flatten());
        }
    }
    rewritten
}

fn kept(count: usize, first: &str) -> Warning {
    let message = match count {
        1 => format!("`{first}` has a name that a bundler has stamped, and keeps it"),
        _ => format!(
            "{count} files, such as `{first}`, have names that a bundler has stamped, and keep them"
        ),
    };
    let help = "confirm this with `.keep_bundler_names(true)`, or stamp them like others with \
                `.keep_bundler_names(false)`";
    Warning::new(WarningKind::BundlerNames, message, help)
}

fn changed(name: &str) -> Warning {
    let message = format!(
        "`{name}` looks stamped by a bundler, but has other bytes than before, so it is stamped like \
         others"
    );
    Warning::new(WarningKind::ChangedName, message, "")
}

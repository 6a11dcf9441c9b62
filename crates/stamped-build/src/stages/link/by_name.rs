//! Warns about scripts that know a stamped file by its plain name.

use super::address::{Address, Base};
use super::{Names, Scanned};
use crate::error::{Error, Warning, WarningKind};
use stamped_scan::{ByName, Knowing, ReferenceKind};
use std::collections::HashSet;

/// How many scripts get a warning of their own.
const SHOWN: usize = 5;

/// A warning for each script that knows files by their plain names.
pub(super) fn warnings(
    files: &[Scanned],
    names: &Names<'_>,
    mount: &str,
    pinned: &HashSet<usize>,
    place: impl Fn(usize, usize) -> Result<String, Error>,
) -> Result<Vec<Warning>, Error> {
    let mut warnings = Vec::new();
    let mut more = 0;
    for (position, file) in files.iter().enumerate() {
        for knowing in [Knowing::Worker, Knowing::Element] {
            let known = file.found.by_name.iter().filter(|known| known.knowing == knowing);
            let mut targets: Vec<usize> = Vec::new();
            let mut at = None;
            for known in known {
                let target = target(file, known, names, mount);
                // A file that keeps its name in all others is found by it.
                let target = target.filter(|target| {
                    files[*target].unstamped.is_none() && !pinned.contains(target)
                });
                if let Some(target) = target.filter(|target| !targets.contains(target)) {
                    targets.push(target);
                    at = at.or(Some(known.at));
                }
            }
            let Some(at) = at else { continue };
            if warnings.len() == SHOWN {
                more += 1;
                continue;
            }
            let targets: Vec<&str> =
                targets.iter().map(|&target| files[target].source.name.as_str()).collect();
            warnings.push(warning(&place(position, at)?, knowing, &targets));
        }
    }
    if more > 0 {
        let message = format!("{more} more scripts know stamped files by their plain names");
        warnings.push(Warning::new(WarningKind::PlainName, message, ""));
    }
    Ok(warnings)
}

/// The asset that a script knows by this name.
fn target(file: &Scanned, known: &ByName, names: &Names<'_>, mount: &str) -> Option<usize> {
    if known.knowing == Knowing::Element {
        // A bundler may have moved the search into a folder of its own.
        let folders = file.source.name.match_indices('/').map(|(at, _)| at + 1).rev().chain([0]);
        let mut near = folders.map(|at| format!("{}{}", &file.source.name[..at], known.name));
        return near.find_map(|name| names.get(&name));
    }
    // The page is unknown: it may lie beside the script, or at the root.
    [Base::of(mount, &file.source.name), Base::of(mount, "")].into_iter().find_map(
        |base| match base.resolve(&known.name, ReferenceKind::Markup) {
            Address::Name(name) => names.get(&name),
            Address::Elsewhere => None,
        },
    )
}

fn warning(place: &str, knowing: Knowing, targets: &[&str]) -> Warning {
    let quoted = |names: &[&str]| {
        let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
        names.join(", ")
    };
    let patterns: Vec<String> = targets.iter().map(|name| format!("\"/{name}\"")).collect();
    let keep = format!("`.plain(NEVER_STAMPED.iter().copied().chain([{}]))`", patterns.join(", "));
    let (message, help) = match knowing {
        Knowing::Worker => (
            format!(
                "{place}: {} is loaded by its plain name, which browsers ask for again each time",
                quoted(targets)
            ),
            format!(
                "write `new URL(\"…\", import.meta.url)` in a module, or confirm the name with {keep}"
            ),
        ),
        Knowing::Element => (
            format!(
                "{place}: this script seems to search the page for {}, whose name has a stamp there",
                quoted(targets)
            ),
            format!("keep the name with {keep}"),
        ),
    };
    Warning::new(WarningKind::PlainName, message, help)
}

//! Leaves out compressed files that lie beside their originals.
//!
//! Bundlers write them for web servers that look for them. The build makes its own, of the final bytes.

use super::walk::{Entry, Walked};
use crate::config::Config;
use crate::error::{Warning, WarningKind};
use std::collections::HashSet;

/// The endings of compressed files.
const ENDINGS: &[&str] = &[".br", ".gz", ".zst"];

/// The files that bundlers compress. Others, such as `data.csv.gz`, are offered to people.
const ORIGINALS: &[&str] = &[
    "cjs",
    "css",
    "htm",
    "html",
    "ico",
    "js",
    "json",
    "map",
    "mjs",
    "svg",
    "ttf",
    "txt",
    "wasm",
    "webmanifest",
    "xml",
];

/// Takes them off the list, unless a pattern asks for them by their ending.
pub(crate) fn leave_out(walked: &mut Walked, config: &Config) {
    let is_compressed = |entry: &Entry| ENDINGS.iter().any(|ending| entry.name.ends_with(ending));
    if !walked.entries.iter().any(is_compressed) {
        return;
    }
    let names: HashSet<&str> = walked.entries.iter().map(|entry| entry.name.as_str()).collect();
    let is_asked_for =
        |ending: &str| config.include.iter().any(|pattern| pattern.ends_with(ending));
    let is_beside = |entry: &Entry| {
        let ending = ENDINGS.iter().find(|ending| entry.name.ends_with(**ending));
        let original = ending.and_then(|ending| entry.name.strip_suffix(ending));
        let extension = original.and_then(|original| original.rsplit_once('.'));
        ending.is_some_and(|ending| !is_asked_for(ending))
            && original.is_some_and(|original| names.contains(original))
            && extension.is_some_and(|(_, extension)| ORIGINALS.contains(&extension))
    };
    let left_out: Vec<bool> = walked.entries.iter().map(is_beside).collect();
    let count = left_out.iter().filter(|is| **is).count();
    let those = walked.entries.iter().zip(&left_out).filter(|(_, is)| **is);
    // The walk goes in the order of the file system.
    let first = those.map(|(entry, _)| entry.name.clone()).min();
    let Some(first) = first else { return };
    let mut left_out = left_out.into_iter();
    walked.entries.retain(|_| left_out.next() != Some(true));
    let message = match count {
        1 => format!("`{first}` lies beside its original and was left out"),
        _ => format!(
            "{count} compressed files, such as `{first}`, lie beside their originals and were left out"
        ),
    };
    let help = "the build compresses the final bytes itself; confirm this with \
                `.exclude(\"*.{br,gz,zst}\")`, or take them with `.include(\"**\")` and `.include(\"*.gz\")`";
    walked.warnings.push(Warning::new(WarningKind::Compressed, message, help));
}

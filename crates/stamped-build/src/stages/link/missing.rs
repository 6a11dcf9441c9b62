//! Warns about references that lead nowhere, and about files that could not be understood.

use super::Scanned;
use crate::config::{Config, Missing};
use crate::error::{Error, Problem, Warning, WarningKind};
use crate::nearest;
use crate::rules::Rules;
use crate::stages::read::Source;
use stamped_scan::{Reference, ReferenceKind, Skipped};
use std::collections::{HashMap, HashSet};

/// How many problems get a warning of their own. Only for these is the line computed, because that
/// means counting lines, and a file can have a million problems.
pub(super) const SHOWN: usize = 20;

/// A problem that a scan or a resolution has found.
#[derive(Debug)]
pub(super) struct Trouble {
    /// The position of the file, and the offset in it.
    file: usize,
    offset: usize,
    what: What,
}

#[derive(Debug)]
enum What {
    Missing {
        reference: String,
        name: String,
        kind: ReferenceKind,
    },
    Skipped(String),
    /// A hash of the file of this name does not fit its bytes.
    OtherBytes {
        name: String,
        changed: bool,
    },
    /// A hash of the file at this position can never be in the file that has it.
    Circle {
        target: usize,
    },
}

impl Trouble {
    pub(super) fn missing(file: usize, reference: &Reference, name: String) -> Self {
        let what = What::Missing { reference: reference.url.clone(), name, kind: reference.kind };
        Trouble { file, offset: reference.span.start, what }
    }

    pub(super) fn skipped(file: usize, skipped: &Skipped) -> Self {
        let what = What::Skipped(skipped.message.to_string());
        Trouble { file, offset: skipped.at, what }
    }

    /// The hash at `offset` is not that of `target`.
    pub(super) fn other_bytes(file: usize, offset: usize, target: &Source) -> Self {
        let what = What::OtherBytes { name: target.name.clone(), changed: target.changed };
        Trouble { file, offset, what }
    }

    pub(super) fn circle(file: usize, offset: usize, target: usize) -> Self {
        Trouble { file, offset, what: What::Circle { target } }
    }

    fn folder<'a>(&self, files: &'a [Scanned]) -> &'a str {
        files[self.file].source.name.rsplit_once('/').map_or("", |(folder, _)| folder)
    }

    pub(super) fn warning(&self, files: &[Scanned]) -> Result<Warning, Error> {
        Ok(Warning::new(WarningKind::Reference, self.message(files)?, ""))
    }

    fn message(&self, files: &[Scanned]) -> Result<String, Error> {
        let place = place(&files[self.file].source, self.offset)?;
        Ok(match &self.what {
            What::Skipped(message) => format!("{place}: {message}"),
            What::OtherBytes { name, changed } => {
                let why = match changed {
                    true => ", which a transformation has changed",
                    false => "",
                };
                format!(
                    "{place}: this hash is not that of `{name}`{why}, so browsers will refuse the file: write the \
                     right one, or none"
                )
            }
            What::Circle { target } => {
                let name = &files[*target].source.name;
                format!(
                    "{place}: this file and `{name}` refer to each other, so neither can have the hash of the \
                     other; `{name}` keeps its bytes, and what it loads keeps its plain names: leave out the hash \
                     if it should be rewritten"
                )
            }
            What::Missing { reference, name, .. } => {
                let near = match nearest(name, files) {
                    Some(near) => format!("; the nearest is `{near}`"),
                    None => String::new(),
                };
                format!("{place}: `{reference}` names no asset{near}")
            }
        })
    }
}

/// Turns the problems into warnings, or into an error if missing assets are denied.
pub(super) fn report(
    troubles: Vec<Trouble>,
    files: &[Scanned],
    config: &Config,
    rules: &Rules,
) -> Result<Vec<Warning>, Error> {
    let denied = config.missing_references == Missing::Deny;
    let counts = |trouble: &Trouble| match &trouble.what {
        What::Skipped(_) | What::OtherBytes { .. } | What::Circle { .. } => true,
        What::Missing { kind: ReferenceKind::Link, .. } => false,
        What::Missing { kind: ReferenceKind::SourceMap, .. } if !denied => false,
        What::Missing { .. } => !rules.allows_missing(&files[trouble.file].source.name),
    };
    let troubles: Vec<Trouble> = troubles.into_iter().filter(counts).collect();
    if denied {
        let mut missing =
            troubles.iter().filter(|trouble| matches!(trouble.what, What::Missing { .. }));
        if let Some(first) = missing.next() {
            let (first, more) = (first.message(files)?, missing.count());
            return Err(Problem::MissingReference { first, more }.into());
        }
    }
    let (troubles, alike) = one_per_folder(troubles, files);
    let warning = |trouble: &Trouble| {
        let mut message = trouble.message(files)?;
        let alike = match trouble.what {
            What::Skipped(_) => alike.get(trouble.folder(files)).copied().unwrap_or_default(),
            What::Missing { .. } | What::OtherBytes { .. } | What::Circle { .. } => 0,
        };
        match alike {
            0 => {}
            1 => message.push_str(" (and likewise in 1 more file of this folder)"),
            more => {
                message.push_str(&format!(" (and likewise in {more} more files of this folder)"));
            }
        }
        Ok(Warning::new(WarningKind::Reference, message, ""))
    };
    let shown = troubles.iter().take(SHOWN).map(warning);
    let mut warnings: Vec<Warning> = shown.collect::<Result<_, Error>>()?;
    if troubles.len() > SHOWN {
        warnings.push(Warning::new(
            WarningKind::MoreReferences,
            format!("{} more references and files like these", troubles.len() - SHOWN),
            "`.allow_missing_references(…)` silences those of the files that match a pattern",
        ));
    }
    Ok(warnings)
}

/// Leaves out what was skipped in all files of a folder but the first: source code that no browser
/// reads fills whole folders. Also returns how many files each folder has beside the first.
fn one_per_folder(
    troubles: Vec<Trouble>,
    files: &[Scanned],
) -> (Vec<Trouble>, HashMap<&str, usize>) {
    let mut seen: HashMap<&str, HashSet<usize>> = HashMap::new();
    let troubles = troubles.into_iter().filter(|trouble| match trouble.what {
        What::Missing { .. } | What::OtherBytes { .. } | What::Circle { .. } => true,
        What::Skipped(_) => {
            let skipped = seen.entry(trouble.folder(files)).or_default();
            let is_first =
                skipped.is_empty() || skipped.len() == 1 && skipped.contains(&trouble.file);
            skipped.insert(trouble.file);
            is_first
        }
    });
    let troubles = troubles.collect();
    (troubles, seen.into_iter().map(|(folder, files)| (folder, files.len() - 1)).collect())
}

/// The path of a file, with the line and column of an offset.
pub(super) fn place(source: &Source, offset: usize) -> Result<String, Error> {
    let (line, column) = position(&source.contents.load()?, offset);
    Ok(format!("{}:{line}:{column}", source.origin.display()))
}

/// The line and column of an offset. Both count from 1, and columns count bytes.
fn position(bytes: &[u8], offset: usize) -> (usize, usize) {
    #[cfg(test)]
    tests::LOCATED.with(|located| located.set(located.get() + 1));
    let before = &bytes[..offset];
    let line = before.iter().filter(|&&byte| byte == b'\n').count() + 1;
    let column = before.iter().rev().take_while(|&&byte| byte != b'\n').count() + 1;
    (line, column)
}

/// The asset that was most likely meant.
fn nearest<'a>(name: &str, files: &'a [Scanned]) -> Option<&'a str> {
    nearest::of(name, files.iter().map(|file| file.source.name.as_str()))
}

#[cfg(test)]
mod tests {
    use crate::Pipeline;
    use std::cell::Cell;

    thread_local! {
        /// How often the line of a place was computed.
        pub(super) static LOCATED: Cell<usize> = const { Cell::new(0) };
    }

    #[test]
    fn places_that_nothing_shows_are_not_looked_for() {
        let bundle = Pipeline::new("no such folder")
            .allow_missing(true)
            .file("a.css", "url(a)".repeat(10_000))
            .process()
            .unwrap();
        let last = bundle.warnings().last().unwrap().to_string();
        assert!(last.starts_with("9980 more references"), "{last}");
        assert_eq!(LOCATED.get(), super::SHOWN);
    }
}

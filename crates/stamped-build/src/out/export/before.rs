//! What the output folder holds before an export.

use super::work;
use crate::error::{Error, ErrorKind, Problem};
use crate::manifest::{MANIFEST, Manifest};
use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// What earlier exports have left in the folder.
#[derive(Debug)]
pub(super) struct Before {
    pub(super) manifest: Manifest,
    /// As the file has it; `None` where there is none.
    json: Option<Vec<u8>>,
    /// The paths of the files that exports have made, and may remove.
    pub(super) ours: BTreeSet<String>,
    /// Whether a run that did not finish has left something behind.
    pub(super) unfinished: bool,
}

impl Before {
    /// Reads it. A folder with files of others, and none of an export, is an error.
    pub(super) fn read(out: &Path) -> Result<Self, Error> {
        let journal = work::left_behind(out)?;
        let json = match fs::read(out.join(MANIFEST)) {
            Ok(json) => Some(json),
            Err(error) => match error.kind() {
                io::ErrorKind::NotFound => None,
                io::ErrorKind::NotADirectory => {
                    return Err(bad(out, "it is not a folder".to_owned(), "choose another"));
                }
                _ => {
                    let path = out.join(MANIFEST);
                    return Err(Problem::Unreadable { path, source: error }.into());
                }
            },
        };
        let manifest = match &json {
            Some(json) => manifest(out, json)?,
            // A first run that was killed has a journal, and no manifest yet.
            None if journal.as_ref().is_some_and(|paths| !paths.is_empty()) => Manifest::default(),
            None => {
                check_empty(out)?;
                Manifest::default()
            }
        };
        let unfinished = journal.is_some();
        let of_manifest = json.is_some().then(|| manifest.locations());
        let ours = of_manifest.into_iter().flatten().chain(journal.into_iter().flatten()).collect();
        Ok(Before { manifest, json, ours, unfinished })
    }

    /// The manifest, if there is one.
    pub(super) fn manifest(self) -> Option<Manifest> {
        self.json.is_some().then_some(self.manifest)
    }

    /// Whether the folder still holds the output that was read.
    pub(super) fn is_current(&self, out: &Path) -> bool {
        fs::read(out.join(MANIFEST)).ok() == self.json
    }
}

const ANOTHER: &str = "choose another folder, or empty it if nothing in it is needed";

fn bad(out: &Path, why: String, help: &'static str) -> Error {
    Problem::BadOutput { path: out.to_owned(), why, help }.into()
}

fn foreign(out: &Path) -> Error {
    bad(out, "it holds files, but no manifest of an earlier export".to_owned(), ANOTHER)
}

fn manifest(out: &Path, json: &[u8]) -> Result<Manifest, Error> {
    Manifest::of_json(&out.join(MANIFEST), json).map_err(|error| match error.kind() {
        ErrorKind::ForeignManifest => foreign(out),
        ErrorKind::ManifestVersion => {
            bad(out, error.message(), "use the program that wrote it, or choose another folder")
        }
        ErrorKind::DamagedManifest => bad(out, error.message(), ANOTHER),
        _ => error,
    })
}

fn check_empty(out: &Path) -> Result<(), Error> {
    let unreadable = |source| Problem::Unreadable { path: out.to_owned(), source };
    let entries = match fs::read_dir(out) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(unreadable(error).into()),
    };
    for entry in entries {
        if entry.map_err(unreadable)?.file_name() != work::FOLDER {
            return Err(foreign(out));
        }
    }
    Ok(())
}

/// All files and folders in the output, by their paths. Links are files.
#[derive(Debug, Default)]
pub(super) struct Present {
    pub(super) files: BTreeSet<String>,
    pub(super) folders: BTreeSet<String>,
}

impl Present {
    pub(super) fn walk(out: &Path) -> Result<Self, Error> {
        let mut present = Present::default();
        let is_work =
            |entry: &walkdir::DirEntry| entry.depth() == 1 && entry.file_name() == work::FOLDER;
        let walk = walkdir::WalkDir::new(out).min_depth(1).into_iter();
        for entry in walk.filter_entry(|entry| !is_work(entry)) {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    let path: PathBuf = error.path().unwrap_or(out).to_owned();
                    let source = error.into_io_error().unwrap_or_else(io::Error::last_os_error);
                    if path == out && source.kind() == io::ErrorKind::NotFound {
                        return Ok(present);
                    }
                    return Err(Problem::Unreadable { path, source }.into());
                }
            };
            let Ok(relative) = entry.path().strip_prefix(out) else {
                unreachable!("a walk leads to what is below its start");
            };
            let path = relative.to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/");
            match entry.file_type().is_dir() {
                true => present.folders.insert(path),
                false => present.files.insert(path),
            };
        }
        Ok(present)
    }

    /// The files below a folder.
    pub(super) fn below(&self, folder: &str) -> impl Iterator<Item = &String> {
        below(&self.files, folder)
    }

    /// The folders below a folder.
    pub(super) fn folders_below(&self, folder: &str) -> impl DoubleEndedIterator<Item = &String> {
        below(&self.folders, folder)
    }
}

/// The paths below a folder.
pub(super) fn below<'a>(
    paths: &'a BTreeSet<String>,
    folder: &str,
) -> impl DoubleEndedIterator<Item = &'a String> {
    // The character behind the slash ends the range.
    paths.range(format!("{folder}/")..format!("{folder}0"))
}

/// The folders that hold a path, the outermost first.
pub(super) fn above(path: &str) -> impl DoubleEndedIterator<Item = &str> {
    path.match_indices('/').filter_map(|(at, _)| path.get(..at))
}

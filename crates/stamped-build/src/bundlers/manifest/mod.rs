//! Reads what a bundler says of its own output: its files and its entry points.

mod esbuild;
mod json;
mod parcel;
mod vite;
mod webpack;

use super::bundler::{Bundled, Bundler};
use crate::config::{Config, Root, base};
use crate::error::{Error, Problem};
use crate::stages::walk::Walked;
use json::Json;
use stamped::files;
use std::collections::{BTreeSet, HashSet};
use std::io;
use std::path::{Path, PathBuf};

/// What bundlers have made, by the names of assets.
#[derive(Debug, Default)]
pub(crate) struct Built {
    /// The files that the manifests list.
    pub(crate) files: BTreeSet<String>,
    /// Sorted by name.
    pub(crate) entries: Vec<EntryPoint>,
}

/// An entry point.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct EntryPoint {
    pub(crate) name: String,
    /// The names of the scripts and style sheets that a page loads for it, in that order.
    pub(crate) files: Vec<String>,
    /// Whether Vite has made it.
    pub(crate) is_by_vite: bool,
}

/// What a manifest says, with paths as they stand in it.
#[derive(Debug, Default, PartialEq, Eq)]
struct Manifest {
    entries: Vec<(String, Vec<String>)>,
    files: Vec<String>,
}

/// Reads the manifests of all bundlers. They are not assets themselves, and the build depends on them.
pub(crate) fn read(config: &Config, walked: &mut Walked) -> Result<Built, Error> {
    let mut built = Built::default();
    for bundled in &config.bundled {
        let bundler = bundled.bundler;
        let Found { path, bytes, folder, prefix } = find(bundled, &config.roots)?;
        walked.watched.push(path.clone());
        walked.entries.retain(|entry| entry.path != path);
        let problem_with = |why: String, help: String| -> Error {
            Problem::BundlerManifest { path: path.clone(), why, help }.into()
        };
        let problem = |why: String| {
            problem_with(why, format!("build the front end again: {}", bundler.command()))
        };
        let not_there = |file: &str| problem(format!("it names `{file}`, which is not there"));
        let not_utf8 = |_| problem("it is not UTF-8".to_owned());
        let text = String::from_utf8(bytes).map_err(not_utf8)?;
        let json = Json::parse(&text).map_err(|why| problem(format!("it is not JSON: {why}")))?;
        let manifest = match bundler {
            Bundler::Vite => vite::read(&json),
            Bundler::Esbuild => esbuild::read(&json),
            Bundler::Webpack => webpack::read(&json),
            Bundler::Parcel => parcel::read(&json),
        };
        let manifest = manifest
            .map_err(|why| problem(format!("it is not what {} writes: {why}", bundler.name())))?;
        let names: HashSet<&str> = walked.entries.iter().map(|entry| &*entry.name).collect();
        let is_name = |name: &str| names.contains(name);
        for file in &manifest.files {
            match asset_name(file, &prefix, is_name) {
                Some(name) => drop(built.files.insert(name)),
                // It may have been left out on purpose.
                None if is_on_disk(file, &folder) => {}
                None => return Err(not_there(file)),
            }
        }
        for (name, files) in manifest.entries {
            let names = files.iter().map(|file| {
                asset_name(file, &prefix, is_name).ok_or_else(|| match is_on_disk(file, &folder) {
                    true => problem_with(
                        format!("its entry point `{name}` needs `{file}`, which is left out"),
                        "let `.include(…)` and `.exclude(…)` take it".to_owned(),
                    ),
                    false => not_there(file),
                })
            });
            let files = names.collect::<Result<_, _>>()?;
            let is_by_vite = bundler == Bundler::Vite;
            built.entries.push(EntryPoint { name, files, is_by_vite });
        }
    }
    built.entries.sort();
    let twice = built.entries.windows(2).find(|pair| pair[0].name == pair[1].name);
    if let Some([first, _]) = twice {
        return Err(Problem::EntryTwice { name: first.name.clone() }.into());
    }
    Ok(built)
}

/// A manifest, and the folder that its paths lead into.
struct Found {
    path: PathBuf,
    bytes: Vec<u8>,
    folder: PathBuf,
    /// With which the names of the files in that folder begin.
    prefix: String,
}

fn find(bundled: &Bundled, roots: &[Root]) -> Result<Found, Error> {
    let Bundled { bundler, manifest } = bundled;
    let mut candidates = Vec::new();
    for root in roots {
        let folder = base().join(&root.folder);
        match manifest {
            Some(path) => candidates.push((base().join(path), folder, &root.prefix)),
            None => candidates.extend(
                bundler
                    .places()
                    .iter()
                    .map(|place| (folder.join(place), folder.clone(), &root.prefix)),
            ),
        }
    }
    for (path, folder, prefix) in &candidates {
        match files::read(path, u64::MAX) {
            Ok(read) => {
                let (path, folder) = (path.clone(), folder.clone());
                return Ok(Found { path, bytes: read.bytes, folder, prefix: (*prefix).clone() });
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(source) => return Err(Problem::Unreadable { path: path.clone(), source }.into()),
        }
    }
    let Some((path, ..)) = candidates.into_iter().next() else {
        unreachable!("a pipeline has a folder, and a bundler a place for its manifest");
    };
    let why = format!("there is no such manifest of {}", bundler.name());
    let help = format!("build the front end first: {}", bundler.command());
    Err(Problem::BundlerManifest { path, why, help }.into())
}

/// The name of the asset at a path of a manifest. Bundlers write paths relative to their output, to
/// where they ran, or as URLs with what the site has in front, so the longest end of the path that is a
/// name counts.
fn asset_name(path: &str, prefix: &str, is_name: impl Fn(&str) -> bool) -> Option<String> {
    ends(path).map(|end| format!("{prefix}{end}")).find(|name| is_name(name))
}

fn is_on_disk(path: &str, folder: &Path) -> bool {
    ends(path).any(|end| folder.join(end).is_file())
}

/// The path, and what is behind each of its slashes.
fn ends(path: &str) -> impl Iterator<Item = &str> {
    let whole = path_of(path).trim_start_matches(['.', '/']);
    let behind = whole.match_indices('/').map(move |(at, _)| &whole[at + 1..]);
    std::iter::once(whole).chain(behind).filter(|end| !end.is_empty())
}

/// Whether a page loads the file by itself.
fn is_loaded(path: &str) -> bool {
    is_style(path) || is_script(path)
}

fn is_style(path: &str) -> bool {
    path_of(path).ends_with(".css")
}

fn is_script(path: &str) -> bool {
    let path = path_of(path);
    path.ends_with(".js") || path.ends_with(".mjs") || path.ends_with(".cjs")
}

/// A path or URL without what may follow the path.
fn path_of(url: &str) -> &str {
    &url[..url.find(['?', '#']).unwrap_or(url.len())]
}

/// Adds what is not there yet.
fn add(files: &mut Vec<String>, more: impl IntoIterator<Item = String>) {
    for file in more {
        if !files.contains(&file) {
            files.push(file);
        }
    }
}

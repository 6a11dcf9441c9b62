//! Plans where each file goes, and how it gets there.

use super::manifest::{AssetVersion, Manifest, encoded, tree};
use super::place::Place;
use super::{IMPORT_MAP, MANIFEST};
use crate::bundle::{Asset, Bundle};
use crate::error::{Error, Problem, Warning, WarningKind};
use crate::progress::{Listener, Meter, Stage};
use rayon::prelude::*;
use stamped::Coding;
use std::collections::{BTreeSet, HashSet};
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The files of the next output, by their paths in it.
#[derive(Debug, Default)]
pub(super) struct Plan<'a> {
    taken: BTreeSet<String>,
    assets: Vec<Files<'a>>,
    /// The files to take over from the old output.
    carried: Vec<PathBuf>,
}

/// The files of one asset.
#[derive(Debug)]
struct Files<'a> {
    time: Option<SystemTime>,
    contents: Content<'a>,
    encodings: Vec<Content<'a>>,
}

/// Files with the same bytes.
#[derive(Debug)]
struct Content<'a> {
    bytes: &'a [u8],
    paths: Vec<String>,
}

impl<'a> Plan<'a> {
    /// Plans the files of a bundle, and returns them as manifest entries.
    pub(super) fn new(
        bundle: &'a Bundle,
        warnings: &mut Vec<Warning>,
    ) -> Result<(Self, Vec<AssetVersion>), Error> {
        let tree = tree(bundle.mount());
        let own = [MANIFEST, IMPORT_MAP];
        if let Some(file) = own.iter().find(|&&own| tree.split('/').next() == Some(own)) {
            return Err(Problem::BadMount {
                mount: bundle.mount().to_owned(),
                why: if *file == MANIFEST {
                    "`manifest.json` lies beside what is served"
                } else {
                    "`importmap.json` lies beside what is served"
                },
            }
            .into());
        }
        let mut plan = Plan { taken: own.map(str::to_owned).into(), ..Plan::default() };
        // This comes first: the file of an asset takes precedence over an encoding of another.
        for asset in bundle.assets() {
            plan.taken.extend(paths(&tree, asset));
        }
        let mut records = Vec::with_capacity(bundle.assets().len());
        let mut refused: Vec<String> = Vec::new();
        for asset in bundle.assets() {
            let mut codings: Vec<Coding> = Vec::new();
            let mut encodings = Vec::new();
            for (coding, bytes) in asset.encodings() {
                let mut of_coding = Vec::new();
                for (at, path) in paths(&tree, asset).into_iter().enumerate() {
                    let path = encoded(&path, coding);
                    if !plan.is_free(&path) {
                        refused.push(path);
                        continue;
                    }
                    if at == 0 {
                        codings.push(coding);
                    }
                    plan.taken.insert(path.clone());
                    of_coding.push(path);
                }
                if !of_coding.is_empty() {
                    encodings.push(Content { bytes, paths: of_coding });
                }
            }
            records.push(AssetVersion::new(bundle, asset, &codings));
            plan.assets.push(Files {
                // A time that the system cannot represent counts as none.
                time: asset
                    .last_modified()
                    .and_then(|seconds| UNIX_EPOCH.checked_add(Duration::from_secs(seconds))),
                contents: Content { bytes: asset.bytes(), paths: paths(&tree, asset) },
                encodings,
            });
        }
        if let Some(first) = refused.first() {
            let more = match refused.len() {
                1 => String::new(),
                all => format!(", and so are {} more", all - 1),
            };
            warnings.push(Warning::new(
                WarningKind::EncodingPath,
                format!("`{first}` is an asset, so no encoding is stored there{more}"),
                "leave such assets out, and the encodings are made of the originals",
            ));
        }
        Ok((plan, records))
    }

    /// Whether a file can be put there.
    pub(super) fn is_free(&self, path: &str) -> bool {
        let below = format!("{path}/");
        let is_folder =
            self.taken.range(below.clone()..).next().is_some_and(|next| next.starts_with(&below));
        let mut above = path.match_indices('/').filter_map(|(at, _)| path.get(..at));
        !is_folder && !self.taken.contains(path) && !above.any(|folder| self.taken.contains(folder))
    }

    /// Takes a file over from the old output.
    pub(super) fn carry(&mut self, path: String) {
        self.carried.push(PathBuf::from(&path));
        self.taken.insert(path);
    }

    /// Takes over the files that others have put into the old output, because they are not ours.
    pub(super) fn carry_foreign(&mut self, out: &Path, old: &Manifest) -> Result<(), Error> {
        let ours: HashSet<String> = old.locations().collect();
        for entry in walkdir::WalkDir::new(out).sort_by_file_name() {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) if error.depth() == 0 => return Ok(()),
                Err(error) => {
                    let path = error.path().unwrap_or(out).to_owned();
                    let source = error.into_io_error().unwrap_or_else(io::Error::last_os_error);
                    return Err(Problem::Unreadable { path, source }.into());
                }
            };
            let Ok(relative) = entry.path().strip_prefix(out) else { continue };
            let path = relative.to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/");
            if entry.file_type().is_dir() || ours.contains(&path) {
                continue;
            }
            if !self.is_free(&path) {
                let why = format!("no export made `{path}` in it, and another file belongs there");
                let help = "move that file away";
                return Err(Problem::BadOutput { path: out.to_owned(), why, help }.into());
            }
            self.carried.push(relative.to_owned());
            self.taken.insert(path);
        }
        Ok(())
    }

    /// The number of files of all assets.
    pub(super) fn files(&self) -> usize {
        self.assets.iter().map(Files::count).sum()
    }

    /// Makes the files in the new output, and returns how many had to be written.
    pub(super) fn carry_out(&self, place: &Place, listener: &Listener) -> Result<usize, Error> {
        let of_assets = self.assets.iter().flat_map(Files::paths).map(Path::new);
        let carried = self.carried.iter().map(PathBuf::as_path);
        let folders: BTreeSet<&Path> = of_assets.chain(carried).filter_map(Path::parent).collect();
        for folder in folders {
            let made = fs::create_dir_all(place.new_path(folder));
            made.map_err(|error| place.unwritable(folder, error))?;
        }

        let now = SystemTime::now();
        let all = self.files() + self.carried.len();
        let meter = Meter::start(listener, Stage::Write, all as u64);
        let written = AtomicUsize::new(0);
        self.assets.par_iter().try_for_each(|files| {
            written.fetch_add(files.make(place, now)?, Ordering::Relaxed);
            meter.advance(files.count() as u64);
            Ok::<(), Error>(())
        })?;
        self.carried.par_iter().try_for_each(|path| {
            link(&place.old_path(path), &place.new_path(path))
                .map_err(|error| place.unwritable(path, error))?;
            meter.advance(1);
            Ok::<(), Error>(())
        })?;
        Ok(written.into_inner())
    }
}

/// The places of an asset: its path, and its name if that differs.
fn paths(tree: &str, asset: &Asset) -> Vec<String> {
    let mut paths = vec![format!("{tree}/{}", asset.path())];
    if asset.path() != asset.name() {
        paths.push(format!("{tree}/{}", asset.name()));
    }
    paths
}

impl Files<'_> {
    fn all(&self) -> impl Iterator<Item = &Content<'_>> {
        std::iter::once(&self.contents).chain(&self.encodings)
    }

    fn paths(&self) -> impl Iterator<Item = &String> {
        self.all().flat_map(|content| &content.paths)
    }

    fn count(&self) -> usize {
        self.all().map(|content| content.paths.len()).sum()
    }

    /// Makes all files, and returns how many had to be written.
    fn make(&self, place: &Place, now: SystemTime) -> Result<usize, Error> {
        let (time, mut written) = self.contents.make(place, self.time, now)?;
        for encoding in &self.encodings {
            written += encoding.make(place, Some(time), now)?.1;
        }
        Ok(written)
    }
}

impl Content<'_> {
    /// Makes the files, and returns the time that they have then and how many had to be written.
    fn make(
        &self,
        place: &Place,
        time: Option<SystemTime>,
        now: SystemTime,
    ) -> Result<(SystemTime, usize), Error> {
        let Some((first, others)) = self.paths.split_first() else { return Ok((now, 0)) };
        let to = place.new_path(first);
        let old = self.paths.iter().map(|path| place.old_path(path)).find_map(|path| {
            let modified = self.time_if_same(&path)?;
            (time.is_none_or(|time| time == modified) && fs::hard_link(path, &to).is_ok())
                .then_some(modified)
        });
        let time = old.or(time).unwrap_or(now);
        if old.is_none() {
            write(&to, self.bytes, time).map_err(|error| place.unwritable(first, error))?;
        }
        for other in others {
            let path = place.new_path(other);
            if fs::hard_link(&to, &path).is_err() {
                write(&path, self.bytes, time).map_err(|error| place.unwritable(other, error))?;
            }
        }
        Ok((time, usize::from(old.is_none())))
    }

    /// The time of the file at `path`, if it holds these bytes. They are compared, because people
    /// edit files, and caches keep for a year what is linked here.
    fn time_if_same(&self, path: &Path) -> Option<SystemTime> {
        let metadata = fs::symlink_metadata(path).ok()?;
        let is_same = metadata.is_file()
            && metadata.len() == self.bytes.len() as u64
            && fs::read(path).ok()? == self.bytes;
        is_same.then(|| metadata.modified().ok()).flatten()
    }
}

fn write(path: &Path, bytes: &[u8], time: SystemTime) -> io::Result<()> {
    let mut file = File::create_new(path)?;
    file.write_all(bytes)?;
    // A file system without times is not an error.
    file.set_modified(time).ok();
    Ok(())
}

/// A hard link, or else a copy.
fn link(from: &Path, to: &Path) -> io::Result<()> {
    if fs::hard_link(from, to).is_ok() {
        return Ok(());
    }
    let metadata = fs::symlink_metadata(from)?;
    if !metadata.is_file() {
        return Err(io::Error::other("it is no file, and cannot be linked to"));
    }
    fs::copy(from, to)?;
    if let Ok(modified) = metadata.modified() {
        File::options().write(true).open(to)?.set_modified(modified).ok();
    }
    Ok(())
}

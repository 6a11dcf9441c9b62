//! Looks after a folder of versions: what in it is damaged, and what is to go.

use super::Versions;
use super::folder::Folder;
use super::record::{all, save, sweep};
use crate::contents::Reader;
use crate::error::{Error, ErrorKind, Problem};
use crate::manifest::{AssetVersion, MANIFEST, Manifest};
use std::collections::HashSet;
use std::path::PathBuf;
use walkdir::WalkDir;

/// The versions that [`Versions::remove`] has removed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Removed {
    /// Those that were asked for.
    pub asked: Vec<AssetVersion>,
    /// Those that referred to them.
    pub dependent: Vec<AssetVersion>,
}

impl Versions {
    /// Reads every file. Returns an error for each version that is not as it was recorded, and the files
    /// that belong to no version.
    ///
    /// # Errors
    ///
    /// Those of [`manifest`](Self::manifest), and a file that cannot be read.
    pub fn check(&self) -> Result<(Vec<Error>, Vec<PathBuf>), Error> {
        let folder = self.open()?;
        let reader = Reader::new(false);
        let mut damaged = Vec::new();
        for kept in folder.versions() {
            match folder.read(kept.version, &reader) {
                Err(error) if error.kind() == ErrorKind::DamagedVersion => damaged.push(error),
                Err(error) => return Err(error),
                Ok(_) => {}
            }
        }
        Ok((damaged, strays(&folder)?))
    }

    /// Removes the versions for which `is_asked` says so, and those that refer to them.
    ///
    /// # Errors
    ///
    /// Those of [`manifest`](Self::manifest), and a folder that cannot be written.
    pub fn remove(&self, is_asked: impl Fn(&AssetVersion) -> bool) -> Result<Removed, Error> {
        if self.open()?.manifest == Manifest::default() {
            return Ok(Removed::default());
        }
        let _lock = self.lock()?;
        let folder = self.open()?;
        let mut gone: HashSet<String> = HashSet::new();
        let mut removed = Removed::default();
        for version in all(&folder.manifest).filter(|version| is_asked(version)) {
            if gone.insert(version.location()) {
                removed.asked.push(version.clone());
            }
        }
        loop {
            let dependent = folder.versions().find(|kept| {
                let used = folder.uses(*kept);
                !gone.contains(&kept.version.location())
                    && used.iter().any(|path| gone.contains(&kept.version.location_of(path)))
            });
            let Some(dependent) = dependent else { break };
            gone.insert(dependent.version.location());
            removed.dependent.push(dependent.version.clone());
        }
        if gone.is_empty() {
            return Ok(removed);
        }
        let before: Vec<String> = all(&folder.manifest).map(AssetVersion::location).collect();
        let Folder { path, mut manifest } = folder;
        manifest.assets.retain(|version| !gone.contains(&version.location()));
        manifest.retired.retain(|retired| !gone.contains(&retired.version.location()));
        save(&path, &manifest)?;
        sweep(&path, before.into_iter(), &manifest)?;
        Ok(removed)
    }
}

/// The files that belong to no version, but for those whose names begin with a dot.
fn strays(folder: &Folder) -> Result<Vec<PathBuf>, Error> {
    if folder.manifest == Manifest::default() {
        return Ok(Vec::new());
    }
    let known: HashSet<PathBuf> = folder.files().into_iter().collect();
    let mut strays = Vec::new();
    for entry in WalkDir::new(&folder.path).sort_by_file_name() {
        let entry = entry.map_err(|error| {
            let path = error.path().unwrap_or(&folder.path).to_owned();
            let source = error.into_io_error().unwrap_or_else(std::io::Error::last_os_error);
            Problem::Unreadable { path, source }
        })?;
        let is_hidden = entry.file_name().to_string_lossy().starts_with('.');
        let is_known = known.contains(entry.path()) || entry.file_name() == MANIFEST;
        if !entry.file_type().is_dir() && !is_hidden && !is_known {
            strays.push(entry.into_path());
        }
    }
    Ok(strays)
}

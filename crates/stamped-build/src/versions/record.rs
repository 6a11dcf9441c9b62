//! Adds a release to a folder of versions.

use super::Versions;
use super::folder::{Folder, fault};
use super::policy::Current;
use crate::bundle::{Asset, Bundle};
use crate::contents::Contents;
use crate::error::{Error, Problem};
use crate::manifest::{AssetVersion, MANIFEST, Manifest, Retired};
use crate::stages::transform::BoxError;
use crate::write;
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::{fmt, fs};

/// What [`Versions::record`] has done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Recorded {
    /// The stamped assets of the release.
    pub assets: usize,
    /// How many of them were not there before.
    pub added: usize,
    /// The earlier versions that stay.
    pub kept: usize,
    /// The earlier versions that were removed.
    pub removed: usize,
    /// The bytes of the earlier versions that stay, counting equal contents once.
    pub bytes: u64,
}

impl fmt::Display for Recorded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Recorded { assets, added, kept, removed, bytes } = self;
        write!(
            f,
            "{assets} stamped assets, {added} of them new; earlier versions: {kept} kept ({bytes} bytes), \
             {removed} removed"
        )
    }
}

/// A release, and how to get at its bytes.
struct Release<F> {
    manifest: Manifest,
    /// Takes a version of the manifest.
    bytes: F,
}

impl Versions {
    /// Adds a finished bundle as the newest release.
    ///
    /// # Errors
    ///
    /// When the folder is damaged or cannot be written, and when a file changed since it was read.
    pub fn record_bundle(&self, bundle: &Bundle) -> Result<Recorded, Error> {
        self.add_assets(bundle.mount(), bundle.assets())
    }

    /// Adds the release that a manifest lists, and the earlier versions that it lists too. `read` gives
    /// the bytes of a version, without a coding: from an exported folder, or from a server.
    ///
    /// Versions without a stamp are left out. Nothing is recorded if one of the others has other bytes
    /// than the manifest says.
    ///
    /// ```no_run
    /// # use stamped_build::{Manifest, Versions};
    /// # fn main() -> Result<(), stamped_build::Error> {
    /// let release = Manifest::read("dist/manifest.json")?;
    /// let read = |version: &stamped_build::AssetVersion| {
    ///     Ok(std::fs::read(format!("dist/{}", version.location()))?)
    /// };
    /// Versions::new("versions").record(release, read)?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// When `read` fails or gives other bytes, and when the folder is damaged or cannot be written.
    pub fn record(
        &self,
        release: Manifest,
        read: impl Fn(&AssetVersion) -> Result<Vec<u8>, BoxError>,
    ) -> Result<Recorded, Error> {
        let bytes = |version: &AssetVersion| {
            let url = version.url();
            let unrecordable = |why: String| Problem::Unrecordable { url: url.to_owned(), why };
            let bytes = read(version).map_err(|error| unrecordable(error.to_string()))?;
            let contents = Contents::held(bytes);
            match fault(version, &contents)? {
                None => Ok(Cow::Owned(contents.load()?.into_owned())),
                Some(why) => Err(unrecordable(why).into()),
            }
        };
        self.add(Release { manifest: release, bytes })
    }

    /// Adds these assets, which are sorted by name.
    pub(crate) fn add_assets(&self, mount: &str, assets: &[Asset]) -> Result<Recorded, Error> {
        let bytes = |version: &AssetVersion| match assets
            .binary_search_by(|asset| asset.name().cmp(version.name()))
        {
            Ok(at) => assets[at].bytes(),
            Err(_) => unreachable!("a manifest of assets lists these assets"),
        };
        self.add(Release { manifest: Manifest::of(mount, assets), bytes })
    }

    fn add<'a, F>(&self, release: Release<F>) -> Result<Recorded, Error>
    where
        F: Fn(&AssetVersion) -> Result<Cow<'a, [u8]>, Error>,
    {
        // Of two records at once, the later one adds to what the other has left.
        let _lock = self.lock()?;
        let Folder { path: folder, manifest: old } = self.open()?;
        let Release { manifest: release, bytes } = release;
        let policy = self.keep.now();
        let current = Current {
            locations: release.assets.iter().map(AssetVersion::location).collect(),
            contents: (release.assets.iter().filter(|asset| asset.is_immutable()))
                .map(|asset| asset.integrity().to_owned())
                .collect(),
        };
        let replaced = old.assets.iter().map(|version| old.retire(version, policy.now));
        let before: HashMap<String, &str> =
            all(&old).map(|version| (version.location(), version.integrity())).collect();
        let retired = policy.choose(
            replaced.chain(old.retired.iter().cloned()).chain(release.retired.clone()).collect(),
            &current,
        );
        let manifest = Manifest {
            mount: release.mount.clone(),
            assets: release.assets.iter().filter(|asset| asset.is_immutable()).cloned().collect(),
            retired,
            dictionaries: false,
        }
        .without_encodings();
        // Those that the folder has are not taken anew, so that a server need not have them still.
        for version in all(&manifest) {
            let location = version.location();
            let path = folder.join(&location);
            let is_there = before.get(&location) == Some(&version.integrity()) && path.exists();
            if !is_there {
                write::if_changed(&path, &bytes(version)?)?;
            }
        }
        let is_new = |asset: &&AssetVersion| !before.contains_key(&asset.location());
        let added = manifest.assets.iter().filter(is_new).count();
        save(&folder, &manifest)?;
        let removed = sweep(&folder, before.into_keys(), &manifest)?;
        Ok(Recorded {
            assets: manifest.assets.len(),
            added,
            kept: manifest.retired.len(),
            removed,
            bytes: distinct_bytes(&manifest.retired, &current.contents),
        })
    }
}

/// All versions of a manifest that have a stamp.
pub(super) fn all(manifest: &Manifest) -> impl Iterator<Item = &AssetVersion> {
    let retired = manifest.retired.iter().map(Retired::version);
    manifest.assets.iter().chain(retired).filter(|version| version.is_immutable())
}

/// The bytes of versions, counting equal contents once, without those that are known.
fn distinct_bytes(retired: &[Retired], known: &HashSet<String>) -> u64 {
    let mut seen = HashSet::new();
    let versions = retired.iter().map(Retired::version);
    let new = versions
        .filter(|version| !known.contains(version.integrity()) && seen.insert(version.integrity()));
    new.map(AssetVersion::size).sum()
}

/// Writes the manifest, once the files are there.
pub(super) fn save(folder: &Path, manifest: &Manifest) -> Result<(), Error> {
    write::if_changed(&folder.join(MANIFEST), manifest.to_json().as_bytes())
}

/// Removes files that the manifest no longer names, and the folders that are empty then. Returns how
/// many there were.
pub(super) fn sweep(
    folder: &Path,
    before: impl Iterator<Item = String>,
    manifest: &Manifest,
) -> Result<usize, Error> {
    let stays: HashSet<String> = all(manifest).map(AssetVersion::location).collect();
    let mut removed = 0;
    for location in before.filter(|location| !stays.contains(location)) {
        let path = folder.join(location);
        match fs::remove_file(&path) {
            Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
                return Err(Problem::Unwritable { path, source }.into());
            }
            _ => removed += 1,
        }
        let mut above = path.parent();
        while let Some(parent) = above.filter(|&parent| parent != folder) {
            // It fails where something else is in it.
            if fs::remove_dir(parent).is_err() {
                break;
            }
            above = parent.parent();
        }
    }
    Ok(removed)
}

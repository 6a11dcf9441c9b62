//! Writes a bundle as files for a web server.
//!
//! The new output is made in a folder beside the old one and then changes places with it. So a
//! reader always sees one whole output: the manifest, the files that it names, and the plain files,
//! whose names do not show their version. Writing file by file into the old output could keep the
//! first two in step by a careful order, but never the plain files.

mod manifest;
mod place;
mod plan;
mod retire;

use crate::bundle::Bundle;
use crate::config::base;
use crate::error::{Error, Warning};
use crate::out::import_map;
use crate::progress::{Listener, Progress};
pub use manifest::{AssetVersion, Manifest, Retired};
use place::Place;
use plan::Plan;
use retire::Policy;
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

const MANIFEST: &str = "manifest.json";
const IMPORT_MAP: &str = "importmap.json";

/// The settings of [`Bundle::export`]: where it writes, and which earlier versions it keeps.
///
/// Relative folders are relative to the package (`CARGO_MANIFEST_DIR`), or to the working directory
/// outside of cargo.
///
/// ```no_run
/// use stamped_build::{Encoding, Export, Pipeline};
/// use std::time::Duration;
///
/// # fn main() -> Result<(), stamped_build::Error> {
/// let bundle = Pipeline::new("assets").encodings([Encoding::brotli()]).process()?;
/// let day = Duration::from_secs(24 * 60 * 60);
/// let exported = bundle.export(&Export::new("dist").keep(1).keep_for(30 * day))?;
/// println!("{} names {} assets", exported.manifest().display(), exported.assets());
/// # Ok(())
/// # }
/// ```
pub struct Export {
    out: PathBuf,
    keep: usize,
    keep_for: Duration,
    listener: Listener,
}

impl Export {
    /// Writes to `folder`, which is created if it does not exist. An existing folder must be empty,
    /// or the output of an earlier export.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        const WEEK: Duration = Duration::from_secs(7 * 24 * 60 * 60);
        Export { out: folder.into(), keep: 3, keep_for: WEEK, listener: Listener::default() }
    }

    /// Keeps this many earlier versions of each asset, however old they are. Default: 3.
    ///
    /// ```
    /// # use stamped_build::Export;
    /// let export = Export::new("dist").keep(10);
    /// ```
    #[must_use]
    pub fn keep(mut self, versions: usize) -> Self {
        self.keep = versions;
        self
    }

    /// Keeps all earlier versions for this long, however many they are, from the time at which they
    /// were replaced. Default: 7 days.
    ///
    /// That time comes from the clock of the machine and not from `SOURCE_DATE_EPOCH`, because
    /// pages that ask for the old version stay open in real time.
    ///
    /// ```
    /// # use {stamped_build::Export, std::time::Duration};
    /// let only_the_newest = Export::new("dist").keep(0).keep_for(Duration::ZERO);
    /// ```
    #[must_use]
    pub fn keep_for(mut self, time: Duration) -> Self {
        self.keep_for = time;
        self
    }

    /// Calls a function with the number of files that are done, as
    /// [`Pipeline::progress`](crate::Pipeline::progress) does. Default: no function.
    ///
    /// ```
    /// # use stamped_build::Export;
    /// let export = Export::new("dist").progress(|at| eprint!("\r{} of {} files", at.done, at.total));
    /// ```
    #[must_use]
    pub fn progress(mut self, function: impl Fn(Progress) + Send + Sync + 'static) -> Self {
        self.listener = Listener::new(function);
        self
    }

    /// Checks whether the assets in `folder` can be written there, without changing anything, so
    /// that a long build does not fail at its end.
    ///
    /// # Errors
    ///
    /// When one of the folders lies inside the other, and when the output has something that no
    /// export has made.
    ///
    /// ```no_run
    /// # use stamped_build::Export;
    /// assert!(Export::new("assets/dist").check("assets").is_err());
    /// ```
    pub fn check(&self, folder: impl AsRef<Path>) -> Result<(), Error> {
        let out = place::resolve(&base().join(&self.out))?;
        place::check_apart(&out, &base().join(folder))?;
        place::check_working_directory(&out)?;
        manifest::of_output(&out)?;
        Ok(())
    }
}

impl fmt::Debug for Export {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Export")
            .field("out", &self.out)
            .field("keep", &self.keep)
            .field("keep_for", &self.keep_for)
            .finish_non_exhaustive()
    }
}

/// The result of an export.
#[derive(Clone, Debug)]
pub struct Exported {
    manifest: PathBuf,
    assets: usize,
    files: usize,
    written: usize,
    kept: usize,
    removed: usize,
    warnings: Vec<Warning>,
}

impl Exported {
    /// The path of the manifest.
    #[must_use]
    pub fn manifest(&self) -> &Path {
        &self.manifest
    }

    /// How many assets the manifest names.
    #[must_use]
    pub fn assets(&self) -> usize {
        self.assets
    }

    /// How many files these assets have: under their stamped paths and their names, in each coding.
    #[must_use]
    pub fn files(&self) -> usize {
        self.files
    }

    /// How many of the files have bytes that the earlier output did not hold under a path of the
    /// asset. Hard links are not counted.
    #[must_use]
    pub fn written(&self) -> usize {
        self.written
    }

    /// How many earlier versions are kept.
    #[must_use]
    pub fn kept(&self) -> usize {
        self.kept
    }

    /// How many earlier versions were removed.
    #[must_use]
    pub fn removed(&self) -> usize {
        self.removed
    }

    /// The warnings: what a person should know.
    #[must_use]
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }
}

impl Bundle {
    /// Writes the bundle as files for a web server or a bucket. With the feature `export`.
    ///
    /// Below `OUT` and the mount (`OUT/static` for `/static`; `OUT/root` for `/`), each asset has
    /// its stamped path and its name, and each [encoding](crate::Pipeline::encodings) beside both,
    /// with `.br`, `.gz` or `.zst` at its end. `OUT/manifest.json` lists all of them, and
    /// `OUT/importmap.json` is the import map; neither of the two is served.
    ///
    /// Files that the earlier output already has are hard links to it, and so are the two paths of
    /// an asset, if the file system has hard links. A file has the time of its asset if that is
    /// known ([`Asset::last_modified`](crate::Asset::last_modified)), because web servers make
    /// `Last-Modified` and `ETag` from it. An encoding has the time of its asset's file.
    ///
    /// The whole output appears at once. If the export fails or is killed, the old one stays as it
    /// was. Files that others have put into the folder stay there.
    ///
    /// # The manifest
    ///
    /// ```json
    /// {"version":1,"mount":"/static","assets":{
    /// "css/style.css":{"path":"css/style.1452929749.css","url":"/static/css/style.1452929749.css",
    ///   "stamp":"1452929749","type":"text/css; charset=utf-8","size":1234,"integrity":"sha384-…",
    ///   "encodings":{"br":400,"gzip":450},"references":["img/a.png"]}
    /// },"retired":[
    /// {"name":"css/style.css","path":"css/style.1400000000.css", …,"retired":1452929800}
    /// ]}
    /// ```
    ///
    /// [`Manifest`] reads it. Names are sorted. `stamp` is `null` if an asset keeps its name. If a
    /// bundler has stamped the name, `"prestamped":true` follows. With a stamp or that mark, caches
    /// may keep it for ever. `retired` lists the earlier versions that are kept, the newest of each
    /// name first, with the seconds since 1970 at which each was replaced.
    ///
    /// # Errors
    ///
    /// - an output folder inside an asset folder, or the other way round;
    /// - an output folder with something in it that no export has made, or that a newer version of
    ///   this crate has made;
    /// - a file of others in the place of a file of the export;
    /// - another export to the same folder that is still running;
    /// - files that cannot be written.
    pub fn export(&self, export: &Export) -> Result<Exported, Error> {
        let out = place::resolve(&base().join(&export.out))?;
        for folder in self.watched().iter().map(|folder| base().join(folder)) {
            if folder.is_dir() {
                place::check_apart(&out, &folder)?;
            }
        }
        place::check_working_directory(&out)?;
        let place = Place::open(out)?;
        let old = manifest::of_output(place.out())?.unwrap_or_default();

        let mut warnings = Vec::new();
        let (mut plan, assets) = Plan::new(self, &mut warnings)?;
        plan.carry_foreign(place.out(), &old)?;
        let Export { keep, keep_for, .. } = *export;
        let policy = Policy { keep, keep_for, now: now() };
        let (retired, removed) = policy.apply(old, &assets, &place, &mut plan, &mut warnings);

        let written = plan.carry_out(&place, &export.listener)?;
        let manifest = Manifest { mount: self.mount().to_owned(), assets, retired };
        place.write(IMPORT_MAP, import_map::json(self).as_bytes())?;
        place.write(MANIFEST, manifest.to_json().as_bytes())?;
        let out = place.swap()?;
        Ok(Exported {
            manifest: out.join(MANIFEST),
            assets: manifest.assets.len(),
            files: plan.files(),
            written,
            kept: manifest.retired.len(),
            removed,
            warnings,
        })
    }
}

/// Seconds since 1970, by the clock of the machine.
fn now() -> u64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs()
}

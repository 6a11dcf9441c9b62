//! A bundle as files for a web server.
//!
//! The output folder stays where it is and only what is inside is replaced: a container may have
//! mounted the folder, and would go on seeing the old one if another took its name. So there is no
//! moment at which everything changes at once, and the order makes up for that:
//!
//! 1. All new files are made in `OUT/.stamped`, and flushed to the disk. Whatever fails so far leaves
//!    the output untouched.
//! 2. A journal there lists every file that the old or the new output has, so that the next run can
//!    tell what a killed one has made from what others have put into the folder.
//! 3. The stamped files take their places. Only the new manifest names them.
//! 4. The plain files and their encodings replace the old ones, each by a rename. Their names say
//!    nothing of a version, so a reader may see some old and some new ones for an instant, but never
//!    half of one.
//! 5. The import map and the manifest are renamed, once all the rest is on the disk.
//! 6. The files that the manifest no longer names are removed, and the journal with them.
//!
//! At each moment every stamped file that the manifest names is there, with its bytes. A file that is
//! already as it should be is not touched, and where all are, nothing is.

mod before;
mod place;
mod plan;
mod replace;
mod retire;
mod work;

use crate::bundle::Bundle;
use crate::config::base;
use crate::error::{Error, Warning};
use crate::manifest::{IMPORT_MAP, MANIFEST, Manifest};
use crate::out::import_map;
use crate::progress::{Listener, Meter, Progress, Stage};
use crate::versions::keep::Keep;
use before::{Before, Present};
use plan::Plan;
use replace::Replacement;
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;
use work::Work;

/// Where [`Bundle::export`] writes, and which earlier versions it keeps there.
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
    keep: Keep,
    listener: Listener,
}

impl Export {
    /// Writes to `folder`, which is made where there is none. One that is there must be empty, or
    /// the output of an earlier export.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Export { out: folder.into(), keep: Keep::default(), listener: Listener::default() }
    }

    /// So many earlier versions of each asset are kept, however old. Default: 3.
    ///
    /// ```
    /// # use stamped_build::Export;
    /// let export = Export::new("dist").keep(10);
    /// ```
    #[must_use]
    pub fn keep(mut self, versions: usize) -> Self {
        self.keep = self.keep.versions(versions);
        self
    }

    /// Earlier versions are kept for so long, however many, from the time at which another took
    /// their place. Default: 7 days.
    ///
    /// That time is taken from the clock of the machine and not from `SOURCE_DATE_EPOCH`: it says
    /// when pages that ask for the old version may still be open.
    ///
    /// ```
    /// # use {stamped_build::Export, std::time::Duration};
    /// let only_the_newest = Export::new("dist").keep(0).keep_for(Duration::ZERO);
    /// ```
    #[must_use]
    pub fn keep_for(mut self, time: Duration) -> Self {
        self.keep = self.keep.time(time);
        self
    }

    /// The most bytes that all earlier versions may have together, without their encodings and counting
    /// equal contents once. Those that were replaced longest ago go first. Default: no limit.
    ///
    /// ```
    /// # use stamped_build::Export;
    /// let export = Export::new("dist").keep_bytes(50_000_000);
    /// ```
    #[must_use]
    pub fn keep_bytes(mut self, limit: u64) -> Self {
        self.keep = self.keep.bytes(limit);
        self
    }

    /// Tells a function how many files are done, as
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

    /// Looks whether the assets in `folder` could be written there, without touching anything, so
    /// that a long build need not fail at its end.
    ///
    /// # Errors
    ///
    /// When one of the folders lies inside of the other, and when there is something that no export
    /// has made.
    ///
    /// ```no_run
    /// # use stamped_build::Export;
    /// assert!(Export::new("assets/dist").check("assets").is_err());
    /// ```
    pub fn check(&self, folder: impl AsRef<Path>) -> Result<(), Error> {
        let out = place::resolve(&base().join(&self.out))?;
        place::check_apart(&out, &base().join(folder))?;
        Before::read(&out)?;
        Ok(())
    }

    /// The manifest of the earlier export to this folder; `None` where there is none. Its
    /// [`published`](Manifest::published) versions belong into the next pipeline, or two contents of
    /// one second may get one stamp:
    ///
    /// ```no_run
    /// # use stamped_build::{Export, Pipeline};
    /// # fn main() -> Result<(), stamped_build::Error> {
    /// let export = Export::new("dist");
    /// let earlier = export.earlier()?.unwrap_or_default();
    /// let bundle = Pipeline::new("assets").published(earlier.published()).process()?;
    /// bundle.export(&export)?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// When the folder holds something that no export has made.
    pub fn earlier(&self) -> Result<Option<Manifest>, Error> {
        let out = place::resolve(&base().join(&self.out))?;
        Ok(Before::read(&out)?.manifest())
    }
}

impl fmt::Debug for Export {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Export")
            .field("out", &self.out)
            .field("keep", &self.keep)
            .finish_non_exhaustive()
    }
}

/// What an export has done.
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

    /// How many files these have: under their stamped paths, their names, and in each coding.
    #[must_use]
    pub fn files(&self) -> usize {
        self.files
    }

    /// How many of the files were written. The others were there already, with the same bytes and
    /// the same time.
    #[must_use]
    pub fn written(&self) -> usize {
        self.written
    }

    /// How many earlier versions are kept.
    #[must_use]
    pub fn kept(&self) -> usize {
        self.kept
    }

    /// How many earlier versions there are no longer.
    #[must_use]
    pub fn removed(&self) -> usize {
        self.removed
    }

    /// What a person should know.
    #[must_use]
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }
}

impl Bundle {
    /// Writes the bundle as files for a web server or a bucket. With the feature `export`.
    ///
    /// Under `OUT` and the mount (`OUT/static` for `/static`; `OUT/root` for `/`) each asset has its
    /// stamped path and its name, and each [encoding](crate::Pipeline::encodings) beside both, with
    /// `.br`, `.gz` or `.zst` at its end. A [delta](crate::Asset::deltas) lies beside the stamped file, with
    /// `.dcz-`, 16 digits of its dictionary's SHA-256 and the extension of the asset at its end. `OUT/manifest.json` tells all of them, and
    /// `OUT/importmap.json` is the import map; both lie outside of what is served.
    ///
    /// A file has the time of its asset where that is known
    /// ([`Asset::last_modified`](crate::Asset::last_modified)), because web servers make
    /// `Last-Modified` and `ETag` of it; an encoding has the time of its asset's file. A file that is
    /// already there with these bytes and this time is not touched.
    ///
    /// The folder itself stays, so it can be a mount point, or mounted by a container. New stamped
    /// files come first, then each plain file and each of their encodings is replaced by a rename,
    /// the manifest comes last, and then what it no longer names is removed. So a reader that follows
    /// the manifest always finds the file with the right bytes, whatever fails or kills the process;
    /// the next export finishes what a killed one has begun. What others have put into the folder
    /// stays there. While an export runs, or after one was killed, there is a folder `OUT/.stamped`.
    ///
    /// # The manifest
    ///
    /// ```json
    /// {"version":1,"mount":"/static","assets":{
    /// "css/style.css":{"path":"css/style.1452929749.css","url":"/static/css/style.1452929749.css",
    ///   "stamp":"1452929749","type":"text/css; charset=utf-8","size":1234,"integrity":"sha384-…",
    ///   "encodings":{"br":400,"gzip":450},"references":["img/a.png"]}
    /// },"retired":[
    /// {"name":"css/style.css","path":"css/style.1400000000.css", …,
    ///   "uses":["img/a.1390000000.png"],"retired":1452929800}
    /// ]}
    /// ```
    ///
    /// [`Manifest`] reads it. Names are sorted. `stamp` is `null` where a name is kept, and a name that a bundler has
    /// stamped has `"prestamped":true` behind it: what has either may be cached for ever. What belongs
    /// at the root of the site too ([`Pipeline::at_root`](crate::Pipeline::at_root)) has
    /// `"at_root":true`; the file is only below the mount, and the server leads there. `retired`
    /// lists the earlier versions that are kept, the newest of a name first, each with the paths of
    /// the versions that it refers to, and the seconds since 1970 at which it was replaced. What a kept
    /// version refers to is kept, and so are the [earlier versions](Self::versions) of the bundle. An asset
    /// with deltas has their lengths in `deltas`, each by the SHA-256 of its dictionary in base64, and
    /// `"dictionaries":true` before the assets says that the pipeline has `Encoding::delta()`.
    ///
    /// # Errors
    ///
    /// - an output folder inside of an asset folder or the other way round;
    /// - an output folder with something in it that no export has made, or that a newer version of
    ///   this crate has made;
    /// - a file of others where one of ours has to go;
    /// - another export to the same folder at the same time;
    /// - files that cannot be written.
    pub fn export(&self, export: &Export) -> Result<Exported, Error> {
        let out = place::resolve(&base().join(&export.out))?;
        for folder in self.watched().iter().map(|folder| base().join(folder)) {
            if folder.is_dir() {
                place::check_apart(&out, &folder)?;
            }
        }
        let before = Before::read(&out)?;
        let present = Present::walk(&out)?;

        let mut warnings = Vec::new();
        let (mut plan, assets) = Plan::new(self, &mut warnings)?;
        plan.check_foreign(&out, &before, &present)?;
        let policy = export.keep.now();
        let old = &before.manifest;
        let (retired, removed) = policy.apply(old, (self, &assets), &out, &mut plan, &mut warnings);
        let (mount, dictionaries) = (self.mount().to_owned(), self.offers_dictionaries());
        let manifest = Manifest { mount, assets, retired, dictionaries };

        let meter = Meter::start(&export.listener, Stage::Write, plan.files() as u64);
        let changes = plan.changes(&out, &present, &meter);
        let (import_map, json) = (import_map::json(self), manifest.to_json());
        let own = [(IMPORT_MAP, import_map.as_bytes()), (MANIFEST, json.as_bytes())];
        let replacement = Replacement::new(&plan, changes, own, &before, &present, &out);
        // Not even a lock, which would change the time of the folder.
        if before.unfinished || !replacement.is_empty() {
            let work = Work::open(&out)?;
            if !before.is_current(&out) {
                return Err(work::in_use(&out));
            }
            replacement.carry_out(work, &plan, &before, &present, &meter)?;
        }
        Ok(Exported {
            manifest: out.join(MANIFEST),
            assets: manifest.assets.len(),
            files: plan.files(),
            written: replacement.files(),
            kept: manifest.retired.len(),
            removed,
            warnings,
        })
    }
}

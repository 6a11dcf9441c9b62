//! The finished bundle. Nothing changes it after [`Bundle::new`].

use crate::config::{Config, Embed, References};
use crate::contents::Contents;
use crate::digest::Hash;
use crate::error::{Error, Warning};
use crate::nearest;
use crate::rules::{Unstamped, addressing};
use crate::stages::describe::Described;
use stamped::{Addressing, Coding};
use stamped_scan::ReferenceKind;
use std::borrow::Cow;
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

/// A finished set of assets, as [`Pipeline::process`](crate::Pipeline::process) makes it.
#[derive(Debug)]
pub struct Bundle {
    name: String,
    folder: PathBuf,
    mount: String,
    assets: Vec<Asset>,
    /// By name, the newest first.
    versions: Vec<EarlierVersion>,
    offers_dictionaries: bool,
    entries: Vec<Entry>,
    references: References,
    embed: Embed,
    constants: bool,
    watched: Vec<PathBuf>,
    warnings: Vec<Warning>,
}

/// An earlier version of an asset, which the program answers for too: see `Pipeline::versions`.
#[derive(Debug)]
pub struct EarlierVersion {
    pub(crate) asset: Asset,
    /// When it was replaced, in seconds since 1970; `None` if that is now.
    #[cfg_attr(not(feature = "export"), allow(dead_code))]
    pub(crate) since: Option<u64>,
    /// The paths of what it refers to.
    pub(crate) uses: Vec<String>,
}

/// One asset of a [`Bundle`].
#[derive(Debug)]
pub struct Asset {
    described: Described,
    encodings: Vec<(Coding, Arc<[u8]>)>,
    /// Sorted by dictionary.
    deltas: Vec<Delta>,
}

/// An asset as a client gets it that has an earlier version.
#[derive(Clone, Debug)]
pub(crate) struct Delta {
    /// The SHA-256 of that version.
    pub(crate) dictionary: [u8; 32],
    pub(crate) bytes: Arc<[u8]>,
}

/// An entry point of a bundler.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) name: String,
    /// The positions of the scripts and style sheets that a page loads for it, in that order.
    pub(crate) files: Vec<usize>,
    /// Whether Vite has made it.
    pub(crate) is_by_vite: bool,
}

impl Bundle {
    /// Creates a bundle of `assets`, which must be sorted by name. Answers ask clients to keep stamped
    /// ones as dictionaries if it `offers_dictionaries`.
    pub(crate) fn new(
        config: Config,
        mount: String,
        assets: Vec<Asset>,
        (versions, offers_dictionaries): (Vec<EarlierVersion>, bool),
        entries: Vec<Entry>,
        watched: Vec<PathBuf>,
        warnings: Vec<Warning>,
    ) -> Self {
        assert!(
            assets.is_sorted_by(|a, b| a.name() < b.name()),
            "a stage has lost the order of names, in which assets are looked up"
        );
        let Some(root) = config.roots.into_iter().next() else {
            unreachable!("a pipeline begins with a folder");
        };
        Bundle {
            name: config.bundle_name,
            folder: root.folder,
            mount,
            assets,
            versions,
            offers_dictionaries,
            entries,
            references: config.references,
            embed: config.embed,
            constants: config.constants,
            watched,
            warnings,
        }
    }

    /// The URL prefix, without a slash at its end: empty for `/`.
    #[must_use]
    pub fn mount(&self) -> &str {
        &self.mount
    }

    /// All assets, sorted by name.
    #[must_use]
    pub fn assets(&self) -> &[Asset] {
        &self.assets
    }

    /// The earlier versions that are in the program too, by name and the newest of a name first.
    #[must_use]
    pub fn versions(&self) -> &[EarlierVersion] {
        &self.versions
    }

    /// The bytes that the contents of the earlier versions add to the program. Equal contents are stored
    /// once, and those that an asset of the bundle has too are there already.
    #[must_use]
    pub fn versions_size(&self) -> u64 {
        if self.versions.is_empty() || self.embed == Embed::Nothing {
            return 0;
        }
        let mut seen: HashSet<&str> = self.assets.iter().map(Asset::integrity).collect();
        let versions = self.versions.iter().map(EarlierVersion::asset);
        versions.filter(|asset| seen.insert(asset.integrity())).map(Asset::smallest).sum()
    }

    /// The bytes that the deltas of all assets add to the program.
    #[must_use]
    pub fn deltas_size(&self) -> u64 {
        if self.embed == Embed::Nothing {
            return 0;
        }
        let deltas = self.assets.iter().flat_map(Asset::deltas);
        deltas.map(|(_, bytes)| bytes.len() as u64).sum()
    }

    /// Whether answers ask clients to keep stamped assets as dictionaries, for the deltas of a later
    /// release: the pipeline has `Encoding::delta()`.
    #[must_use]
    pub fn offers_dictionaries(&self) -> bool {
        self.offers_dictionaries
    }

    /// The asset of this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Asset> {
        let at = self.assets.binary_search_by(|asset| asset.name().cmp(name)).ok()?;
        self.assets.get(at)
    }

    /// The asset whose name is most like this one, for messages about a name that no asset has. `None`
    /// if there is none with a similar name.
    #[must_use]
    pub fn nearest(&self, name: &str) -> Option<&Asset> {
        self.get(nearest::of(name, self.assets.iter().map(Asset::name))?)
    }

    /// The assets that `asset` refers to, each once, sorted by name.
    pub fn references<'a>(&'a self, asset: &'a Asset) -> impl Iterator<Item = &'a Asset> {
        references(&self.assets, asset)
    }

    /// Compares the assets of a program with this bundle. Returns a sentence for each name that is
    /// missing, that the bundle does not have, or that has other bytes or another URL; none if all
    /// are the same.
    ///
    /// Cargo compares times, so it misses some changes of a folder (see
    /// [`Pipeline::every_build`](crate::Pipeline::every_build)). A test can find them. It needs
    /// this crate as a dev-dependency, and the settings of the build script, here in a file that
    /// both share:
    ///
    /// ```no_run
    /// // pipeline.rs: the build script has `mod pipeline;`, and the test `#[path = "../pipeline.rs"]
    /// // mod pipeline;`.
    /// fn pipeline() -> stamped_build::Pipeline {
    ///     stamped_build::Pipeline::new("assets").mount("/static")
    /// }
    ///
    /// # #[allow(non_snake_case)]
    /// # fn test(ASSETS: stamped::Assets) -> Result<(), stamped_build::Error> {
    /// // A test of the program.
    /// let differences = pipeline().process()?.differences(&ASSETS);
    /// assert!(differences.is_empty(), "touch build.rs and build again: {differences:#?}");
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn differences(&self, program: &stamped::Assets) -> Vec<String> {
        let mut differences = Vec::new();
        for asset in &self.assets {
            let name = asset.name();
            let difference = match program.get(name) {
                None => format!("`{name}` is not in the program"),
                Some(baked) if baked.integrity() != asset.integrity() => {
                    format!("`{name}` has other bytes than in the program")
                }
                Some(baked) if baked.url() != asset.url() => format!(
                    "`{name}` has the URL `{}`, and in the program `{}`",
                    asset.url(),
                    baked.url()
                ),
                Some(baked) if baked.is_at_root() != asset.is_at_root() => {
                    format!("`{name}` is at the root of the site only here, or only in the program")
                }
                Some(_) => continue,
            };
            differences.push(difference);
        }
        let gone = program.iter().filter(|baked| self.get(baked.name()).is_none());
        differences.extend(gone.map(|baked| format!("`{}` is only in the program", baked.name())));
        differences
    }

    /// The entry points of bundlers, sorted by name.
    pub(crate) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// What a person should know about the build. `bake` shows each as a warning of cargo.
    #[must_use]
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    /// The assets without their encodings.
    #[cfg(test)]
    pub(crate) fn into_described(self) -> Vec<Described> {
        self.assets.into_iter().map(|asset| asset.described).collect()
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The first folder, as the build script names it.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(crate) fn reference_mode(&self) -> References {
        self.references
    }

    pub(crate) fn embed(&self) -> Embed {
        self.embed
    }

    /// Whether the program gets a constant for each asset.
    pub(crate) fn has_constants(&self) -> bool {
        self.constants
    }

    /// Files and folders that the bundle depends on.
    pub(crate) fn watched(&self) -> &[PathBuf] {
        &self.watched
    }
}

/// What one of the assets refers to, each once, sorted by name.
pub(crate) fn references<'a>(
    assets: &'a [Asset],
    asset: &'a Asset,
) -> impl Iterator<Item = &'a Asset> {
    let mut positions: Vec<usize> =
        asset.references().iter().map(|&(position, _)| position).collect();
    positions.dedup();
    positions.into_iter().map(|position| &assets[position])
}

impl EarlierVersion {
    /// The version: its bytes, URL and type were recorded when it was current.
    #[must_use]
    pub fn asset(&self) -> &Asset {
        &self.asset
    }
}

impl Asset {
    /// A described file with its encodings, the smallest first.
    pub(crate) fn new(described: Described, encodings: Vec<(Coding, Arc<[u8]>)>) -> Self {
        Asset { described, encodings, deltas: Vec::new() }
    }

    /// Adds the deltas, sorted by dictionary.
    pub(crate) fn set_deltas(&mut self, deltas: Vec<Delta>) {
        self.deltas = deltas;
    }

    pub(crate) fn described(&self) -> &Described {
        &self.described
    }

    /// The name: the `/`-separated path below the asset folder.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.described.name
    }

    /// The path below the mount, with the stamp in it and not percent-encoded.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.described.path
    }

    /// The URL path: mount and path, percent-encoded.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.described.url
    }

    /// The digits of the stamp; `None` if the asset keeps its name.
    #[must_use]
    pub fn stamp(&self) -> Option<&str> {
        self.described.stamp.as_deref()
    }

    /// How the asset is addressed.
    #[must_use]
    pub fn addressing(&self) -> Addressing {
        addressing(self.described.unstamped)
    }

    /// Why the asset has no stamp; `None` if it has one.
    #[must_use]
    pub fn unstamped(&self) -> Option<Unstamped> {
        self.described.unstamped
    }

    /// Whether the asset is served at the root of the site too: see
    /// [`Pipeline::at_root`](crate::Pipeline::at_root).
    #[must_use]
    pub fn is_at_root(&self) -> bool {
        self.described.at_root
    }

    /// The value of `Content-Type`.
    #[must_use]
    pub fn content_type(&self) -> &str {
        &self.described.content_type
    }

    /// The value of an `integrity` attribute over the bytes (SHA-384).
    #[must_use]
    pub fn integrity(&self) -> &str {
        &self.described.integrity
    }

    /// The strong entity tag of the bytes, with its quotes.
    #[must_use]
    pub fn etag(&self) -> &str {
        &self.described.etag
    }

    /// When the bytes last changed, in seconds since 1970, if that is known.
    #[must_use]
    pub fn last_modified(&self) -> Option<u64> {
        self.described.modified
    }

    /// The number of the final bytes.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.described.contents.len()
    }

    /// The final bytes. Those of a large file that is not rewritten are not kept in memory, and are
    /// read again here.
    ///
    /// # Errors
    ///
    /// When the file cannot be read again, or has other bytes by now.
    pub fn bytes(&self) -> Result<Cow<'_, [u8]>, Error> {
        self.described.contents.load()
    }

    pub(crate) fn contents(&self) -> &Contents {
        &self.described.contents
    }

    /// The encodings of the bytes, the smallest first.
    pub fn encodings(&self) -> impl ExactSizeIterator<Item = (Coding, &[u8])> + Clone {
        self.encodings.iter().map(|(coding, bytes)| (*coding, &**bytes))
    }

    /// The deltas for clients that have an earlier version, each with the SHA-256 of that version: the
    /// content coding `dcz` (RFC 9842, section 5).
    pub fn deltas(&self) -> impl ExactSizeIterator<Item = (&[u8; 32], &[u8])> + Clone {
        self.deltas.iter().map(|delta| (&delta.dictionary, &*delta.bytes))
    }

    /// The length of its smallest form that every client can decode.
    pub(crate) fn smallest(&self) -> u64 {
        let encoded = self.encodings.first().map(|(_, bytes)| bytes.len() as u64);
        encoded.unwrap_or_else(|| self.size())
    }

    /// The width and height of a picture in pixels: see `Asset::dimensions` of the crate `stamped`.
    #[must_use]
    pub fn dimensions(&self) -> Option<(u32, u32)> {
        self.described.dimensions
    }

    /// Whether the asset is a JavaScript module, by its syntax.
    #[must_use]
    pub fn is_module(&self) -> bool {
        self.described.module
    }

    /// The references of this asset: the position of each target in [`Bundle::assets`], and the
    /// kind.
    pub(crate) fn references(&self) -> &[(usize, ReferenceKind)] {
        &self.described.references
    }

    /// The SHA-384 of the bytes.
    pub(crate) fn hash(&self) -> &Hash {
        &self.described.hash
    }

    /// The time as an HTTP date, which can express no year after 9999.
    pub(crate) fn http_date(&self) -> Option<(u64, String)> {
        const YEAR_10000: u64 = 253_402_300_800;
        let seconds = self.last_modified().filter(|&seconds| seconds < YEAR_10000)?;
        Some((seconds, httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(seconds))))
    }
}

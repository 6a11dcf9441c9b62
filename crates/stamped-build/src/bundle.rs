//! The finished bundle.

use crate::config::{Config, Embed, References};
use crate::error::{Error, Problem, Warning};
use crate::memo::Memo;
use crate::scan;
use crate::select::{Rules, Unstamped};
use crate::stamp::Stamped;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use rayon::prelude::*;
use stamped::percent::Encoded;
use stamped::{Coding, Kind, content_type, name};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

/// All assets of a program, decided: what [`Pipeline::process`](crate::Pipeline::process) makes.
#[derive(Debug)]
pub struct Bundle {
    pub(crate) name: String,
    pub(crate) folder: PathBuf,
    pub(crate) mount: String,
    pub(crate) assets: Vec<Asset>,
    pub(crate) references: References,
    pub(crate) embed: Embed,
    pub(crate) watched: Vec<PathBuf>,
    pub(crate) warnings: Vec<Warning>,
}

/// One asset of a [`Bundle`].
#[derive(Debug)]
pub struct Asset {
    name: String,
    path: String,
    url: String,
    stamp: Option<String>,
    kind: Kind,
    unstamped: Option<Unstamped>,
    content_type: String,
    integrity: String,
    etag: String,
    modified: Option<u64>,
    hash: blake3::Hash,
    bytes: Arc<[u8]>,
    module: bool,
    references: Vec<(usize, scan::Kind)>,
    encodings: Vec<(Coding, Arc<[u8]>)>,
}

impl Bundle {
    pub(crate) fn new(
        mount: String,
        stamped: Vec<Stamped>,
        config: Config,
        rules: &Rules,
        watched: Vec<PathBuf>,
        warnings: Vec<Warning>,
        memo: &Memo,
    ) -> Result<Self, Error> {
        let assets: Vec<Asset> =
            stamped.into_par_iter().map(|one| Asset::new(&mount, rules, one, memo)).collect();
        let folder = config.roots.into_iter().next().map(|root| root.folder).unwrap_or_default();
        let bundle = Bundle {
            name: config.bundle_name,
            folder,
            mount,
            assets,
            references: config.references,
            embed: config.embed,
            watched,
            warnings,
        };
        bundle.check_paths()?;
        Ok(bundle)
    }

    /// The URL prefix, without a slash at its end: empty for `/`.
    #[must_use]
    pub fn mount(&self) -> &str {
        &self.mount
    }

    /// All assets in the order of their names.
    #[must_use]
    pub fn assets(&self) -> &[Asset] {
        &self.assets
    }

    /// The asset of this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Asset> {
        let at = self.assets.binary_search_by(|asset| asset.name.as_str().cmp(name)).ok()?;
        self.assets.get(at)
    }

    /// The assets that `asset` refers to, each once, in the order of their names.
    pub fn references<'a>(&'a self, asset: &'a Asset) -> impl Iterator<Item = &'a Asset> {
        let mut positions: Vec<usize> =
            asset.references.iter().map(|&(position, _)| position).collect();
        positions.dedup();
        positions.into_iter().filter_map(|position| self.assets.get(position))
    }

    /// What a person should know. `bake` shows these as warnings of cargo.
    #[must_use]
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    /// No stamped path may be the name of another asset, or a request would mean both.
    fn check_paths(&self) -> Result<(), Error> {
        for taken in &self.assets {
            let Some(parts) = name::unstamp(&taken.name) else { continue };
            let name = format!("{}{}", parts.stem, parts.suffix);
            let same = |asset: &&Asset| asset.stamp.as_deref() == Some(parts.stamp);
            if let Some(asset) = self.get(&name).filter(same) {
                let (name, path) = (asset.name.clone(), asset.path.clone());
                return Err(Problem::PathTaken { name, path }.into());
            }
        }
        Ok(())
    }
}

impl Asset {
    fn new(mount: &str, rules: &Rules, stamped: Stamped, memo: &Memo) -> Self {
        let Stamped { source, kind, stamp, path, hash, modified, module, references, .. } = stamped;
        let digest = memo.digest(&hash, &source.bytes);
        let tag = hash.as_bytes().first_chunk::<16>().copied().unwrap_or_default();
        let essence = content_type::of(&source.name);
        let is_utf8 = std::str::from_utf8(&source.bytes).is_ok();
        Asset {
            url: format!("{mount}/{}", Encoded(&path)),
            path,
            stamp,
            kind,
            // Without a look at the patterns for the many that are stamped.
            unstamped: match kind {
                Kind::Stamped => None,
                _ => rules.unstamped(&source.name),
            },
            content_type: if is_utf8 && content_type::takes_charset(essence) {
                format!("{essence}; charset=utf-8")
            } else {
                essence.to_owned()
            },
            integrity: format!("sha384-{}", STANDARD.encode(digest)),
            etag: format!("\"{}\"", URL_SAFE_NO_PAD.encode(tag)),
            modified,
            hash,
            name: source.name,
            bytes: source.bytes,
            module,
            references,
            encodings: Vec::new(),
        }
    }

    /// The name: the `/`-separated path below the asset folder.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The path under the mount with the stamp in it; not percent-encoded.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Mount and path, percent-encoded.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The stamp's digits; `None` where the name is kept.
    #[must_use]
    pub fn stamp(&self) -> Option<&str> {
        self.stamp.as_deref()
    }

    /// How it is addressed.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Why it has no stamp; `None` where it has one.
    #[must_use]
    pub fn unstamped(&self) -> Option<Unstamped> {
        self.unstamped
    }

    /// The value of `Content-Type`.
    #[must_use]
    pub fn content_type(&self) -> &str {
        &self.content_type
    }

    /// The value of an `integrity` attribute over the bytes (SHA-384).
    #[must_use]
    pub fn integrity(&self) -> &str {
        &self.integrity
    }

    /// The strong entity tag of the bytes, with its quotes.
    #[must_use]
    pub fn etag(&self) -> &str {
        &self.etag
    }

    /// When the bytes last changed, in seconds since 1970, where that is known.
    #[must_use]
    pub fn last_modified(&self) -> Option<u64> {
        self.modified
    }

    /// The final bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The same bytes in each content coding that is stored, the smallest first.
    pub fn encodings(&self) -> impl ExactSizeIterator<Item = (Coding, &[u8])> + Clone {
        self.encodings.iter().map(|(coding, bytes)| (*coding, &**bytes))
    }

    /// Whether this is a JavaScript module, by its syntax.
    #[must_use]
    pub fn is_module(&self) -> bool {
        self.module
    }

    /// The positions in [`Bundle::assets`] of the assets that this one refers to, and how.
    pub(crate) fn references(&self) -> &[(usize, scan::Kind)] {
        &self.references
    }

    pub(crate) fn set_encodings(&mut self, encodings: Vec<(Coding, Arc<[u8]>)>) {
        self.encodings = encodings;
    }

    pub(crate) fn shared_bytes(&self) -> &Arc<[u8]> {
        &self.bytes
    }

    pub(crate) fn hash(&self) -> &blake3::Hash {
        &self.hash
    }

    /// The time as an HTTP date, which ends with the year 9999.
    pub(crate) fn http_date(&self) -> Option<(u64, String)> {
        const YEAR_10000: u64 = 253_402_300_800;
        let seconds = self.modified.filter(|&seconds| seconds < YEAR_10000)?;
        Some((seconds, httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(seconds))))
    }
}

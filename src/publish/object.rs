//! What the target is to hold: the objects that an exported folder and its manifest ask for.

use clap::ValueEnum;
use stamped::Coding;
use stamped::http::{ASK_AGAIN, FOREVER};
use stamped_build::{AssetVersion, Manifest};
use std::collections::BTreeMap;

/// The keys of our own files. No asset has such a name, because dot files are none.
pub(super) const MANIFEST: &str = ".stamped/manifest.json";
pub(super) const IMPORT_MAP: &str = ".stamped/importmap.json";

/// The values of `--encoding`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Encoding {
    /// The files as they are
    Identity,
    /// Their gzip encodings, where there are
    Gzip,
    /// Their brotli encodings, where there are
    Br,
}

impl Encoding {
    fn coding(self) -> Option<Coding> {
        match self {
            Encoding::Identity => None,
            Encoding::Gzip => Some(Coding::Gzip),
            Encoding::Br => Some(Coding::Brotli),
        }
    }
}

/// When an object is put. Each of these is done before the next begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Phase {
    /// Keys that stand for their bytes: nothing refers to the new ones yet.
    Stamped,
    /// Plain names, whose bytes may refer to stamped ones.
    Plain,
    /// Pages, which name the others.
    Pages,
    /// What programs read to find URLs.
    Manifest,
}

/// What a store sends along with an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Headers {
    pub(super) content_type: String,
    pub(super) cache_control: String,
    pub(super) content_encoding: Option<String>,
}

/// Where the bytes of an object come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// A file, by its path in the exported folder.
    File(String),
    /// These bytes.
    Text(String),
}

/// An object that the target is to hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Object {
    /// Below the place that was given as the target.
    pub(super) key: String,
    pub(super) phase: Phase,
    pub(super) source: Source,
    /// In bytes, as they are stored.
    pub(super) size: u64,
    /// The hash of the bytes before they were encoded.
    pub(super) integrity: String,
    pub(super) headers: Headers,
}

/// The key of the path of a version below its mount.
pub(super) fn key(mount: &str, path: &str) -> String {
    match mount.strip_prefix('/') {
        Some(folder) => format!("{folder}/{path}"),
        None => path.to_owned(),
    }
}

/// The objects of the versions in `manifest` whose files the exported folder has, sorted by key. `own` is
/// the manifest of that folder: the other one may list versions that only the target has.
pub(super) fn objects(
    own: &Manifest,
    manifest: &Manifest,
    encoding: Encoding,
    at_root: bool,
) -> Vec<Object> {
    let mut objects = BTreeMap::new();
    let mut add = |object: Object| {
        // Where two keys are equal, so are the files: an asset at the root of a site that is its mount.
        objects.entry(object.key.clone()).or_insert(object);
    };
    for asset in manifest.assets() {
        let object = |key, location: String, forever| of(asset, key, &location, forever, encoding);
        let (mount, name) = (asset.mount(), asset.name());
        if asset.stamp().is_some() {
            add(object(key(mount, asset.path()), asset.location(), true));
        }
        add(object(key(mount, name), asset.plain_location(), asset.is_prestamped()));
        if at_root && asset.is_at_root() {
            add(object(name.to_owned(), asset.plain_location(), false));
        }
    }
    let kept: BTreeMap<String, &AssetVersion> = own
        .retired()
        .iter()
        .map(|retired| (retired.version().location(), retired.version()))
        .collect();
    for retired in manifest.retired() {
        if let Some(version) = kept.get(&retired.version().location()) {
            let key = key(version.mount(), version.path());
            add(of(version, key, &version.location(), true, encoding));
        }
    }
    objects.into_values().collect()
}

fn of(
    asset: &AssetVersion,
    key: String,
    location: &str,
    forever: bool,
    encoding: Encoding,
) -> Object {
    let encoded = encoding.coding().and_then(|coding| {
        let length = asset.encodings().find_map(|(has, length)| (has == coding).then_some(length));
        Some((coding, asset.encoded_location(location, coding)?, length?))
    });
    let phase = match forever {
        true => Phase::Stamped,
        false if asset.content_type().starts_with("text/html") => Phase::Pages,
        false => Phase::Plain,
    };
    let cache_control = if forever { FOREVER } else { ASK_AGAIN }.to_owned();
    let content_type = asset.content_type().to_owned();
    let (file, size, content_encoding) = match encoded {
        Some((coding, file, size)) => (file, size, Some(coding.token().to_owned())),
        None => (location.to_owned(), asset.size(), None),
    };
    Object {
        key,
        phase,
        source: Source::File(file),
        size,
        integrity: asset.integrity().to_owned(),
        headers: Headers { content_type, cache_control, content_encoding },
    }
}

/// One of our own files.
pub(super) fn own_file(key: &str, phase: Phase, source: Source, bytes: &[u8]) -> Object {
    Object {
        key: key.to_owned(),
        phase,
        source,
        size: bytes.len() as u64,
        integrity: super::digest::integrity(bytes),
        headers: Headers {
            content_type: "application/json".to_owned(),
            cache_control: ASK_AGAIN.to_owned(),
            content_encoding: None,
        },
    }
}

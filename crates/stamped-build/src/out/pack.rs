//! Packs a bundle into the tables and areas that a program holds.

use super::import_map;
use crate::bundle::{Asset, Bundle};
use crate::config::Embed;
use crate::error::{Error, Problem};
use stamped::Coding;
use stamped::hash::hash;
use stamped::index::{Area, AssetEntry, RepresentationEntry, TooLarge, Writer};
use stamped_scan::ReferenceKind;
use std::collections::{HashMap, HashSet};

/// The parts of a bundle as a program holds them.
#[derive(Debug)]
pub(crate) struct Packed {
    pub(crate) index: Vec<u8>,
    pub(crate) strings: String,
    pub(crate) text: String,
    pub(crate) binary: Vec<u8>,
    /// The hash of each name, sorted by name, which is the order of positions.
    pub(crate) hashes: Vec<u64>,
}

/// Packs the bundle.
pub(crate) fn pack(bundle: &Bundle) -> Result<Packed, Error> {
    let (seed, hashes) = seed(bundle);
    let mut areas = Areas::default();
    let mut writer = Writer::default();
    for asset in bundle.assets() {
        let stored: Vec<Stored> = match bundle.embed() {
            Embed::Nothing => Vec::new(),
            _ => store(&mut areas, asset).collect(),
        };
        let representations: Vec<_> = stored.iter().map(Stored::entry).collect();
        let modified = asset.http_date();
        writer
            .push(&AssetEntry {
                name: asset.name(),
                path: asset.path(),
                url: asset.url(),
                stamp: asset.stamp().unwrap_or_default(),
                addressing: asset.addressing(),
                at_root: asset.is_at_root(),
                content_type: asset.content_type(),
                integrity: asset.integrity(),
                modified: modified.as_ref().map(|(seconds, text)| (*seconds, text.as_str())),
                representations: &representations,
                references: &references(asset),
            })
            .map_err(too_large)?;
    }
    let (index, strings) =
        writer.finish(bundle.mount(), seed, &import_map::json(bundle)).map_err(too_large)?;
    Ok(Packed { index, strings, text: areas.text, binary: areas.binary, hashes })
}

/// The positions of an asset's references, each once, and whether the asset needs it to work.
fn references(asset: &Asset) -> Vec<(u32, bool)> {
    let mut references: Vec<(u32, bool)> = Vec::new();
    for &(position, kind) in asset.references() {
        let needed = matches!(kind, ReferenceKind::StaticImport | ReferenceKind::CssImport);
        let Ok(position) = u32::try_from(position) else {
            unreachable!("the writer of the index has taken more assets than it can count");
        };
        match references.last_mut() {
            Some(last) if last.0 == position => last.1 |= needed,
            _ => references.push((position, needed)),
        }
    }
    references
}

fn too_large(_: TooLarge) -> Error {
    Problem::TooLarge.into()
}

/// The first seed under which no two names collide.
fn seed(bundle: &Bundle) -> (u64, Vec<u64>) {
    let mut seed = 0;
    loop {
        let hashes: Vec<u64> =
            bundle.assets().iter().map(|asset| hash(seed, asset.name().as_bytes())).collect();
        let distinct: HashSet<u64> = hashes.iter().copied().collect();
        if distinct.len() == hashes.len() {
            return (seed, hashes);
        }
        seed += 1;
    }
}

/// A representation in its area.
struct Stored {
    coding: Coding,
    area: Area,
    offset: u64,
    length: u64,
    etag: String,
}

impl Stored {
    fn entry(&self) -> RepresentationEntry<'_> {
        let Stored { coding, area, offset, length, ref etag } = *self;
        RepresentationEntry { coding, area, offset, length, etag }
    }
}

/// Stores an asset's bytes and their encodings.
fn store(areas: &mut Areas, asset: &Asset) -> impl Iterator<Item = Stored> {
    let (area, offset) = areas.store(asset.hash(), asset.bytes());
    let identity = Stored {
        coding: Coding::Identity,
        area,
        offset,
        length: asset.bytes().len() as u64,
        etag: asset.etag().to_owned(),
    };
    let tag = asset.etag().trim_end_matches('"');
    let encoded = asset.encodings().map(move |(coding, bytes)| Stored {
        coding,
        area: Area::Binary,
        offset: areas.store_binary(&blake3::hash(bytes), bytes),
        length: bytes.len() as u64,
        etag: format!("{tag}-{}\"", coding.token()),
    });
    std::iter::once(identity).chain(encoded)
}

/// The content areas. Equal contents are stored once in each.
#[derive(Default)]
struct Areas {
    text: String,
    binary: Vec<u8>,
    texts: HashMap<blake3::Hash, u64>,
    binaries: HashMap<blake3::Hash, u64>,
}

impl Areas {
    fn store(&mut self, hash: &blake3::Hash, bytes: &[u8]) -> (Area, u64) {
        match std::str::from_utf8(bytes) {
            Ok(text) => (Area::Text, self.store_text(hash, text)),
            Err(_) => (Area::Binary, self.store_binary(hash, bytes)),
        }
    }

    fn store_text(&mut self, hash: &blake3::Hash, text: &str) -> u64 {
        *self.texts.entry(*hash).or_insert_with(|| {
            let offset = self.text.len() as u64;
            self.text.push_str(text);
            offset
        })
    }

    fn store_binary(&mut self, hash: &blake3::Hash, bytes: &[u8]) -> u64 {
        *self.binaries.entry(*hash).or_insert_with(|| {
            let offset = self.binary.len() as u64;
            self.binary.extend_from_slice(bytes);
            offset
        })
    }
}

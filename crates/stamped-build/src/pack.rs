//! A bundle as the tables and areas that a program holds.

use crate::bundle::Bundle;
use crate::error::{Error, Problem};
use crate::pipeline::Embed;
use stamped::Coding;
use stamped::hash::hash;
use stamped::index::{Area, AssetEntry, RepresentationEntry, TooLarge, Writer};
use std::collections::{HashMap, HashSet};

/// The parts of a bundle in a program.
#[derive(Debug)]
pub(crate) struct Packed {
    pub(crate) index: Vec<u8>,
    pub(crate) strings: String,
    pub(crate) text: String,
    pub(crate) binary: Vec<u8>,
    /// The hash of each name, in the order of names, which is that of positions.
    pub(crate) hashes: Vec<u64>,
}

/// Packs the bundle.
pub(crate) fn pack(bundle: &Bundle) -> Result<Packed, Error> {
    let (seed, hashes) = seed(bundle);
    let mut areas = Areas::default();
    let mut writer = Writer::default();
    for asset in bundle.assets() {
        let identity = (bundle.embed == Embed::Include).then(|| {
            let (area, offset) = areas.store(asset.hash(), asset.bytes());
            let length = asset.bytes().len() as u64;
            RepresentationEntry {
                coding: Coding::Identity,
                area,
                offset,
                length,
                etag: asset.etag(),
            }
        });
        let modified = asset.http_date();
        writer
            .push(&AssetEntry {
                name: asset.name(),
                path: asset.path(),
                url: asset.url(),
                stamp: asset.stamp().unwrap_or_default(),
                kind: asset.kind(),
                content_type: asset.content_type(),
                integrity: asset.integrity(),
                modified: modified.as_ref().map(|(seconds, text)| (*seconds, text.as_str())),
                representations: identity.as_slice(),
                references: &[],
            })
            .map_err(too_large)?;
    }
    let (index, strings) = writer.finish(bundle.mount(), seed).map_err(too_large)?;
    Ok(Packed { index, strings, text: areas.text, binary: areas.binary, hashes })
}

fn too_large(_: TooLarge) -> Error {
    Problem::TooLarge.into()
}

/// The first seed under which no two names collide.
fn seed(bundle: &Bundle) -> (u64, Vec<u64>) {
    let mut seed = 0;
    loop {
        let hashes: Vec<u64> =
            bundle.assets().iter().map(|asset| hash(seed, asset.name().as_bytes(), &[])).collect();
        let distinct: HashSet<u64> = hashes.iter().copied().collect();
        if distinct.len() == hashes.len() {
            return (seed, hashes);
        }
        seed += 1;
    }
}

/// The content areas. Equal contents are stored once.
#[derive(Default)]
struct Areas {
    text: String,
    binary: Vec<u8>,
    stored: HashMap<blake3::Hash, (Area, u64)>,
}

impl Areas {
    fn store(&mut self, hash: &blake3::Hash, bytes: &[u8]) -> (Area, u64) {
        if let Some(&stored) = self.stored.get(hash) {
            return stored;
        }
        let stored = match std::str::from_utf8(bytes) {
            Ok(text) => {
                let offset = self.text.len() as u64;
                self.text.push_str(text);
                (Area::Text, offset)
            }
            Err(_) => {
                let offset = self.binary.len() as u64;
                self.binary.extend_from_slice(bytes);
                (Area::Binary, offset)
            }
        };
        self.stored.insert(*hash, stored);
        stored
    }
}

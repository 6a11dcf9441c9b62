//! Packs a bundle into the tables and areas that a program holds.

use super::import_map;
use crate::bundle::{Asset, Bundle, EarlierVersion};
use crate::by_hash::ByHash;
use crate::config::Embed;
use crate::contents::{Contents, OnDisk};
use crate::digest::{Hash, Hasher, hexadecimal};
use crate::error::{Error, Problem};
use crate::parallel;
use stamped::hash::hash;
use stamped::index::{
    Area, AssetEntry, DeltaEntry, EarlierEntry, RepresentationEntry, Segment, TooLarge, Writer,
    begins_segment,
};
use stamped::{Coding, content_type};
use stamped_scan::ReferenceKind;
use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::Arc;

/// The parts of a bundle as a program holds them.
#[derive(Debug)]
pub(crate) struct Packed {
    pub(crate) index: Vec<u8>,
    pub(crate) strings: String,
    pub(crate) text: String,
    pub(crate) binary: Vec<u8>,
    /// A hash over the hashes of what is in each, by which the linker knows them.
    pub(crate) text_hash: Hash,
    pub(crate) binary_hash: Hash,
    /// The files that are in neither, by their positions.
    pub(crate) outside: Vec<Arc<OnDisk>>,
    /// The hash of each name, sorted by name, which is the order of positions.
    pub(crate) hashes: Vec<u64>,
}

/// Packs the bundle with all its contents.
pub(crate) fn pack(bundle: &Bundle) -> Result<Packed, Error> {
    packed(bundle, Areas::default())
}

/// Packs the bundle, but leaves those contents on the disk that are not held.
pub(crate) fn pack_held(bundle: &Bundle) -> Result<Packed, Error> {
    packed(bundle, Areas { leaves_files: true, ..Areas::default() })
}

fn packed(bundle: &Bundle, mut areas: Areas) -> Result<Packed, Error> {
    let place: Option<&mut dyn Place> = match bundle.embed() {
        Embed::Nothing => None,
        _ => Some(&mut areas),
    };
    let Tables { index, strings, hashes } = tables(bundle, place)?;
    Ok(areas.packed(index, strings, hashes))
}

/// What a program knows of a bundle besides its contents.
struct Tables {
    index: Vec<u8>,
    strings: String,
    hashes: Vec<u64>,
}

/// Where contents are put. Equal contents are stored once.
pub(super) trait Place: Sync {
    /// Whether the bytes are needed to store contents with this hash.
    fn needs(&self, hash: &Hash, contents: &Contents) -> bool;

    /// Stores the bytes of an asset, which have this hash, and returns where they are.
    fn store(&mut self, hash: &Hash, contents: &Contents) -> Result<(Area, u64), Error>;

    /// Stores an encoding, and returns where it is in the area of everything but text.
    fn store_encoding(&mut self, bytes: &[u8]) -> u64;
}

/// Makes the tables of a bundle, and puts its contents into `place`, if they go anywhere.
fn tables(bundle: &Bundle, mut place: Option<&mut dyn Place>) -> Result<Tables, Error> {
    let (seed, hashes) = seed(bundle.assets().iter().map(Asset::name));
    let all = all_stored(bundle, place.as_deref_mut())?;
    let mut writer = Writer::default();
    for (one, module) in all.iter().zip(modules(bundle)) {
        one.with_entry(module, |entry| writer.push(entry))?;
    }
    push_rest(bundle, &mut writer, place, &all)?;
    let (index, strings) =
        writer.finish(bundle.mount(), seed, &import_map::json(bundle)).map_err(too_large)?;
    Ok(Tables { index, strings, hashes })
}

/// Makes the tables of a bundle in segments, and puts its contents into `place`.
pub(super) fn segments(bundle: &Bundle, place: &mut dyn Place) -> Result<Vec<u8>, Error> {
    let all = all_stored(bundle, Some(place))?;
    let modules = modules(bundle);
    let mut begins: Vec<usize> =
        (1..all.len()).filter(|&at| begins_segment(all[at].asset.name())).collect();
    begins.push(all.len());
    let mut begin = 0;
    let ranges = begins.into_iter().map(|end| std::mem::replace(&mut begin, end)..end);
    let segment = |range: Range<usize>| {
        let mut segment = Segment::new(position_in_index(range.start));
        for at in range {
            all[at].with_entry(modules[at], |entry| segment.push(entry))?;
        }
        Ok::<_, Error>(segment)
    };
    let mut writer = Writer::in_segments();
    for segment in parallel::try_map(ranges, segment)? {
        writer.push_segment(segment).map_err(too_large)?;
    }
    push_rest(bundle, &mut writer, Some(place), &all)?;
    writer.finish_segments(bundle.mount(), &import_map::json(bundle)).map_err(too_large)
}

/// An asset, and where its representations are.
struct StoredAsset<'a> {
    asset: &'a Asset,
    stored: Vec<Stored>,
}

/// Puts the contents of all assets into `place`, if they go anywhere.
fn all_stored<'a>(
    bundle: &'a Bundle,
    mut place: Option<&mut (dyn Place + '_)>,
) -> Result<Vec<StoredAsset<'a>>, Error> {
    let mut all = Vec::with_capacity(bundle.assets().len());
    let mut rest = bundle.assets();
    while let Some(count) = together(rest) {
        let (assets, others) = rest.split_at(count);
        rest = others;
        let Some(place) = &mut place else {
            all.extend(assets.iter().map(|asset| StoredAsset { asset, stored: Vec::new() }));
            continue;
        };
        let read = |asset: &Asset| match place.needs(asset.hash(), asset.contents()) {
            true => asset.contents().in_memory(),
            false => Ok(asset.contents().clone()),
        };
        for (asset, contents) in assets.iter().zip(parallel::try_map(assets, read)?) {
            all.push(StoredAsset { asset, stored: store(*place, asset, &contents)? });
        }
    }
    Ok(all)
}

/// How many bytes are read before they are put into their place.
const TOGETHER: u64 = 16 << 20;

/// How many of these assets are read together: at least one, if there is one.
fn together(assets: &[Asset]) -> Option<usize> {
    let mut size = 0_u64;
    let fits = |asset: &&Asset| {
        size = size.saturating_add(asset.size());
        size <= TOGETHER
    };
    let count = assets.iter().take_while(fits).count();
    (!assets.is_empty()).then_some(count.max(1))
}

impl StoredAsset<'_> {
    /// Calls `push` with what the index holds of it.
    fn with_entry(
        &self,
        module: bool,
        push: impl FnOnce(&AssetEntry<'_>) -> Result<(), TooLarge>,
    ) -> Result<(), Error> {
        let StoredAsset { asset, stored } = self;
        let representations: Vec<_> = stored.iter().map(Stored::entry).collect();
        let modified = asset.http_date();
        let entry = AssetEntry {
            name: asset.name(),
            path: asset.path(),
            url: asset.url(),
            stamp: asset.stamp().unwrap_or_default(),
            addressing: asset.addressing(),
            at_root: asset.is_at_root(),
            module,
            dimensions: asset.dimensions(),
            content_type: asset.content_type(),
            integrity: asset.integrity(),
            modified: modified.as_ref().map(|(seconds, text)| (*seconds, text.as_str())),
            representations: &representations,
            references: &references(asset),
        };
        push(&entry).map_err(too_large)
    }
}

/// Adds what comes behind the assets: earlier versions, deltas and entry points.
fn push_rest(
    bundle: &Bundle,
    writer: &mut Writer,
    mut place: Option<&mut (dyn Place + '_)>,
    all: &[StoredAsset<'_>],
) -> Result<(), Error> {
    push_earlier(bundle, writer, place.as_deref_mut(), all)?;
    if let Some(place) = place {
        push_deltas(bundle, writer, place)?;
    }
    for entry in bundle.entries() {
        let files: Vec<u32> = entry.files.iter().map(|&file| position_in_index(file)).collect();
        writer.push_entry(&entry.name, &files, entry.is_by_vite).map_err(too_large)?;
    }
    Ok(())
}

/// Adds the earlier versions. The bytes of one that an asset has too are those of the asset, with all
/// their encodings; others are stored in their smallest form.
fn push_earlier(
    bundle: &Bundle,
    writer: &mut Writer,
    mut place: Option<&mut (dyn Place + '_)>,
    all: &[StoredAsset<'_>],
) -> Result<(), Error> {
    let versions = bundle.versions();
    if versions.is_empty() {
        return Ok(());
    }
    let current: HashMap<&str, &Vec<Stored>> =
        all.iter().map(|one| (one.asset.integrity(), &one.stored)).collect();
    let mut own = Vec::with_capacity(versions.len());
    for EarlierVersion { asset, .. } in versions {
        own.push(match &mut place {
            Some(place) if !current.contains_key(asset.integrity()) => {
                vec![store_smallest(*place, asset)?]
            }
            _ => Vec::new(),
        });
    }
    let representations: Vec<Vec<_>> = versions
        .iter()
        .zip(&own)
        .map(|(version, own)| {
            let stored = current.get(version.asset.integrity()).copied().unwrap_or(own);
            stored.iter().map(Stored::entry).collect()
        })
        .collect();
    let positions = positions(bundle);
    let references: Vec<Vec<(u32, bool)>> = versions
        .iter()
        .map(|version| {
            let used = version.uses.iter().filter_map(|path| positions.get(&**path));
            let mut used: Vec<_> = used.map(|&position| (position, false)).collect();
            used.sort_unstable();
            used.dedup();
            used
        })
        .collect();
    let entry = |at: usize| {
        let asset = &versions[at].asset;
        let current = bundle.assets().binary_search_by(|other| other.name().cmp(asset.name()));
        EarlierEntry {
            entry: AssetEntry {
                name: asset.name(),
                path: asset.path(),
                url: asset.url(),
                stamp: asset.stamp().unwrap_or_default(),
                addressing: asset.addressing(),
                at_root: false,
                module: is_module_by_itself(asset),
                dimensions: asset.dimensions(),
                content_type: asset.content_type(),
                integrity: asset.integrity(),
                modified: None,
                representations: &representations[at],
                references: &references[at],
            },
            current: current.ok().map(position_in_index),
        }
    };
    let entries: Vec<EarlierEntry<'_>> = (0..versions.len()).map(entry).collect();
    writer.push_earlier(&entries).map_err(too_large)
}

/// Adds the deltas of all assets.
fn push_deltas(bundle: &Bundle, writer: &mut Writer, place: &mut dyn Place) -> Result<(), Error> {
    if bundle.offers_dictionaries() {
        writer.offer_dictionaries();
    }
    let mut stored = Vec::new();
    for (at, asset) in bundle.assets().iter().enumerate() {
        for (dictionary, bytes) in asset.deltas() {
            let delta = Stored {
                coding: Coding::Delta,
                area: Area::Binary,
                offset: place.store_encoding(bytes),
                length: bytes.len() as u64,
                etag: delta_etag(asset.etag(), dictionary),
            };
            stored.push((position_in_index(at), *dictionary, delta));
        }
    }
    let entries: Vec<DeltaEntry<'_>> = stored
        .iter()
        .map(|&(asset, dictionary, ref delta)| DeltaEntry {
            asset,
            dictionary,
            representation: delta.entry(),
        })
        .collect();
    writer.push_deltas(&entries).map_err(too_large)
}

/// The positions of all assets and earlier versions in the index, by their paths.
fn positions(bundle: &Bundle) -> HashMap<&str, u32> {
    let mut earlier: Vec<&str> =
        bundle.versions().iter().map(|version| version.asset.path()).collect();
    earlier.sort_unstable();
    let assets = bundle.assets().iter().map(Asset::path);
    assets.chain(earlier).enumerate().map(|(at, path)| (path, position_in_index(at))).collect()
}

/// The positions of an asset's references, each once, and whether the asset needs it to work.
fn references(asset: &Asset) -> Vec<(u32, bool)> {
    let mut references: Vec<(u32, bool)> = Vec::new();
    for &(position, kind) in asset.references() {
        let needed = matches!(kind, ReferenceKind::StaticImport | ReferenceKind::CssImport);
        let position = position_in_index(position);
        match references.last_mut() {
            Some(last) if last.0 == position => last.1 |= needed,
            _ => references.push((position, needed)),
        }
    }
    references
}

fn position_in_index(position: usize) -> u32 {
    u32::try_from(position).unwrap_or_else(|_| {
        unreachable!("the writer of the index has taken more assets than it can count")
    })
}

/// Which of the assets are modules: by their syntax, by their names, or because others load them so.
fn modules(bundle: &Bundle) -> Vec<bool> {
    let assets = bundle.assets();
    let mut modules: Vec<bool> = assets.iter().map(is_module_by_itself).collect();
    for &(position, kind) in assets.iter().flat_map(Asset::references) {
        modules[position] |= kind.is_specifier() || kind == ReferenceKind::PageModule;
    }
    // The scripts of Vite are modules, whatever is in them.
    let by_vite = bundle.entries().iter().filter(|entry| entry.is_by_vite);
    for &position in by_vite.flat_map(|entry| &entry.files) {
        modules[position] |= content_type::of(assets[position].name()) == "text/javascript";
    }
    modules
}

fn is_module_by_itself(asset: &Asset) -> bool {
    asset.is_module() || asset.name().ends_with(".mjs")
}

fn too_large(_: TooLarge) -> Error {
    Problem::TooLarge.into()
}

/// The first seed under which no two names collide.
fn seed<'a>(names: impl Iterator<Item = &'a str> + Clone) -> (u64, Vec<u64>) {
    let mut seed = 0;
    loop {
        let hashes: Vec<u64> = names.clone().map(|name| hash(seed, name.as_bytes())).collect();
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
fn store(place: &mut dyn Place, asset: &Asset, contents: &Contents) -> Result<Vec<Stored>, Error> {
    let (area, offset) = place.store(asset.hash(), contents)?;
    let identity = Stored {
        coding: Coding::Identity,
        area,
        offset,
        length: asset.size(),
        etag: asset.etag().to_owned(),
    };
    let encoded = asset.encodings().map(move |(coding, bytes)| Stored {
        coding,
        area: Area::Binary,
        offset: place.store_encoding(bytes),
        length: bytes.len() as u64,
        etag: coded_etag(asset.etag(), coding),
    });
    Ok(std::iter::once(identity).chain(encoded).collect())
}

/// Stores the smallest form of a version.
fn store_smallest(place: &mut dyn Place, version: &Asset) -> Result<Stored, Error> {
    let etag = version.etag();
    Ok(match version.encodings().next() {
        Some((coding, bytes)) => Stored {
            coding,
            area: Area::Binary,
            offset: place.store_encoding(bytes),
            length: bytes.len() as u64,
            etag: coded_etag(etag, coding),
        },
        None => {
            let (area, offset) = place.store(version.hash(), version.contents())?;
            let (coding, length) = (Coding::Identity, version.size());
            Stored { coding, area, offset, length, etag: etag.to_owned() }
        }
    })
}

/// The entity tag of a coding of the bytes with this one.
fn coded_etag(etag: &str, coding: Coding) -> String {
    format!("{}-{}\"", etag.trim_end_matches('"'), coding.token())
}

/// The entity tag of a delta: every dictionary makes another.
fn delta_etag(etag: &str, dictionary: &[u8; 32]) -> String {
    let (coding, dictionary) = (Coding::Delta.token(), hexadecimal(&dictionary[..8]));
    format!("{}-{coding}-{dictionary}\"", etag.trim_end_matches('"'))
}

/// The content areas. Equal contents are stored once in each.
#[derive(Default)]
struct Areas {
    text: String,
    binary: Vec<u8>,
    texts: ByHash<u64>,
    binaries: ByHash<u64>,
    text_hash: Hasher,
    binary_hash: Hasher,
    leaves_files: bool,
    outside: Vec<Arc<OnDisk>>,
}

impl Place for Areas {
    fn needs(&self, hash: &Hash, contents: &Contents) -> bool {
        match contents {
            Contents::Held(_) => false,
            Contents::OnDisk(_) if self.leaves_files => false,
            _ if contents.is_utf8() => !self.texts.contains_key(hash),
            _ => !self.binaries.contains_key(hash),
        }
    }

    fn store(&mut self, hash: &Hash, contents: &Contents) -> Result<(Area, u64), Error> {
        if let Contents::OnDisk(file) = contents {
            if self.leaves_files {
                self.outside.push(Arc::clone(file));
                return Ok((Area::Outside, self.outside.len() as u64 - 1));
            }
            let (area, stored) = match file.is_utf8() {
                true => (Area::Text, &self.texts),
                false => (Area::Binary, &self.binaries),
            };
            if let Some(&offset) = stored.get(hash) {
                return Ok((area, offset));
            }
        }
        let bytes = contents.load()?;
        Ok(match std::str::from_utf8(&bytes) {
            Ok(text) => (Area::Text, self.store_text(hash, text)),
            Err(_) => (Area::Binary, self.store_binary(hash, &bytes)),
        })
    }

    fn store_encoding(&mut self, bytes: &[u8]) -> u64 {
        self.store_binary(&Hash::of(bytes), bytes)
    }
}

impl Areas {
    fn packed(self, index: Vec<u8>, strings: String, hashes: Vec<u64>) -> Packed {
        let Areas { text, binary, outside, .. } = self;
        let (text_hash, binary_hash) = (self.text_hash.finish(), self.binary_hash.finish());
        Packed { index, strings, text, binary, text_hash, binary_hash, outside, hashes }
    }

    fn store_text(&mut self, hash: &Hash, text: &str) -> u64 {
        *self.texts.entry(*hash).or_insert_with(|| {
            let offset = self.text.len() as u64;
            self.text.push_str(text);
            self.text_hash.update(hash.as_bytes());
            offset
        })
    }

    fn store_binary(&mut self, hash: &Hash, bytes: &[u8]) -> u64 {
        *self.binaries.entry(*hash).or_insert_with(|| {
            let offset = self.binary.len() as u64;
            self.binary.extend_from_slice(bytes);
            self.binary_hash.update(hash.as_bytes());
            offset
        })
    }
}

//! Writes the index, for `stamped-build` and for tests.

use super::layout::{
    AT_ROOT, HAS_PERCENT, LOOKS_STAMPED, MAGIC, MODULE, NONE, OFFERS_DICTIONARIES, SEGMENTED,
    SOME_AT_ROOT, SOME_EARLIER, asset, delta, entry, header, reference, representation,
};
use super::{Addressing, Area, Coding};
use crate::hash::hash;
use crate::name;
use alloc::borrow::ToOwned as _;
use alloc::{format, string::String, vec, vec::Vec};

/// What the index holds of one asset.
#[derive(Clone, Copy, Debug)]
pub struct AssetEntry<'a> {
    /// The name below the folder.
    pub name: &'a str,
    /// The path under the mount, not percent-encoded.
    pub path: &'a str,
    /// Mount and percent-encoded path.
    pub url: &'a str,
    /// The digits, or empty.
    pub stamp: &'a str,
    /// How it is addressed.
    pub addressing: Addressing,
    /// Whether its name is a path of the site too, without the mount.
    pub at_root: bool,
    /// Whether it is a JavaScript module.
    pub module: bool,
    /// The width and height of a picture, in pixels.
    pub dimensions: Option<(u32, u32)>,
    /// With parameters.
    pub content_type: &'a str,
    /// As in the attribute of that name.
    pub integrity: &'a str,
    /// Seconds since 1970 and the same as an HTTP date, where known.
    pub modified: Option<(u64, &'a str)>,
    /// The same bytes in each coding, the identity first.
    pub representations: &'a [RepresentationEntry<'a>],
    /// Positions of the assets that this one refers to, and whether it does nothing without
    /// them: a module or a style sheet that it imports.
    pub references: &'a [(u32, bool)],
}

/// What the index holds of one representation.
#[derive(Clone, Copy, Debug)]
pub struct RepresentationEntry<'a> {
    /// How it is coded.
    pub coding: Coding,
    /// The area that holds it.
    pub area: Area,
    /// Where it begins in that area, or the position of its file.
    pub offset: u64,
    /// Its length in bytes.
    pub length: u64,
    /// With quotes.
    pub etag: &'a str,
}

/// What the index holds of a delta: an asset's bytes for clients that have some other bytes.
#[derive(Clone, Copy, Debug)]
pub struct DeltaEntry<'a> {
    /// The position of the asset.
    pub asset: u32,
    /// The SHA-256 of the bytes that a client must have.
    pub dictionary: [u8; 32],
    /// The coded bytes.
    pub representation: RepresentationEntry<'a>,
}

/// What the index holds of an earlier version of an asset.
#[derive(Clone, Copy, Debug)]
pub struct EarlierEntry<'a> {
    /// The same as of an asset. The positions of earlier versions, to which it may refer too, follow
    /// those of the assets, in the order of their paths.
    pub entry: AssetEntry<'a>,
    /// The position of the asset; `None` where it is there no longer.
    pub current: Option<u32>,
}

/// So many assets are in a segment on average. With more, an edit changes more; with fewer, there are more
/// segments to list.
const USUAL_SEGMENT: u64 = 24;

/// Collects assets, in the order of their names, and packs them.
#[derive(Debug, Default)]
pub struct Writer {
    /// The segments that are complete, by where they end. None unless there are segments.
    segments: Option<Vec<Ends>>,
    /// Where the present segment begins.
    start: Ends,
    assets: Vec<u8>,
    representations: Vec<u8>,
    references: Vec<u8>,
    entries: Vec<u8>,
    entry_count: u32,
    last_entry: String,
    deltas: Vec<u8>,
    strings: String,
    interned: Interned,
    count: u32,
    longest: usize,
    flags: u32,
    /// How far the representations reach into each area.
    text: u64,
    binary: u64,
}

/// How far a segment reaches into each table and the string area.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Ends {
    assets: usize,
    representations: usize,
    references: usize,
    strings: usize,
}

impl Writer {
    /// A writer that puts assets into segments: small indexes of their own, for a process that reads one
    /// bundle after the other, and keeps each. An edit changes those segments only that have an asset
    /// which it changes. A name begins a segment, or does not, whatever other names there are, so a new
    /// file moves no others into another segment.
    #[must_use]
    pub fn in_segments() -> Self {
        Writer { segments: Some(Vec::new()), flags: SEGMENTED, ..Writer::default() }
    }

    /// Adds one asset.
    ///
    /// # Errors
    ///
    /// When a number does not fit the format: 4 GiB of names and addresses, 4,294,967,295
    /// assets or references.
    pub fn push(&mut self, entry: &AssetEntry<'_>) -> Result<(), TooLarge> {
        self.push_record(entry)?;
        self.count = self.count.checked_add(1).ok_or(TooLarge)?;
        Ok(())
    }

    /// Adds the earlier versions of all assets, those of one name side by side and the newest first.
    /// Nothing may be added after them.
    ///
    /// # Errors
    ///
    /// As for [`push`](Self::push).
    pub fn push_earlier(&mut self, versions: &[EarlierEntry<'_>]) -> Result<(), TooLarge> {
        if versions.is_empty() {
            return Ok(());
        }
        self.flags |= SOME_EARLIER;
        self.end_segment();
        let mut by_path: Vec<usize> = (0..versions.len()).collect();
        by_path.sort_by_key(|&at| versions[at].entry.path);
        let mut positions = vec![0; versions.len()];
        for (place, &at) in by_path.iter().enumerate() {
            positions[at] = number(self.count as usize + place)?;
            self.push_record(&versions[at].entry)?;
        }
        for (at, version) in versions.iter().enumerate() {
            let before =
                at.checked_sub(1).filter(|&at| versions[at].entry.name == version.entry.name);
            let newer = before.map(|at| positions[at]).or(version.current);
            if let Some(newer) = newer {
                let field = newer as usize * asset::SIZE + asset::PREVIOUS;
                self.assets[field..field + 4].copy_from_slice(&positions[at].to_le_bytes());
            }
        }
        Ok(())
    }

    fn push_record(&mut self, entry: &AssetEntry<'_>) -> Result<(), TooLarge> {
        if self.segments.is_some() && hash(0, entry.name.as_bytes()).is_multiple_of(USUAL_SEGMENT) {
            self.end_segment();
        }
        let mut record = Vec::with_capacity(asset::SIZE);
        // The name is a piece of the path, and the path of the URL, more often than not.
        let url = self.append(entry.url)?;
        let path = self.part(entry.url, url, entry.path)?;
        let name = match entry.addressing {
            Addressing::Stamped => self.append(entry.name)?,
            Addressing::Plain | Addressing::Prestamped => self.part(entry.url, url, entry.name)?,
        };
        let stamp = self.part(entry.path, path, entry.stamp)?;
        let content_type = self.intern(entry.content_type)?;
        let integrity = self.intern(entry.integrity)?;
        let (modified, modified_text) = entry.modified.unwrap_or((0, ""));
        let modified_text = self.intern(modified_text)?;
        for text in [name, url, path, stamp, content_type, integrity, modified_text] {
            push_text(&mut record, text);
        }
        record.extend(modified.to_le_bytes());
        let at_root = if entry.at_root { AT_ROOT } else { 0 };
        let module = if entry.module { MODULE } else { 0 };
        record.extend((entry.addressing.number() | at_root | module).to_le_bytes());
        record.extend(NONE.to_le_bytes());
        let representations = self.representations.len() - self.start.representations;
        let first = representations / representation::SIZE;
        push_slice(&mut record, first, entry.representations.len())?;
        push_slice(&mut record, self.next_reference(), entry.references.len())?;
        let (width, height) = entry.dimensions.unwrap_or_default();
        record.extend(width.to_le_bytes());
        record.extend(height.to_le_bytes());
        for one in entry.representations {
            self.push_representation(one)?;
        }
        // So that a new asset changes no segment behind it.
        let from = match self.segments {
            Some(_) => number(self.assets.len() / asset::SIZE)?,
            None => 0,
        };
        for &(target, needed) in entry.references {
            self.references.extend(target.wrapping_sub(from).to_le_bytes());
            self.references.extend(u32::from(needed).to_le_bytes());
        }
        assert_eq!(record.len(), asset::SIZE, "a record has the length that readers expect");
        self.assets.extend(record);
        self.longest = self.longest.max(entry.path.len()).max(entry.name.len());
        if entry.at_root {
            self.flags |= SOME_AT_ROOT;
        }
        if name::unstamp(entry.name).is_some() {
            self.flags |= LOOKS_STAMPED;
        }
        if entry.name.contains('%') {
            self.flags |= HAS_PERCENT;
        }
        Ok(())
    }

    /// Adds an entry point, after all assets and in the order of names: the positions of the scripts and
    /// style sheets that a page must load, in that order, and whether Vite has made it.
    ///
    /// # Errors
    ///
    /// When a number does not fit the format, as with [`push`](Self::push).
    ///
    /// # Panics
    ///
    /// When the name is not behind the one before, or a position is that of no asset.
    pub fn push_entry(
        &mut self,
        name: &str,
        files: &[u32],
        is_by_vite: bool,
    ) -> Result<(), TooLarge> {
        assert!(
            self.entry_count == 0 || *self.last_entry < *name,
            "entry points come in the order of their names, each once: {name:?}"
        );
        assert!(
            files.iter().all(|&file| file < self.count),
            "an entry point is made of assets: {name:?}"
        );
        self.end_segment();
        name.clone_into(&mut self.last_entry);
        let name = self.append(name)?;
        let mut record = Vec::with_capacity(entry::SIZE);
        push_text(&mut record, name);
        push_slice(&mut record, self.next_reference(), files.len())?;
        record.extend(u32::from(is_by_vite).to_le_bytes());
        for file in files {
            self.references.extend(file.to_le_bytes());
            self.references.extend(1_u32.to_le_bytes());
        }
        assert_eq!(record.len(), entry::SIZE, "a record has the length that readers expect");
        self.entries.extend(record);
        self.entry_count = self.entry_count.checked_add(1).ok_or(TooLarge)?;
        Ok(())
    }

    /// Has answers ask clients to keep stamped assets as dictionaries for later versions.
    pub fn offer_dictionaries(&mut self) {
        self.flags |= OFFERS_DICTIONARIES;
    }

    /// Adds the deltas of all assets, each asset and dictionary once.
    ///
    /// # Errors
    ///
    /// As for [`push`](Self::push).
    ///
    /// # Panics
    ///
    /// When two have the same asset and dictionary, or a position is that of no asset.
    pub fn push_deltas(&mut self, deltas: &[DeltaEntry<'_>]) -> Result<(), TooLarge> {
        let mut sorted: Vec<&DeltaEntry<'_>> = deltas.iter().collect();
        sorted.sort_by_key(|delta| (delta.asset, delta.dictionary));
        let key = |delta: &DeltaEntry<'_>| (delta.asset, delta.dictionary);
        assert!(
            sorted.windows(2).all(|pair| key(pair[0]) != key(pair[1])),
            "an asset has one delta for each dictionary"
        );
        for one in sorted {
            assert!(one.asset < self.count, "a delta is one of an asset: {one:?}");
            let mut record = Vec::with_capacity(delta::SIZE);
            record.extend(one.asset.to_le_bytes());
            record.extend(one.dictionary);
            self.representation(&mut record, &one.representation)?;
            assert_eq!(record.len(), delta::SIZE, "a record has the length that readers expect");
            self.deltas.extend(record);
        }
        Ok(())
    }

    fn push_representation(&mut self, one: &RepresentationEntry<'_>) -> Result<(), TooLarge> {
        let mut record = core::mem::take(&mut self.representations);
        let written = self.representation(&mut record, one);
        self.representations = record;
        written
    }

    fn representation(
        &mut self,
        record: &mut Vec<u8>,
        one: &RepresentationEntry<'_>,
    ) -> Result<(), TooLarge> {
        let length_text = self.intern(&format!("{}", one.length))?;
        let etag = self.intern(one.etag)?;
        let end = one.offset.checked_add(one.length).ok_or(TooLarge)?;
        match one.area {
            // Nobody checks how long contents are that grow.
            _ if self.segments.is_some() => {}
            Area::Text => self.text = end.max(self.text),
            Area::Binary => self.binary = end.max(self.binary),
            Area::Outside => {}
        }
        record.extend(one.coding.number().to_le_bytes());
        record.extend(one.area.number().to_le_bytes());
        record.extend(one.offset.to_le_bytes());
        record.extend(one.length.to_le_bytes());
        push_text(record, length_text);
        push_text(record, etag);
        Ok(())
    }

    /// The packed index and its string area.
    ///
    /// # Errors
    ///
    /// When the index is longer than 4 GiB.
    ///
    /// # Panics
    ///
    /// When there are segments.
    pub fn finish(
        mut self,
        mount: &str,
        seed: u64,
        import_map: &str,
    ) -> Result<(Vec<u8>, String), TooLarge> {
        assert!(self.segments.is_none(), "a writer of segments ends with `finish_segments`");
        let header = self.header(mount, seed, import_map)?;
        let Writer { assets, representations, references, entries, deltas, strings, .. } = self;
        let index = joined(header, [&assets, &representations, &references, &entries, &deltas])?;
        Ok((index, strings))
    }

    /// The packed index, without records, and the segments in order, each with its string area behind it.
    ///
    /// # Errors
    ///
    /// When one of them is longer than 4 GiB.
    ///
    /// # Panics
    ///
    /// When there are no segments.
    pub fn finish_segments(mut self, mount: &str, import_map: &str) -> Result<Vec<u8>, TooLarge> {
        self.end_segment();
        // What is behind the last segment is of the whole.
        let start = self.start;
        let header = self.header(mount, 0, import_map)?;
        let Writer {
            segments, assets, representations, references, entries, deltas, strings, ..
        } = self;
        assert!(segments.is_some(), "a writer without segments ends with `finish`");
        assert!(deltas.is_empty(), "live mode, which segments are for, has no deltas");
        let own = &references[start.references..];
        let mut tables = joined(header, [&[], &[], own, &entries, &[]])?;
        tables.extend_from_slice(&strings.as_bytes()[start.strings..]);
        let mut from = Ends::default();
        for to in segments.into_iter().flatten() {
            let segment = [
                &assets[from.assets..to.assets],
                &representations[from.representations..to.representations],
                &references[from.references..to.references],
                &[],
                &[],
            ];
            let strings = &strings[from.strings..to.strings];
            tables.extend(joined(Header::of_segment(segment, strings)?.bytes()?, segment)?);
            tables.extend_from_slice(strings.as_bytes());
            from = to;
        }
        Ok(tables)
    }

    /// Ends the present segment, if there are segments and something is in it. The tables of what follows
    /// begin at zero.
    fn end_segment(&mut self) {
        let Some(segments) = &mut self.segments else { return };
        let end = Ends {
            assets: self.assets.len(),
            representations: self.representations.len(),
            references: self.references.len(),
            strings: self.strings.len(),
        };
        if end.assets > self.start.assets {
            segments.push(end);
            self.start = end;
            self.interned = Interned::default();
        }
    }

    /// The header of what is in the present segment, which is all of it where there are no segments.
    fn header(&mut self, mount: &str, seed: u64, import_map: &str) -> Result<Vec<u8>, TooLarge> {
        let mount = self.append(mount)?;
        let import_map = self.append(import_map)?;
        let start = self.start;
        let header = Header {
            count: self.count,
            seed,
            longest: number(self.longest)?,
            flags: self.flags,
            mount,
            import_map,
            assets: self.assets.len() - start.assets,
            representations: self.representations.len() - start.representations,
            references: self.references.len() - start.references,
            entries: self.entries.len(),
            deltas: self.deltas.len(),
            entry_count: self.entry_count,
            strings: self.strings.len() - start.strings,
            text: self.text,
            binary: self.binary,
        };
        header.bytes()
    }

    /// The position that the next reference has in its table.
    fn next_reference(&self) -> usize {
        (self.references.len() - self.start.references) / reference::SIZE
    }

    fn append(&mut self, text: &str) -> Result<Text, TooLarge> {
        let at = self.strings.len() - self.start.strings;
        let text_at = Text { at: number(at)?, len: number(text.len())? };
        self.strings.push_str(text);
        number(at + text.len())?;
        Ok(text_at)
    }

    /// `text` as a piece of `whole`, which is stored already, or on its own.
    fn part(&mut self, whole: &str, stored: Text, text: &str) -> Result<Text, TooLarge> {
        match whole.rfind(text) {
            Some(at) => Ok(Text { at: stored.at + number(at)?, len: number(text.len())? }),
            None => self.append(text),
        }
    }

    /// `text`, stored once however often it is asked for.
    fn intern(&mut self, text: &str) -> Result<Text, TooLarge> {
        if let Some(stored) = self.interned.get(text, &self.strings[self.start.strings..]) {
            return Ok(stored);
        }
        let stored = self.append(text)?;
        self.interned.insert(stored, &self.strings[self.start.strings..]);
        Ok(stored)
    }
}

/// What a header says; the lengths are those of the tables in bytes.
struct Header {
    count: u32,
    seed: u64,
    longest: u32,
    flags: u32,
    mount: Text,
    import_map: Text,
    assets: usize,
    representations: usize,
    references: usize,
    entries: usize,
    deltas: usize,
    entry_count: u32,
    strings: usize,
    text: u64,
    binary: u64,
}

impl Header {
    fn of_segment(
        [assets, representations, references, ..]: [&[u8]; 5],
        strings: &str,
    ) -> Result<Self, TooLarge> {
        let nothing = Text { at: 0, len: 0 };
        Ok(Header {
            count: number(assets.len() / asset::SIZE)?,
            seed: 0,
            longest: 0,
            flags: 0,
            mount: nothing,
            import_map: nothing,
            assets: assets.len(),
            representations: representations.len(),
            references: references.len(),
            entries: 0,
            deltas: 0,
            entry_count: 0,
            strings: strings.len(),
            text: 0,
            binary: 0,
        })
    }

    fn bytes(&self) -> Result<Vec<u8>, TooLarge> {
        let representations = header::SIZE + self.assets;
        let references = representations + self.representations;
        let entries = references + self.references;
        let deltas = entries + self.entries;
        let length = deltas + self.deltas;
        let mut index = Vec::with_capacity(length);
        index.extend(MAGIC);
        index.extend(self.count.to_le_bytes());
        index.extend(self.seed.to_le_bytes());
        index.extend(self.longest.to_le_bytes());
        index.extend(self.flags.to_le_bytes());
        push_text(&mut index, self.mount);
        index.extend(number(representations)?.to_le_bytes());
        index.extend(number(references)?.to_le_bytes());
        push_text(&mut index, self.import_map);
        index.extend(number(length)?.to_le_bytes());
        index.extend(number(self.strings)?.to_le_bytes());
        index.extend(self.text.to_le_bytes());
        index.extend(self.binary.to_le_bytes());
        index.extend(number(entries)?.to_le_bytes());
        index.extend(self.entry_count.to_le_bytes());
        index.extend(number(deltas)?.to_le_bytes());
        assert_eq!(index.len(), header::SIZE, "the header has the length that readers expect");
        Ok(index)
    }
}

/// A header with the tables behind it.
fn joined(mut header: Vec<u8>, tables: [&[u8]; 5]) -> Result<Vec<u8>, TooLarge> {
    for table in tables {
        header.extend_from_slice(table);
    }
    number(header.len())?;
    Ok(header)
}

/// Which pieces of the string area can be had again: a table with open addressing, because a build
/// script looks up five for each asset, and a tree takes ten times as long where nothing is optimised.
#[derive(Debug, Default)]
struct Interned {
    /// None or a power of two, at most half of them in use.
    slots: Vec<Option<Text>>,
    used: usize,
}

impl Interned {
    fn get(&self, text: &str, strings: &str) -> Option<Text> {
        let mut slot = self.first_slot(text);
        while let Some(stored) = *self.slots.get(slot)? {
            if stored.of(strings) == text {
                return Some(stored);
            }
            slot = (slot + 1) & (self.slots.len() - 1);
        }
        None
    }

    /// Adds a text that is not there.
    fn insert(&mut self, text: Text, strings: &str) {
        if self.slots.len() <= self.used * 2 {
            let larger = (self.slots.len() * 2).max(64);
            let old = core::mem::replace(&mut self.slots, vec![None; larger]);
            for text in old.into_iter().flatten() {
                self.put(text, strings);
            }
        }
        self.put(text, strings);
        self.used += 1;
    }

    fn put(&mut self, text: Text, strings: &str) {
        let mut slot = self.first_slot(text.of(strings));
        while self.slots[slot].is_some() {
            slot = (slot + 1) & (self.slots.len() - 1);
        }
        self.slots[slot] = Some(text);
    }

    fn first_slot(&self, text: &str) -> usize {
        hash(0, text.as_bytes()) as usize & self.slots.len().saturating_sub(1)
    }
}

/// A number does not fit the index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLarge;

#[derive(Clone, Copy, Debug)]
struct Text {
    at: u32,
    len: u32,
}

impl Text {
    fn of(self, strings: &str) -> &str {
        &strings[self.at as usize..(self.at + self.len) as usize]
    }
}

fn number(value: usize) -> Result<u32, TooLarge> {
    u32::try_from(value).map_err(|_| TooLarge)
}

fn push_text(record: &mut Vec<u8>, text: Text) {
    record.extend(text.at.to_le_bytes());
    record.extend(text.len.to_le_bytes());
}

fn push_slice(record: &mut Vec<u8>, first: usize, count: usize) -> Result<(), TooLarge> {
    record.extend(number(first)?.to_le_bytes());
    record.extend(number(count)?.to_le_bytes());
    Ok(())
}

//! Writes the index, for `stamped-build` and for tests.

mod fields;
mod header;
mod interned;
mod records;

use super::layout::{OFFERS_DICTIONARIES, SEGMENTED, SOME_EARLIER, asset, delta, entry};
use super::{Addressing, Area, Coding};
use crate::hash::hash;
use alloc::borrow::ToOwned as _;
use alloc::string::String;
use alloc::{vec, vec::Vec};
use fields::{number, push_slice, push_text};
use header::{Header, joined};
use records::Records;

pub use fields::TooLarge;

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

/// Whether the asset of this name begins a segment: see [`Writer::in_segments`].
#[must_use]
pub fn begins_segment(name: &str) -> bool {
    hash(0, name.as_bytes()).is_multiple_of(USUAL_SEGMENT)
}

/// Collects assets, in the order of their names, and packs them.
#[derive(Debug, Default)]
pub struct Writer {
    /// None unless there are segments. All records are in these, then.
    segments: Option<Vec<Segment>>,
    /// What is in no segment.
    whole: Records,
    entries: Vec<u8>,
    entry_count: u32,
    last_entry: String,
    deltas: Vec<u8>,
    count: u32,
    /// How many records there are, with those of earlier versions.
    records: usize,
    flags: u32,
}

/// Some assets that follow each other, for [`Writer::push_segment`].
#[derive(Debug)]
pub struct Segment {
    first: u32,
    records: Records,
}

impl Segment {
    /// An empty one, whose first asset has this position among all of them.
    #[must_use]
    pub fn new(first: u32) -> Self {
        Segment { first, records: Records::default() }
    }

    /// Adds one asset.
    ///
    /// # Errors
    ///
    /// As for [`Writer::push`].
    pub fn push(&mut self, entry: &AssetEntry<'_>) -> Result<(), TooLarge> {
        let own = self.first as usize + self.records.len();
        // Relative to its own position, so that a new asset changes no segment behind it.
        self.records.push(entry, number(own)?)
    }

    /// Adds all of it, with its strings behind it.
    fn write(&self, tables: &mut Vec<u8>) -> Result<(), TooLarge> {
        let Records { assets, representations, references, strings, .. } = &self.records;
        let segment: [&[u8]; 5] = [assets, representations, references, &[], &[]];
        tables.extend(joined(Header::of_segment(segment, strings)?.bytes()?, segment)?);
        tables.extend_from_slice(strings.as_bytes());
        Ok(())
    }
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
        if begins_segment(entry.name) {
            self.begin_segment()?;
        }
        self.push_record(entry)?;
        self.count = number(self.records)?;
        Ok(())
    }

    /// Adds a segment with all its assets. Several can be made at a time.
    ///
    /// # Errors
    ///
    /// As for [`push`](Self::push).
    ///
    /// # Panics
    ///
    /// When there are no segments, or others were expected at its position.
    pub fn push_segment(&mut self, segment: Segment) -> Result<(), TooLarge> {
        assert!(self.segments.is_some(), "only a writer of segments takes one");
        assert_eq!(segment.first as usize, self.records, "a segment follows the one before");
        self.records += segment.records.len();
        self.count = number(self.records)?;
        self.segments.get_or_insert_default().push(segment);
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
        self.begin_segment()?;
        let mut by_path: Vec<usize> = (0..versions.len()).collect();
        by_path.sort_by_key(|&at| versions[at].entry.path);
        let mut positions = vec![0; versions.len()];
        for (place, &at) in by_path.iter().enumerate() {
            positions[at] = number(self.count as usize + place)?;
            let entry = &versions[at].entry;
            if begins_segment(entry.name) {
                self.begin_segment()?;
            }
            self.push_record(entry)?;
        }
        for (at, version) in versions.iter().enumerate() {
            let before =
                at.checked_sub(1).filter(|&at| versions[at].entry.name == version.entry.name);
            let newer = before.map(|at| positions[at]).or(version.current);
            if let Some(newer) = newer {
                self.record(newer)[asset::PREVIOUS..][..4]
                    .copy_from_slice(&positions[at].to_le_bytes());
            }
        }
        Ok(())
    }

    fn push_record(&mut self, entry: &AssetEntry<'_>) -> Result<(), TooLarge> {
        match &mut self.segments {
            None => self.whole.push(entry, 0)?,
            Some(segments) => {
                if segments.is_empty() {
                    segments.push(Segment::new(0));
                }
                if let Some(last) = segments.last_mut() {
                    last.push(entry)?;
                }
            }
        }
        self.records += 1;
        Ok(())
    }

    /// Begins a segment, if there are segments. One that is empty goes on.
    fn begin_segment(&mut self) -> Result<(), TooLarge> {
        if let Some(segments) = &mut self.segments
            && segments.last().is_none_or(|last| last.records.len() > 0)
        {
            segments.push(Segment::new(number(self.records)?));
        }
        Ok(())
    }

    /// The record at this position, which was pushed.
    fn record(&mut self, position: u32) -> &mut [u8] {
        let (records, at) = match &mut self.segments {
            None => (&mut self.whole, position),
            Some(segments) => {
                let behind = segments.partition_point(|segment| segment.first <= position);
                let segment = &mut segments[behind - 1];
                (&mut segment.records, position - segment.first)
            }
        };
        &mut records.assets[at as usize * asset::SIZE..][..asset::SIZE]
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
        name.clone_into(&mut self.last_entry);
        let name = self.whole.append(name)?;
        let mut record = Vec::with_capacity(entry::SIZE);
        push_text(&mut record, name);
        push_slice(&mut record, self.whole.next_reference(), files.len())?;
        record.extend_from_slice(&u32::from(is_by_vite).to_le_bytes());
        for &file in files {
            self.whole.push_reference(file, true);
        }
        assert_eq!(record.len(), entry::SIZE, "a record has the length that readers expect");
        self.entries.extend_from_slice(&record);
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
            record.extend_from_slice(&one.asset.to_le_bytes());
            record.extend_from_slice(&one.dictionary);
            self.whole.representation(&mut record, &one.representation)?;
            assert_eq!(record.len(), delta::SIZE, "a record has the length that readers expect");
            self.deltas.extend_from_slice(&record);
        }
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
        let index = self.index(mount, seed, import_map)?;
        Ok((index, self.whole.strings))
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
        assert!(self.deltas.is_empty(), "live mode, which segments are for, has no deltas");
        assert!(self.segments.is_some(), "a writer without segments ends with `finish`");
        let segments = self.segments.take().unwrap_or_default();
        for Segment { records, .. } in &segments {
            self.flags |= records.flags;
            self.whole.longest = self.whole.longest.max(records.longest);
        }
        let mut tables = self.index(mount, 0, import_map)?;
        tables.extend_from_slice(self.whole.strings.as_bytes());
        for segment in segments {
            segment.write(&mut tables)?;
        }
        Ok(tables)
    }

    /// The index of what is in no segment, with a header that counts all assets.
    fn index(&mut self, mount: &str, seed: u64, import_map: &str) -> Result<Vec<u8>, TooLarge> {
        let mount = self.whole.append(mount)?;
        let import_map = self.whole.append(import_map)?;
        let Records {
            assets,
            representations,
            references,
            strings,
            longest,
            flags,
            text,
            binary,
            ..
        } = &self.whole;
        let header = Header {
            count: self.count,
            seed,
            longest: number(*longest)?,
            flags: self.flags | flags,
            mount,
            import_map,
            assets: assets.len(),
            representations: representations.len(),
            references: references.len(),
            entries: self.entries.len(),
            deltas: self.deltas.len(),
            entry_count: self.entry_count,
            strings: strings.len(),
            text: *text,
            binary: *binary,
        };
        let tables: [&[u8]; 5] = [assets, representations, references, &self.entries, &self.deltas];
        joined(header.bytes()?, tables)
    }
}

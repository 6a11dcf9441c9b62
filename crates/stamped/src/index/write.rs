//! Writes the index, for `stamped-build` and for tests.

use super::layout::{
    AT_ROOT, HAS_PERCENT, LOOKS_STAMPED, MAGIC, MODULE, NONE, SOME_AT_ROOT, asset, entry, header,
    reference, representation,
};
use super::{Addressing, Area, Coding};
use crate::name;
use alloc::borrow::ToOwned as _;
use alloc::{collections::BTreeMap, format, string::String, vec::Vec};

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

/// Collects assets, in the order of their names, and packs them.
#[derive(Debug, Default)]
pub struct Writer {
    assets: Vec<u8>,
    representations: Vec<u8>,
    references: Vec<u8>,
    entries: Vec<u8>,
    entry_count: u32,
    last_entry: String,
    strings: String,
    interned: BTreeMap<String, u32>,
    count: u32,
    longest: usize,
    flags: u32,
    /// How far the representations reach into each area.
    text: u64,
    binary: u64,
}

impl Writer {
    /// Adds one asset.
    ///
    /// # Errors
    ///
    /// When a number does not fit the format: 4 GiB of names and addresses, 4,294,967,295
    /// assets or references.
    pub fn push(&mut self, entry: &AssetEntry<'_>) -> Result<(), TooLarge> {
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
        push_slice(
            &mut record,
            self.representations.len() / representation::SIZE,
            entry.representations.len(),
        )?;
        push_slice(&mut record, self.references.len() / reference::SIZE, entry.references.len())?;
        let (width, height) = entry.dimensions.unwrap_or_default();
        record.extend(width.to_le_bytes());
        record.extend(height.to_le_bytes());
        for one in entry.representations {
            self.push_representation(one)?;
        }
        for &(target, needed) in entry.references {
            self.references.extend(target.to_le_bytes());
            self.references.extend(u32::from(needed).to_le_bytes());
        }
        assert_eq!(record.len(), asset::SIZE, "a record has the length that readers expect");
        self.assets.extend(record);
        self.count = self.count.checked_add(1).ok_or(TooLarge)?;
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
    /// style sheets that a page must load, in that order.
    ///
    /// # Errors
    ///
    /// When a number does not fit the format, as with [`push`](Self::push).
    ///
    /// # Panics
    ///
    /// When the name is not behind the one before, or a position is that of no asset.
    pub fn push_entry(&mut self, name: &str, files: &[u32]) -> Result<(), TooLarge> {
        assert!(
            self.entry_count == 0 || *self.last_entry < *name,
            "entry points come in the order of their names, each once: {name:?}"
        );
        assert!(
            files.iter().all(|&file| file < self.count),
            "an entry point is made of assets: {name:?}"
        );
        name.clone_into(&mut self.last_entry);
        let name = self.append(name)?;
        let mut record = Vec::with_capacity(entry::SIZE);
        push_text(&mut record, name);
        push_slice(&mut record, self.references.len() / reference::SIZE, files.len())?;
        for file in files {
            self.references.extend(file.to_le_bytes());
            self.references.extend(1_u32.to_le_bytes());
        }
        assert_eq!(record.len(), entry::SIZE, "a record has the length that readers expect");
        self.entries.extend(record);
        self.entry_count = self.entry_count.checked_add(1).ok_or(TooLarge)?;
        Ok(())
    }

    fn push_representation(&mut self, one: &RepresentationEntry<'_>) -> Result<(), TooLarge> {
        let length_text = self.intern(&format!("{}", one.length))?;
        let etag = self.intern(one.etag)?;
        let end = one.offset.checked_add(one.length).ok_or(TooLarge)?;
        match one.area {
            Area::Text => self.text = end.max(self.text),
            Area::Binary => self.binary = end.max(self.binary),
            Area::Outside => {}
        }
        let record = &mut self.representations;
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
    pub fn finish(
        mut self,
        mount: &str,
        seed: u64,
        import_map: &str,
    ) -> Result<(Vec<u8>, String), TooLarge> {
        let mount = self.append(mount)?;
        let import_map = self.append(import_map)?;
        let mut index = Vec::new();
        index.extend(MAGIC);
        index.extend(self.count.to_le_bytes());
        index.extend(seed.to_le_bytes());
        index.extend(number(self.longest)?.to_le_bytes());
        index.extend(self.flags.to_le_bytes());
        push_text(&mut index, mount);
        let representations = header::SIZE + self.assets.len();
        index.extend(number(representations)?.to_le_bytes());
        index.extend(number(representations + self.representations.len())?.to_le_bytes());
        push_text(&mut index, import_map);
        let entries = representations + self.representations.len() + self.references.len();
        let length = entries + self.entries.len();
        index.extend(number(length)?.to_le_bytes());
        index.extend(number(self.strings.len())?.to_le_bytes());
        index.extend(self.text.to_le_bytes());
        index.extend(self.binary.to_le_bytes());
        index.extend(number(entries)?.to_le_bytes());
        index.extend(self.entry_count.to_le_bytes());
        assert_eq!(index.len(), header::SIZE, "the header has the length that readers expect");
        index.extend(self.assets);
        index.extend(self.representations);
        index.extend(self.references);
        index.extend(self.entries);
        Ok((index, self.strings))
    }

    fn append(&mut self, text: &str) -> Result<Text, TooLarge> {
        let text_at = Text { at: number(self.strings.len())?, len: number(text.len())? };
        self.strings.push_str(text);
        number(self.strings.len())?;
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
        if let Some(&at) = self.interned.get(text) {
            return Ok(Text { at, len: number(text.len())? });
        }
        let stored = self.append(text)?;
        self.interned.insert(text.into(), stored.at);
        Ok(stored)
    }
}

/// A number does not fit the index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLarge;

#[derive(Clone, Copy)]
struct Text {
    at: u32,
    len: u32,
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

//! Records of assets.

use super::fields::{Text, number, push_slice, push_text};
use super::interned::Interned;
use super::{AssetEntry, RepresentationEntry, TooLarge};
use crate::index::layout::{
    AT_ROOT, HAS_PERCENT, LOOKS_STAMPED, MODULE, NONE, SOME_AT_ROOT, asset, reference,
    representation,
};
use crate::index::{Addressing, Area};
use crate::name;
use alloc::{format, string::String, vec::Vec};

/// Records of assets, with the tables and strings that they point into.
#[derive(Debug, Default)]
pub(super) struct Records {
    pub(super) assets: Vec<u8>,
    pub(super) representations: Vec<u8>,
    pub(super) references: Vec<u8>,
    pub(super) strings: String,
    interned: Interned,
    pub(super) longest: usize,
    pub(super) flags: u32,
    /// How far the representations reach into each area.
    pub(super) text: u64,
    pub(super) binary: u64,
}

impl Records {
    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.assets.len() / asset::SIZE
    }

    /// Adds one asset, whose references are relative to a position.
    pub(super) fn push(&mut self, entry: &AssetEntry<'_>, from: u32) -> Result<(), TooLarge> {
        let before = self.assets.len();
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
        let record = &mut self.assets;
        for text in [name, url, path, stamp, content_type, integrity, modified_text] {
            push_text(record, text);
        }
        record.extend_from_slice(&modified.to_le_bytes());
        let at_root = if entry.at_root { AT_ROOT } else { 0 };
        let module = if entry.module { MODULE } else { 0 };
        record.extend((entry.addressing.number() | at_root | module).to_le_bytes());
        record.extend_from_slice(&NONE.to_le_bytes());
        let first = self.representations.len() / representation::SIZE;
        push_slice(record, first, entry.representations.len())?;
        let first = self.references.len() / reference::SIZE;
        push_slice(record, first, entry.references.len())?;
        let (width, height) = entry.dimensions.unwrap_or_default();
        record.extend_from_slice(&width.to_le_bytes());
        record.extend_from_slice(&height.to_le_bytes());
        let length = record.len() - before;
        assert_eq!(length, asset::SIZE, "a record has the length that readers expect");
        let mut representations = core::mem::take(&mut self.representations);
        for one in entry.representations {
            self.representation(&mut representations, one)?;
        }
        self.representations = representations;
        for &(target, needed) in entry.references {
            self.push_reference(target.wrapping_sub(from), needed);
        }
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

    pub(super) fn push_reference(&mut self, target: u32, needed: bool) {
        self.references.extend_from_slice(&target.to_le_bytes());
        self.references.extend_from_slice(&u32::from(needed).to_le_bytes());
    }

    /// The position that the next reference has in its table.
    pub(super) fn next_reference(&self) -> usize {
        self.references.len() / reference::SIZE
    }

    pub(super) fn representation(
        &mut self,
        record: &mut Vec<u8>,
        one: &RepresentationEntry<'_>,
    ) -> Result<(), TooLarge> {
        let length_text = self.intern(&format!("{}", one.length))?;
        let etag = self.intern(one.etag)?;
        let end = one.offset.checked_add(one.length).ok_or(TooLarge)?;
        match one.area {
            Area::Text => self.text = end.max(self.text),
            Area::Binary => self.binary = end.max(self.binary),
            Area::Outside => {}
        }
        record.extend_from_slice(&one.coding.number().to_le_bytes());
        record.extend_from_slice(&one.area.number().to_le_bytes());
        record.extend_from_slice(&one.offset.to_le_bytes());
        record.extend_from_slice(&one.length.to_le_bytes());
        push_text(record, length_text);
        push_text(record, etag);
        Ok(())
    }

    pub(super) fn append(&mut self, text: &str) -> Result<Text, TooLarge> {
        let at = self.strings.len();
        let text_at = Text { at: number(at)?, len: number(text.len())? };
        self.strings.push_str(text);
        number(at + text.len())?;
        Ok(text_at)
    }

    /// `text` as a piece of `whole`, which is stored already, or on its own.
    fn part(&mut self, whole: &str, stored: Text, text: &str) -> Result<Text, TooLarge> {
        // Mostly it is the end, for which no search is needed.
        let at = match whole.strip_suffix(text) {
            Some(before) => Some(before.len()),
            None => whole.rfind(text),
        };
        match at {
            Some(at) => Ok(Text { at: stored.at + number(at)?, len: number(text.len())? }),
            None => self.append(text),
        }
    }

    /// `text`, stored once however often it is asked for.
    fn intern(&mut self, text: &str) -> Result<Text, TooLarge> {
        if let Some(stored) = self.interned.get(text, &self.strings) {
            return Ok(stored);
        }
        let stored = self.append(text)?;
        self.interned.insert(stored, &self.strings);
        Ok(stored)
    }
}

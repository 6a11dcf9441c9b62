//! The header before the tables.

use super::fields::{Text, TooLarge, number, push_text};
use crate::index::layout::{MAGIC, asset, header};
use alloc::vec::Vec;

/// What a header says; the lengths are those of the tables in bytes.
pub(super) struct Header {
    pub(super) count: u32,
    pub(super) seed: u64,
    pub(super) longest: u32,
    pub(super) flags: u32,
    pub(super) mount: Text,
    pub(super) import_map: Text,
    pub(super) assets: usize,
    pub(super) representations: usize,
    pub(super) references: usize,
    pub(super) entries: usize,
    pub(super) deltas: usize,
    pub(super) entry_count: u32,
    pub(super) strings: usize,
    pub(super) text: u64,
    pub(super) binary: u64,
}

impl Header {
    pub(super) fn of_segment(
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

    pub(super) fn bytes(&self) -> Result<Vec<u8>, TooLarge> {
        let representations = header::SIZE + self.assets;
        let references = representations + self.representations;
        let entries = references + self.references;
        let deltas = entries + self.entries;
        let length = deltas + self.deltas;
        let mut index = Vec::with_capacity(length);
        index.extend_from_slice(&MAGIC);
        index.extend_from_slice(&self.count.to_le_bytes());
        index.extend_from_slice(&self.seed.to_le_bytes());
        index.extend_from_slice(&self.longest.to_le_bytes());
        index.extend_from_slice(&self.flags.to_le_bytes());
        push_text(&mut index, self.mount);
        index.extend_from_slice(&number(representations)?.to_le_bytes());
        index.extend_from_slice(&number(references)?.to_le_bytes());
        push_text(&mut index, self.import_map);
        index.extend_from_slice(&number(length)?.to_le_bytes());
        index.extend_from_slice(&number(self.strings)?.to_le_bytes());
        index.extend_from_slice(&self.text.to_le_bytes());
        index.extend_from_slice(&self.binary.to_le_bytes());
        index.extend_from_slice(&number(entries)?.to_le_bytes());
        index.extend_from_slice(&self.entry_count.to_le_bytes());
        index.extend_from_slice(&number(deltas)?.to_le_bytes());
        assert_eq!(index.len(), header::SIZE, "the header has the length that readers expect");
        Ok(index)
    }
}

/// A header with the tables behind it.
pub(super) fn joined(mut header: Vec<u8>, tables: [&[u8]; 5]) -> Result<Vec<u8>, TooLarge> {
    for table in tables {
        header.extend_from_slice(table);
    }
    number(header.len())?;
    Ok(header)
}

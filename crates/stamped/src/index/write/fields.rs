//! The fields that tables are made of.

use alloc::vec::Vec;

/// A number does not fit the index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLarge;

/// Where a text lies in a string area.
#[derive(Clone, Copy, Debug)]
pub(super) struct Text {
    pub(super) at: u32,
    pub(super) len: u32,
}

impl Text {
    pub(super) fn of(self, strings: &str) -> &str {
        &strings[self.at as usize..(self.at + self.len) as usize]
    }
}

pub(super) fn number(value: usize) -> Result<u32, TooLarge> {
    u32::try_from(value).map_err(|_| TooLarge)
}

pub(super) fn push_text(record: &mut Vec<u8>, text: Text) {
    record.extend_from_slice(&text.at.to_le_bytes());
    record.extend_from_slice(&text.len.to_le_bytes());
}

pub(super) fn push_slice(record: &mut Vec<u8>, first: usize, count: usize) -> Result<(), TooLarge> {
    record.extend_from_slice(&number(first)?.to_le_bytes());
    record.extend_from_slice(&number(count)?.to_le_bytes());
    Ok(())
}

//! The contents of a bundle: a file that only grows, as the program has read it.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::ops::Range;
use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::Path;
use std::sync::{PoisonError, RwLock};

/// The contents of all versions of a bundle.
#[derive(Debug, Default)]
pub(super) struct Contents(RwLock<Vec<Part>>);

/// What was added once, without a gap behind what was there before.
#[derive(Clone, Copy, Debug)]
struct Part {
    start: usize,
    bytes: &'static [u8],
}

impl Contents {
    /// What lies there. A representation is never cut into two parts.
    pub(super) fn get(&self, range: Range<usize>) -> Option<&'static [u8]> {
        let parts = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let behind = parts.partition_point(|part| part.start <= range.start);
        let part = parts.get(behind.checked_sub(1)?)?;
        part.bytes.get(range.start - part.start..range.end.checked_sub(part.start)?)
    }

    /// Reads what was added to the file.
    pub(super) fn read_on(&self, path: &Path) -> io::Result<()> {
        let mut parts = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let start = parts.last().map_or(0, |last| last.start + last.bytes.len());
        let mut file = File::open(path)?;
        file.seek(SeekFrom::Start(start as u64))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        if !bytes.is_empty() {
            parts.push(Part { start, bytes: Box::leak(bytes.into_boxed_slice()) });
        }
        Ok(())
    }
}

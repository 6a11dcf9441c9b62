//! Contents that runs have left on the disk.

use crate::files::{self, Left, Outside, Version};
use alloc::vec::Vec;
use std::fs::File;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{PoisonError, RwLock};

/// The files of all versions of a bundle.
#[derive(Debug, Default)]
pub(super) struct LeftFiles {
    files: RwLock<Vec<Left>>,
    /// Whether one was asked for that is another by now.
    is_outdated: AtomicBool,
}

impl LeftFiles {
    /// Takes over what was added to the list.
    pub(super) fn read_on(&self, list: &[u8]) -> io::Result<()> {
        let all = Left::list(list)?;
        let mut files = self.files.write().unwrap_or_else(PoisonError::into_inner);
        let known = files.len();
        files.extend(all.into_iter().skip(known));
        Ok(())
    }

    /// Whether a file was found to be another since this was asked last.
    pub(super) fn take_outdated(&self) -> bool {
        self.is_outdated.swap(false, Ordering::Relaxed)
    }

    /// Opens a file if it is the one that was stamped.
    fn opened(&self, position: u64) -> io::Result<Option<(File, Version)>> {
        let files = self.files.read().unwrap_or_else(PoisonError::into_inner);
        let position = usize::try_from(position).ok();
        let Some(left) = position.and_then(|position| files.get(position)) else {
            return Err(io::ErrorKind::InvalidData.into());
        };
        let Some((file, metadata)) = files::open(&left.path)? else { return Ok(None) };
        let version = Version::of(&metadata);
        Ok(version.is(&left.version).then_some((file, version)))
    }
}

impl Outside for LeftFiles {
    fn open(&self, position: u64) -> io::Result<(File, Version)> {
        let opened = self.opened(position);
        if let Ok(Some(opened)) = opened {
            return Ok(opened);
        }
        self.is_outdated.store(true, Ordering::Relaxed);
        opened.and_then(|_| {
            Err(io::Error::other("it has changed, and no run has taken that over yet; ask again"))
        })
    }
}

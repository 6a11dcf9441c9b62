//! A folder that the runs of one process write to.

use alloc::format;
use alloc::string::{String, ToString as _};
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// How many processes may be live with one build script.
const SLOTS: u32 = 16;

/// A folder that no other process uses, as long as this lives.
#[derive(Debug)]
pub(super) struct Slot {
    folder: PathBuf,
    _lock: File,
}

impl Slot {
    /// The first one in `folder` that no other process uses, emptied. What other processes have left behind, which live no more, is removed.
    pub(super) fn free_in(folder: &Path) -> Result<Self, String> {
        Self::first_free_in(folder)
            .map_err(|error| format!("no folder in `{}` can be used: {error}", folder.display()))
    }

    fn first_free_in(folder: &Path) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        let folder = folder.canonicalize()?;
        let mut free = None;
        for number in 0..SLOTS {
            let slot = folder.join(number.to_string());
            if free.is_some() && !slot.is_dir() {
                continue;
            }
            fs::create_dir_all(&slot)?;
            let lock = File::options().create(true).append(true).open(slot.join("lock"))?;
            match lock.try_lock() {
                // The lock file stays, because another process may be about to lock it.
                Ok(()) => {
                    let slot = Slot { folder: slot, _lock: lock };
                    slot.clear()?;
                    free = free.or(Some(slot));
                }
                Err(fs::TryLockError::WouldBlock) => {}
                Err(fs::TryLockError::Error(error)) => return Err(error),
            }
        }
        let too_many = || io::Error::new(io::ErrorKind::ResourceBusy, "too many programs are live");
        let free = free.ok_or_else(too_many)?;
        fs::create_dir_all(free.bundles())?;
        fs::create_dir_all(free.marks())?;
        Ok(free)
    }

    /// Removes what is in it.
    pub(super) fn clear(&self) -> io::Result<()> {
        for folder in [self.out(), self.marks()] {
            match fs::remove_dir_all(&folder) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }

    /// Copies what runs that wrote to `folder` have kept for the next one.
    pub(super) fn take_over(&self, folder: &Path) -> Result<(), String> {
        let copy = || -> io::Result<()> {
            for entry in fs::read_dir(folder)? {
                let entry = entry?;
                let path = entry.path();
                if path
                    .extension()
                    .is_some_and(|extension| extension == "memo" || extension == "versions")
                {
                    fs::copy(&path, self.bundles().join(entry.file_name()))?;
                }
            }
            Ok(())
        };
        copy().map_err(|error| format!("`{}` cannot be prepared: {error}", self.folder.display()))
    }

    /// The `OUT_DIR` of the runs.
    pub(super) fn out(&self) -> PathBuf {
        self.folder.join("out")
    }

    /// Where runs write bundles.
    pub(super) fn bundles(&self) -> PathBuf {
        self.out().join("stamped")
    }

    /// Where a file is made to find out whether all changes before it have been reported.
    pub(super) fn marks(&self) -> PathBuf {
        self.folder.join("marks")
    }

    /// Whether a path is in it.
    pub(super) fn holds(&self, path: &Path) -> bool {
        path.starts_with(&self.folder)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slot_is_one_process_s_own_and_what_dead_ones_left_is_removed() {
        let dir = stamped_test_support::Dir::new();
        let used = || (0..SLOTS).filter(|n| dir.join(format!("{n}/out")).exists()).count();
        let one = Slot::free_in(dir.path()).unwrap();
        let other = Slot::free_in(dir.path()).unwrap();
        assert!(one.folder != other.folder && used() == 2);
        fs::write(one.bundles().join("a.area"), "left").unwrap();
        drop((one, other));
        let next = Slot::free_in(dir.path()).unwrap();
        assert!(used() == 1 && fs::read_dir(next.bundles()).unwrap().count() == 0);
        let live: alloc::vec::Vec<_> =
            (1..SLOTS).map(|_| Slot::free_in(dir.path()).unwrap()).collect();
        assert!(Slot::free_in(dir.path()).unwrap_err().contains("too many programs are live"));
        drop(live);
        next.clear().unwrap();
        assert_eq!(used(), 15);
        Slot::free_in(dir.path()).unwrap();
        assert_eq!(used(), 1);
    }
}

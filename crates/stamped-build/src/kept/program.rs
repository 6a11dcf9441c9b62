//! Identifies this program and its files, for what is kept between runs.

use crate::digest::{Hash, Hasher};
use std::fs::Metadata;
use std::time::UNIX_EPOCH;

/// Changes when the running program is compiled again, with other settings or another version of
/// this crate. `None` if the system does not know.
pub(crate) fn identity() -> Option<Hash> {
    let path = std::env::current_exe().ok()?;
    let metadata = path.metadata().ok()?;
    let mut hasher = Hasher::default();
    hasher.update(path.as_os_str().as_encoded_bytes());
    hasher.update(&marks(&metadata)?);
    Some(hasher.finish())
}

/// Changes when a file is written or replaced: its size and times, and its number if it has one. A
/// file that is overwritten by an older one of the same size still has a new time of change
/// (`ctime`), which no program can set.
pub(crate) fn marks(metadata: &Metadata) -> Option<[u8; 64]> {
    let modified = metadata.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
    let mut numbers =
        [metadata.len(), modified.as_secs(), modified.subsec_nanos().into(), 0, 0, 0, 0, 0];
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        let more =
            [metadata.ctime() as u64, metadata.ctime_nsec() as u64, metadata.ino(), metadata.dev()];
        numbers[3..7].copy_from_slice(&more);
    }
    let mut marks = [0; 64];
    for (place, number) in marks.chunks_exact_mut(8).zip(numbers) {
        place.copy_from_slice(&number.to_le_bytes());
    }
    Some(marks)
}

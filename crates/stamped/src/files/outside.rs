//! Contents that a process does not hold.

use super::Version;
use std::fs::File;
use std::io;

/// Where the contents are that a bundle names and does not have.
pub trait Outside: Send + Sync {
    /// Opens the file with the contents at this position, and says which version of it has them.
    ///
    /// # Errors
    ///
    /// When the file cannot be opened, and when it has other contents by now.
    fn open(&self, position: u64) -> io::Result<(File, Version)>;
}

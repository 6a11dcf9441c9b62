//! Keeps two processes from changing a folder of versions at the same time.

use super::Versions;
use crate::config::base;
use crate::error::{Error, Problem};
use std::fs::{self, File};
use std::io::{self, Write as _};

/// The file that is locked. The folder has it in any case, and it stays, so a lock leaves no trace.
pub(super) const FILE: &str = ".gitattributes";

/// Keeps git from changing line ends, which would change the bytes.
const ATTRIBUTES: &str = "* -text\n";

/// Keeps others waiting as long as it lives.
#[derive(Debug)]
#[must_use]
pub(super) struct Lock(#[expect(dead_code, reason = "it is held")] File);

impl Versions {
    /// Waits until no other process changes the folder, which is made where there is none.
    pub(super) fn lock(&self) -> Result<Lock, Error> {
        let folder = base().join(&self.folder);
        let path = folder.join(FILE);
        let locked = fs::create_dir_all(&folder).and_then(|()| {
            let mut file = File::options().create(true).append(true).open(&path)?;
            match file.lock() {
                // A file system without locks: better to work than to refuse.
                Err(error) if error.kind() == io::ErrorKind::Unsupported => {}
                outcome => outcome?,
            }
            if file.metadata()?.len() == 0 {
                file.write_all(ATTRIBUTES.as_bytes())?;
            }
            Ok(file)
        });
        locked.map(Lock).map_err(|source| Problem::Unwritable { path, source }.into())
    }
}

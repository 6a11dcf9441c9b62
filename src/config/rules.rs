//! A file of rules on the disk.

use crate::file;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

/// What the first line of each file begins with. Files that begin otherwise belong to others.
const MARK: &str = "# Made by `stamped config ";

/// One file for a server.
#[derive(Debug)]
pub(super) struct Rules {
    name: &'static str,
    text: String,
}

impl Rules {
    /// The file of this name, for `server`. `intro` says in comments where to include it and when to
    /// write it again.
    pub(super) fn new(name: &'static str, server: &str, intro: &str, text: &str) -> Self {
        Rules { name, text: format!("{MARK}{server}`{intro}\n\n{text}") }
    }

    /// Refuses to replace a file that this command did not write.
    pub(super) fn check(&self, folder: &Path) -> Result<(), String> {
        let path = folder.join(self.name);
        match fs::read(&path) {
            Ok(old) if old.is_empty() || old.starts_with(MARK.as_bytes()) => Ok(()),
            Ok(_) => Err(format!(
                "`{}` was not written by `stamped config`; choose another folder with `--out`, or \
                 replace the file with `--force`",
                path.display()
            )),
            Err(error)
                if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) =>
            {
                Ok(())
            }
            Err(error) => Err(format!(
                "cannot read `{}`: {error}; choose another folder for the rules",
                path.display()
            )),
        }
    }

    /// Replaces the file at once, and only if it changes: a server may be reading it.
    pub(super) fn write(&self, folder: &Path) -> Result<(), String> {
        let path = folder.join(self.name);
        if fs::read(&path).is_ok_and(|old| old == self.text.as_bytes()) {
            return Ok(());
        }
        fs::create_dir_all(folder).map_err(|error| {
            let folder = folder.display();
            format!("cannot make the folder `{folder}` for the rules: {error}; choose another")
        })?;
        file::write(&path, self.text.as_bytes())
    }
}

//! Files that are written whole or not at all.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Checks that a file can be written at `path`, before the work that makes its contents.
pub(crate) fn check(path: &Path) -> Result<(), String> {
    let shown = path.display();
    if path.is_dir() || path.file_name().is_none() {
        return Err(format!("cannot write `{shown}`: it is a folder; name a file in it"));
    }
    let folder = folder(path);
    if folder.is_dir() {
        return Ok(());
    }
    let folder = folder.display();
    Err(format!(
        "cannot write `{shown}`: there is no folder `{folder}`; make it, or name another file"
    ))
}

/// Replaces the file at once: readers see the old bytes or the new ones.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<(), String> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.new", std::process::id()));
    let temporary = folder(path).join(name);
    let written = fs::write(&temporary, bytes).and_then(|()| fs::rename(&temporary, path));
    written.map_err(|error: io::Error| {
        // The first error is the one to report.
        let _ = fs::remove_file(&temporary);
        format!(
            "cannot write `{}`: {error}; make room for it and its folder writable, or choose another \
             folder",
            path.display()
        )
    })
}

fn folder(path: &Path) -> PathBuf {
    match path.parent() {
        Some(folder) if folder != Path::new("") => folder.to_owned(),
        _ => PathBuf::from("."),
    }
}

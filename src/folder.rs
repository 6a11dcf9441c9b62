//! Folders as people type them.

use std::ffi::OsStr;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// The folder that was typed, if it exists.
pub(crate) fn existing(typed: &Path) -> Result<PathBuf, String> {
    let folder = here(typed)?;
    match folder.metadata() {
        Ok(metadata) if metadata.is_dir() => Ok(folder),
        Ok(_) => {
            Err(format!("`{}` is not a folder; name the folder that it is in", typed.display()))
        }
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            let mut message = format!("there is no folder `{}`", typed.display());
            if typed.is_relative()
                && let Ok(current) = std::env::current_dir()
            {
                message += &format!(" in `{}`", current.display());
            }
            Err(match nearest(typed) {
                Some(near) => format!("{message}; did you mean `{}`?", near.display()),
                None => format!("{message}; create it, or correct the path"),
            })
        }
        Err(error) => Err(format!(
            "cannot read `{}`: {error}; make it readable, or correct the path",
            typed.display()
        )),
    }
}

/// The folder beside a missing one whose name is most like it.
fn nearest(missing: &Path) -> Option<PathBuf> {
    const LIKE: f64 = 0.75;
    let parent = missing.parent()?;
    let wanted = missing.file_name()?.to_string_lossy().to_lowercase();
    let looked_in = if parent.as_os_str().is_empty() { Path::new(".") } else { parent };
    let likeness =
        |name: &OsStr| strsim::jaro_winkler(&name.to_string_lossy().to_lowercase(), &wanted);
    looked_in
        .read_dir()
        .ok()?
        .flatten()
        .filter(|entry| entry.path().is_dir())
        .map(|entry| (likeness(&entry.file_name()), parent.join(entry.file_name())))
        .filter(|&(likeness, _)| likeness > LIKE)
        .max_by(|(a, first), (b, second)| a.total_cmp(b).then_with(|| second.cmp(first)))
        .map(|(_, path)| path)
}

/// A path relative to the folder that the person is in. The library starts from the package instead
/// where cargo names one, as `cargo run` does.
pub(crate) fn here(typed: &Path) -> Result<PathBuf, String> {
    match std::env::var_os("CARGO_MANIFEST_DIR") {
        Some(_) => absolute(typed),
        None => Ok(typed.to_owned()),
    }
}

/// The same path from the root of the file system.
pub(crate) fn absolute(path: &Path) -> Result<PathBuf, String> {
    std::path::absolute(path)
        .map_err(|error| format!("cannot find the absolute path of `{}`: {error}", path.display()))
}

//! Which folder can be an output.

use crate::error::{Error, Problem};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The path without links. What does not exist yet is taken as it is written.
pub(super) fn resolve(path: &Path) -> Result<PathBuf, Error> {
    let unusable = |why: &str, help| {
        let (path, why) = (path.to_owned(), why.to_owned());
        Err(Problem::BadOutput { path, why, help }.into())
    };
    match fs::canonicalize(path) {
        Ok(resolved) => return Ok(resolved),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(source) => return Err(Problem::Unwritable { path: path.to_owned(), source }.into()),
    }
    if fs::symlink_metadata(path).is_ok() {
        return unusable("it is a link to something that does not exist", "mend or remove it");
    }
    let Some(name) = path.file_name() else {
        return unusable("it does not exist, and does not end in a name", "name a folder");
    };
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    Ok(resolve(parent.unwrap_or(Path::new(".")))?.join(name))
}

/// Neither may the output be taken for assets, nor the assets be replaced by the output.
pub(super) fn check_apart(out: &Path, folder: &Path) -> Result<(), Error> {
    // What does not exist is the business of those who read it.
    let Ok(assets) = fs::canonicalize(folder) else { return Ok(()) };
    let shown = folder.display();
    let (why, help) = if out == assets {
        ("it is the folder with the assets".to_owned(), "choose one beside it")
    } else if out.starts_with(&assets) {
        let why = format!("it lies in `{shown}`, so it would be taken for assets");
        (why, "choose a folder beside that")
    } else if assets.starts_with(out) {
        let why = format!("it holds the assets in `{shown}`, which could be overwritten");
        (why, "choose a folder in it")
    } else {
        return Ok(());
    };
    Err(Problem::BadOutput { path: out.to_owned(), why, help }.into())
}

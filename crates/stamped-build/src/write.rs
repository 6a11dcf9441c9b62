//! Replaces files as a whole, and only when their bytes change.

use crate::error::{Error, Problem};
use stamped::files;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;

/// Makes the file at `path` hold `bytes`. A file that already holds them is not touched, because
/// its time decides whether the compiler reads it again. Any other file is replaced in one step, so
/// that no reader sees half of it.
pub(crate) fn if_changed(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let problem = |source| Problem::Unwritable { path: path.to_owned(), source };
    if fs::metadata(path).is_ok_and(|metadata| metadata.len() == bytes.len() as u64)
        && files::read(path, u64::MAX).is_ok_and(|old| old.bytes == bytes)
    {
        return Ok(());
    }
    Ok(whole(path, |file| file.write_all(bytes)).map_err(problem)?)
}

/// Makes the file at `path` hold what `content` writes, in one step, so that no reader sees half of
/// it.
pub(crate) fn whole(
    path: &Path,
    content: impl FnOnce(&mut File) -> io::Result<()>,
) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut temporary = path.as_os_str().to_owned();
    temporary.push(".new");
    // What lies there is of a run that did not end, and may be anything.
    match fs::remove_file(&temporary) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => content(&mut File::create_new(&temporary)?)?,
    }
    fs::rename(&temporary, path)
}

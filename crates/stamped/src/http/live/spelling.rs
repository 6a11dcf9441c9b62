//! Whether a path is spelt as on the disk, where the disk takes other spellings too.

use std::ffi::OsStr;
use std::io;
use std::path::Path;

/// Whether each segment of `below` is the very name of an entry, links included. On a disk that ignores
/// capitals, a build knows a file by its real name only.
///
/// This lists folders, so it is only for paths that turned out to be others once they were resolved.
pub(super) fn is_real(folder: &Path, below: &str) -> io::Result<bool> {
    let mut folder = folder.to_path_buf();
    for segment in below.split('/') {
        if !has_entry(&folder, OsStr::new(segment))? {
            return Ok(false);
        }
        folder.push(segment);
    }
    Ok(true)
}

fn has_entry(folder: &Path, name: &OsStr) -> io::Result<bool> {
    for entry in folder.read_dir()? {
        if entry?.file_name() == name {
            return Ok(true);
        }
    }
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_real_names_of_entries_are_real() {
        let folder = stamped_test_support::Dir::new();
        folder.write("Css/Style.css", "");
        assert!(is_real(&folder, "Css/Style.css").unwrap());
        for name in ["Css/style.css", "Css/Style.CSS"] {
            assert!(!is_real(&folder, name).unwrap(), "{name}");
        }
        assert!(!is_real(&folder, "css/Style.css").unwrap());
    }

    #[cfg(unix)]
    #[test]
    fn the_name_of_a_link_is_real() {
        let folder = stamped_test_support::Dir::new();
        folder.write("v2/a.css", "");
        folder.symlink("v2", "current");
        assert!(is_real(&folder, "current/a.css").unwrap());
        assert!(!is_real(&folder, "Current/a.css").unwrap());
    }
}

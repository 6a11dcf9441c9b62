//! The place that a bundle is baked to.

use crate::error::{Error, Problem};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// The folder in which `include_assets!` looks for files.
pub(super) fn folder() -> Result<PathBuf, Error> {
    let out_dir =
        std::env::var_os("OUT_DIR").ok_or(Problem::NoBuildScript { variable: "OUT_DIR" })?;
    Ok(subfolder(Path::new(&out_dir)))
}

fn subfolder(out_dir: &Path) -> PathBuf {
    out_dir.join("stamped")
}

/// The place that a bundle is baked to.
#[derive(Debug)]
pub(crate) struct Place {
    pub(super) folder: PathBuf,
    pub(super) name: String,
}

impl Place {
    /// The place for the bundle of this name.
    pub(crate) fn of_this_build(name: &str) -> Result<Self, Error> {
        Place::new(folder()?, name)
    }

    /// The place below a folder that stands for `OUT_DIR`.
    pub(crate) fn below(folder: &Path, name: &str) -> Result<Self, Error> {
        Place::new(subfolder(folder), name)
    }

    fn new(folder: PathBuf, name: &str) -> Result<Self, Error> {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        if name.is_empty() || !name.bytes().all(is_plain) {
            return Err(Problem::BadBundleName { name: name.to_owned() }.into());
        }
        Ok(Place { folder, name: name.to_owned() })
    }

    /// The bundle's file with this extension.
    pub(crate) fn file(&self, extension: &str) -> PathBuf {
        self.folder.join(self.file_name(extension))
    }

    pub(crate) fn file_name(&self, extension: &str) -> String {
        format!("{}.{extension}", self.name)
    }

    /// Whether this is where cargo has a build script write.
    pub(crate) fn is_of_cargo(&self) -> bool {
        folder().is_ok_and(|folder| folder == self.folder)
    }

    /// Reserves the place for one bundle, and fails the second time.
    pub(crate) fn claim(&self) -> Result<(), Error> {
        let mut claimed = CLAIMED.lock().unwrap_or_else(PoisonError::into_inner);
        let place = (self.folder.clone(), self.name.clone());
        if claimed.contains(&place) {
            return Err(Problem::BakedTwice { name: self.name.clone() }.into());
        }
        claimed.push(place);
        Ok(())
    }

    /// The names of all bundles that this process bakes to the same folder, for a sentence.
    pub(super) fn claimed(&self) -> String {
        let claimed = CLAIMED.lock().unwrap_or_else(PoisonError::into_inner);
        let here = claimed.iter().filter(|(folder, _)| *folder == self.folder);
        let names: Vec<String> = here.map(|(_, name)| format!("`{name}`")).collect();
        names.join(", ")
    }
}

/// The folders and names of bundles that this process has baked.
static CLAIMED: Mutex<Vec<(PathBuf, String)>> = Mutex::new(Vec::new());

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bundle_name_is_part_of_a_file_name() {
        for name in ["", "a/b", "..", "a b"] {
            let error = Place::new("nowhere".into(), name).unwrap_err().to_string();
            assert!(error.contains(&format!("`{name}` cannot be the name of a bundle")), "{error}");
        }
    }
}

//! The folder that `stamped build` wrote.

use super::object::{self, IMPORT_MAP, MANIFEST, Object, Phase, Source};
use crate::{folder as typed, words};
use stamped_build::Manifest;
use std::fs;
use std::path::{Path, PathBuf};

/// The exported folder.
pub(super) struct Exported {
    pub(super) folder: PathBuf,
    pub(super) manifest: Manifest,
    /// The manifest as the file has it.
    text: String,
}

impl Exported {
    pub(super) fn read(out: &Path) -> Result<Self, String> {
        let folder = typed::existing(out)?;
        let path = folder.join("manifest.json");
        let shown = folder.display();
        let bytes = fs::read(&path).map_err(|error| {
            format!(
                "`{shown}` has no manifest that can be read: {error}; name a folder that \
                 `stamped build` wrote"
            )
        })?;
        let manifest = Manifest::parse(&bytes)
            .map_err(|error| format!("in `{shown}`, {}", words::error(&error)))?;
        let text = String::from_utf8(bytes)
            .map_err(|_| format!("`{}` is not UTF-8; build again", path.display()))?;
        Ok(Exported { folder, manifest, text })
    }

    /// The import map and the manifest.
    pub(super) fn own_files(&self, manifest: &Manifest) -> Result<Vec<Object>, String> {
        const FILE: &str = "importmap.json";
        let path = self.folder.join(FILE);
        let import_map = fs::read(&path)
            .map_err(|error| format!("cannot read `{}`: {error}; build again", path.display()))?;
        let text = manifest.to_json();
        let source = match text == self.text {
            true => Source::File("manifest.json".to_owned()),
            false => Source::Text(text.clone()),
        };
        Ok(vec![
            object::own_file(IMPORT_MAP, Phase::Pages, Source::File(FILE.to_owned()), &import_map),
            object::own_file(MANIFEST, Phase::Manifest, source, text.as_bytes()),
        ])
    }
}

/// The target folder, if it lies neither in the exported one nor around it.
pub(super) fn apart(out: &Path, target: &Path) -> Result<PathBuf, String> {
    let (out, target) = (typed::absolute(out)?, typed::absolute(target)?);
    if target.exists() && !target.is_dir() {
        return Err(format!("`{}` is not a folder; name another target", target.display()));
    }
    let real = |path: &Path| {
        let there = path.ancestors().find_map(|above| Some((above, fs::canonicalize(above).ok()?)));
        match there {
            Some((above, real)) => real.join(path.strip_prefix(above).unwrap_or(Path::new(""))),
            None => path.to_owned(),
        }
    };
    let (inner, outer) = (real(&out), real(&target));
    if inner.starts_with(&outer) || outer.starts_with(&inner) {
        return Err(format!(
            "`{}` and `{}` lie in one another; name a folder beside",
            out.display(),
            target.display()
        ));
    }
    Ok(target)
}

//! Reads a folder of versions. What is not exactly as it was recorded is an error.

use super::lock;
use crate::contents::{Contents, Reader};
use crate::digest::Hash;
use crate::error::{Error, ErrorKind, Problem};
use crate::manifest::{AssetVersion, MANIFEST, Manifest, tree};
use std::collections::HashSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// A folder of versions, and what its manifest says.
#[derive(Debug)]
pub(crate) struct Folder {
    pub(crate) path: PathBuf,
    pub(crate) manifest: Manifest,
}

/// One of the versions in a folder.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kept<'a> {
    pub(crate) version: &'a AssetVersion,
    /// When it was replaced, in seconds since 1970; `None` for the release that was recorded last.
    pub(crate) since: Option<u64>,
    /// The paths that it refers to, where they were written down.
    uses: Option<&'a [String]>,
}

impl Folder {
    /// Reads the manifest. A folder that does not exist is empty.
    pub(crate) fn open(path: &Path) -> Result<Self, Error> {
        let file = path.join(MANIFEST);
        let manifest = match fs::read(&file) {
            Ok(json) => Manifest::of_json(&file, &json)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound && is_empty(path) => {
                Manifest::default()
            }
            Err(source) => return Err(Problem::Unreadable { path: file, source }.into()),
        };
        Ok(Folder { path: path.to_owned(), manifest })
    }

    /// The versions that have a stamp, each path once: those of the last release, then the others by
    /// name, the newest first.
    pub(crate) fn versions(&self) -> impl Iterator<Item = Kept<'_>> {
        let release = self.manifest.assets.iter();
        let release = release.map(|version| Kept { version, since: None, uses: None });
        let retired = self.manifest.retired.iter().map(|retired| Kept {
            version: &retired.version,
            since: Some(retired.since),
            uses: retired.uses.as_deref(),
        });
        let mut seen = HashSet::new();
        let all = release.chain(retired).filter(|kept| kept.version.is_immutable());
        all.filter(move |kept| seen.insert(kept.version.location()))
    }

    /// The paths below the mount of what a version refers to. Where that was not written down, as in an
    /// export of an older version of this crate, it is nothing.
    pub(crate) fn uses(&self, kept: Kept<'_>) -> Vec<String> {
        match (kept.since, kept.uses) {
            (None, _) => self.manifest.uses(kept.version),
            (Some(_), uses) => uses.unwrap_or_default().to_vec(),
        }
    }

    /// The paths below this mount, and their values of `integrity`.
    pub(crate) fn published(&self, mount: &str) -> Vec<(String, String)> {
        let here = self.versions().map(|kept| kept.version).filter(|one| one.mount() == mount);
        here.map(|version| (version.path().to_owned(), version.integrity().to_owned())).collect()
    }

    /// The file of a version.
    pub(crate) fn file(&self, version: &AssetVersion) -> PathBuf {
        self.path.join(version.location())
    }

    /// The files of all versions, and the manifest.
    pub(crate) fn files(&self) -> Vec<PathBuf> {
        if self.manifest == Manifest::default() {
            return Vec::new();
        }
        let files = self.versions().map(|kept| self.file(kept.version));
        std::iter::once(self.path.join(MANIFEST)).chain(files).collect()
    }

    /// The bytes of a version.
    pub(crate) fn read(&self, version: &AssetVersion, reader: &Reader) -> Result<Contents, Error> {
        let path = self.file(version);
        let contents = match reader.read(&path, false) {
            Ok(read) => read.contents,
            Err(error) if is_missing(&error) => {
                return Err(Problem::DamagedVersion { path, why: "it is missing".into() }.into());
            }
            Err(error) => return Err(error),
        };
        match fault(version, &contents)? {
            None => Ok(contents),
            Some(why) => Err(Problem::DamagedVersion { path, why }.into()),
        }
    }
}

impl AssetVersion {
    /// The path in a folder of something that this version refers to.
    pub(crate) fn location_of(&self, path: &str) -> String {
        format!("{}/{path}", tree(self.mount()))
    }
}

/// Whether nothing is in a folder but what a lock makes.
fn is_empty(folder: &Path) -> bool {
    match fs::read_dir(folder) {
        Ok(mut entries) => {
            entries.all(|entry| entry.is_ok_and(|entry| entry.file_name() == lock::FILE))
        }
        Err(error) => error.kind() == io::ErrorKind::NotFound,
    }
}

fn is_missing(error: &Error) -> bool {
    error.kind() == ErrorKind::Unreadable
        && error.io_error().is_some_and(|error| error.kind() == io::ErrorKind::NotFound)
}

/// What is wrong with the bytes of a version.
pub(super) fn fault(version: &AssetVersion, contents: &Contents) -> Result<Option<String>, Error> {
    if contents.len() == version.size() && contents.hash().integrity() == version.integrity() {
        return Ok(None);
    }
    let bytes = contents.load()?;
    if bytes.starts_with(b"version https://git-lfs.github.com/") {
        return Ok(Some("it is a pointer of Git LFS (`git lfs pull` brings the file)".into()));
    }
    let unix: Vec<u8> = String::from_utf8_lossy(&bytes).replace("\r\n", "\n").into_bytes();
    if Hash::of(&unix).integrity() == version.integrity() {
        let why = "its line ends were changed (`* -text` in .gitattributes forbids that to git)";
        return Ok(Some(why.into()));
    }
    Ok(Some(match bytes.len() as u64 == version.size() {
        true => "it has other bytes than were recorded".into(),
        false => format!("it has {} bytes, and {} were recorded", bytes.len(), version.size()),
    }))
}

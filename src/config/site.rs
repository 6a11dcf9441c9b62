//! The paths that a server answers, and the files that they lead to.

use crate::words;
use stamped::http::use_as_dictionary;
use stamped_build::{Addressing, AssetVersion, Bundle, ErrorKind, Manifest, Retired};
use std::collections::BTreeSet;
use std::io;
use std::path::Path;

/// The paths that a server may answer.
pub(super) struct Site {
    /// The URL prefix: empty, or a path that begins but does not end with a slash.
    pub(super) mount: String,
    /// The folder with the files, as the server sees it. In an exported folder the mount is a folder
    /// inside it, named `root` for `/`.
    pub(super) root: String,
    /// Whether `stamped build` wrote the folder, so that files have stamped names.
    pub(super) exported: bool,
    /// Sorted by path, each path once.
    pub(super) entries: Vec<Entry>,
    /// The entries whose paths are also paths of the site, without the mount. Sorted by path.
    pub(super) at_root: Vec<Entry>,
    /// The codings that some file of an exported folder has a neighbour in.
    pub(super) encodings: BTreeSet<&'static str>,
    /// Whether clients are asked to keep stamped files as dictionaries.
    pub(super) offers_dictionaries: bool,
    /// How many digits the stamps have.
    pub(super) digits: BTreeSet<usize>,
}

/// One path. A stamped asset has two, and one more for each version that is kept.
pub(super) struct Entry {
    /// Relative to the mount; not percent-encoded.
    pub(super) path: String,
    /// Relative to the root, with a slash in front.
    pub(super) file: String,
    /// Whether the path always stands for the same bytes.
    pub(super) forever: bool,
    /// The value of `Content-Type`.
    pub(super) content_type: String,
    /// The value of `Use-As-Dictionary`, where a client can use the file as one.
    pub(super) dictionary: Option<String>,
    /// The files with its deltas, by the SHA-256 of their dictionaries in base64.
    pub(super) deltas: Vec<(String, String)>,
}

impl Entry {
    /// What a client says that has one of the dictionaries, and the file that it asks for.
    pub(super) fn keys_of_deltas(&self) -> impl Iterator<Item = String> {
        self.deltas.iter().map(|(dictionary, _)| format!(":{dictionary}:{}", self.file))
    }
}

impl Site {
    pub(super) fn from_bundle(bundle: &Bundle, root: &str) -> Self {
        let mut site = Site::new(bundle.mount(), root, false);
        for asset in bundle.assets() {
            let mut add = |path: &str, forever| {
                site.entries.push(Entry {
                    path: path.to_owned(),
                    file: format!("/{}", asset.name()),
                    forever,
                    content_type: asset.content_type().to_owned(),
                    dictionary: None,
                    deltas: Vec::new(),
                });
            };
            if asset.addressing() == Addressing::Stamped {
                add(asset.path(), true);
            }
            add(asset.name(), asset.addressing() == Addressing::Prestamped);
            if asset.is_at_root() {
                site.at_root.push(Entry {
                    path: asset.name().to_owned(),
                    file: format!("/{}", asset.name()),
                    forever: false,
                    content_type: asset.content_type().to_owned(),
                    dictionary: None,
                    deltas: Vec::new(),
                });
            }
        }
        site.sort();
        site
    }

    pub(super) fn from_manifest(manifest: &Manifest, root: &str) -> Self {
        let mount = manifest.mount();
        let root = if mount.is_empty() { format!("{root}/root") } else { root.to_owned() };
        let mut site = Site::new(mount, &root, true);
        site.offers_dictionaries = manifest.offers_dictionaries();
        for asset in manifest.assets() {
            site.add_exported(asset);
            // Without a stamp this is the same path, and `sort` drops it.
            site.add_file(asset.name(), asset.is_prestamped(), asset.content_type());
            if asset.is_at_root() && !mount.is_empty() {
                let entry = site.entry(asset.name(), false, asset.content_type());
                site.at_root.push(entry);
            }
        }
        let retired = manifest.retired().iter().map(Retired::version);
        // Versions under an earlier mount are not below this one.
        for version in retired.filter(|version| version.mount() == mount) {
            site.add_exported(version);
        }
        site.sort();
        site
    }

    /// Adds the path of a version.
    fn add_exported(&mut self, version: &AssetVersion) {
        let mut entry = self.entry(version.path(), version.is_immutable(), version.content_type());
        if self.offers_dictionaries && version.stamp().is_some() {
            entry.dictionary = Some(use_as_dictionary(version.name()));
            let deltas = version.deltas().filter_map(|(dictionary, _)| {
                let location = version.delta_location(dictionary)?;
                let beside = location.strip_prefix(&version.location())?;
                Some((dictionary.to_owned(), format!("{}{beside}", entry.file)))
            });
            entry.deltas = deltas.collect();
        }
        self.entries.push(entry);
        self.digits.extend(version.stamp().map(str::len));
        self.encodings.extend(version.encodings().map(|(coding, _)| coding.token()));
    }

    fn new(mount: &str, root: &str, exported: bool) -> Self {
        Site {
            mount: mount.to_owned(),
            root: root.to_owned(),
            exported,
            entries: Vec::new(),
            at_root: Vec::new(),
            encodings: BTreeSet::new(),
            offers_dictionaries: false,
            digits: BTreeSet::new(),
        }
    }

    fn add_file(&mut self, path: &str, forever: bool, content_type: &str) {
        let entry = self.entry(path, forever, content_type);
        self.entries.push(entry);
    }

    /// The entry for a path of an exported folder.
    fn entry(&self, path: &str, forever: bool, content_type: &str) -> Entry {
        let (file, content_type) = (format!("{}/{path}", self.mount), content_type.to_owned());
        let (dictionary, deltas) = (None, Vec::new());
        Entry { path: path.to_owned(), file, forever, content_type, dictionary, deltas }
    }

    fn sort(&mut self) {
        self.entries.sort_by(|a, b| a.path.cmp(&b.path));
        self.entries.dedup_by(|a, b| a.path == b.path);
    }

    /// The decoded path of a request for the entry.
    pub(super) fn request(&self, entry: &Entry) -> String {
        format!("{}/{}", self.mount, entry.path)
    }

    /// The root, for a server whose rules cannot spell every path.
    pub(super) fn simple_root(&self) -> Result<&str, String> {
        let bad = |character: char| {
            character.is_control() || matches!(character, '"' | '`' | '\\' | '$' | '%' | '{' | '}')
        };
        match self.root.contains(bad) {
            true => Err(format!(
                "`{}` has characters that mean something in the rules; give the files another path \
                 with `--root`",
                self.root
            )),
            false => Ok(&self.root),
        }
    }
}

/// The manifest of an exported folder; `None` if the folder has none. A web app manifest often has the
/// same file name.
pub(super) fn manifest(folder: &Path) -> Result<Option<Manifest>, String> {
    match Manifest::read(folder.join("manifest.json")) {
        Ok(manifest) => Ok(Some(manifest)),
        Err(error) => match (error.kind(), error.io_error().map(io::Error::kind)) {
            (ErrorKind::ForeignManifest, _)
            | (_, Some(io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)) => Ok(None),
            _ => Err(words::error(&error)),
        },
    }
}

/// An error about a folder without a manifest of ours, with what may be behind it: a manifest that is not
/// even JSON was ours perhaps, and a web app manifest always is.
pub(super) fn doubted(folder: &Path, error: String) -> String {
    let path = folder.join("manifest.json");
    let is_json = |bytes: Vec<u8>| serde_json::from_slice::<serde_json::Value>(&bytes).is_ok();
    match std::fs::read(&path).map(is_json) {
        Ok(false) => format!(
            "`{}` is not JSON; if `stamped build` wrote this folder, let it write it again; if not, {error}",
            path.display()
        ),
        _ => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_web_app_manifest_is_not_the_manifest_of_an_export() {
        let folder = stamped_test_support::Dir::new();
        let with = |text: &str| {
            folder.write("manifest.json", text);
            manifest(&folder)
        };
        assert_eq!(with(r#"{"name":"App","version":1}"#), Ok(None));
        assert_eq!(with("no JSON"), Ok(None));
        assert!(matches!(with(r#"{"version":1,"mount":"/","assets":{}}"#), Ok(Some(_))));
        assert!(with(r#"{"version":1,"mount":"/","assets":{"a":{}}}"#).is_err());
        assert!(with(r#"{"version":2,"mount":"/","assets":{}}"#).is_err());
        assert_eq!(manifest(&folder.join("none")), Ok(None));
    }
}

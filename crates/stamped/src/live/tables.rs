//! Reads what runs of the script make of a bundle.

use super::contents::Contents;
use super::dev_server::DevServer;
#[cfg(feature = "std")]
use super::dev_server::Sources;
use super::outside::LeftFiles;
use super::segments::Segments;
use crate::assets::Assets;
use crate::data::Data;
use crate::files::{AREA, OUTSIDE, TABLES};
use crate::index::Index;
use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
#[cfg(feature = "std")]
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::ops::Range;
use core::{fmt, ptr};
use std::path::{Path, PathBuf};
use std::{fs, io};

/// The tables of one bundle, as they were read last.
///
/// Handles to assets live as long as the program, so nothing that was read is ever freed. It is little:
/// versions share their contents, and each table that they both have.
pub(super) struct Tables {
    /// The path of the bundle's files, without extension.
    stem: PathBuf,
    /// Every index that was read, by its bytes.
    indexes: BTreeMap<&'static [u8], &'static Index<'static>>,
    shared: &'static All,
    current: Option<Current>,
}

/// What all versions of a bundle share. Not a type by itself, because lints of programs would take an
/// asset for something that changes.
pub(crate) trait Shared: Sync {
    /// The contents that lie there.
    fn bytes(&self, range: Range<usize>) -> Option<&'static [u8]>;

    /// The sources of entry points, while Vite's development server runs.
    #[cfg(feature = "std")]
    fn sources(&self) -> Option<Arc<Sources>>;
}

struct All {
    contents: Contents,
    files: LeftFiles,
    #[cfg_attr(not(feature = "std"), expect(dead_code, reason = "there are no tags"))]
    dev_server: Option<DevServer>,
}

impl Shared for All {
    fn bytes(&self, range: Range<usize>) -> Option<&'static [u8]> {
        self.contents.get(range)
    }

    #[cfg(feature = "std")]
    fn sources(&self) -> Option<Arc<Sources>> {
        self.dev_server.as_ref()?.sources()
    }
}

/// What was read last.
struct Current {
    /// The index, and its segments.
    indexes: Vec<&'static Index<'static>>,
    assets: Assets,
}

impl Tables {
    pub(super) fn new(folder: &Path, bundle: &str, dev_server: Option<DevServer>) -> Self {
        let all = All { contents: Contents::default(), files: LeftFiles::default(), dev_server };
        Tables {
            stem: folder.join(bundle),
            indexes: BTreeMap::new(),
            shared: Box::leak(Box::new(all)),
            current: None,
        }
    }

    /// Whether a file that was left on the disk was found to be another since this was asked last.
    pub(super) fn take_outdated(&self) -> bool {
        self.shared.files.take_outdated()
    }

    /// Reads the tables, once a run has ended.
    pub(super) fn read(&mut self) -> Result<Assets, String> {
        let tables = self.file(TABLES)?;
        let mut indexes = Vec::new();
        let mut rest = &*tables;
        while !rest.is_empty() {
            let Some((table, others)) = Index::split_first(rest) else {
                return Err(self.unreadable(TABLES, &io::ErrorKind::UnexpectedEof.into()));
            };
            indexes.push(self.index(table)?);
            rest = others;
        }
        let Some((index, segments)) = indexes.split_first() else {
            return Err(self.unreadable(TABLES, &io::ErrorKind::UnexpectedEof.into()));
        };
        let is_same = |current: &&Current| {
            let pairs = || current.indexes.iter().zip(&indexes);
            current.indexes.len() == indexes.len()
                && pairs().all(|(one, other)| ptr::eq(*one, *other))
        };
        if let Some(current) = self.current.as_ref().filter(is_same) {
            return Ok(current.assets);
        }
        let contents = self.shared.contents.read_on(&self.path(AREA));
        contents.map_err(|error| self.unreadable(AREA, &error))?;
        // Only programs that answer from the disk leave files there.
        if self.path(OUTSIDE).exists() {
            let left = self.shared.files.read_on(&self.file(OUTSIDE)?);
            left.map_err(|error| self.unreadable(OUTSIDE, &error))?;
        }
        let segments = Segments::new(segments.iter().copied());
        if segments.records() < index.len() {
            return Err(self.unreadable(TABLES, &io::ErrorKind::UnexpectedEof.into()));
        }
        let data = Data::grown(**index, segments, self.shared);
        let assets = Assets::new(Box::leak(Box::new(data.with_outside(&self.shared.files))));
        self.current = Some(Current { indexes, assets });
        Ok(assets)
    }

    /// The index in these bytes, which are read once.
    fn index(&mut self, bytes: &[u8]) -> Result<&'static Index<'static>, String> {
        if let Some(known) = self.indexes.get(bytes) {
            return Ok(known);
        }
        let bytes: &'static [u8] = Box::leak(Box::from(bytes));
        let index = &*Box::leak(Box::new(Index::with_strings(bytes)?));
        self.indexes.insert(bytes, index);
        Ok(index)
    }

    fn path(&self, extension: &str) -> PathBuf {
        // A dot in the name of a bundle would be taken for one before an extension; it has none.
        self.stem.with_extension(extension)
    }

    fn file(&self, extension: &str) -> Result<Vec<u8>, String> {
        fs::read(self.path(extension)).map_err(|error| self.unreadable(extension, &error))
    }

    fn unreadable(&self, extension: &str, error: &io::Error) -> String {
        format!("`{}` cannot be read: {error}", self.path(extension).display())
    }
}

impl fmt::Debug for Tables {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tables").field("stem", &self.stem).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::asset::Asset;
    use crate::index::{
        Addressing, Area, AssetEntry, Coding, EarlierEntry, RepresentationEntry, Writer,
    };
    use crate::resolve::Resolved;
    use stamped_test_support::Dir;

    /// What is known of an asset: its name and its stamp. Its contents are the stamp, too.
    type Known = (String, String);

    fn assets(count: usize) -> Vec<Known> {
        let mut assets: Vec<Known> =
            (0..count).map(|number| (format!("a/{number}.css"), format!("{number}"))).collect();
        assets.sort();
        assets
    }

    /// Writes a version of the bundle, as a run does. Each asset refers to the one behind it, and may have an
    /// earlier version, which is in the tables in the order of paths.
    fn write(dir: &Dir, assets: &[Known], area: &mut String, have_earlier: bool) {
        let mut writer = Writer::in_segments();
        let paths = |name: &str, stamp: &str| {
            let (stem, suffix) = crate::name::split(name);
            format!("{stem}.{stamp}{suffix}")
        };
        let count = u32::try_from(assets.len()).unwrap();
        let urls = |path: &str| format!("/static/{path}");
        let mut earlier = Vec::new();
        let mut texts = Vec::new();
        for (name, stamp) in assets {
            let (path, old) = (paths(name, stamp), paths(name, "77777"));
            texts.push((name, stamp, urls(&path), path, urls(&old), old));
        }
        for (at, (name, stamp, url, path, old_url, old)) in texts.iter().enumerate() {
            let offset = area.find(&format!("<{stamp}>")).unwrap_or_else(|| {
                area.push_str(&format!("<{stamp}>"));
                area.len() - stamp.len() - 2
            });
            let at = u32::try_from(at).unwrap();
            let representation = RepresentationEntry {
                coding: Coding::Identity,
                area: Area::Text,
                offset: offset as u64 + 1,
                length: stamp.len() as u64,
                etag: "\"tag\"",
            };
            let plain = AssetEntry {
                name,
                path: old,
                url: old_url,
                stamp: "77777",
                addressing: Addressing::Stamped,
                at_root: false,
                module: false,
                dimensions: None,
                content_type: "text/css",
                integrity: "",
                modified: None,
                representations: &[],
                references: &[],
            };
            earlier.push(EarlierEntry { entry: plain, current: Some(at) });
            let entry = AssetEntry {
                path,
                url,
                stamp,
                integrity: stamp,
                representations: &[representation],
                references: &[((at + 1) % count, false)],
                ..plain
            };
            writer.push(&entry).unwrap();
        }
        if have_earlier {
            writer.push_earlier(&earlier).unwrap();
        }
        writer.push_entry("main", &[0, count - 1], true).unwrap();
        dir.write("assets.tables", writer.finish_segments("/static", "{}").unwrap());
        dir.write("assets.area", &*area);
    }

    fn check(read: Assets, assets: &[Known]) {
        let names = |assets: Vec<Asset>| -> Vec<String> {
            assets.iter().map(|asset| asset.name().into()).collect()
        };
        let expected: Vec<String> = assets.iter().map(|(name, _)| name.clone()).collect();
        assert_eq!(names(read.iter().collect()), expected);
        for (at, (name, stamp)) in assets.iter().enumerate() {
            let asset = read.get(name).unwrap();
            assert_eq!((asset.name(), asset.stamp()), (&**name, Some(&**stamp)));
            assert_eq!((asset.text(), asset.integrity()), (Some(&**stamp), &**stamp));
            let next = &assets[(at + 1) % assets.len()].0;
            assert_eq!(names(asset.references().collect()), [&**next]);
            assert_eq!(read.resolve(asset.url()), Resolved::Exact(asset));
            let versions: Vec<Asset> = asset.versions().collect();
            let [earlier] = &*versions else { panic!("{versions:?}") };
            assert!(earlier.name() == name && !earlier.is_current());
            assert_eq!(read.resolve(earlier.url()), Resolved::Exact(*earlier));
            assert_eq!(read.resolve(&format!("/static/{name}")), Resolved::Plain(asset));
        }
        for missing in ["", "a/", "a/1.cs", "a/1.csss", "b", "main"] {
            assert_eq!(read.get(missing), None, "{missing}");
        }
        assert_eq!(read.nearest("a/1.scss"), Some("a/1.css"));
        let entry = names(read.entry("main").unwrap().files().collect());
        assert_eq!(entry, [expected[0].clone(), expected[expected.len() - 1].clone()]);
    }

    #[test]
    fn versions_share_the_segments_that_did_not_change() {
        let (dir, mut area) = (Dir::new(), String::new());
        let mut tables = Tables::new(dir.path(), "assets", None);
        let mut known = assets(1000);
        let mut read = |known: &[Known]| {
            write(&dir, known, &mut area, true);
            let read = tables.read().unwrap();
            check(read, known);
            (
                read,
                tables.indexes.len(),
                tables.indexes.keys().map(|bytes| bytes.len()).sum::<usize>(),
            )
        };
        let (first, segments, size) = read(&known);
        assert!(segments > 20, "{segments}");
        assert_eq!(read(&known).0, first);

        let before = std::mem::replace(&mut known[500].1, "88888".into());
        let (second, more, larger) = read(&known);
        assert_eq!(more, segments + 1);
        assert!(larger - size < size / 10, "{size}, then {larger}");
        known[500].1 = before;
        // It was read before.
        assert_eq!(read(&known).1, more);
        let name = &known[500].0;
        assert_eq!(second.get(name).unwrap().text(), Some("88888"));
        assert_eq!(first.get(name).unwrap().stamp(), Some(&*known[500].1));

        // Each refers to the asset behind it, whose position is another now.
        known.remove(0);
        read(&known);
        known.truncate(1);
        read(&known);
    }

    #[test]
    fn a_new_asset_changes_no_segment_but_its_own() {
        let (dir, mut area) = (Dir::new(), String::new());
        let mut tables = Tables::new(dir.path(), "assets", None);
        let mut known = assets(1000);
        let new = known.remove(500);
        write(&dir, &known, &mut area, false);
        tables.read().unwrap();
        let before = tables.indexes.len();
        known.insert(500, new);
        write(&dir, &known, &mut area, false);
        let read = tables.read().unwrap();
        // The index itself, the segment, and that of the last asset, which refers to the first one.
        assert!(tables.indexes.len() <= before + 3, "{before}, then {}", tables.indexes.len());
        for (at, (name, _)) in known.iter().enumerate() {
            let next: Vec<&str> = read.get(name).unwrap().references().map(Asset::name).collect();
            assert_eq!(next, [&*known[(at + 1) % known.len()].0]);
        }
    }

    #[test]
    fn tables_that_are_cut_off_are_an_error() {
        let (dir, mut area) = (Dir::new(), String::new());
        write(&dir, &assets(100), &mut area, true);
        let whole = fs::read(dir.join("assets.tables")).unwrap();
        for end in [0, 1, 79, 80, 100, whole.len() - 1] {
            dir.write("assets.tables", &whole[..end]);
            let error = Tables::new(dir.path(), "assets", None).read().unwrap_err();
            assert!(!error.is_empty(), "{end}");
        }
    }
}

//! Other crates whose tables are public types. The tables are made when the measurement starts, with the same
//! data that the macros and build scripts of these crates generate.

use include_dir::{Dir, DirEntry, File};
use regex::Regex;
use std::collections::{BTreeMap, HashMap};
use tower_serve_embedded as tse;

/// The content of every file.
const BYTES: &[u8] = b"x";

/// What `include_dir!` makes of a folder with these names.
pub fn include_dir(names: &[&'static str]) -> Dir<'static> {
    #[derive(Default)]
    struct Folder {
        folders: BTreeMap<&'static str, Folder>,
        files: Vec<&'static str>,
    }

    fn entries(folder: Folder) -> &'static [DirEntry<'static>] {
        let files = folder.files.into_iter().map(|path| DirEntry::File(File::new(path, BYTES)));
        let folders = folder
            .folders
            .into_iter()
            .map(|(path, folder)| DirEntry::Dir(Dir::new(path, entries(folder))));
        let mut entries: Vec<_> = files.chain(folders).collect();
        entries.sort_by_key(DirEntry::path);
        entries.leak()
    }

    let mut root = Folder::default();
    for name in names {
        let mut folder = &mut root;
        for (slash, _) in name.match_indices('/') {
            folder = folder.folders.entry(&name[..slash]).or_default();
        }
        folder.files.push(name);
    }
    Dir::new("", entries(root))
}

/// What tower-serve-embedded's build script writes for these names and URLs.
pub fn tower_serve_embedded(urls: &[(&'static str, &'static str)]) -> tse::Assets {
    let files: Vec<tse::EmbeddedFile> = urls
        .iter()
        .map(|&(name, url)| tse::EmbeddedFile {
            url: name,
            hashed_url: Some(url),
            logical_path: name,
            bytes: BYTES,
            content_type: "text/css",
            etag: "",
            hash: "",
        })
        .collect();
    let mut routes: Vec<tse::Route> = urls
        .iter()
        .enumerate()
        .map(|(file, &(_, url))| tse::Route {
            url,
            file,
            cache_control: Some(tse::IMMUTABLE_CACHE_CONTROL),
        })
        .collect();
    routes.sort_by_key(|route| route.url);
    tse::Assets::new(files.leak(), routes.leak())
}

/// What static-files' build script generates, and its program calls once.
pub fn static_files(names: &[&'static str]) -> HashMap<&'static str, static_files::Resource> {
    let resource = || static_files::resource::new_resource(BYTES, 0, "text/css");
    names.iter().map(|&name| (name, resource())).collect()
}

/// A route for each path, as memory-serve gives them to its axum router.
pub fn routes(paths: &[String]) -> matchit::Router<u32> {
    let mut router = matchit::Router::new();
    for (id, path) in (0..).zip(paths) {
        router.insert(path, id).unwrap();
    }
    router
}

/// The rule for a front server: take the digits off before the extensions, whatever they are, and
/// look for that file.
pub struct Recipe {
    stamped: Regex,
    files: HashMap<String, u32>,
}

impl Recipe {
    pub fn new(paths: &[String]) -> Self {
        Recipe {
            stamped: Regex::new(r"^(.+)\.\d+\.([^/]+)$").unwrap(),
            files: paths.iter().cloned().zip(0..).collect(),
        }
    }

    pub fn resolve(&self, path: &str) -> Option<u32> {
        let plain = self.stamped.captures(path).map(|parts| format!("{}.{}", &parts[1], &parts[2]));
        self.files.get(plain.as_deref().unwrap_or(path)).copied()
    }
}

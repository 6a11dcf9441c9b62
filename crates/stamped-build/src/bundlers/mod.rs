//! Recognises files whose names a bundler has stamped.
//!
//! Such a name stands for one content, so it may be kept for ever. A name that only looks so would
//! keep a file from changing for a year. So one name is never enough: its folder, a page or a
//! bundler's manifest has to say the same.

pub(crate) mod bundler;
pub(crate) mod manifest;
mod stamp;

use crate::parallel;
use stamp::{Stamp, Style, are_random, stamps};
use std::collections::{HashMap, HashSet};

/// From so many scripts or style sheets in a folder on, a quarter of them may have other names.
const MANY: usize = 8;

/// The files that a bundler writes to list the others.
const MANIFESTS: &[&str] =
    &["manifest.json", "asset-manifest.json", "build-manifest.json", "meta.json"];

/// A file that may have the stamp of a bundler.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Candidate<'a> {
    pub(crate) name: &'a str,
    /// Whether a page or the manifest of a bundler names it.
    pub(crate) is_listed: bool,
}

/// Whether the file of this name may list what a bundler wrote.
pub(crate) fn is_manifest(name: &str) -> bool {
    MANIFESTS.contains(&file_of(name))
}

/// The names in the manifest of a bundler in `folder` of which `is_name` knows. It compares strings,
/// and takes any that ends with a name, because bundlers write them relative to different folders.
pub(crate) fn listed<'a>(
    manifest: &'a str,
    folder: &str,
    is_name: impl Fn(&str) -> bool,
) -> Vec<String> {
    let strings = manifest.split('"').filter(|text| text.len() < 4096 && !text.contains('\\'));
    let stamped = strings.filter(|text: &&'a str| !stamps(file_of(text)).is_empty());
    stamped
        .filter_map(|text| {
            let mut rest = text.trim_start_matches(['.', '/']);
            loop {
                let below = format!("{folder}{rest}");
                if is_name(&below) {
                    return Some(below);
                }
                if is_name(rest) {
                    return Some(rest.to_owned());
                }
                rest = rest.split_once('/')?.1;
            }
        })
        .collect()
}

/// Whether a bundler may have stamped the file of this name.
pub(crate) fn may_be_stamped(name: &str) -> bool {
    !stamps(file_of(name)).is_empty()
}

/// Which of the files have names that a bundler has stamped. The list has the same order.
pub(crate) fn stamped(files: &[Candidate<'_>]) -> Vec<bool> {
    let files: Vec<File<'_>> = parallel::map(files, File::new);
    if files.iter().all(|file| file.stamps.is_empty()) {
        return vec![false; files.len()];
    }
    let mut folders: HashMap<&str, Folder<'_>> = HashMap::new();
    for (position, file) in files.iter().enumerate() {
        folders.entry(file.folder).or_default().add(position, file);
    }
    let styles: HashMap<&str, Styles> =
        folders.iter().map(|(name, folder)| (*name, folder.styles(&files))).collect();
    let is_by_a_bundler = styles.values().any(|styles| !styles.is_empty());
    files
        .iter()
        .map(|file| {
            // Most files of most sites.
            if file.stamps.is_empty() {
                return false;
            }
            let styles = &styles[file.folder];
            // A folder of pictures alone has nothing but their names.
            let is_beside =
                is_by_a_bundler && (!styles.is_empty() || folders[file.folder].kinds.is_empty());
            file.stamps.iter().any(|stamp| {
                let is_own = styles.of_all.contains(&stamp.style);
                (is_own && file.kind.is_some() && stamp.is_plausible())
                    || ((is_own || styles.of_listed.contains(&stamp.style)) && stamp.is_likely())
                    || (is_beside && stamp.is_long())
            })
        })
        .collect()
}

fn file_of(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

/// A name and what may be a stamp in it.
struct File<'a> {
    folder: &'a str,
    stamps: Vec<Stamp<'a>>,
    kind: Option<Kind>,
    is_listed: bool,
}

/// The kinds of files that every bundler stamps, if it stamps anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Kind {
    Script,
    Style,
}

impl<'a> File<'a> {
    fn new(candidate: &Candidate<'a>) -> Self {
        let Candidate { name, is_listed } = *candidate;
        let (folder, file) = name.rsplit_once('/').unwrap_or(("", name));
        let kind = match file.rsplit('.').next() {
            Some("js" | "mjs" | "cjs") => Some(Kind::Script),
            Some("css") => Some(Kind::Style),
            _ => None,
        };
        File { folder, stamps: stamps(file), kind, is_listed }
    }
}

/// The files of a folder, by their positions.
#[derive(Default)]
struct Folder<'a> {
    kinds: HashMap<Kind, Vec<usize>>,
    listed: Vec<Stamp<'a>>,
}

impl<'a> Folder<'a> {
    fn add(&mut self, position: usize, file: &File<'a>) {
        if let Some(kind) = file.kind {
            self.kinds.entry(kind).or_default().push(position);
        }
        if file.is_listed {
            self.listed.extend(&file.stamps);
        }
    }

    /// The styles of stamps that a bundler has written here.
    fn styles(&self, files: &[File<'a>]) -> Styles {
        let mut listed: HashMap<Style, Vec<Stamp<'_>>> = HashMap::new();
        for stamp in &self.listed {
            listed.entry(stamp.style).or_default().push(*stamp);
        }
        listed.retain(|_, stamps| stamps.iter().any(Stamp::is_certain));
        // The stamps of a style, where all files of a kind have one.
        let mut of_all: HashMap<Style, Vec<Stamp<'_>>> = HashMap::new();
        for positions in self.kinds.values() {
            let mut counts: HashMap<Style, Vec<Stamp<'_>>> = HashMap::new();
            for &position in positions {
                for stamp in files[position].stamps.iter().filter(|stamp| stamp.is_plausible()) {
                    counts.entry(stamp.style).or_default().push(*stamp);
                }
            }
            for (style, stamps) in counts {
                let all = positions.len();
                if stamps.len() == all || (all >= MANY && 4 * stamps.len() >= 3 * all) {
                    of_all.entry(style).or_default().extend(stamps);
                }
            }
        }
        of_all.retain(|_, stamps| are_random(stamps));
        Styles { of_all: of_all.into_keys().collect(), of_listed: listed.into_keys().collect() }
    }
}

/// The styles of the stamps in a folder.
struct Styles {
    /// Those of all scripts or all style sheets.
    of_all: HashSet<Style>,
    /// Those of some that a page or a manifest names.
    of_listed: HashSet<Style>,
}

impl Styles {
    fn is_empty(&self) -> bool {
        self.of_all.is_empty() && self.of_listed.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found<'a>(names: &[&'a str], listed: &[&str]) -> Vec<&'a str> {
        let candidate = |name: &&'a str| Candidate { name, is_listed: listed.contains(name) };
        let candidates: Vec<_> = names.iter().map(candidate).collect();
        let stamped = stamped(&candidates);
        names.iter().zip(stamped).filter(|(_, is)| *is).map(|(name, _)| *name).collect()
    }

    /// Names as the bundlers write them into a folder of their own.
    const BUNDLED: &[&[&str]] = &[
        &["main.8f3c2a1b0d9e4f57a6c1.js", "94b8eac963ddfecf6e5e.png"],
        &["assets/index-BxK3a9Qz.js", "assets/index-DiwrgTda.css", "assets/react-CHdo91hT.svg"],
        &["index.06d14ce2.js", "index.5f7e3b12.css", "logo.b8d9ed1e.png"],
        &["static/js/main.8f3c2a1b.js", "static/js/453.0a9d2c11.chunk.js"],
        &["chunk-5YT2CXHE.js", "app-QWEKN7UP.js", "app-LV2B4QXH.css"],
        &["main-ABCD3FGH.js", "polyfills-FFHMD2TL.js", "styles-5INURTSO.css"],
        &["_next/static/chunks/main-3a1b2c4d5e6f7a8b.js"],
        &[
            "_app/immutable/chunks/BxK3a9Qz.js",
            "_app/immutable/chunks/Dq8_x1Yh.js",
            "_app/immutable/chunks/C0fzgK2p.js",
            "_app/immutable/chunks/-xv8Z3Qo.js",
        ],
        &["app-3a1b2c4d5e6f7a8b.js", "app-9c8b7a6f5e4d3c2b_bg.wasm"],
    ];

    #[test]
    fn a_folder_of_a_bundler_is_recognised() {
        for names in BUNDLED {
            let wanted: Vec<_> =
                names.iter().copied().filter(|name| !name.ends_with("wasm")).collect();
            assert_eq!(found(names, &[]), wanted);
        }
        // Pictures in a folder of their own.
        let names =
            ["js/main.8f3c2a1b.js", "media/logo.6ce24c58023cc2f8fd88.svg", "media/logo.svg"];
        assert_eq!(found(&names, &[]), names[..2]);
    }

    #[test]
    fn names_that_people_write_are_not_recognised() {
        for names in [
            &["fonts/Inter-SemiBold.css", "fonts/Inter-DemiBold.css"][..],
            &["photo-1024x768.jpg", "photo-1280x720.jpg", "index-BxK3a9Qz.jpg"],
            &["lib/codec-Win32API.js"],
            &["lib/Vec2Math.js", "lib/Mat4Math.js"],
            &["report-20240131.js", "report-20240201.js"],
            &["app-settings.js", "app-overview.js", "app-messages.js"],
            &["app-Settings.js", "app-Overview.js", "app-MainMenu.js"],
            &["theme-facade.css", "theme-deadbeef.css"],
            &["jquery-1.11.3.min.js", "d3.v7.8.5.js"],
            &["0b5c1f2e-1a2b-4c3d-8e9f-0123456789ab.js"],
            &["user.a1b2c3d4.png", "user.99fe31c2.png"],
        ] {
            assert_eq!(found(names, &[]), [] as [&str; 0]);
        }
    }

    #[test]
    fn one_stamp_among_other_names_needs_a_page_or_a_manifest() {
        let names = ["config.js", "main.8f3c2a1b.js", "453.0a9d2c11.js", "photo.jpg"];
        assert_eq!(found(&names, &[]), [] as [&str; 0]);
        assert_eq!(found(&names, &["config.js", "main.8f3c2a1b.js"]), names[1..3]);
        assert_eq!(found(&names, &["config.js"]), [] as [&str; 0]);
        let names = ["config.js", "lib/Vec2Math.js", "lib/math-Vec2Math.js"];
        assert_eq!(found(&names, &names), [] as [&str; 0]);
    }

    #[test]
    fn some_scripts_of_a_large_folder_may_have_other_names() {
        let stamped = [
            "a-BxK3a9Qz.js",
            "b-CHdo91hT.js",
            "c-Dq8_x1Yh.js",
            "d-C0fzgK2p.js",
            "e-x1v8Z3Qo.js",
            "f-B2nlQ_7d.js",
            "g-Kd03hTz9.js",
        ];
        let mut names = stamped.to_vec();
        names.extend(["loader.js", "loader-polyfill.js"]);
        assert_eq!(found(&names, &[]), stamped);
        names.truncate(3);
        names.push("loader.js");
        assert_eq!(found(&names, &[]), [] as [&str; 0]);
    }

    #[test]
    fn manifests_list_files_relative_to_many_folders() {
        let names = ["admin/assets/index-BxK3a9Qz.js", "js/main.8f3c2a1b.js", "config.js"];
        let is_name = |name: &str| names.contains(&name);
        let of = |manifest, folder| listed(manifest, folder, is_name);
        assert_eq!(of(r#"{"x":{"file":"assets/index-BxK3a9Qz.js"}}"#, "admin/"), [names[0]]);
        assert_eq!(of(r#"{"main.js":"/static/js/main.8f3c2a1b.js"}"#, ""), [names[1]]);
        assert_eq!(of(r#"{"outputs":{"dist/js/main.8f3c2a1b.js":{}}}"#, ""), [names[1]]);
        assert!(of(r#"{"a":"config.js","b":"other-BxK3a9Qz.js"}"#, "").is_empty());
    }
}

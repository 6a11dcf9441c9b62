//! A bundle as files in `OUT_DIR`.

use crate::bundle::Bundle;
use crate::config::{Embed, base};
use crate::error::{Error, Problem};
#[cfg(feature = "linked")]
use crate::linked;
use crate::memo::Memo;
use crate::pack::{Packed, pack};
use crate::{cache, cargo, write};
use stamped::index::LAYOUT;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

impl Bundle {
    /// Writes the bundle where `include_assets!` finds it, and tells cargo when to run the build
    /// script again. Files whose bytes are the same as before are not touched.
    ///
    /// # Errors
    ///
    /// When this is no build script, when the bundle's name cannot be part of a file name or was
    /// baked before, and when a file cannot be written.
    pub fn bake(&self) -> Result<(), Error> {
        tell_cargo(&self.watched, &self.warnings, self.embed);
        self.bake_into(&Place::of_this_build(&self.name)?, &Memo::default())?;
        Ok(())
    }

    /// Writes the bundle, and gives the names of its files.
    pub(crate) fn bake_into(&self, place: &Place, memo: &Memo) -> Result<Vec<String>, Error> {
        place.claim()?;
        let packed = pack(self)?;
        write::if_changed(&place.file("index"), &packed.index)?;
        write::if_changed(&place.file("strings"), packed.strings.as_bytes())?;
        let contents = self.contents(place, &packed)?;
        write::if_changed(&place.file("rs"), self.rust(&packed, &contents, memo).as_bytes())?;
        let mut files = contents.files;
        files.extend(["index", "strings", "rs"].map(|extension| place.file_name(extension)));
        Ok(files)
    }

    /// Puts the contents where the compiler or the linker finds them.
    fn contents(&self, place: &Place, packed: &Packed) -> Result<Contents, Error> {
        #[cfg(feature = "linked")]
        {
            if self.embed.is_linked()
                && let Some(library) = linked::write(&place.folder, &self.name, packed)?
            {
                // There may be none.
                let _ = std::fs::remove_file(place.file("text"));
                let _ = std::fs::remove_file(place.file("binary"));
                return Ok(Contents::linked(library));
            }
            linked::remove_all(&place.folder, &self.name, None);
        }
        write::if_changed(&place.file("text"), packed.text.as_bytes())?;
        write::if_changed(&place.file("binary"), &packed.binary)?;
        Ok(Contents::included(place))
    }

    /// The generated file. It is included into a module that knows the crate `stamped` as
    /// `__stamped`, whatever the program calls it.
    fn rust(&self, packed: &Packed, contents: &Contents, memo: &Memo) -> String {
        let name = &self.name;
        let folder = literal(&shown_folder(&self.folder));
        let map = memo.map(&packed.hashes, || perfect_hash(&packed.hashes)).replace('\n', "\n    ");
        let mut names = String::new();
        for (id, asset) in self.assets().iter().enumerate() {
            // Writing to a string does not fail.
            let _ = writeln!(
                names,
                "        {id} {} => {},",
                literal(asset.name()),
                literal(asset.url())
            );
        }
        format!(
            "\
// Made by stamped-build: {count} assets, mounted at {mount}. Changes are lost with the next build.

__stamped::__bundle! {{
    layout {LAYOUT} of {version},
    bundle {bundle} of {folder},
    // Records, little-endian.
    index include_bytes!(concat!(env!(\"OUT_DIR\"), \"/stamped/{name}.index\")),
    // Names, URLs, types, tags.
    strings include_str!(concat!(env!(\"OUT_DIR\"), \"/stamped/{name}.strings\")),
    // Text and everything else, equal contents once.
    contents {contents},
    // From the hash of a name to its position below.
    map __stamped::Map::Perfect({map}),
    names ($) {{
{names}    }}
}}
",
            version = literal(env!("CARGO_PKG_VERSION")),
            contents = contents.expression,
            count = self.assets().len(),
            mount = literal(if self.mount.is_empty() { "/" } else { &self.mount }),
            bundle = literal(name),
        )
    }
}

/// The perfect hash from hashes to their positions, as source text.
fn perfect_hash(hashes: &[u64]) -> String {
    let mut map = phf_codegen::Map::new();
    map.phf_path("__stamped::phf");
    for (id, hash) in hashes.iter().enumerate() {
        map.entry(hash, id.to_string());
    }
    grouped(&map.build().to_string())
}

/// The text with an underscore before every third digit of its long numbers from the right, because
/// linters ask for that in code and code may forbid to allow what they ask.
fn grouped(text: &str) -> String {
    let is_digit = |c: char| c.is_ascii_digit();
    let mut grouped = String::with_capacity(text.len() * 4 / 3);
    let mut rest = text;
    while let Some(start) = rest.find(is_digit) {
        let (before, number) = rest.split_at(start);
        let (number, after) =
            number.split_at(number.find(|c| !is_digit(c)).unwrap_or(number.len()));
        grouped.push_str(before);
        for (position, digit) in number.chars().enumerate() {
            let left = number.len() - position;
            if number.len() > 5 && position > 0 && left.is_multiple_of(3) {
                grouped.push('_');
            }
            grouped.push(digit);
        }
        rest = after;
    }
    grouped.push_str(rest);
    grouped
}

/// Tells cargo when to run the build script again, where libraries are, and what a person should know.
pub(crate) fn tell_cargo(watched: &[PathBuf], warnings: &[String], embed: Embed) {
    for path in watched {
        cargo::rerun_if_changed(path);
    }
    cargo::rerun_if_env_changed("SOURCE_DATE_EPOCH");
    cargo::rerun_if_env_changed(cache::VARIABLE);
    if embed.is_linked()
        && let Ok(folder) = folder()
    {
        cargo::link_search(&folder);
    }
    for warning in warnings {
        cargo::warning(warning);
    }
}

/// Where `include_assets!` looks for files.
fn folder() -> Result<PathBuf, Error> {
    let out_dir =
        std::env::var_os("OUT_DIR").ok_or(Problem::NoBuildScript { variable: "OUT_DIR" })?;
    Ok(Path::new(&out_dir).join("stamped"))
}

/// Where a bundle is baked to.
#[derive(Debug)]
pub(crate) struct Place {
    folder: PathBuf,
    name: String,
}

impl Place {
    /// The place for the bundle of this name.
    pub(crate) fn of_this_build(name: &str) -> Result<Self, Error> {
        Place::new(folder()?, name)
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

    fn file_name(&self, extension: &str) -> String {
        format!("{}.{extension}", self.name)
    }

    /// Takes the place for one bundle, once.
    pub(crate) fn claim(&self) -> Result<(), Error> {
        static BAKED: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());
        let mut baked = BAKED.lock().unwrap_or_else(PoisonError::into_inner);
        match baked.insert(self.folder.join(&self.name)) {
            true => Ok(()),
            false => Err(Problem::BakedTwice { name: self.name.clone() }.into()),
        }
    }
}

/// How generated code names the contents.
struct Contents {
    /// The files that hold them.
    files: Vec<String>,
    /// Both areas, as an expression.
    expression: String,
}

impl Contents {
    fn included(place: &Place) -> Self {
        let files = ["text", "binary"].map(|extension| place.file_name(extension));
        let path = |name: &str| format!("(concat!(env!(\"OUT_DIR\"), \"/stamped/{name}\"))");
        Contents {
            expression: format!(
                "\
(
        __stamped::Text::new(include_str!{}),
        include_bytes!{},
    )",
                path(&files[0]),
                path(&files[1])
            ),
            files: files.into(),
        }
    }

    /// Placed by the linker, from a static library in `OUT_DIR`.
    #[cfg(feature = "linked")]
    fn linked(library: linked::Library) -> Self {
        let linked::Library { name, file_name, text, binary } = library;
        Contents {
            expression: format!(
                "\
__stamped::__linked! {{
        unsafe library \"{name}\",
        text \"{}\" {},
        binary \"{}\" {}
    }}",
                text.name,
                grouped(&text.length.to_string()),
                binary.name,
                grouped(&binary.length.to_string()),
            ),
            files: vec![file_name],
        }
    }
}

/// The folder as the build script names it. Of an absolute path, which differs from one machine to
/// another, the part below the package, or else the last.
fn shown_folder(folder: &Path) -> String {
    let shown = match folder.strip_prefix(base()) {
        Ok(below) => below,
        Err(_) if folder.is_absolute() => folder.file_name().map(Path::new).unwrap_or(folder),
        Err(_) => folder,
    };
    shown.to_string_lossy().replace('\\', "/")
}

/// A string literal that looks as a person would write it, because the macros compare literals by
/// their spelling.
fn literal(text: &str) -> String {
    let mut literal = String::with_capacity(text.len() + 2);
    literal.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => literal.extend(['\\', c]),
            '\n' => literal.push_str("\\n"),
            '\r' => literal.push_str("\\r"),
            '\t' => literal.push_str("\\t"),
            c if c.is_control() || is_bidirectional_control(c) => {
                literal.extend(c.escape_unicode());
            }
            c => literal.push(c),
        }
    }
    literal.push('"');
    literal
}

/// Characters that change how the text around them looks, which the compiler refuses in literals.
fn is_bidirectional_control(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Pipeline, Stamp};

    /// What people find when they open the generated file. A change is written to the expected file,
    /// to be looked at.
    #[test]
    fn the_generated_file_is_as_expected() {
        let bundle = Pipeline::new("no such folder")
            .allow_missing(true)
            .stamp(Stamp::Fixed(1_452_929_749))
            .file("css/style.css", "a{}")
            .file("img/\u{56fe} \"1\".png", b"\xff".as_slice())
            .file("robots.txt", "User-agent: *\n")
            .process()
            .unwrap();
        let place = Place::new("nowhere".into(), "assets").unwrap();
        let generated =
            bundle.rust(&pack(&bundle).unwrap(), &Contents::included(&place), &Memo::default());
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/expected/assets.rs");
        let expected = std::fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
        if generated != expected {
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, generated).unwrap();
            panic!("{} was not as generated; it has been rewritten", path.display());
        }
    }

    #[test]
    fn literals_look_as_a_person_writes_them() {
        assert_eq!(
            literal("na\u{ef}ve \"x\" \\ 'y'"),
            r#""na\u{ef}ve \"x\" \\ 'y'""#.replace("\\u{ef}", "\u{ef}")
        );
        assert_eq!(literal("\u{7}\u{202e}"), r#""\u{7}\u{202e}""#);
    }

    #[test]
    fn long_numbers_are_grouped() {
        assert_eq!(grouped("(1, 12345, 123456), 1234567"), "(1, 12345, 123_456), 1_234_567");
    }

    #[test]
    fn a_bundle_name_is_part_of_a_file_name() {
        for name in ["", "a/b", "..", "a b"] {
            let error = Place::new("nowhere".into(), name).unwrap_err().to_string();
            assert!(error.contains(&format!("`{name}` cannot be the name of a bundle")), "{error}");
        }
    }

    #[test]
    fn a_folder_is_shown_without_the_machines_part() {
        assert_eq!(shown_folder(Path::new("web/assets")), "web/assets");
        assert_eq!(shown_folder(&base().join("assets")), "assets");
        let elsewhere = if cfg!(windows) { r"C:\else\where" } else { "/else/where" };
        assert_eq!(shown_folder(Path::new(elsewhere)), "where");
    }
}

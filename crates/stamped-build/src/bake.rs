//! A bundle as files in `OUT_DIR`.

use crate::bundle::Bundle;
#[cfg(feature = "linked")]
use crate::config::Embed;
use crate::config::base;
use crate::error::{Error, Problem};
#[cfg(feature = "linked")]
use crate::linked;
use crate::pack::{Packed, pack};
use crate::{cache, cargo, write};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

impl Bundle {
    /// Writes the bundle where `include_assets!` finds it, and tells cargo when to run the build
    /// script again. Files whose bytes are the same as before are not touched.
    ///
    /// # Errors
    ///
    /// When this is no build script, when the bundle's name cannot be part of a file name or was
    /// baked before, and when a file cannot be written.
    pub fn bake(&self) -> Result<(), Error> {
        for path in &self.watched {
            cargo::rerun_if_changed(path);
        }
        cargo::rerun_if_env_changed("SOURCE_DATE_EPOCH");
        cargo::rerun_if_env_changed(cache::VARIABLE);
        for warning in &self.warnings {
            cargo::warning(warning);
        }
        let out_dir =
            std::env::var_os("OUT_DIR").ok_or(Problem::NoBuildScript { variable: "OUT_DIR" })?;
        self.bake_into(&Path::new(&out_dir).join("stamped"))
    }

    fn bake_into(&self, folder: &Path) -> Result<(), Error> {
        let name = &self.name;
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        if name.is_empty() || !name.bytes().all(is_plain) {
            return Err(Problem::BadBundleName { name: name.clone() }.into());
        }
        if !is_first(folder.join(name)) {
            return Err(Problem::BakedTwice { name: name.clone() }.into());
        }
        let packed = pack(self)?;
        let file = |extension: &str| folder.join(format!("{name}.{extension}"));
        write::if_changed(&file("index"), &packed.index)?;
        write::if_changed(&file("strings"), packed.strings.as_bytes())?;
        let contents = self.contents(folder, &packed)?;
        write::if_changed(&file("rs"), self.rust(&packed, &contents).as_bytes())
    }

    /// Puts the contents where the compiler or the linker finds them.
    #[cfg(feature = "linked")]
    fn contents(&self, folder: &Path, packed: &Packed) -> Result<Contents, Error> {
        let library = match self.embed {
            Embed::Linked => linked::write(folder, &self.name, packed)?,
            _ => None,
        };
        match library {
            Some(library) => {
                cargo::link_search(folder);
                Ok(Contents::linked(&library))
            }
            None => {
                linked::remove_all(folder, &self.name, None);
                self.included(folder, packed)
            }
        }
    }

    /// Puts the contents where the compiler finds them.
    #[cfg(not(feature = "linked"))]
    fn contents(&self, folder: &Path, packed: &Packed) -> Result<Contents, Error> {
        self.included(folder, packed)
    }

    fn included(&self, folder: &Path, packed: &Packed) -> Result<Contents, Error> {
        let name = &self.name;
        write::if_changed(&folder.join(format!("{name}.text")), packed.text.as_bytes())?;
        write::if_changed(&folder.join(format!("{name}.binary")), &packed.binary)?;
        Ok(Contents::included(name))
    }

    /// The generated file. It is included into a module that knows the crate `stamped` as
    /// `__stamped`, whatever the program calls it.
    fn rust(&self, packed: &Packed, contents: &Contents) -> String {
        let name = &self.name;
        let folder = literal(&shown_folder(&self.folder));
        let mut map = phf_codegen::Map::new();
        map.phf_path("__stamped::phf");
        for (id, hash) in packed.hashes.iter().enumerate() {
            map.entry(hash, id.to_string());
        }
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

/// The assets of this bundle.
#[allow(dead_code, unreachable_pub)]
pub static ASSETS: __stamped::Assets = __stamped::Assets::new(&DATA);

{declaration}static DATA: __stamped::Data = __stamped::Data {{
    // Records, little-endian.
    index: include_bytes!(concat!(env!(\"OUT_DIR\"), \"/stamped/{name}.index\")),
    // Names, URLs, types, tags.
    strings: include_str!(concat!(env!(\"OUT_DIR\"), \"/stamped/{name}.strings\")),
    // Contents, equal ones once.
    text: {text},
    binary: {binary},
    map: __stamped::Map::Perfect(MAP),
}};

// From the hash of a name to its position below.
#[allow(clippy::unreadable_literal)]
const MAP: __stamped::phf::Map<u64, u32> = {map};

__stamped::__define_macros! {{
    ($) bundle {bundle} of {folder} {{
{names}    }}
}}
",
            declaration = contents.declaration,
            text = contents.text,
            binary = contents.binary,
            count = self.assets().len(),
            mount = literal(if self.mount.is_empty() { "/" } else { &self.mount }),
            map = map.build(),
            bundle = literal(name),
        )
    }
}

/// How generated code names the contents.
struct Contents {
    /// What must be declared for the two expressions.
    declaration: String,
    text: String,
    binary: String,
}

impl Contents {
    fn included(bundle: &str) -> Self {
        let file =
            |extension| format!("(concat!(env!(\"OUT_DIR\"), \"/stamped/{bundle}.{extension}\"))");
        Contents {
            declaration: String::new(),
            text: format!("__stamped::Text::new(include_str!{})", file("text")),
            binary: format!("include_bytes!{}", file("binary")),
        }
    }

    #[cfg(feature = "linked")]
    fn linked(library: &linked::Library) -> Self {
        let linked::Library { name, text, binary } = library;
        Contents {
            declaration: format!(
                "\
// Placed by the linker, from a static library in `OUT_DIR`.
__stamped::__link_contents! {{
    library \"{name}\"
    TEXT \"{}\" {}
    BINARY \"{}\" {}
}}

",
                text.name, text.length, binary.name, binary.length
            ),
            text: "__stamped::Text::linked(&TEXT)".to_owned(),
            binary: "&BINARY".to_owned(),
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

/// Whether nothing was baked to this place by this process.
fn is_first(place: PathBuf) -> bool {
    static BAKED: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());
    BAKED.lock().unwrap_or_else(std::sync::PoisonError::into_inner).insert(place)
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
        let generated = bundle.rust(&pack(&bundle).unwrap(), &Contents::included("assets"));
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
    fn a_bundle_name_is_part_of_a_file_name() {
        for name in ["", "a/b", "..", "a b"] {
            let pipeline = Pipeline::new("no such folder").allow_missing(true).bundle_name(name);
            let error = pipeline
                .process()
                .unwrap()
                .bake_into(Path::new("nowhere"))
                .unwrap_err()
                .to_string();
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

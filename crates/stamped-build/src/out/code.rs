//! The Rust that is compiled into the program: one flat file of data.

use crate::bundle::Bundle;
use crate::config::base;
use crate::kept::memo::Memo;
#[cfg(feature = "linked")]
use crate::out::linked::Library;
use crate::out::pack::Packed;
use std::fmt::Write as _;
use std::path::Path;

/// How generated code names the contents.
pub(super) struct Contents {
    /// What must be declared for the two expressions.
    declaration: String,
    text: String,
    binary: String,
}

impl Contents {
    /// Contents in two files, which the compiler includes.
    pub(super) fn included(text: &str, binary: &str) -> Self {
        let path = |name: &str| format!("(concat!(env!(\"OUT_DIR\"), \"/stamped/{name}\"))");
        Contents {
            declaration: String::new(),
            text: format!("__stamped::Text::new(include_str!{})", path(text)),
            binary: format!("include_bytes!{}", path(binary)),
        }
    }

    /// Contents in a library, which the linker places.
    #[cfg(feature = "linked")]
    pub(super) fn linked(library: &Library) -> Self {
        let Library { name, text, binary, .. } = library;
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

/// Writes the generated file. It is included into a module that knows the crate `stamped` as
/// `__stamped`, whatever the program calls it.
pub(super) fn code(bundle: &Bundle, packed: &Packed, contents: &Contents, memo: &Memo) -> String {
    let name = bundle.name();
    let folder = literal(&shown_folder(bundle.folder()));
    let map = memo.map(&packed.hashes, || perfect_hash(&packed.hashes));
    let mut names = String::new();
    for (id, asset) in bundle.assets().iter().enumerate() {
        // Writing to a string does not fail.
        let _ =
            writeln!(names, "        {id} {} => {},", literal(asset.name()), literal(asset.url()));
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
        count = bundle.assets().len(),
        mount = literal(if bundle.mount().is_empty() { "/" } else { bundle.mount() }),
        bundle = literal(name),
    )
}

/// The perfect hash from hashes to their positions, as source text.
fn perfect_hash(hashes: &[u64]) -> String {
    let mut map = phf_codegen::Map::new();
    map.phf_path("__stamped::phf");
    for (id, hash) in hashes.iter().enumerate() {
        map.entry(hash, id.to_string());
    }
    map.build().to_string()
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

    #[test]
    fn literals_look_as_a_person_writes_them() {
        assert_eq!(
            literal("na\u{ef}ve \"x\" \\ 'y'"),
            r#""na\u{ef}ve \"x\" \\ 'y'""#.replace("\\u{ef}", "\u{ef}")
        );
        assert_eq!(literal("\u{7}\u{202e}"), r#""\u{7}\u{202e}""#);
    }

    #[test]
    fn a_folder_is_shown_without_the_machines_part() {
        assert_eq!(shown_folder(Path::new("web/assets")), "web/assets");
        assert_eq!(shown_folder(&base().join("assets")), "assets");
        let elsewhere = if cfg!(windows) { r"C:\else\where" } else { "/else/where" };
        assert_eq!(shown_folder(Path::new(elsewhere)), "where");
    }
}

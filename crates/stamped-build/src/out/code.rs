//! Generates the Rust that is compiled into the program: one flat file of data.

use crate::bundle::Bundle;
use crate::config::base;
use crate::kept::memo::Memo;
use crate::out::linked::Library;
use crate::out::pack::Packed;
use stamped::index::LAYOUT;
use std::fmt::Write as _;
use std::path::Path;

/// Both areas of contents, as an expression of the generated code.
pub(super) struct Contents(String);

impl Contents {
    /// Contents in two files, which the compiler includes.
    pub(super) fn included(text: &str, binary: &str) -> Self {
        let path = |name: &str| format!("(concat!(env!(\"OUT_DIR\"), \"/stamped/{name}\"))");
        Contents(format!(
            "\
(
        __stamped::Text::new(include_str!{}),
        include_bytes!{},
    )",
            path(text),
            path(binary)
        ))
    }

    /// Contents in a library, which the linker places.
    pub(super) fn linked(library: &Library) -> Self {
        let Library { name, text, binary, .. } = library;
        Contents(format!(
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
        ))
    }
}

/// Writes the generated file. The module that includes it has the crate `stamped` as `__stamped`,
/// whatever name the program uses for it. The file in which the run of the build script is recorded, if
/// there is one, is for live mode.
pub(super) fn code(
    bundle: &Bundle,
    packed: &Packed,
    contents: &Contents,
    memo: &Memo,
    run: Option<&str>,
) -> String {
    let name = bundle.name();
    let folder = literal(&shown_folder(bundle.folder()));
    let map = memo.map(&packed.hashes, || perfect_hash(&packed.hashes)).replace('\n', "\n    ");
    let mut names = String::new();
    for (id, asset) in bundle.assets().iter().enumerate() {
        // Writing to a string does not fail.
        let _ =
            writeln!(names, "        {id} {} => {},", literal(asset.name()), literal(asset.url()));
    }
    let mut entries = String::new();
    for (id, entry) in bundle.entries().iter().enumerate() {
        let _ = writeln!(entries, "        {id} {},", literal(&entry.name));
    }
    if !entries.is_empty() {
        entries = format!("\n    entries {{\n{entries}    }}");
    }
    let run = run.map_or_else(String::new, |file| {
        format!("\n    run concat!(env!(\"OUT_DIR\"), \"/stamped/{file}\"),")
    });
    format!(
        "\
// Made by stamped-build: {count} assets, mounted at {mount}. Changes are lost with the next build.

__stamped::__bundle! {{
    layout {LAYOUT} of {version},
    bundle {bundle} of {folder} in {package},
    // The names of `url!`, `asset!` and `entry!` in the root of a crate that includes this for others.
    public __stamped_url_{identifier} __stamped_asset_{identifier} __stamped_entry_{identifier},
    // Records, little-endian.
    index include_bytes!(concat!(env!(\"OUT_DIR\"), \"/stamped/{name}.index\")),
    // Names, URLs, types, tags.
    strings include_str!(concat!(env!(\"OUT_DIR\"), \"/stamped/{name}.strings\")),
    // Text and everything else, equal contents once.
    contents {contents},
    // From the hash of a name to its position below.
    map __stamped::Map::Perfect({map}),{run}
    names ($) {{
{names}    }}{entries}
}}
",
        version = literal(env!("CARGO_PKG_VERSION")),
        contents = contents.0,
        count = bundle.assets().len(),
        mount = literal(if bundle.mount().is_empty() { "/" } else { bundle.mount() }),
        bundle = literal(name),
        package = literal(&package()),
        identifier = name.replace('-', "__"),
    )
}

/// The package that is built and its version, which tell bundles apart.
fn package() -> String {
    let variable = |name| std::env::var(name).unwrap_or_default();
    format!("{} {}", variable("CARGO_PKG_NAME"), variable("CARGO_PKG_VERSION"))
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

/// Groups the digits of long numbers by underscores, because linters ask for that, and a program
/// may forbid attributes that silence a lint.
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

/// The folder as the build script names it. An absolute path differs between machines, so of that
/// only the part below the package is used, or else the last part.
fn shown_folder(folder: &Path) -> String {
    let shown = match folder.strip_prefix(base()) {
        Ok(below) => below,
        Err(_) if folder.is_absolute() => folder.file_name().map(Path::new).unwrap_or(folder),
        Err(_) => folder,
    };
    shown.to_string_lossy().replace('\\', "/")
}

/// A string literal as a person would write it, because the macros compare literals by their
/// spelling.
pub(super) fn literal(text: &str) -> String {
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

/// Whether the character changes how the text around it looks; the compiler refuses these in
/// literals.
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
    fn long_numbers_are_grouped() {
        assert_eq!(grouped("(1, 12345, 123456), 1234567"), "(1, 12345, 123_456), 1_234_567");
    }

    #[test]
    fn a_folder_is_shown_without_the_machines_part() {
        assert_eq!(shown_folder(Path::new("web/assets")), "web/assets");
        assert_eq!(shown_folder(&base().join("assets")), "assets");
        let elsewhere = if cfg!(windows) { r"C:\else\where" } else { "/else/where" };
        assert_eq!(shown_folder(Path::new(elsewhere)), "where");
    }
}

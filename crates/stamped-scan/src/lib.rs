//! Finds the places in a file that name other files, and writes other names there.
//!
//! Every scanner is pure: bytes in, a list of places out, in the order of the file. None of them
//! resolves a reference or decides what it is worth.

#![forbid(unsafe_code)]
#![warn(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod css;
mod decoded;
mod escape;
mod html;
mod javascript;
#[cfg(test)]
mod javascript_properties;
mod markup;
#[cfg(test)]
mod properties;
mod source_map;
mod svg;
mod types;
mod web_manifest;

pub use escape::{replace, segment};
pub use types::{Context, Found, Reference, ReferenceKind, Skipped};

/// A language in which files name others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scanner {
    /// A style sheet, with its source map comment.
    Css,
    /// A script or module, with its source map comment.
    JavaScript,
    /// A page or a part of one.
    Html,
    /// A picture.
    Svg,
    /// The manifest of a web application, in JSON.
    WebManifest,
}

impl Scanner {
    /// The scanner for files of this content type; markup is scanned only where it is asked for.
    pub fn of(essence: &str, markup: bool) -> Option<Self> {
        match essence {
            "text/css" => Some(Scanner::Css),
            "text/javascript" => Some(Scanner::JavaScript),
            "text/html" if markup => Some(Scanner::Html),
            "image/svg+xml" if markup => Some(Scanner::Svg),
            "application/manifest+json" if markup => Some(Scanner::WebManifest),
            _ => None,
        }
    }

    /// Finds the references in a file.
    pub fn scan(self, source: &[u8]) -> Found {
        match self {
            Scanner::Css => with_source_map(css::scan(source), source_map::scan_css(source)),
            Scanner::JavaScript => {
                with_source_map(javascript::scan(source), source_map::scan_javascript(source))
            }
            Scanner::Html => html::scan(source),
            Scanner::Svg => svg::scan(source),
            Scanner::WebManifest => web_manifest::scan(source),
        }
    }
}

/// The comment that names the source map stands behind everything else.
fn with_source_map(mut found: Found, source_map: Found) -> Found {
    found.references.extend(source_map.references);
    found.skipped.extend(source_map.skipped);
    found
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    /// Pieces of style sheets and scripts with source map comments between them.
    const SCRAPS: &[&str] = &[
        "/*# sourceMappingURL=a.map */",
        "//# sourceMappingURL=b.map\n",
        "a{b:url(c.png)}",
        "@import 'd.css';",
        "import './e.js';",
        "\n",
        "`",
        "'",
        "/*",
        "*/",
        "f();",
    ];

    proptest! {
        #[test]
        fn the_source_map_comes_behind_all_other_references(
            scraps in proptest::collection::vec(proptest::sample::select(SCRAPS), 0..12)
        ) {
            let source = scraps.concat();
            for scanner in [super::Scanner::Css, super::Scanner::JavaScript] {
                let found = scanner.scan(source.as_bytes());
                let mut end = 0;
                for reference in found.references {
                    prop_assert!(end <= reference.span.start, "{scanner:?}: {source}");
                    end = reference.span.end;
                }
            }
        }
    }
}

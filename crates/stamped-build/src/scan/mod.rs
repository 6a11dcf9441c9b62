//! Finding the places in a file that name other files, and writing other names there.
//!
//! Every scanner is pure: bytes in, a list of places out, in the order of the file. None of them
//! resolves a reference or decides what it is worth.

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

pub(crate) use escape::{replace, segment};
pub(crate) use types::{Context, Found, Kind, Problem, Reference};

/// A language in which files name others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scanner {
    Css,
    JavaScript,
    Html,
    Svg,
    WebManifest,
}

impl Scanner {
    /// The scanner for files of this content type; markup is scanned only where it is asked for.
    pub(crate) fn of(essence: &str, markup: bool) -> Option<Self> {
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
    pub(crate) fn scan(self, source: &[u8]) -> Found {
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
    found.problems.extend(source_map.problems);
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

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

/// Finds the references in a file of this content type; in markup only where it is asked for.
pub(crate) fn scan(essence: &str, source: &[u8], markup: bool) -> Found {
    match essence {
        "text/css" => with_source_map(css::scan(source), source_map::scan_css(source)),
        "text/javascript" => {
            with_source_map(javascript::scan(source), source_map::scan_javascript(source))
        }
        "text/html" if markup => html::scan(source),
        "image/svg+xml" if markup => svg::scan(source),
        "application/manifest+json" if markup => web_manifest::scan(source),
        _ => Found::default(),
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
            for essence in ["text/css", "text/javascript"] {
                let found = super::scan(essence, source.as_bytes(), false);
                let mut end = 0;
                for reference in found.references {
                    prop_assert!(end <= reference.span.start, "{essence}: {source}");
                    end = reference.span.end;
                }
            }
        }
    }
}

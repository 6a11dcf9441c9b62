//! Finds the places in a file where it names other files, and writes other names there.
//!
//! This is an internal crate of [`stamped`](https://docs.rs/stamped), published because
//! [`stamped-build`](https://docs.rs/stamped-build) depends on it. Its interface may change in any release.
//!
//! A [`Scanner`] takes the bytes of a file and returns its references, in the order of the file. It reads nothing else,
//! resolves no reference and does not judge what one is worth: that is up to the caller, who then replaces the
//! [segment](Reference::segment) of those that should name another file.
//!
//! ```
//! use stamped_scan::{Scanner, replace, segment};
//!
//! let sheet = b"@import 'base.css'; a { background: url(img/a.png?v#x) }";
//! let found = Scanner::Css.scan(sheet);
//! let urls: Vec<_> = found.references.iter().map(|reference| &*reference.url).collect();
//! assert_eq!(urls, ["base.css", "img/a.png?v#x"]);
//!
//! let picture = &found.references[1];
//! let edit = (picture.segment.clone(), segment(picture.context, "a.1452929749.png"));
//! assert_eq!(
//!     replace(sheet, &[edit]),
//!     b"@import 'base.css'; a { background: url(img/a.1452929749.png?v#x) }"
//! );
//! ```

#![forbid(unsafe_code)]
#![warn(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use core::ops::Range;

mod css;
mod decoded;
mod escape;
mod hashes;
mod html;
mod javascript;
mod json;
mod markup;
mod source_map;
mod svg;
mod svg_size;
mod types;

pub use escape::{replace, segment};
pub use svg_size::svg_size;
pub use types::{
    Algorithm, ByName, Context, Found, Hash, Integrity, Knowing, Partial, Precached, Reference,
    ReferenceKind, Skipped, Version,
};

/// Finds the references in files of one language.
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
    /// `ngsw.json`, by which the service worker of Angular knows the files of a site.
    AngularWorker,
    /// Any other text, in which only [hashes](Found::hashes) are found.
    Hashes,
}

impl Scanner {
    /// The scanner for a file of this name and content type. References in SVG and web manifests are found only where
    /// `markup` asks for it, and in other JSON too, as in a web manifest.
    #[must_use]
    pub fn of(name: &str, essence: &str, markup: bool) -> Option<Self> {
        match essence {
            "application/json" if name.rsplit('/').next() == Some("ngsw.json") => {
                Some(Scanner::AngularWorker)
            }
            "text/css" => Some(Scanner::Css),
            "text/javascript" => Some(Scanner::JavaScript),
            "text/html" => Some(Scanner::Html),
            "image/svg+xml" if markup => Some(Scanner::Svg),
            "application/manifest+json" | "application/json" if markup => {
                Some(Scanner::WebManifest)
            }
            // A source map has the texts of whole files, and no browser takes a hash from it.
            "application/json" if !name.ends_with(".map") => Some(Scanner::Hashes),
            "application/xhtml+xml" => Some(Scanner::Hashes),
            _ => None,
        }
    }

    /// Finds the references in a file.
    ///
    /// The file need not be valid: a scanner reports what it is sure of, and lists in [`Found::skipped`] what it leaves
    /// alone. The time it takes is in proportion to the length of the file, and no nesting overflows the stack.
    ///
    /// # Panics
    ///
    /// If a reference breaks what [`Reference`] promises, which is a bug of this crate: whoever rewrote the file by it
    /// would damage the file.
    #[must_use]
    pub fn scan(self, source: &[u8]) -> Found {
        let mut found = match self {
            Scanner::Css => with_source_map(css::scan(source), source_map::scan_css(source)),
            Scanner::JavaScript => {
                let mut found =
                    with_source_map(javascript::scan(source), source_map::scan_javascript(source));
                javascript::lists(source, &mut found);
                found
            }
            Scanner::Html => html::scan(source),
            Scanner::Svg => svg::scan(source),
            Scanner::WebManifest => json::web_manifest(source),
            Scanner::AngularWorker => json::angular_worker(source),
            Scanner::Hashes => Found::default(),
        };
        if !matches!(self, Scanner::Css | Scanner::Svg) {
            found.hashes = hashes::scan(source);
        }
        keep_apart(&mut found);
        self.check(source, &found);
        found
    }

    /// Asserts what [`Reference`] promises.
    fn check(self, source: &[u8], found: &Found) {
        let mut end = 0;
        for reference in &found.references {
            let Reference { url, span, segment, .. } = reference;
            assert!(
                !url.is_empty()
                    && end <= span.start
                    && span.start <= segment.start
                    && segment.start <= segment.end
                    && segment.end <= span.end
                    && span.end <= source.len(),
                "the {self:?} scanner reports a reference that cannot be, behind byte {end} of a file of {} bytes: \
                 {reference:?}",
                source.len(),
            );
            end = span.end;
        }
    }
}

/// Leaves out what lies within something else that may be replaced: a hash in a URL, or a list in a comment.
fn keep_apart(found: &mut Found) {
    let Found { references, hashes, precached, skipped, .. } = found;
    skipped.sort_by_key(|skipped| skipped.at);
    let is_free = |part: &Range<usize>| {
        let next = references.partition_point(|one| one.span.end <= part.start);
        references.get(next).is_none_or(|one| part.end <= one.span.start)
    };
    precached.retain(|one| is_free(&one.entry));
    hashes.retain(|hash| {
        let next = precached.partition_point(|one| one.entry.end <= hash.span.start);
        let inside = precached.get(next).filter(|one| one.entry.start <= hash.span.start);
        let parts = inside.iter().flat_map(|one| {
            [Some(one.reference.span.clone()), one.version.as_ref().map(Version::span)]
        });
        let is_apart =
            |part: Range<usize>| part.end <= hash.span.start || hash.span.end <= part.start;
        is_free(&hash.span) && parts.flatten().all(is_apart)
    });
}

/// Adds the source map, whose comment comes behind everything else.
///
/// Leaves out a comment that is a part of the last reference: a string at the end of a file needs no closing quote, so
/// all that follows belongs to it.
fn with_source_map(mut found: Found, source_map: Found) -> Found {
    let end = found.references.last().map_or(0, |last| last.span.end);
    found.references.extend(source_map.references.into_iter().filter(|one| end <= one.span.start));
    found.skipped.extend(source_map.skipped);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_map_within_a_reference_is_none() {
        let found = Scanner::Css.scan(b"@import 'a /*# sourceMappingURL=b */");
        let urls: Vec<_> = found.references.iter().map(|one| &*one.url).collect();
        assert_eq!(urls, ["a /*# sourceMappingURL=b */"]);
    }

    #[test]
    #[should_panic(expected = "the Css scanner reports a reference that cannot be")]
    fn references_that_overlap_are_a_bug() {
        let source = b"a{b:url(c);d:url(e)}";
        let mut found = Scanner::Css.scan(source);
        found.references.reverse();
        Scanner::Css.check(source, &found);
    }
}

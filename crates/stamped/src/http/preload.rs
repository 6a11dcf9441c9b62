//! `Link` fields that make a browser fetch early what a page will need (RFC 8288).

use crate::asset::Asset;
use crate::kind::{self, Kind};
use alloc::{collections::BTreeSet, collections::VecDeque, string::ToString};
use core::fmt;
use http::HeaderValue;

/// Lists what a page needs that uses `asset`, for its `Link` field: the asset itself, and what it
/// refers to, directly or indirectly, each once and the nearest first.
///
/// A style sheet needs the sheets, images and fonts (WOFF2 only) that it names. A script needs the
/// modules that it imports, but not those that it imports on demand. Source maps, pages, and what cannot be preloaded are
/// left out.
///
/// A page may not need all of it: a rule with a picture may never apply. Leave out with a filter what
/// you do not want.
///
/// ```
/// use stamped::http::preload_links;
///
/// fn hint(style: stamped::Asset, page: &mut http::Response<String>) {
///     for preload in preload_links(style).filter(|one| !one.asset().name().starts_with("img/")) {
///         page.headers_mut().append(http::header::LINK, preload.to_header_value());
///     }
/// }
/// ```
pub fn preload_links(asset: Asset) -> impl Iterator<Item = Preload> {
    let mut seen = BTreeSet::from([asset.name()]);
    let mut queue = VecDeque::from([asset]);
    core::iter::from_fn(move || {
        let asset = queue.pop_front()?;
        for (reference, needed) in asset.references_and_needs() {
            // A module that is imported on demand, and a worker, are not needed yet.
            if (needed || !Kind::of(reference).is_script()) && seen.insert(reference.name()) {
                queue.push_back(reference);
            }
        }
        Some(asset)
    })
    .filter(|asset| match Kind::of(*asset) {
        Kind::Font => kind::essence(*asset) == "font/woff2",
        Kind::Other => false,
        _ => true,
    })
    .map(|asset| Preload { asset, integrity: false })
}

/// One asset that a page needs. It displays as the value of a `Link` field:
/// `</static/css/style.1452929749.css>; rel=preload; as=style`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Preload {
    asset: Asset,
    integrity: bool,
}

impl Preload {
    /// The asset.
    #[must_use]
    pub fn asset(self) -> Asset {
        self.asset
    }

    /// Adds the `integrity` of style sheets and scripts. Use it if, and only if, the element that uses
    /// the asset has it too; otherwise browsers fetch the asset twice.
    #[must_use]
    pub fn with_integrity(mut self) -> Self {
        self.integrity = true;
        self
    }

    /// The value of the field. Several may be joined with commas.
    #[must_use]
    pub fn to_header_value(self) -> HeaderValue {
        // URLs are visible ASCII.
        HeaderValue::try_from(self.to_string()).unwrap_or(const { HeaderValue::from_static("") })
    }
}

impl fmt::Display for Preload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = Kind::of(self.asset);
        let parameters = match kind {
            Kind::Fetch | Kind::Other => "rel=preload; as=fetch; crossorigin",
            Kind::Font => "rel=preload; as=font; type=\"font/woff2\"; crossorigin",
            Kind::Image => "rel=preload; as=image",
            Kind::Module => "rel=modulepreload",
            Kind::Script => "rel=preload; as=script",
            Kind::Style => "rel=preload; as=style",
        };
        write!(f, "<{}>; {parameters}", self.asset.url())?;
        if self.integrity && kind.has_integrity() {
            write!(f, "; integrity=\"{}\"", self.asset.integrity())?;
        }
        Ok(())
    }
}

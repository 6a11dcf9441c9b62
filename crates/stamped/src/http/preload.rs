//! `Link` fields that make a browser fetch early what a page will need (RFC 8288).

use crate::asset::Asset;
use alloc::{collections::BTreeSet, collections::VecDeque, string::ToString};
use core::fmt;
use http::HeaderValue;

/// Lists what a page needs that uses `asset`, for its `Link` field: the asset itself, and what it
/// refers to, directly or indirectly, each once and the nearest first.
///
/// A style sheet needs the sheets, images and fonts (WOFF2 only) that it names. A script needs the
/// modules that it imports, but not those that it imports on demand; it counts as a module if its name
/// ends with `.mjs` or if it imports other scripts. Source maps, pages, and what cannot be preloaded are
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
    let is_module = asset.name().ends_with(".mjs")
        || asset.references_and_needs().any(|(one, needed)| needed && is_script(one));
    let mut queue = VecDeque::from([(asset, is_module)]);
    core::iter::from_fn(move || {
        let (asset, is_module) = queue.pop_front()?;
        for (reference, needed) in asset.references_and_needs() {
            // A module that is imported on demand, and a worker, are not needed yet.
            if (needed || !is_script(reference)) && seen.insert(reference.name()) {
                queue.push_back((reference, is_script(asset)));
            }
        }
        Some((asset, is_module))
    })
    .filter_map(|(asset, is_module)| {
        let destination = Destination::of(asset, is_module)?;
        Some(Preload { asset, destination, integrity: false })
    })
}

/// One asset that a page needs. It displays as the value of a `Link` field:
/// `</static/css/style.1452929749.css>; rel=preload; as=style`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Preload {
    asset: Asset,
    destination: Destination,
    integrity: bool,
}

/// How the browser will ask for an asset; a preload that says otherwise is fetched twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Destination {
    Fetch,
    Font,
    Image,
    Module,
    Script,
    Style,
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
        use Destination::{Fetch, Font, Image, Module, Script, Style};
        let parameters = match self.destination {
            Fetch => "rel=preload; as=fetch; crossorigin",
            Font => "rel=preload; as=font; type=\"font/woff2\"; crossorigin",
            Image => "rel=preload; as=image",
            Module => "rel=modulepreload",
            Script => "rel=preload; as=script",
            Style => "rel=preload; as=style",
        };
        write!(f, "<{}>; {parameters}", self.asset.url())?;
        if self.integrity && matches!(self.destination, Module | Script | Style) {
            write!(f, "; integrity=\"{}\"", self.asset.integrity())?;
        }
        Ok(())
    }
}

impl Destination {
    /// `None` for what is not preloaded.
    fn of(asset: Asset, is_module: bool) -> Option<Self> {
        match essence(asset) {
            "text/css" => Some(Destination::Style),
            "text/javascript" if is_module => Some(Destination::Module),
            "text/javascript" => Some(Destination::Script),
            "font/woff2" => Some(Destination::Font),
            "application/wasm" => Some(Destination::Fetch),
            essence if essence.starts_with("image/") => Some(Destination::Image),
            _ => None,
        }
    }
}

fn is_script(asset: Asset) -> bool {
    essence(asset) == "text/javascript"
}

/// The content type without its parameters.
fn essence(asset: Asset) -> &'static str {
    asset.content_type().split(';').next().unwrap_or_default()
}

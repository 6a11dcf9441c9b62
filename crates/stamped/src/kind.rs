//! What an asset is to a page.

use crate::asset::Asset;

/// How a page uses an asset, and so how its browser asks for it: a preload that says otherwise is
/// fetched twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    Style,
    Module,
    /// A script that is no module.
    Script,
    Font,
    Image,
    /// By `fetch`, as WebAssembly is.
    Fetch,
    /// A page, or what pages do not use by themselves.
    Other,
}

impl Kind {
    pub(crate) fn of(asset: Asset) -> Self {
        match essence(asset) {
            "text/css" => Kind::Style,
            "text/javascript" if asset.is_module() => Kind::Module,
            "text/javascript" => Kind::Script,
            "application/wasm" => Kind::Fetch,
            essence if essence.starts_with("font/") => Kind::Font,
            essence if essence.starts_with("image/") => Kind::Image,
            _ => Kind::Other,
        }
    }

    /// Whether an element that loads it can say what bytes it expects.
    pub(crate) fn has_integrity(self) -> bool {
        matches!(self, Kind::Module | Kind::Script | Kind::Style)
    }

    #[cfg(feature = "http")]
    pub(crate) fn is_script(self) -> bool {
        matches!(self, Kind::Module | Kind::Script)
    }
}

/// The content type without its parameters.
pub(crate) fn essence(asset: Asset) -> &'static str {
    asset.content_type().split(';').next().unwrap_or_default()
}

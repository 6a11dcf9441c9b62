//! What differs between two versions of a bundle, for the browser.

use super::json;
use crate::asset::Asset;
use crate::assets::Assets;
use crate::index::Addressing;
use crate::name;
use crate::percent::Encoded;
use crate::url::Url;
use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

/// The assets that differ, as elements of a JSON array. `None` if none does.
///
/// Each has its new URL (`null` if it is gone), what the URL of any version begins with and ends with,
/// and how a page takes it in.
pub(super) fn json(old: Assets, new: Assets) -> Option<String> {
    let changed = not_in(new, old).into_iter().filter(|asset| {
        old.get(asset.name())
            .is_none_or(|old| old.etag() != asset.etag() || old.url() != asset.url())
    });
    let gone = not_in(old, new).into_iter().filter(|asset| new.get(asset.name()).is_none());
    let entries: Vec<String> = changed
        .map(|asset| entry(asset, true))
        .chain(gone.map(|asset| entry(asset, false)))
        .collect();
    (!entries.is_empty()).then(|| entries.join(","))
}

/// The assets in segments that the other version does not have.
fn not_in(assets: Assets, others: Assets) -> Vec<Asset> {
    let segments = assets.data().segments();
    if segments.is_empty() {
        // Those that were built are in none.
        return assets.iter().collect();
    }
    let ids = segments.not_in(others.data().segments());
    // Earlier versions are behind the assets.
    ids.filter(|&id| (id as usize) < assets.len()).map(|id| assets.asset(id)).collect()
}

fn entry(asset: Asset, is_here: bool) -> String {
    let url = match is_here {
        true => json::string(asset.url()),
        false => "null".into(),
    };
    let (stem, suffix) = match asset.addressing() {
        Addressing::Stamped => name::split(asset.name()),
        _ => (asset.name(), ""),
    };
    let start = Url::unknown(asset.bundle().mount(), stem).to_string();
    let end = Encoded(suffix).to_string();
    format!(
        r#"{{"url":{url},"start":{},"end":{},"kind":"{}"}}"#,
        json::string(&start),
        json::string(&end),
        kind(asset)
    )
}

/// How a page takes the asset in.
fn kind(asset: Asset) -> &'static str {
    let content_type = asset.content_type();
    match content_type.split(';').next() {
        Some("text/css") => "style",
        Some(image) if image.starts_with("image/") => "image",
        _ => "other",
    }
}

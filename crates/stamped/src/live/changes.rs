//! What differs between two versions of a bundle, for the browser.

use super::json;
use crate::asset::Asset;
use crate::assets::Assets;
use crate::index::Addressing;
use crate::name;
use crate::percent::Encoded;
use crate::url::Url;
use alloc::borrow::ToOwned as _;
use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

/// How many bytes of text are compared, at most. A page that is not compared loads itself again.
const MOST_TEXT: usize = 16 << 20;

/// The assets that differ, as elements of a JSON array. `None` if none does.
///
/// Each has its new URL (`null` if it is gone), what the URL of any version begins with and ends with,
/// and how a page takes it in. Those that are left out differ in nothing but the URLs of others.
pub(super) fn json(old: Assets, new: Assets) -> Option<String> {
    let changed = not_in(new, old).into_iter().filter(|asset| {
        old.get(asset.name())
            .is_none_or(|old| old.etag() != asset.etag() || old.url() != asset.url())
    });
    let mut room = MOST_TEXT;
    let itself = changed.filter(|asset| {
        kind(*asset) != OTHER
            || !old.get(asset.name()).is_some_and(|before| is_same(before, *asset, &mut room))
    });
    let gone = not_in(old, new).into_iter().filter(|asset| new.get(asset.name()).is_none());
    let entries: Vec<String> = itself
        .map(|asset| entry(asset, true))
        .chain(gone.map(|asset| entry(asset, false)))
        .collect();
    (!entries.is_empty()).then(|| entries.join(","))
}

/// Whether two versions of an asset are the same but for the URLs and hashes of others that they refer to: a
/// page need not load itself again because a style sheet has a new stamp.
fn is_same(old: Asset, new: Asset, room: &mut usize) -> bool {
    let (Some(before), Some(now)) = (old.text(), new.text()) else { return false };
    let Some(left) = room.checked_sub(before.len()) else { return false };
    *room = left;
    let mut text = before.to_owned();
    for target in new.references() {
        let Some(earlier) = old.bundle().get(target.name()) else { continue };
        for (earlier, target) in
            [(file(earlier.url()), file(target.url())), (earlier.integrity(), target.integrity())]
        {
            if earlier != target {
                text = text.replace(earlier, target);
            }
        }
    }
    text == now
}

/// The last segment of a URL, which is all that a reference to another version differs in.
fn file(url: &str) -> &str {
    url.rsplit('/').next().unwrap_or(url)
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

/// The kind of what a page cannot take in, so that it loads itself again.
const OTHER: &str = "other";

/// How a page takes the asset in.
fn kind(asset: Asset) -> &'static str {
    let content_type = asset.content_type();
    match content_type.split(';').next() {
        Some("text/css") => "style",
        Some(image) if image.starts_with("image/") => "image",
        _ => OTHER,
    }
}

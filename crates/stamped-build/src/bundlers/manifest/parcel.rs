//! The manifest of Parcel's `@parcel/reporter-bundle-manifest`: an object from source files to URLs.

use super::json::Json;
use super::{Manifest, is_loaded};

pub(super) fn read(json: &Json) -> Result<Manifest, String> {
    let mut manifest = Manifest::default();
    for (&source, url) in &json.root().object()? {
        let url = url.text()?;
        manifest.files.push(url.to_owned());
        if is_loaded(url) {
            manifest.entries.push((source.to_owned(), vec![url.to_owned()]));
        }
    }
    Ok(manifest)
}

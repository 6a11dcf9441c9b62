//! Loads a release from a server.

use crate::words;
use stamped_build::{AssetVersion, BoxError, Manifest};

/// A release on a server.
pub(super) struct Live {
    url: String,
    /// What the URLs of assets are put behind, without a slash at its end.
    origin: String,
}

impl Live {
    /// `None` for something that is no URL.
    pub(super) fn of(from: &str, base: Option<&str>) -> Result<Option<Self>, String> {
        let Some((scheme, rest)) = from.split_once("://") else { return Ok(None) };
        if !matches!(scheme, "http" | "https") {
            return Err(format!("`{from}` is neither a folder nor a URL with http or https"));
        }
        let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let origin = match base {
            Some(base) => base.trim_end_matches('/').to_owned(),
            None => format!("{scheme}://{host}"),
        };
        Ok(Some(Live { url: from.to_owned(), origin }))
    }

    /// The release. Earlier versions that it lists need not be there any more, and are left out.
    pub(super) fn manifest(&self) -> Result<Manifest, String> {
        const LARGEST: u64 = 256 << 20;
        let json = load(&self.url, LARGEST)
            .map_err(|error| format!("cannot load `{}`: {error}; correct the URL", self.url))?;
        let manifest = Manifest::parse(&json).map_err(|error| words::error(&error))?;
        Ok(manifest.without_retired())
    }

    pub(super) fn read(&self, version: &AssetVersion) -> Result<Vec<u8>, BoxError> {
        // One more, so that something longer is not taken for the whole.
        let limit = version.size().saturating_add(1);
        Ok(load(&format!("{}{}", self.origin, version.url()), limit)?)
    }
}

fn load(url: &str, limit: u64) -> Result<Vec<u8>, ureq::Error> {
    let mut response = ureq::get(url).call()?;
    response.body_mut().with_config().limit(limit).read_to_vec()
}

//! URLs that are put together when they are displayed.

use crate::asset::Asset;
use crate::assets::Assets;
use crate::percent::Encoded;
use core::fmt;

/// A URL that is displayed: that of an asset, or of a name that no asset has; with a base in front
/// of it, or none.
#[derive(Clone, Copy, Debug)]
pub struct Url<'a> {
    base: &'a str,
    target: Target<'a>,
}

#[derive(Clone, Copy, Debug)]
enum Target<'a> {
    Known(&'static str),
    Unknown { mount: &'static str, name: &'a str },
}

impl<'a> Url<'a> {
    pub(crate) const fn known(url: &'static str) -> Self {
        Url { base: "", target: Target::Known(url) }
    }

    pub(crate) const fn unknown(mount: &'static str, name: &'a str) -> Self {
        Url { base: "", target: Target::Unknown { mount, name } }
    }

    /// The asset's URL, without the base; `None` where the name is unknown.
    #[must_use]
    pub const fn as_known(self) -> Option<&'static str> {
        match self.target {
            Target::Known(url) => Some(url),
            Target::Unknown { .. } => None,
        }
    }

    /// What stands in front of the mount, without a slash at its end; empty where nothing does. See
    /// [`Assets::with_base`].
    #[must_use]
    pub const fn base(self) -> &'a str {
        self.base
    }
}

impl fmt::Display for Url<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.base)?;
        match self.target {
            Target::Known(url) => f.write_str(url),
            Target::Unknown { mount, name } => {
                write!(f, "{mount}/{}", Encoded(name.trim_start_matches('/')))
            }
        }
    }
}

/// The assets of a bundle, for pages that reach them through a prefix or on another host: see
/// [`Assets::with_base`].
///
/// A small handle that is copied freely.
#[derive(Clone, Copy, Debug)]
pub struct BasedAssets<'a> {
    assets: Assets,
    base: &'a str,
}

impl<'a> BasedAssets<'a> {
    pub(crate) fn new(assets: Assets, base: &'a str) -> Self {
        BasedAssets { assets, base: base.trim_end_matches('/') }
    }

    /// The assets without the base.
    #[must_use]
    pub const fn assets(self) -> Assets {
        self.assets
    }

    /// The base, without a slash at its end.
    #[must_use]
    pub const fn base(self) -> &'a str {
        self.base
    }

    /// The URL of the asset of this name: the base, the mount, the stamped path.
    #[must_use]
    pub fn url(self, name: &str) -> Option<Url<'a>> {
        self.assets.get(name).map(|asset| self.url_of(asset))
    }

    /// The same for an asset that is at hand.
    #[must_use]
    pub fn url_of(self, asset: Asset) -> Url<'a> {
        Url { base: self.base, ..Url::known(asset.url()) }
    }

    /// The URL for this name, whether there is such an asset or not: see [`Assets::url_for`].
    #[must_use]
    pub fn url_for<'n>(self, name: &'n str) -> Url<'n>
    where
        'a: 'n,
    {
        Url { base: self.base, ..self.assets.url_for(name) }
    }
}

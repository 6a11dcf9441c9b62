//! URLs with a base in front of them.

use crate::asset::Asset;
use crate::assets::Assets;
use crate::url::Url;

impl Assets {
    /// Puts `base` in front of the URLs, before the mount: for a program that runs behind a prefix, or
    /// whose assets come from another host. A slash at its end makes no difference.
    ///
    /// The base need not be known before the program runs, and nothing is allocated. It is displayed as
    /// it is, so it must be a valid URL or path already.
    ///
    /// Requests are not affected: a proxy in front of the program takes the base off. Nor are contents:
    /// style sheets refer to other assets by relative URLs.
    ///
    /// ```
    /// # fn example(assets: stamped::Assets) {
    /// let assets = assets.with_base("https://cdn.example/x");
    /// assert_eq!(
    ///     assets.url_for("css/style.css").to_string(),
    ///     "https://cdn.example/x/static/css/style.1452929749.css",
    /// );
    /// # }
    /// ```
    #[must_use]
    pub fn with_base(self, base: &str) -> BasedAssets<'_> {
        BasedAssets::new(self, base)
    }
}

/// The assets of a bundle with a base in front of their URLs, for pages that reach them through a
/// prefix or on another host: see [`Assets::with_base`].
///
/// A small handle, which is cheap to copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
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

    /// The URL of an asset: the base, the mount, the stamped path.
    #[must_use]
    pub fn url_of(self, asset: Asset) -> Url<'a> {
        Url::known(asset.url()).with_base(self.base)
    }

    /// The URL for this name, even if no asset has it: see [`Assets::url_for`].
    #[must_use]
    pub fn url_for<'n>(self, name: &'n str) -> Url<'n>
    where
        'a: 'n,
    {
        self.assets.url_for(name).with_base(self.base)
    }
}

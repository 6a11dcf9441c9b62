//! A bundle as the program has it.

use crate::asset::Asset;
use crate::data::Data;
use crate::resolve::{self, Resolved};
use crate::url::Url;
use core::iter::FusedIterator;
use core::{fmt, hash, ptr};

/// The assets of one bundle: `ASSETS` in generated code.
///
/// A small handle to data in the program; copying it copies no asset. Names are `/`-separated paths
/// below the asset folder, such as `css/style.css`. Two are equal if they are the same bundle.
#[derive(Clone, Copy)]
pub struct Assets {
    data: &'static Data,
}

impl Assets {
    /// The bundle over `data`.
    #[doc(hidden)]
    #[inline]
    #[must_use]
    pub const fn new(data: &'static Data) -> Self {
        Assets { data }
    }

    #[inline]
    pub(crate) const fn data(self) -> &'static Data {
        self.data
    }

    /// The asset at a position in the order of names.
    #[doc(hidden)]
    #[inline]
    #[must_use]
    pub const fn asset(self, id: u32) -> Asset {
        Asset::new(self.data, id)
    }

    /// The asset of this name.
    ///
    /// One probe of the perfect hash and one comparison; nothing is allocated.
    #[must_use]
    pub fn get(self, name: &str) -> Option<Asset> {
        self.find(name.as_bytes())
    }

    /// The URL of the asset of this name.
    ///
    /// For a name that is known when the program is written, use `url!`: it costs nothing at run time,
    /// and the compiler notices a misspelt name.
    #[must_use]
    pub fn url(self, name: &str) -> Option<&'static str> {
        self.get(name).map(Asset::url)
    }

    /// The URL for this name, even if no asset has it: then it is the name itself under the mount,
    /// percent-encoded and without a stamp.
    ///
    /// The URL is put together when it is displayed; nothing is allocated.
    #[must_use]
    pub fn url_for(self, name: &str) -> Url<'_> {
        match self.url(name) {
            Some(url) => Url::known(url),
            None => Url::unknown(self.mount(), name),
        }
    }

    /// Finds the asset that the path of a request leads to, and says what its stamp means.
    ///
    /// The path is as in the request line, percent-encoded and without a query. It is decoded once, and
    /// then looked up as it is: `.` and `..` mean nothing.
    #[must_use]
    pub fn resolve(self, path: &str) -> Resolved {
        resolve::resolve(self.data, path.as_bytes())
    }

    /// Iterates over all assets in the order of their names, compared by bytes.
    #[must_use]
    pub fn iter(self) -> Iter {
        self.into_iter()
    }

    /// The number of assets.
    #[must_use]
    pub fn len(self) -> usize {
        self.data.index().len() as usize
    }

    /// Whether the bundle has no assets.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The URL prefix of all assets, such as `/static`; empty where they lie at the root.
    #[must_use]
    pub fn mount(self) -> &'static str {
        self.data.index().mount()
    }

    /// An [import map](https://html.spec.whatwg.org/multipage/webappapis.html#import-maps) as JSON,
    /// for `<script type=importmap>`: it leads from the plain URL of each module to the stamped one,
    /// and has the integrity of each.
    ///
    /// It has entries if the pipeline has `references(References::ImportMap)`. Otherwise modules name
    /// each other by their stamped paths and need no map.
    #[must_use]
    pub fn import_map(self) -> &'static str {
        self.data.index().import_map()
    }

    /// The file in which the run of the build script is recorded; empty if it is not.
    #[cfg(feature = "live")]
    pub(crate) const fn record_of_run(self) -> &'static str {
        self.data.record_of_run()
    }

    /// The name of an asset that is most like this one, which no asset has.
    #[doc(hidden)]
    #[must_use]
    pub const fn nearest(self, name: &str) -> Option<&'static str> {
        self.data.nearest(name)
    }

    #[inline]
    fn find(self, name: &[u8]) -> Option<Asset> {
        self.data.find(name).map(|id| self.asset(id))
    }

    /// The asset whose name is `head` followed by `tail`.
    #[cfg(feature = "http")]
    pub(crate) fn find_joined(self, head: &str, tail: &str) -> Option<Asset> {
        self.data.find_joined(head.as_bytes(), tail.as_bytes()).map(|id| self.asset(id))
    }
}

impl Asset {
    /// The bundle that this asset belongs to.
    #[inline]
    #[must_use]
    pub const fn bundle(self) -> Assets {
        Assets::new(self.data())
    }
}

impl PartialEq for Assets {
    fn eq(&self, other: &Self) -> bool {
        ptr::eq(self.data, other.data)
    }
}

impl Eq for Assets {}

impl hash::Hash for Assets {
    fn hash<H: hash::Hasher>(&self, state: &mut H) {
        ptr::hash(self.data, state);
    }
}

impl fmt::Debug for Assets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Assets").field("mount", &self.mount()).field("len", &self.len()).finish()
    }
}

impl IntoIterator for Assets {
    type Item = Asset;
    type IntoIter = Iter;

    fn into_iter(self) -> Iter {
        Iter { assets: self, ids: 0..self.data.index().len() }
    }
}

/// The assets of a bundle in the order of their names.
#[derive(Clone, Debug)]
pub struct Iter {
    assets: Assets,
    ids: core::ops::Range<u32>,
}

impl Iterator for Iter {
    type Item = Asset;

    fn next(&mut self) -> Option<Asset> {
        self.ids.next().map(|id| self.assets.asset(id))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.ids.size_hint()
    }
}

impl DoubleEndedIterator for Iter {
    fn next_back(&mut self) -> Option<Asset> {
        self.ids.next_back().map(|id| self.assets.asset(id))
    }
}

impl ExactSizeIterator for Iter {}

impl FusedIterator for Iter {}

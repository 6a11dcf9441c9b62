//! A bundle as the program has it: lookup by name.

use crate::asset::Asset;
use crate::hash::hash;
use crate::index::Index;
use crate::resolve::{self, LONGEST_PATH, Resolved};
use crate::text::Text;
use crate::url::{BasedAssets, Url};

/// What a bundle is made of. Generated code makes it; nothing else needs to look inside.
#[derive(Debug)]
pub struct Data {
    /// The packed index.
    pub index: &'static [u8],
    /// Names, addresses, types and tags.
    pub strings: &'static str,
    /// The contents that are UTF-8 text.
    pub text: Text,
    /// All other contents.
    pub binary: &'static [u8],
    /// From the hash of a name to the asset's position.
    pub map: Map,
}

/// From the hash of a name to the asset's position.
#[derive(Debug)]
pub enum Map {
    /// A perfect hash, computed when the program was built.
    Perfect(phf::Map<u64, u32>),
    /// Pairs in ascending order, for a bundle that is made at run time.
    Sorted(&'static [(u64, u32)]),
}

impl Map {
    fn get(&self, hash: u64) -> Option<u32> {
        match self {
            Map::Perfect(map) => map.get(&hash).copied(),
            Map::Sorted(pairs) => {
                let at = pairs.binary_search_by_key(&hash, |&(key, _)| key).ok()?;
                pairs.get(at).map(|&(_, id)| id)
            }
        }
    }
}

/// The assets of one bundle: `ASSETS` in generated code.
///
/// A small handle to data in the program; copying it copies no asset. Names are `/`-separated paths
/// below the asset folder, such as `css/style.css`.
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

    /// The asset at a position in the order of names.
    #[doc(hidden)]
    #[inline]
    #[must_use]
    pub const fn asset(self, id: u32) -> Asset {
        Asset::new(self.data, id)
    }

    #[inline]
    pub(crate) const fn index(self) -> Index<'static> {
        Index::new(self.data.index, self.data.strings)
    }

    /// The asset of this name.
    ///
    /// One probe of the perfect hash and one comparison; nothing is allocated.
    #[must_use]
    pub fn get(self, name: &str) -> Option<Asset> {
        self.find(name.as_bytes())
    }

    /// The URL of the asset of this name: under the mount, stamped, percent-encoded.
    ///
    /// For a name that is known when the program is written, `url!` costs nothing at all and
    /// notices a mistake when the program is compiled.
    #[must_use]
    pub fn url(self, name: &str) -> Option<&'static str> {
        self.get(name).map(Asset::url)
    }

    /// The URL for this name, whether there is such an asset or not: the URL of an unknown name is
    /// the name itself under the mount, percent-encoded and without a stamp.
    ///
    /// The result is displayed; it allocates only if it is made a `String`.
    #[must_use]
    pub fn url_for(self, name: &str) -> Url<'_> {
        match self.url(name) {
            Some(url) => Url::known(url),
            None => Url::unknown(self.mount(), name),
        }
    }

    /// The same assets with `base` in front of their URLs, mount included: for a program that runs
    /// behind a prefix, or whose assets come from another host. With or without a slash at its end.
    ///
    /// The base may be known only when the program runs; nothing is allocated. It is displayed as it
    /// is, so it must be a URL already.
    ///
    /// Requests are not affected: whoever stands in front of the program takes the base off. Nor are
    /// the contents: in a style sheet, what is referred to is named by relative URLs.
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

    /// What the path of a request, as it stands in the request line, means here.
    ///
    /// Percent-encoded bytes are decoded once; then the path is looked up as it is. There is no
    /// query in a path.
    #[must_use]
    pub fn resolve(self, path: &str) -> Resolved {
        resolve::resolve(self, path.as_bytes())
    }

    /// All assets in the order of their names (by bytes).
    #[must_use]
    pub fn iter(self) -> Iter {
        self.into_iter()
    }

    /// How many assets there are.
    #[must_use]
    pub fn len(self) -> usize {
        self.index().len() as usize
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The URL prefix of all assets, such as `/static`; empty where they lie at the root.
    #[must_use]
    pub fn mount(self) -> &'static str {
        self.index().mount()
    }

    /// An [import map](https://html.spec.whatwg.org/multipage/webappapis.html#import-maps) as JSON,
    /// for `<script type=importmap>`: it leads from the plain URL of each module to the stamped one,
    /// and has the integrity of each.
    ///
    /// It has entries if the pipeline was told `references(References::ImportMap)`; otherwise modules
    /// name each other by their stamped paths, and need no map.
    #[must_use]
    pub fn import_map(self) -> &'static str {
        self.index().import_map()
    }

    #[inline]
    pub(crate) fn find(self, name: &[u8]) -> Option<Asset> {
        let index = self.index();
        let id = self.data.map.get(hash(index.seed(), name))?;
        index.record(id).has_name(name).then(|| self.asset(id))
    }

    /// The asset whose name is `head` followed by `tail`: a stamped path is looked up without its
    /// stamp.
    pub(crate) fn find_joined(self, head: &[u8], tail: &[u8]) -> Option<Asset> {
        match join(&mut [0; USUAL_NAME], head, tail) {
            Some(name) => self.find(name),
            None => self.find_long(head, tail),
        }
    }

    /// On its own, so that its buffer is no burden to the others.
    #[inline(never)]
    fn find_long(self, head: &[u8], tail: &[u8]) -> Option<Asset> {
        self.find(join(&mut [0; LONGEST_PATH], head, tail)?)
    }
}

/// Longer names take longer.
const USUAL_NAME: usize = 128;

/// Both in `buffer`; `None` if they do not fit.
#[inline]
fn join<'a>(buffer: &'a mut [u8], head: &[u8], tail: &[u8]) -> Option<&'a [u8]> {
    let joined = buffer.get_mut(..head.len() + tail.len())?;
    let (start, end) = joined.split_at_mut_checked(head.len())?;
    start.copy_from_slice(head);
    end.copy_from_slice(tail);
    Some(joined)
}

impl core::fmt::Debug for Assets {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Assets").field("mount", &self.mount()).field("len", &self.len()).finish()
    }
}

impl IntoIterator for Assets {
    type Item = Asset;
    type IntoIter = Iter;

    fn into_iter(self) -> Iter {
        Iter { assets: self, ids: 0..self.index().len() }
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

//! One asset and its representations.

use crate::data::Data;
use crate::index::{Addressing, Coding, Record, RepresentationRecord};
use core::{fmt, hash, ptr};

/// One asset of a bundle: a small handle to data in the program, which is cheap to copy.
///
/// It displays as its URL, so a template can print it as it is. Two are equal if they are the same
/// asset of the same bundle; assets of different bundles differ even if their bytes do not.
///
/// ```
/// # fn example(asset: stamped::Asset) {
/// println!("<link rel=stylesheet href={asset} integrity={}>", asset.integrity());
/// # }
/// ```
#[derive(Clone, Copy)]
pub struct Asset {
    data: &'static Data,
    id: u32,
}

impl Asset {
    #[inline]
    pub(crate) const fn new(data: &'static Data, id: u32) -> Self {
        Asset { data, id }
    }

    #[inline]
    fn record(self) -> Record<'static> {
        self.data.record(self.id)
    }

    /// Where it belongs.
    #[inline]
    pub(crate) const fn data(self) -> &'static Data {
        self.data
    }

    /// The name: the `/`-separated path below the asset folder, as `css/style.css`.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.record().name()
    }

    /// The path under the mount with the stamp in it, as `css/style.1452929749.css`. It is not
    /// percent-encoded: where the bundle is exported, the file has this path.
    #[must_use]
    pub fn path(self) -> &'static str {
        self.record().path()
    }

    /// The URL: mount and path, percent-encoded, as `/static/css/style.1452929749.css`. HTML
    /// attributes, CSS, JavaScript strings and header fields can hold it without further escaping.
    #[inline]
    #[must_use]
    pub fn url(self) -> &'static str {
        self.record().url()
    }

    /// The 1 to 20 digits of the stamp; `None` if the asset keeps its name.
    #[must_use]
    pub fn stamp(self) -> Option<&'static str> {
        Some(self.record().stamp()).filter(|stamp| !stamp.is_empty())
    }

    /// How the asset is addressed: by a stamped path, by its plain name, or by a name that a bundler
    /// has stamped.
    #[must_use]
    pub fn addressing(self) -> Addressing {
        self.record().addressing()
    }

    /// Whether the asset is served at the root of the site too, as `/robots.txt` beside
    /// `/static/robots.txt`: `Pipeline::at_root` in `stamped-build` chooses which. Its
    /// [`url`](Self::url) is the one below the mount.
    ///
    /// ```
    /// # fn example(assets: stamped::Assets) {
    /// for asset in assets.iter().filter(|asset| asset.is_at_root()) {
    ///     println!("/{}", stamped::percent::Encoded(asset.name()));
    /// }
    /// # }
    /// ```
    #[must_use]
    pub fn is_at_root(self) -> bool {
        self.record().is_at_root()
    }

    /// Whether the asset is a JavaScript module: by its syntax, by its name (`.mjs`), or because others
    /// load it as one. Of an earlier version, only syntax and name say so.
    #[must_use]
    pub fn is_module(self) -> bool {
        self.record().is_module()
    }

    /// The width and height of a picture in CSS pixels, for the attributes of that name: with them, a page
    /// does not jump when the picture comes. `None` where the asset is no picture, or does not say.
    ///
    /// The build reads them from PNG, JPEG (turned as its Exif data says), GIF, WebP, AVIF, HEIF and SVG
    /// files.
    ///
    /// ```
    /// # fn example(logo: stamped::Asset) -> String {
    /// let (width, height) = logo.dimensions().unwrap_or_default();
    /// format!("<img src=\"{logo}\" width={width} height={height} alt=Shop>")
    /// # }
    /// ```
    #[must_use]
    pub fn dimensions(self) -> Option<(u32, u32)> {
        self.record().dimensions()
    }

    /// The value of `Content-Type`. Text that is UTF-8 says so; other text names no charset, so
    /// that a byte order mark or the file's own declaration decides.
    #[must_use]
    pub fn content_type(self) -> &'static str {
        self.record().content_type()
    }

    /// The bytes, without a content coding. Empty where the contents were left out of the program, and
    /// for an earlier version that is kept compressed ([`versions`](Self::versions)).
    #[must_use]
    pub fn bytes(self) -> &'static [u8] {
        self.identity().map_or(&[], Representation::bytes)
    }

    /// The bytes as text, if they are UTF-8.
    #[must_use]
    pub fn text(self) -> Option<&'static str> {
        self.identity().and_then(Representation::text)
    }

    /// The value of an `integrity` attribute over [`bytes`](Self::bytes): `sha384-` and base64
    /// ([Subresource Integrity](https://www.w3.org/TR/SRI/), section 3.1).
    #[must_use]
    pub fn integrity(self) -> &'static str {
        self.record().integrity()
    }

    /// The strong entity tag of [`bytes`](Self::bytes), with its quotes (RFC 9110, section 8.8.3).
    /// Each other representation has its own tag. Empty where there are no such bytes in the program.
    #[must_use]
    pub fn etag(self) -> &'static str {
        self.identity().map_or("", Representation::etag)
    }

    /// When the asset last changed, in seconds since 1970; `None` if no real time is known.
    #[must_use]
    pub fn last_modified(self) -> Option<u64> {
        let record = self.record();
        (!record.modified_text().is_empty()).then(|| record.modified())
    }

    /// When the asset last changed, as the value of `Last-Modified` (RFC 9110, section 5.6.7).
    #[must_use]
    pub fn last_modified_http(self) -> Option<&'static str> {
        Some(self.record().modified_text()).filter(|text| !text.is_empty())
    }

    /// The contents in each content coding that is stored, those without a coding first. Empty where
    /// the contents were left out of the program. An earlier version may be stored in gzip only.
    pub fn representations(self) -> impl ExactSizeIterator<Item = Representation> + Clone {
        let data = self.data;
        self.record().representations().map(move |record| Representation { data, record })
    }

    /// The representation for clients that have the bytes with this SHA-256, which are those of an
    /// earlier version: much smaller, and decoded with these bytes as the dictionary (`dcz`, RFC 9842).
    /// `None` where there is none. [`representations`](Self::representations) has none of them, because
    /// nobody else can decode one.
    ///
    /// `http::Handler` chooses them by itself. The builder makes them with `Encoding::delta()` of
    /// `stamped-build`.
    ///
    /// ```
    /// # fn example(asset: stamped::Asset, sha256: [u8; 32]) {
    /// if let Some(delta) = asset.delta(&sha256) {
    ///     println!("{} instead of {} bytes", delta.bytes().len(), asset.bytes().len());
    /// }
    /// # }
    /// ```
    #[must_use]
    pub fn delta(self, dictionary: &[u8; 32]) -> Option<Representation> {
        let record = self.data.index().delta(self.id, dictionary)?;
        Some(Representation { data: self.data, record })
    }

    /// Whether there are deltas.
    #[cfg(feature = "http")]
    pub(crate) fn has_deltas(self) -> bool {
        self.data.index().has_deltas(self.id)
    }

    /// The assets that this one refers to, each once, in the order of their names. An earlier version
    /// refers to the versions that it was built with.
    pub fn references(self) -> impl ExactSizeIterator<Item = Asset> + Clone {
        let data = self.data;
        data.references(self.id).map(move |(id, _)| Asset::new(data, id))
    }

    /// The same, each with whether this asset does nothing without it.
    #[cfg(any(feature = "std", feature = "http"))]
    pub(crate) fn references_and_needs(self) -> impl Iterator<Item = (Asset, bool)> {
        let data = self.data;
        data.references(self.id).map(move |(id, needed)| (Asset::new(data, id), needed))
    }

    /// The assets that a page must load before this one can do anything: the modules that a module
    /// imports and the style sheets that a style sheet imports, those that they import, and so on. Each
    /// is given once, nearer ones first, without the asset itself.
    ///
    /// A page that names them in `<link rel=modulepreload>` or `<link rel=preload as=style>` lets the
    /// browser load them at once instead of finding one after the other.
    #[cfg(feature = "std")]
    #[must_use]
    pub fn preloads(self) -> std::vec::Vec<Asset> {
        preloads([self])
    }

    /// Whether this is the current version of the asset. Others are earlier versions that the program
    /// keeps ([`versions`](Self::versions)).
    #[must_use]
    pub fn is_current(self) -> bool {
        self.id < self.data.index().len()
    }

    /// The versions of this asset before this one, as far as the program keeps them
    /// (`Pipeline::versions` in `stamped-build`), the newest first.
    ///
    /// Each has its own URL, type, `integrity` and [`representations`](Self::representations). There is
    /// only one of the latter, in gzip where that is smaller, unless another asset has the same bytes; so
    /// [`bytes`](Self::bytes) may be empty.
    ///
    /// ```
    /// # fn example(asset: stamped::Asset) {
    /// for version in asset.versions() {
    ///     println!("{} is still answered with its own bytes", version.url());
    /// }
    /// # }
    /// ```
    pub fn versions(self) -> impl Iterator<Item = Asset> + Clone {
        core::iter::successors(self.previous(), |version| version.previous())
    }

    fn previous(self) -> Option<Asset> {
        self.record().previous().map(|id| Asset::new(self.data, id))
    }

    fn identity(self) -> Option<Representation> {
        self.representations().next().filter(|first| first.coding() == Coding::Identity)
    }
}

/// What these assets need, directly or not, each once and nearer ones first, without themselves.
#[cfg(feature = "std")]
pub(crate) fn preloads(of: impl IntoIterator<Item = Asset>) -> std::vec::Vec<Asset> {
    let mut all: std::vec::Vec<Asset> = of.into_iter().collect();
    let first = all.len();
    let mut seen: std::collections::HashSet<Asset> = all.iter().copied().collect();
    let mut done = 0;
    while let Some(&asset) = all.get(done) {
        let needed = asset.references_and_needs().filter(|&(_, needed)| needed);
        all.extend(needed.map(|(target, _)| target).filter(|target| seen.insert(*target)));
        done += 1;
    }
    all.split_off(first)
}

impl fmt::Display for Asset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.url())
    }
}

impl fmt::Debug for Asset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Asset").field("name", &self.name()).field("url", &self.url()).finish()
    }
}

impl PartialEq for Asset {
    fn eq(&self, other: &Self) -> bool {
        ptr::eq(self.data, other.data) && self.id == other.id
    }
}

impl Eq for Asset {}

impl hash::Hash for Asset {
    fn hash<H: hash::Hasher>(&self, state: &mut H) {
        ptr::hash(self.data, state);
        self.id.hash(state);
    }
}

/// An asset's bytes in one content coding (RFC 9110, section 8): a small handle, as [`Asset`] is.
#[derive(Clone, Copy)]
pub struct Representation {
    data: &'static Data,
    record: RepresentationRecord<'static>,
}

impl Representation {
    /// The content coding.
    #[must_use]
    pub fn coding(self) -> Coding {
        self.record.coding()
    }

    /// The coded bytes.
    #[must_use]
    pub fn bytes(self) -> &'static [u8] {
        self.data.bytes(self.record.area(), self.record.range())
    }

    /// The number of bytes, also of those that the process does not hold.
    #[cfg(feature = "http")]
    pub(crate) fn len(self) -> usize {
        self.record.range().len()
    }

    /// The file that has the bytes; `None` where the process has them.
    #[cfg(all(feature = "http", feature = "files"))]
    pub(crate) fn open(self) -> Option<std::io::Result<(std::fs::File, crate::files::Version)>> {
        (self.record.area() == crate::index::Area::Outside)
            .then(|| self.data.open(self.record.offset()))
    }

    /// The bytes as text, if they are UTF-8.
    #[must_use]
    pub fn text(self) -> Option<&'static str> {
        self.data.text(self.record.area(), self.record.range())
    }

    /// The number of bytes, in decimal: the value of `Content-Length`.
    #[must_use]
    pub fn content_length(self) -> &'static str {
        self.record.length_text()
    }

    /// The strong entity tag, with its quotes.
    #[must_use]
    pub fn etag(self) -> &'static str {
        self.record.etag()
    }

    /// A number that no other representation in the program has.
    #[cfg(feature = "http")]
    pub(crate) fn address(self) -> usize {
        self.record.address()
    }
}

impl PartialEq for Representation {
    fn eq(&self, other: &Self) -> bool {
        self.record.address() == other.record.address()
    }
}

impl Eq for Representation {}

impl hash::Hash for Representation {
    fn hash<H: hash::Hasher>(&self, state: &mut H) {
        self.record.address().hash(state);
    }
}

impl fmt::Debug for Representation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Representation")
            .field("coding", &self.coding())
            .field("len", &self.record.range().len())
            .field("etag", &self.etag())
            .finish()
    }
}

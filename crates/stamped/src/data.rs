//! What a bundle is made of, and the lookup by name.

use crate::hash::{hash, hash_without};
use crate::index::{Area, Index, Record};
#[cfg(feature = "live")]
use crate::live::{Segments, Shared};
use crate::nearest::Nearest;
use crate::text::Text;
use core::cmp::Ordering;
use core::fmt;
use core::ops::Range;

/// The parts of a bundle. Generated code makes it; nothing else needs to look inside.
pub struct Data {
    index: Index<'static>,
    /// The records, if they are not in the index.
    #[cfg(feature = "live")]
    segments: Segments,
    contents: Contents,
    map: Map,
    run: &'static str,
    #[cfg(feature = "files")]
    outside: Option<&'static dyn crate::files::Outside>,
}

/// Where the bytes of representations lie.
#[derive(Clone, Copy)]
enum Contents {
    /// One area of text and one of everything else.
    Areas(Text, &'static [u8]),
    /// One area for both, which grows.
    #[cfg(feature = "live")]
    Grown(&'static dyn Shared),
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

/// The longest path that is decoded, in bytes: `PATH_MAX` of Linux. `stamped-build` refuses names that
/// could not be asked for.
pub const LONGEST_PATH: usize = 4096;

/// Longer names take longer to be put together.
const USUAL_NAME: usize = 128;

impl Data {
    /// No assets, mounted at the root.
    pub const EMPTY: Self =
        Data::of(Index::EMPTY, Contents::Areas(Text::new(""), &[]), Map::Sorted(&[]));

    /// A bundle: a packed index with its string area, the contents (those that are text and all
    /// others), and the way from hashes to positions.
    ///
    /// # Panics
    ///
    /// When the parts are not those of one bundle, made for this version of the crate. Generated code
    /// calls this in a static, so that it is a compile error.
    #[must_use]
    pub const fn new(
        index: &'static [u8],
        strings: &'static str,
        (text, binary): (Text, &'static [u8]),
        map: Map,
    ) -> Self {
        let index = Index::new(index, strings);
        assert!(
            index.fits(text.len(), binary.len()),
            "the contents of this bundle are cut off: run `cargo clean`, then build again"
        );
        Data::of(index, Contents::Areas(text, binary), map)
    }

    /// The same for a build script whose run is recorded in this file, so that live mode can run it
    /// again. Empty for none.
    #[must_use]
    pub const fn run(mut self, record: &'static str) -> Self {
        self.run = record;
        self
    }

    /// A version of a bundle that is made while the program runs: an index whose records are in these
    /// segments, and what all versions share.
    #[cfg(feature = "live")]
    pub(crate) const fn grown(
        index: Index<'static>,
        segments: Segments,
        shared: &'static dyn Shared,
    ) -> Self {
        let data = Data::of(index, Contents::Grown(shared), Map::Sorted(&[]));
        Data { segments, ..data }
    }

    /// The records, if this is a version of a bundle that is made while the program runs.
    #[cfg(feature = "live")]
    pub(crate) const fn segments(&self) -> Segments {
        self.segments
    }

    /// The sources of entry points that Vite has made, while its development server runs.
    #[cfg(all(feature = "live", feature = "std"))]
    pub(crate) fn sources(&self) -> Option<alloc::sync::Arc<crate::live::Sources>> {
        match self.contents {
            Contents::Grown(shared) => shared.sources(),
            Contents::Areas(..) => None,
        }
    }

    /// The file in which the run of the build script is recorded. Empty if it is not.
    #[cfg(feature = "live")]
    pub(crate) const fn record_of_run(&self) -> &'static str {
        self.run
    }

    const fn of(index: Index<'static>, contents: Contents, map: Map) -> Self {
        Data {
            index,
            #[cfg(feature = "live")]
            segments: Segments::NONE,
            contents,
            map,
            run: "",
            #[cfg(feature = "files")]
            outside: None,
        }
    }

    /// The same bundle, where the contents in neither area are in these files.
    #[cfg(feature = "files")]
    #[must_use]
    pub const fn with_outside(mut self, files: &'static dyn crate::files::Outside) -> Self {
        self.outside = Some(files);
        self
    }

    /// Opens the file at a position.
    #[cfg(all(feature = "http", feature = "files"))]
    pub(crate) fn open(
        &self,
        position: u64,
    ) -> std::io::Result<(std::fs::File, crate::files::Version)> {
        match self.outside {
            Some(files) => files.open(position),
            None => Err(std::io::ErrorKind::NotFound.into()),
        }
    }

    #[inline]
    pub(crate) const fn index(&self) -> Index<'static> {
        self.index
    }

    #[inline]
    pub(crate) fn record(&self, id: u32) -> Record<'static> {
        #[cfg(feature = "live")]
        if !self.segments.is_empty() {
            return self.segments.record(id);
        }
        self.index.record(id)
    }

    /// The positions of the assets that the one at a position refers to, and whether it does nothing without
    /// them.
    pub(crate) fn references(
        &self,
        id: u32,
    ) -> impl ExactSizeIterator<Item = (u32, bool)> + Clone + use<> {
        #[cfg(feature = "live")]
        let from = if self.segments.is_empty() { 0 } else { id };
        #[cfg(not(feature = "live"))]
        let from = 0;
        let references = self.record(id).references();
        references.map(move |(target, needed)| (target.wrapping_add(from), needed))
    }

    /// The number of records: of the assets and, behind them, of the earlier versions.
    fn records(&self) -> u32 {
        #[cfg(feature = "live")]
        if !self.segments.is_empty() {
            return self.segments.records();
        }
        self.index.records()
    }

    /// The position of the earlier version that has this path under the mount.
    pub(crate) fn find_earlier(&self, path: &[u8]) -> Option<u32> {
        let (mut from, mut to) = (self.index.len(), self.records());
        while from < to {
            let middle = from + (to - from) / 2;
            match self.record(middle).path().as_bytes().cmp(path) {
                Ordering::Less => from = middle + 1,
                Ordering::Equal => return Some(middle),
                Ordering::Greater => to = middle,
            }
        }
        None
    }

    /// The name that is most like this one, which no asset has.
    pub(crate) const fn nearest(&self, wanted: &str) -> Option<&'static str> {
        let mut nearest = Nearest::to(wanted, self.index.len() as usize);
        #[cfg(feature = "live")]
        if !self.segments.is_empty() {
            return self.segments.nearest(&mut nearest, self.index.len());
        }
        self.index.nearest(&mut nearest)
    }

    /// The bytes of a representation.
    pub(crate) fn bytes(&self, area: Area, range: Range<usize>) -> &'static [u8] {
        let found = match (self.contents, area) {
            (Contents::Areas(text, _), Area::Text) => text.as_bytes().get(range),
            (Contents::Areas(_, binary), Area::Binary) => binary.get(range),
            #[cfg(feature = "live")]
            (Contents::Grown(shared), Area::Text | Area::Binary) => shared.bytes(range),
            // Whoever sends it opens the file.
            (_, Area::Outside) => None,
        };
        found.unwrap_or_default()
    }

    /// A representation in the area of text. `None` if it is in the other.
    pub(crate) fn text(&self, area: Area, range: Range<usize>) -> Option<&'static str> {
        match (self.contents, area) {
            (Contents::Areas(text, _), Area::Text) => text.as_str().get(range),
            (_, Area::Binary | Area::Outside) => None,
            #[cfg(feature = "live")]
            (Contents::Grown(_), Area::Text) => core::str::from_utf8(self.bytes(area, range)).ok(),
        }
    }

    /// The position of the asset of this name.
    #[inline]
    pub(crate) fn find(&self, name: &[u8]) -> Option<u32> {
        self.guess(name).filter(|&id| self.record(id).has_name(name))
    }

    /// The only position that the asset can have whose name is left of `path` without `cut`, a stamp and the
    /// dot before it.
    #[inline]
    pub(crate) fn guess_without(&self, path: &[u8], cut: &Range<usize>) -> Option<u32> {
        let hash = hash_without(self.index.seed(), path, cut);
        // Segments have seeds of their own.
        #[cfg(feature = "live")]
        let hash = hash.filter(|_| self.segments.is_empty());
        match hash {
            Some(hash) => self.map.get(hash),
            None => self.guess_joined(path.get(..cut.start)?, path.get(cut.end..)?),
        }
    }

    /// The same for a name that is `head` followed by `tail`.
    #[inline(never)]
    fn guess_joined(&self, head: &[u8], tail: &[u8]) -> Option<u32> {
        match join(&mut [0; USUAL_NAME], head, tail) {
            Some(name) => self.guess(name),
            None => self.guess_long(head, tail),
        }
    }

    /// A function of its own, so that only long names pay for its buffer.
    #[inline(never)]
    fn guess_long(&self, head: &[u8], tail: &[u8]) -> Option<u32> {
        self.guess(join(&mut [0; LONGEST_PATH], head, tail)?)
    }

    #[inline]
    fn guess(&self, name: &[u8]) -> Option<u32> {
        #[cfg(feature = "live")]
        if !self.segments.is_empty() {
            return self.segments.find(name, self.index.len());
        }
        self.map.get(hash(self.index.seed(), name))
    }

    /// The position of the asset whose name is `head` followed by `tail`.
    #[cfg(feature = "http")]
    pub(crate) fn find_joined(&self, head: &[u8], tail: &[u8]) -> Option<u32> {
        self.guess_joined(head, tail).filter(|&id| self.record(id).has_joined_name(head, tail))
    }
}

impl fmt::Debug for Data {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Data").field("len", &self.index.len()).finish_non_exhaustive()
    }
}

/// Both in `buffer`; `None` if they do not fit.
#[inline]
fn join<'a>(buffer: &'a mut [u8], head: &[u8], tail: &[u8]) -> Option<&'a [u8]> {
    let joined = buffer.get_mut(..head.len() + tail.len())?;
    let (start, end) = joined.split_at_mut_checked(head.len())?;
    start.copy_from_slice(head);
    end.copy_from_slice(tail);
    Some(joined)
}

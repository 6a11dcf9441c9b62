//! What a bundle is made of, and the lookup by name.

use crate::hash::hash;
use crate::index::{Area, Index, Record};
use crate::text::Text;
#[cfg(feature = "live")]
use alloc::vec::Vec;
use core::fmt;
use core::ops::Range;

/// The parts of a bundle. Generated code makes it; nothing else needs to look inside.
pub struct Data {
    index: Index<'static>,
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
    /// One area for both, of which a part was added each time that something was new.
    #[cfg(feature = "live")]
    Parts(&'static [Part]),
}

/// A part of an area that grows, without gaps between the parts.
#[cfg(feature = "live")]
#[derive(Clone, Copy, Debug)]
pub(crate) struct Part {
    /// Where it begins in the area.
    pub(crate) start: usize,
    pub(crate) bytes: &'static [u8],
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

    /// A bundle that was made while the program runs. All representations lie in `parts`, whatever
    /// their area. The error says what is wrong with the index.
    #[cfg(feature = "live")]
    pub(crate) fn grown(
        index: &'static [u8],
        strings: &'static str,
        parts: &'static [Part],
    ) -> Result<Self, &'static str> {
        let index = Index::checked(index, strings)?;
        let mut pairs: Vec<(u64, u32)> = (0..index.len())
            .map(|id| (hash(index.seed(), index.record(id).name().as_bytes()), id))
            .collect();
        pairs.sort_unstable();
        let map = Map::Sorted(pairs.leak());
        Ok(Data::of(index, Contents::Parts(parts), map))
    }

    /// The file in which the run of the build script is recorded. Empty if it is not.
    #[cfg(feature = "live")]
    pub(crate) const fn record_of_run(&self) -> &'static str {
        self.run
    }

    const fn of(index: Index<'static>, contents: Contents, map: Map) -> Self {
        Data {
            index,
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
        self.index.record(id)
    }

    /// The bytes of a representation.
    pub(crate) fn bytes(&self, area: Area, range: Range<usize>) -> &'static [u8] {
        let found = match (self.contents, area) {
            (Contents::Areas(text, _), Area::Text) => text.as_bytes().get(range),
            (Contents::Areas(_, binary), Area::Binary) => binary.get(range),
            #[cfg(feature = "live")]
            (Contents::Parts(parts), Area::Text | Area::Binary) => of_parts(parts, range),
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
            (Contents::Parts(_), Area::Text) => core::str::from_utf8(self.bytes(area, range)).ok(),
        }
    }

    /// The position of the asset of this name.
    #[inline]
    pub(crate) fn find(&self, name: &[u8]) -> Option<u32> {
        self.guess(name).filter(|&id| self.record(id).has_name(name))
    }

    /// The only position that the asset whose name is `head` followed by `tail` can have: a stamped
    /// path is looked up without its stamp.
    #[inline]
    pub(crate) fn guess_joined(&self, head: &[u8], tail: &[u8]) -> Option<u32> {
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
        self.map.get(hash(self.index.seed(), name))
    }

    /// The position of that asset.
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

/// What lies in one of the parts. A representation is never cut into two.
#[cfg(feature = "live")]
fn of_parts(parts: &'static [Part], range: Range<usize>) -> Option<&'static [u8]> {
    let behind = parts.partition_point(|part| part.start <= range.start);
    let part = parts.get(behind.checked_sub(1)?)?;
    part.bytes.get(range.start - part.start..range.end.checked_sub(part.start)?)
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

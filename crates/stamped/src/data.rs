//! What a bundle is made of, and the lookup by name.

use crate::hash::hash;
use crate::index::{Index, Record};
use crate::text::Text;
use core::fmt;

/// The parts of a bundle. Generated code makes it; nothing else needs to look inside.
pub struct Data {
    index: Index<'static>,
    text: Text,
    binary: &'static [u8],
    map: Map,
    #[cfg(feature = "files")]
    outside: Option<&'static dyn crate::files::Outside>,
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
    pub const EMPTY: Self = Data::of(Index::EMPTY, (Text::new(""), &[]), Map::Sorted(&[]));

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
        Data::of(index, (text, binary), map)
    }

    const fn of(index: Index<'static>, (text, binary): (Text, &'static [u8]), map: Map) -> Self {
        Data {
            index,
            text,
            binary,
            map,
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

    pub(crate) const fn text(&self) -> Text {
        self.text
    }

    pub(crate) const fn binary(&self) -> &'static [u8] {
        self.binary
    }

    /// The position of the asset of this name.
    #[inline]
    pub(crate) fn find(&self, name: &[u8]) -> Option<u32> {
        let id = self.map.get(hash(self.index.seed(), name))?;
        self.record(id).has_name(name).then_some(id)
    }

    /// The position of the asset whose name is `head` followed by `tail`: a stamped path is looked up
    /// without its stamp.
    pub(crate) fn find_joined(&self, head: &[u8], tail: &[u8]) -> Option<u32> {
        match join(&mut [0; USUAL_NAME], head, tail) {
            Some(name) => self.find(name),
            None => self.find_long(head, tail),
        }
    }

    /// A function of its own, so that only long names pay for its buffer.
    #[inline(never)]
    fn find_long(&self, head: &[u8], tail: &[u8]) -> Option<u32> {
        self.find(join(&mut [0; LONGEST_PATH], head, tail)?)
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

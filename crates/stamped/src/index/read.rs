//! Reads the index.

use super::layout::{
    AT_ROOT, HAS_PERCENT, LOOKS_STAMPED, MAGIC, MODULE, NONE, SEGMENTED, SOME_AT_ROOT,
    SOME_EARLIER, asset, delta, entry, header, reference, representation,
};
use super::{Addressing, Area, Coding};
use crate::nearest::Nearest;
use core::cmp::Ordering;
use core::ops::Range;

/// A packed index over its string area.
#[derive(Clone, Copy)]
pub(crate) struct Index<'a> {
    header: &'a [u8; header::SIZE],
    bytes: &'a [u8],
    strings: &'a str,
}

/// The record of one asset.
#[derive(Clone, Copy)]
pub(crate) struct Record<'a> {
    index: Index<'a>,
    fields: &'a [u8; asset::SIZE],
}

/// The record of one representation.
#[derive(Clone, Copy)]
pub(crate) struct RepresentationRecord<'a> {
    index: Index<'a>,
    fields: &'a [u8; representation::SIZE],
}

#[inline]
const fn u32_at<const N: usize>(record: &[u8; N], at: usize) -> u32 {
    u32::from_le_bytes(array_at(record, at))
}

#[inline]
const fn u64_at<const N: usize>(record: &[u8; N], at: usize) -> u64 {
    u64::from_le_bytes(array_at(record, at))
}

/// The bytes at a place of a record. Places are constants within the record, which is an array so
/// that the compiler sees that too.
#[inline]
const fn array_at<const N: usize, const M: usize>(record: &[u8; N], at: usize) -> [u8; M] {
    if let Some((_, rest)) = record.split_at_checked(at)
        && let Some(array) = rest.first_chunk()
    {
        return *array;
    }
    [0; M]
}

impl Index<'static> {
    /// An index of no assets, mounted at the root.
    pub(crate) const EMPTY: Self =
        Index { header: &[0; header::SIZE], bytes: &[0; header::SIZE], strings: "" };
}

impl<'a> Index<'a> {
    /// The index in `bytes`, whose string area is `strings`.
    ///
    /// # Panics
    ///
    /// When this is not an index, when the lengths are not those that were written, or when a table
    /// does not end where the next one begins.
    #[expect(clippy::panic, reason = "the compiler evaluates this: it is how to refuse to compile")]
    pub(crate) const fn new(bytes: &'a [u8], strings: &'a str) -> Self {
        match Index::checked(bytes, strings) {
            Ok(index) => index,
            Err(why) => panic!("{}", why),
        }
    }

    /// The same, but the reason for a panic is the error.
    pub(crate) const fn checked(bytes: &'a [u8], strings: &'a str) -> Result<Self, &'static str> {
        let Some(header) = bytes.first_chunk::<{ header::SIZE }>() else {
            return Err("the index of this bundle is cut off: run `cargo clean`, then build again");
        };
        if u32_at(header, 0) != u32::from_le_bytes(MAGIC) {
            return Err("another version of stamped-build has written the index of this bundle");
        }
        if u32_at(header, header::LENGTH) as usize != bytes.len()
            || u32_at(header, header::STRINGS) as usize != strings.len()
        {
            return Err(
                "the files of this bundle do not belong together: run `cargo clean`, then build again",
            );
        }
        let representations = u32_at(header, header::REPRESENTATIONS) as usize;
        let references = u32_at(header, header::REFERENCES) as usize;
        let entries = u32_at(header, header::ENTRIES) as usize;
        let deltas = u32_at(header, header::DELTAS) as usize;
        let assets = match u32_at(header, header::FLAGS) & SEGMENTED {
            0 => u32_at(header, header::COUNT) as usize,
            _ => 0,
        };
        let earlier = header::SIZE + assets * asset::SIZE;
        if earlier > representations
            || !(representations - earlier).is_multiple_of(asset::SIZE)
            || representations > references
            || references > entries
            || entries > deltas
            || deltas > bytes.len()
            || !(references - representations).is_multiple_of(representation::SIZE)
            || !(entries - references).is_multiple_of(reference::SIZE)
            || deltas - entries != u32_at(header, header::ENTRY_COUNT) as usize * entry::SIZE
            || !(bytes.len() - deltas).is_multiple_of(delta::SIZE)
        {
            return Err("a table of this bundle has another length than its header says");
        }
        Ok(Index { header, bytes, strings })
    }

    /// The first of several indexes that lie one behind the other, each with its string area behind it, and
    /// the others.
    #[cfg(feature = "live")]
    pub(crate) fn split_first(bytes: &'a [u8]) -> Option<(&'a [u8], &'a [u8])> {
        let header = bytes.first_chunk::<{ header::SIZE }>()?;
        let (index, strings) =
            (u32_at(header, header::LENGTH) as usize, u32_at(header, header::STRINGS) as usize);
        // An index is not shorter than its header, so this ends.
        bytes.split_at_checked(index.max(header::SIZE).checked_add(strings)?)
    }

    /// The index in `bytes`, behind which lies its string area. The error says what is wrong.
    #[cfg(feature = "live")]
    pub(crate) fn with_strings(bytes: &'a [u8]) -> Result<Self, &'static str> {
        let length =
            bytes.first_chunk().map(|header| u32_at::<{ header::SIZE }>(header, header::LENGTH));
        let both = length.and_then(|length| bytes.split_at_checked(length as usize));
        let (index, strings) = both.unwrap_or((bytes, &[]));
        let strings = core::str::from_utf8(strings).map_err(|_| "the string area is not UTF-8")?;
        Index::checked(index, strings)
    }

    /// Whether the areas of contents are as long as the representations reach.
    pub(crate) const fn fits(self, text: usize, binary: usize) -> bool {
        u64_at(self.header, header::TEXT) <= text as u64
            && u64_at(self.header, header::BINARY) <= binary as u64
    }

    /// The record that begins at a place. Those that the index itself names are within its tables;
    /// anything else is a record of zeros.
    #[inline]
    const fn record_at<const N: usize>(self, at: usize) -> &'a [u8; N] {
        if let Some((_, rest)) = self.bytes.split_at_checked(at)
            && let Some(record) = rest.first_chunk()
        {
            return record;
        }
        &[0; N]
    }

    /// The text whose place and length are at a place of a record.
    #[inline]
    const fn str<const N: usize>(self, record: &[u8; N], at: usize) -> &'a str {
        if let Some((_, rest)) = self.strings.split_at_checked(u32_at(record, at) as usize)
            && let Some((text, _)) = rest.split_at_checked(u32_at(record, at + 4) as usize)
        {
            return text;
        }
        ""
    }

    /// The bytes of such a text; only to compare them, which needs no look at where characters end.
    #[inline]
    fn bytes<const N: usize>(self, record: &[u8; N], at: usize) -> Option<&'a [u8]> {
        let from = u32_at(record, at) as usize;
        self.strings.as_bytes().get(from..from + u32_at(record, at + 4) as usize)
    }

    pub(crate) const fn len(self) -> u32 {
        u32_at(self.header, header::COUNT)
    }

    /// The number of records: of the assets and, behind them, of the earlier versions. Zero where they are
    /// in segments.
    pub(crate) fn records(self) -> u32 {
        let end = u32_at(self.header, header::REPRESENTATIONS);
        // A header is a few bytes long.
        end.saturating_sub(header::SIZE as u32) / asset::SIZE as u32
    }

    /// The name that is most like the wanted one, if it is more like it than all that were tried before.
    pub(crate) const fn nearest(self, nearest: &mut Nearest<'_>) -> Option<&'a str> {
        let mut best = None;
        let (mut id, count) = (0, self.len());
        while id < count && !nearest.is_done() {
            let (from, length) = self.name_at(id as usize);
            if from + length <= self.strings.len()
                && nearest.is_nearer_at(self.strings.as_bytes(), from, length)
            {
                best = Some(id);
            }
            id += 1;
        }
        match best {
            Some(id) => Some(self.record(id).name()),
            None => None,
        }
    }

    /// Where the name of an asset lies, and its length: in one call, because the compiler makes it
    /// for each asset in turn.
    const fn name_at(self, id: usize) -> (usize, usize) {
        let (at, b) = (header::SIZE + id * asset::SIZE + asset::NAME, self.bytes);
        (
            u32::from_le_bytes([b[at], b[at + 1], b[at + 2], b[at + 3]]) as usize,
            u32::from_le_bytes([b[at + 4], b[at + 5], b[at + 6], b[at + 7]]) as usize,
        )
    }

    pub(crate) fn seed(self) -> u64 {
        u64_at(self.header, header::SEED)
    }

    /// The length of the longest path under the mount, percent-decoded.
    pub(crate) fn longest(self) -> usize {
        u32_at(self.header, header::LONGEST) as usize
    }

    pub(crate) fn has_names_that_look_stamped(self) -> bool {
        u32_at(self.header, header::FLAGS) & LOOKS_STAMPED != 0
    }

    pub(crate) fn has_names_with_percent(self) -> bool {
        u32_at(self.header, header::FLAGS) & HAS_PERCENT != 0
    }

    pub(crate) fn has_files_at_root(self) -> bool {
        u32_at(self.header, header::FLAGS) & SOME_AT_ROOT != 0
    }

    #[inline]
    pub(crate) fn has_earlier(self) -> bool {
        u32_at(self.header, header::FLAGS) & SOME_EARLIER != 0
    }

    /// Whether clients are asked to keep stamped assets as dictionaries for later versions.
    #[cfg(feature = "http")]
    pub(crate) fn offers_dictionaries(self) -> bool {
        u32_at(self.header, header::FLAGS) & super::layout::OFFERS_DICTIONARIES != 0
    }

    /// The delta of an asset for clients that have the bytes with this SHA-256.
    pub(crate) fn delta(self, id: u32, dictionary: &[u8; 32]) -> Option<RepresentationRecord<'a>> {
        let at = self.first_delta(|asset, other| (asset, other) < (id, dictionary));
        let fields = self.delta_at(at).filter(|fields| is_delta_of(fields, id))?;
        (array_at(fields, delta::DICTIONARY) == *dictionary)
            .then(|| RepresentationRecord { index: self, fields: representation_of(fields) })
    }

    /// Whether there are deltas of an asset.
    #[cfg(feature = "http")]
    pub(crate) fn has_deltas(self, id: u32) -> bool {
        let at = self.first_delta(|asset, _| asset < id);
        self.delta_at(at).is_some_and(|fields| is_delta_of(fields, id))
    }

    /// The number of the first delta that is not before a place in the order of assets and dictionaries.
    fn first_delta(self, is_before: impl Fn(u32, &[u8; 32]) -> bool) -> usize {
        let table = self.bytes.len() - u32_at(self.header, header::DELTAS) as usize;
        let (mut from, mut to) = (0, table / delta::SIZE);
        while from < to {
            let middle = from + (to - from) / 2;
            let is_before = self.delta_at(middle).is_some_and(|fields| {
                let dictionary = array_at(fields, delta::DICTIONARY);
                is_before(u32_at(fields, delta::ASSET), &dictionary)
            });
            if is_before { from = middle + 1 } else { to = middle }
        }
        from
    }

    fn delta_at(self, number: usize) -> Option<&'a [u8; delta::SIZE]> {
        let at = u32_at(self.header, header::DELTAS) as usize + number * delta::SIZE;
        self.bytes.get(at..)?.first_chunk()
    }

    /// The URL prefix, without a slash at its end.
    pub(crate) fn mount(self) -> &'a str {
        self.str(self.header, header::MOUNT)
    }

    /// JSON.
    pub(crate) fn import_map(self) -> &'a str {
        self.str(self.header, header::IMPORT_MAP)
    }

    /// The number of entry points.
    pub(crate) const fn entries(self) -> u32 {
        u32_at(self.header, header::ENTRY_COUNT)
    }

    /// The entry point of this name.
    pub(crate) fn entry(self, name: &str) -> Option<u32> {
        let (mut from, mut to) = (0, self.entries());
        while from < to {
            let middle = from + (to - from) / 2;
            match self.entry_name(middle).cmp(name) {
                Ordering::Less => from = middle + 1,
                Ordering::Equal => return Some(middle),
                Ordering::Greater => to = middle,
            }
        }
        None
    }

    /// The name of an entry point.
    pub(crate) fn entry_name(self, id: u32) -> &'a str {
        self.str(self.entry_at(id), entry::NAME)
    }

    /// The positions of the assets that an entry point is made of, in the order in which a page loads
    /// them.
    pub(crate) fn entry_files(self, id: u32) -> impl ExactSizeIterator<Item = u32> + Clone {
        self.references_at(self.entry_at(id), entry::FILES).map(|(target, _)| target)
    }

    /// Whether Vite has made an entry point.
    #[cfg(feature = "live")]
    pub(crate) fn is_entry_by_vite(self, id: u32) -> bool {
        u32_at(self.entry_at(id), entry::IS_BY_VITE) != 0
    }

    fn entry_at(self, id: u32) -> &'a [u8; entry::SIZE] {
        self.record_at(u32_at(self.header, header::ENTRIES) as usize + id as usize * entry::SIZE)
    }

    /// The references whose first position and number are at a place of a record.
    fn references_at<const N: usize>(
        self,
        record: &[u8; N],
        at: usize,
    ) -> impl ExactSizeIterator<Item = (u32, bool)> + Clone + use<'a, N> {
        let first = u32_at(record, at) as usize;
        let count = u32_at(record, at + 4) as usize;
        let table = u32_at(self.header, header::REFERENCES) as usize;
        (first..first + count).map(move |number| {
            let fields = self.record_at::<{ reference::SIZE }>(table + number * reference::SIZE);
            (u32_at(fields, reference::TARGET), u32_at(fields, reference::NEEDED) != 0)
        })
    }

    #[inline]
    pub(crate) const fn record(self, id: u32) -> Record<'a> {
        Record { index: self, fields: self.record_at(header::SIZE + id as usize * asset::SIZE) }
    }
}

fn is_delta_of(fields: &[u8; delta::SIZE], id: u32) -> bool {
    u32_at(fields, delta::ASSET) == id
}

fn representation_of(fields: &[u8; delta::SIZE]) -> &[u8; representation::SIZE] {
    fields.last_chunk().unwrap_or(&[0; representation::SIZE])
}

impl<'a> Record<'a> {
    #[inline]
    pub(crate) const fn name(self) -> &'a str {
        self.index.str(self.fields, asset::NAME)
    }

    /// Whether this is its name.
    #[inline]
    pub(crate) fn has_name(self, name: &[u8]) -> bool {
        self.index.bytes(self.fields, asset::NAME) == Some(name)
    }

    /// Whether its name is `head` followed by `tail`.
    #[inline]
    pub(crate) fn has_joined_name(self, head: &[u8], tail: &[u8]) -> bool {
        let name = self.index.bytes(self.fields, asset::NAME);
        name.and_then(|name| name.strip_prefix(head)) == Some(tail)
    }

    /// Whether its name is what is left of `path` without `cut`.
    pub(crate) fn has_name_without(self, path: &[u8], cut: &Range<usize>) -> bool {
        match (path.get(..cut.start), path.get(cut.end..)) {
            (Some(head), Some(tail)) => self.has_joined_name(head, tail),
            _ => false,
        }
    }

    /// Whether this is its path under the mount.
    #[inline]
    pub(crate) fn has_path(self, path: &[u8]) -> bool {
        self.index.bytes(self.fields, asset::PATH) == Some(path)
    }

    #[inline]
    pub(crate) fn url(self) -> &'a str {
        self.index.str(self.fields, asset::URL)
    }

    pub(crate) fn path(self) -> &'a str {
        self.index.str(self.fields, asset::PATH)
    }

    /// Empty where there is none.
    pub(crate) fn stamp(self) -> &'a str {
        self.index.str(self.fields, asset::STAMP)
    }

    pub(crate) fn content_type(self) -> &'a str {
        self.index.str(self.fields, asset::CONTENT_TYPE)
    }

    pub(crate) fn integrity(self) -> &'a str {
        self.index.str(self.fields, asset::INTEGRITY)
    }

    /// Empty where no time is known.
    pub(crate) fn modified_text(self) -> &'a str {
        self.index.str(self.fields, asset::MODIFIED_TEXT)
    }

    pub(crate) fn modified(self) -> u64 {
        u64_at(self.fields, asset::MODIFIED)
    }

    pub(crate) fn addressing(self) -> Addressing {
        Addressing::from_number(u32_at(self.fields, asset::ADDRESSING) & !(AT_ROOT | MODULE))
    }

    /// Whether its name is a path of the site too, without the mount.
    pub(crate) fn is_at_root(self) -> bool {
        u32_at(self.fields, asset::ADDRESSING) & AT_ROOT != 0
    }

    /// Whether it is a JavaScript module.
    pub(crate) fn is_module(self) -> bool {
        u32_at(self.fields, asset::ADDRESSING) & MODULE != 0
    }

    pub(crate) fn dimensions(self) -> Option<(u32, u32)> {
        let both = (u32_at(self.fields, asset::WIDTH), u32_at(self.fields, asset::HEIGHT));
        (both != (0, 0)).then_some(both)
    }

    /// The version before this one, of those that are kept.
    pub(crate) fn previous(self) -> Option<u32> {
        let id = u32_at(self.fields, asset::PREVIOUS);
        (id != NONE).then_some(id)
    }

    pub(crate) fn representations(
        self,
    ) -> impl ExactSizeIterator<Item = RepresentationRecord<'a>> + Clone {
        let first = u32_at(self.fields, asset::REPRESENTATIONS) as usize;
        let count = u32_at(self.fields, asset::REPRESENTATIONS + 4) as usize;
        let table = u32_at(self.index.header, header::REPRESENTATIONS) as usize;
        (first..first + count).map(move |number| RepresentationRecord {
            index: self.index,
            fields: self.index.record_at(table + number * representation::SIZE),
        })
    }

    /// The positions of the assets that this one refers to, in a segment counted from its own, and whether it
    /// does nothing without them.
    pub(crate) fn references(self) -> impl ExactSizeIterator<Item = (u32, bool)> + Clone {
        self.index.references_at(self.fields, asset::REFERENCES)
    }
}

impl<'a> RepresentationRecord<'a> {
    pub(crate) fn coding(self) -> Coding {
        Coding::from_number(u32_at(self.fields, representation::CODING))
    }

    pub(crate) fn area(self) -> Area {
        Area::from_number(u32_at(self.fields, representation::AREA))
    }

    /// Where its bytes lie in the area. Both ends saturate, so a range that is out of bounds on
    /// this machine is out of bounds of the area too.
    pub(crate) fn range(self) -> core::ops::Range<usize> {
        let saturate = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        let from = u64_at(self.fields, representation::OFFSET);
        let length = u64_at(self.fields, representation::LENGTH);
        saturate(from)..saturate(from.saturating_add(length))
    }

    /// Where its bytes begin in the area, or the position of its file.
    #[cfg(all(feature = "http", feature = "files"))]
    pub(crate) fn offset(self) -> u64 {
        u64_at(self.fields, representation::OFFSET)
    }

    pub(crate) fn length_text(self) -> &'a str {
        self.index.str(self.fields, representation::LENGTH_TEXT)
    }

    pub(crate) fn etag(self) -> &'a str {
        self.index.str(self.fields, representation::ETAG)
    }

    /// Where the record lies in memory: no other has that place.
    pub(crate) fn address(self) -> usize {
        core::ptr::from_ref(self.fields).addr()
    }
}

//! The packed index: what a program knows of its assets, as bytes that need no parsing, no
//! allocation and no relocation.
//!
//! A header, then one fixed-width record per asset in the order of their names, then tables of
//! representations and references. All numbers are little-endian. Text lies in a string area of its
//! own, because a `str` can be cut from a `str` without looking at its bytes again.
//!
//! Reading never fails: an index that is not one reads as empty.

/// Begins every index; the last byte is the version of the layout.
const MAGIC: [u8; 4] = *b"STM\x01";

/// Positions in the header.
mod header {
    pub(super) const COUNT: usize = 4;
    pub(super) const SEED: usize = 8;
    pub(super) const LONGEST: usize = 16;
    pub(super) const FLAGS: usize = 20;
    pub(super) const MOUNT: usize = 24;
    pub(super) const REPRESENTATIONS: usize = 32;
    pub(super) const REFERENCES: usize = 36;
    pub(super) const IMPORT_MAP: usize = 40;
    pub(super) const SIZE: usize = 48;
}

/// Positions in an asset's record.
mod asset {
    pub(super) const NAME: usize = 0;
    pub(super) const URL: usize = 8;
    pub(super) const PATH: usize = 16;
    pub(super) const STAMP: usize = 24;
    pub(super) const CONTENT_TYPE: usize = 32;
    pub(super) const INTEGRITY: usize = 40;
    pub(super) const MODIFIED_TEXT: usize = 48;
    pub(super) const MODIFIED: usize = 56;
    pub(super) const ADDRESSING: usize = 64;
    pub(super) const PREVIOUS: usize = 68;
    pub(super) const REPRESENTATIONS: usize = 72;
    pub(super) const REFERENCES: usize = 80;
    pub(super) const SIZE: usize = 88;
}

/// Positions in a representation's record.
mod representation {
    pub(super) const CODING: usize = 0;
    pub(super) const AREA: usize = 4;
    pub(super) const OFFSET: usize = 8;
    pub(super) const LENGTH: usize = 16;
    pub(super) const LENGTH_TEXT: usize = 24;
    pub(super) const ETAG: usize = 32;
    pub(super) const SIZE: usize = 40;
}

/// Positions in a reference's record.
mod reference {
    pub(super) const TARGET: usize = 0;
    pub(super) const NEEDED: usize = 4;
    pub(super) const SIZE: usize = 8;
}

/// No earlier version of an asset.
const NONE: u32 = u32::MAX;

/// A name of the bundle looks like a stamped path itself.
const LOOKS_STAMPED: u32 = 1;

/// A name of the bundle has a percent sign in it.
const HAS_PERCENT: u32 = 2;

/// How an asset is addressed: whether a stamp is in its path, and who put it there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Addressing {
    /// Under a stamped path, and under its name.
    Stamped,
    /// Under its name, whose contents may change.
    Plain,
    /// Under its name, which changes with the contents: a bundler has stamped it.
    Prestamped,
}

/// How a representation is coded (RFC 9110, section 8.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Coding {
    /// As the file is.
    Identity,
    /// `gzip` (RFC 1952).
    Gzip,
    /// `br` (RFC 7932).
    Brotli,
    /// `zstd` (RFC 8878).
    Zstd,
}

impl Coding {
    /// The name in `Accept-Encoding` and `Content-Encoding`.
    #[must_use]
    pub const fn token(self) -> &'static str {
        match self {
            Coding::Identity => "identity",
            Coding::Gzip => "gzip",
            Coding::Brotli => "br",
            Coding::Zstd => "zstd",
        }
    }

    #[cfg(feature = "write")]
    const fn number(self) -> u32 {
        match self {
            Coding::Identity => 0,
            Coding::Gzip => 1,
            Coding::Brotli => 2,
            Coding::Zstd => 3,
        }
    }

    const fn from_number(number: u32) -> Self {
        match number {
            1 => Coding::Gzip,
            2 => Coding::Brotli,
            3 => Coding::Zstd,
            _ => Coding::Identity,
        }
    }
}

/// Which of the two content areas holds a representation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Area {
    /// The area of UTF-8 text.
    Text,
    /// The area of everything else.
    Binary,
}

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

/// The number at a place of a record. Records are arrays, so that the compiler sees that there is one.
#[inline]
fn u32_at<const N: usize>(record: &[u8; N], at: usize) -> u32 {
    u32::from_le_bytes(array_at(record, at))
}

#[inline]
fn u64_at<const N: usize>(record: &[u8; N], at: usize) -> u64 {
    u64::from_le_bytes(array_at(record, at))
}

#[inline]
fn array_at<const N: usize, const M: usize>(record: &[u8; N], at: usize) -> [u8; M] {
    record.get(at..).and_then(<[u8]>::first_chunk).copied().unwrap_or([0; M])
}

impl<'a> Index<'a> {
    /// What is no index of this version is taken for an empty one.
    #[inline]
    pub(crate) const fn new(bytes: &'a [u8], strings: &'a str) -> Self {
        if let Some(header) = bytes.first_chunk::<{ header::SIZE }>() {
            // As numbers, because `const` code cannot compare arrays.
            let magic = u32::from_le_bytes([header[0], header[1], header[2], header[3]]);
            if magic == u32::from_le_bytes(MAGIC) {
                return Index { header, bytes, strings };
            }
        }
        Index { header: &[0; header::SIZE], bytes: &[], strings }
    }

    /// The record that begins at a place; one of zeros where there is none.
    #[inline]
    fn record_at<const N: usize>(self, at: usize) -> &'a [u8; N] {
        self.bytes.get(at..).and_then(<[u8]>::first_chunk).unwrap_or(&[0; N])
    }

    /// The text whose place and length are at a place of a record.
    #[inline]
    fn str<const N: usize>(self, record: &[u8; N], at: usize) -> &'a str {
        let from = u32_at(record, at) as usize;
        self.strings.get(from..from + u32_at(record, at + 4) as usize).unwrap_or("")
    }

    /// The bytes of such a text; only to compare them, which needs no look at where characters end.
    #[inline]
    fn bytes<const N: usize>(self, record: &[u8; N], at: usize) -> Option<&'a [u8]> {
        let from = u32_at(record, at) as usize;
        self.strings.as_bytes().get(from..from + u32_at(record, at + 4) as usize)
    }

    pub(crate) fn len(self) -> u32 {
        u32_at(self.header, header::COUNT)
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

    /// The URL prefix, without a slash at its end.
    pub(crate) fn mount(self) -> &'a str {
        self.str(self.header, header::MOUNT)
    }

    /// JSON.
    pub(crate) fn import_map(self) -> &'a str {
        self.str(self.header, header::IMPORT_MAP)
    }

    #[inline]
    pub(crate) fn record(self, id: u32) -> Record<'a> {
        Record { index: self, fields: self.record_at(header::SIZE + id as usize * asset::SIZE) }
    }
}

impl<'a> Record<'a> {
    #[inline]
    pub(crate) fn name(self) -> &'a str {
        self.index.str(self.fields, asset::NAME)
    }

    /// Whether this is its name.
    #[inline]
    pub(crate) fn has_name(self, name: &[u8]) -> bool {
        self.index.bytes(self.fields, asset::NAME) == Some(name)
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
        match u32_at(self.fields, asset::ADDRESSING) {
            0 => Addressing::Stamped,
            2 => Addressing::Prestamped,
            _ => Addressing::Plain,
        }
    }

    /// The version that this one replaced, where it is kept.
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

    /// The positions of the assets that this one refers to, and whether it does nothing without
    /// them.
    pub(crate) fn references(self) -> impl ExactSizeIterator<Item = (u32, bool)> + Clone {
        let first = u32_at(self.fields, asset::REFERENCES) as usize;
        let count = u32_at(self.fields, asset::REFERENCES + 4) as usize;
        let table = u32_at(self.index.header, header::REFERENCES) as usize;
        (first..first + count).map(move |number| {
            let fields =
                self.index.record_at::<{ reference::SIZE }>(table + number * reference::SIZE);
            (u32_at(fields, reference::TARGET), u32_at(fields, reference::NEEDED) != 0)
        })
    }
}

impl<'a> RepresentationRecord<'a> {
    pub(crate) fn coding(self) -> Coding {
        Coding::from_number(u32_at(self.fields, representation::CODING))
    }

    pub(crate) fn area(self) -> Area {
        match u32_at(self.fields, representation::AREA) {
            0 => Area::Text,
            _ => Area::Binary,
        }
    }

    /// Where its bytes lie in the area. Both ends saturate, so a range that is out of bounds on
    /// this machine is out of bounds of the area too.
    pub(crate) fn range(self) -> core::ops::Range<usize> {
        let saturate = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        let from = u64_at(self.fields, representation::OFFSET);
        let length = u64_at(self.fields, representation::LENGTH);
        saturate(from)..saturate(from.saturating_add(length))
    }

    pub(crate) fn length_text(self) -> &'a str {
        self.index.str(self.fields, representation::LENGTH_TEXT)
    }

    pub(crate) fn etag(self) -> &'a str {
        self.index.str(self.fields, representation::ETAG)
    }

    /// Where the record lies in memory: no other has that place.
    #[cfg(feature = "http")]
    pub(crate) fn address(self) -> usize {
        core::ptr::from_ref(self.fields).addr()
    }
}

#[cfg(feature = "write")]
pub use write::{AssetEntry, RepresentationEntry, TooLarge, Writer};

#[cfg(feature = "write")]
mod write {
    use super::*;
    use alloc::{collections::BTreeMap, string::String, vec::Vec};

    /// What the index holds of one asset.
    #[derive(Clone, Copy, Debug)]
    pub struct AssetEntry<'a> {
        /// The name below the folder.
        pub name: &'a str,
        /// The path under the mount, not percent-encoded.
        pub path: &'a str,
        /// Mount and percent-encoded path.
        pub url: &'a str,
        /// The digits, or empty.
        pub stamp: &'a str,
        /// How it is addressed.
        pub addressing: Addressing,
        /// With parameters.
        pub content_type: &'a str,
        /// As in the attribute of that name.
        pub integrity: &'a str,
        /// Seconds since 1970 and the same as an HTTP date, where known.
        pub modified: Option<(u64, &'a str)>,
        /// The same bytes in each coding, the identity first.
        pub representations: &'a [RepresentationEntry<'a>],
        /// Positions of the assets that this one refers to, and whether it does nothing without
        /// them: a module or a style sheet that it imports.
        pub references: &'a [(u32, bool)],
    }

    /// What the index holds of one representation.
    #[derive(Clone, Copy, Debug)]
    pub struct RepresentationEntry<'a> {
        /// How it is coded.
        pub coding: Coding,
        /// The area that holds it.
        pub area: Area,
        /// Where it begins in that area.
        pub offset: u64,
        /// Its length in bytes.
        pub length: u64,
        /// With quotes.
        pub etag: &'a str,
    }

    /// Collects assets, in the order of their names, and packs them.
    #[derive(Debug, Default)]
    pub struct Writer {
        assets: Vec<u8>,
        representations: Vec<u8>,
        references: Vec<u8>,
        strings: String,
        interned: BTreeMap<String, u32>,
        count: u32,
        longest: usize,
        flags: u32,
    }

    impl Writer {
        /// Adds one asset.
        ///
        /// # Errors
        ///
        /// When a number does not fit the format: 4 GiB of names and addresses, 4,294,967,295
        /// assets or references.
        pub fn push(&mut self, entry: &AssetEntry<'_>) -> Result<(), TooLarge> {
            let mut record = Vec::with_capacity(asset::SIZE);
            // The name is a piece of the path, and the path of the URL, more often than not.
            let url = self.append(entry.url)?;
            let path = self.part(entry.url, url, entry.path)?;
            let name = match entry.addressing {
                Addressing::Stamped => self.append(entry.name)?,
                Addressing::Plain | Addressing::Prestamped => {
                    self.part(entry.url, url, entry.name)?
                }
            };
            let stamp = self.part(entry.path, path, entry.stamp)?;
            let content_type = self.intern(entry.content_type)?;
            let integrity = self.intern(entry.integrity)?;
            let (modified, modified_text) = entry.modified.unwrap_or((0, ""));
            let modified_text = self.intern(modified_text)?;
            for text in [name, url, path, stamp, content_type, integrity, modified_text] {
                push_text(&mut record, text);
            }
            record.extend(modified.to_le_bytes());
            let addressing: u32 = match entry.addressing {
                Addressing::Stamped => 0,
                Addressing::Plain => 1,
                Addressing::Prestamped => 2,
            };
            record.extend(addressing.to_le_bytes());
            record.extend(NONE.to_le_bytes());
            push_slice(
                &mut record,
                self.representations.len() / representation::SIZE,
                entry.representations.len(),
            )?;
            push_slice(
                &mut record,
                self.references.len() / reference::SIZE,
                entry.references.len(),
            )?;
            for one in entry.representations {
                self.push_representation(one)?;
            }
            for &(target, needed) in entry.references {
                self.references.extend(target.to_le_bytes());
                self.references.extend(u32::from(needed).to_le_bytes());
            }
            debug_assert_eq!(record.len(), asset::SIZE);
            self.assets.extend(record);
            self.count = self.count.checked_add(1).ok_or(TooLarge)?;
            self.longest = self.longest.max(entry.path.len()).max(entry.name.len());
            if crate::name::unstamp(entry.name).is_some() {
                self.flags |= LOOKS_STAMPED;
            }
            if entry.name.contains('%') {
                self.flags |= HAS_PERCENT;
            }
            Ok(())
        }

        fn push_representation(&mut self, one: &RepresentationEntry<'_>) -> Result<(), TooLarge> {
            let length_text = self.intern(&alloc::format!("{}", one.length))?;
            let etag = self.intern(one.etag)?;
            let area: u32 = match one.area {
                Area::Text => 0,
                Area::Binary => 1,
            };
            let record = &mut self.representations;
            record.extend(one.coding.number().to_le_bytes());
            record.extend(area.to_le_bytes());
            record.extend(one.offset.to_le_bytes());
            record.extend(one.length.to_le_bytes());
            push_text(record, length_text);
            push_text(record, etag);
            Ok(())
        }

        /// The packed index and its string area.
        ///
        /// # Errors
        ///
        /// When a table begins beyond 4 GiB.
        pub fn finish(
            mut self,
            mount: &str,
            seed: u64,
            import_map: &str,
        ) -> Result<(Vec<u8>, String), TooLarge> {
            let mount = self.append(mount)?;
            let import_map = self.append(import_map)?;
            let mut index = Vec::new();
            index.extend(MAGIC);
            index.extend(self.count.to_le_bytes());
            index.extend(seed.to_le_bytes());
            index.extend(number(self.longest)?.to_le_bytes());
            index.extend(self.flags.to_le_bytes());
            push_text(&mut index, mount);
            let representations = header::SIZE + self.assets.len();
            index.extend(number(representations)?.to_le_bytes());
            index.extend(number(representations + self.representations.len())?.to_le_bytes());
            push_text(&mut index, import_map);
            debug_assert_eq!(index.len(), header::SIZE);
            index.extend(self.assets);
            index.extend(self.representations);
            index.extend(self.references);
            Ok((index, self.strings))
        }

        fn append(&mut self, text: &str) -> Result<Text, TooLarge> {
            let text_at = Text { at: number(self.strings.len())?, len: number(text.len())? };
            self.strings.push_str(text);
            number(self.strings.len())?;
            Ok(text_at)
        }

        /// `text` as a piece of `whole`, which is stored already, or on its own.
        fn part(&mut self, whole: &str, stored: Text, text: &str) -> Result<Text, TooLarge> {
            match whole.rfind(text) {
                Some(at) => Ok(Text { at: stored.at + number(at)?, len: number(text.len())? }),
                None => self.append(text),
            }
        }

        /// `text`, stored once however often it is asked for.
        fn intern(&mut self, text: &str) -> Result<Text, TooLarge> {
            if let Some(&at) = self.interned.get(text) {
                return Ok(Text { at, len: number(text.len())? });
            }
            let stored = self.append(text)?;
            self.interned.insert(text.into(), stored.at);
            Ok(stored)
        }
    }

    /// A number does not fit the index.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct TooLarge;

    #[derive(Clone, Copy)]
    struct Text {
        at: u32,
        len: u32,
    }

    fn number(value: usize) -> Result<u32, TooLarge> {
        u32::try_from(value).map_err(|_| TooLarge)
    }

    fn push_text(record: &mut Vec<u8>, text: Text) {
        record.extend(text.at.to_le_bytes());
        record.extend(text.len.to_le_bytes());
    }

    fn push_slice(record: &mut Vec<u8>, first: usize, count: usize) -> Result<(), TooLarge> {
        record.extend(number(first)?.to_le_bytes());
        record.extend(number(count)?.to_le_bytes());
        Ok(())
    }
}

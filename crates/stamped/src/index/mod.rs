//! The packed index: what a program knows of its assets, as bytes that it reads in place, without
//! parsing, allocation or relocation.
//!
//! A header comes first, then a fixed-width record per asset in the order of their names, then one per
//! earlier version in the order of their paths, then the tables of representations, references, entry
//! points and deltas. All numbers are little-endian. Text lies in a string area of its own, because a `str` can be cut from a
//! `str` without checking its bytes again.
//!
//! Each asset names its newest earlier version, and each earlier version the one before it.
//!
//! In live mode, a program reads one version of a bundle after the other, and keeps them all. The records
//! are in segments there, each an index of its own with its string area behind it, so that versions can
//! share those that did not change. The index of the whole has no records then, and an asset in a segment
//! refers to others by how far behind it they are.
//!
//! The bounds of all tables are checked once, when the compiler evaluates `Data::new`. Reading never
//! panics.

mod layout;
mod read;
#[cfg(feature = "write")]
mod write;

pub use layout::LAYOUT;
pub(crate) use read::{Index, Record, RepresentationRecord};
#[cfg(feature = "write")]
pub use write::{
    AssetEntry, DeltaEntry, EarlierEntry, RepresentationEntry, Segment, TooLarge, Writer,
    begins_segment,
};

/// How an asset is addressed: whether a stamp is in its path, and who put it there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Addressing {
    /// Under a stamped path, and under its plain name too.
    Stamped,
    /// Under its plain name only, whose contents may change.
    Plain,
    /// Under its name only, which changes with the contents because a bundler has stamped it.
    Prestamped,
}

impl Addressing {
    #[cfg(feature = "write")]
    const fn number(self) -> u32 {
        match self {
            Addressing::Stamped => 0,
            Addressing::Plain => 1,
            Addressing::Prestamped => 2,
        }
    }

    const fn from_number(number: u32) -> Self {
        match number {
            0 => Addressing::Stamped,
            2 => Addressing::Prestamped,
            _ => Addressing::Plain,
        }
    }
}

/// How a representation is coded (RFC 9110, section 8.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Coding {
    /// None: the bytes are those of the file.
    Identity,
    /// `gzip` (RFC 1952).
    Gzip,
    /// `br` (RFC 7932).
    Brotli,
    /// `zstd` (RFC 8878).
    Zstd,
    /// `dcz`: Zstandard with an earlier version of the asset as the dictionary (RFC 9842, section 5).
    Delta,
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
            Coding::Delta => "dcz",
        }
    }

    #[cfg(feature = "write")]
    const fn number(self) -> u32 {
        match self {
            Coding::Identity => 0,
            Coding::Gzip => 1,
            Coding::Brotli => 2,
            Coding::Zstd => 3,
            Coding::Delta => 4,
        }
    }

    const fn from_number(number: u32) -> Self {
        match number {
            1 => Coding::Gzip,
            2 => Coding::Brotli,
            3 => Coding::Zstd,
            4 => Coding::Delta,
            _ => Coding::Identity,
        }
    }
}

/// Where a representation is: in one of the two content areas, or in neither.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Area {
    /// The area of UTF-8 text.
    Text,
    /// The area of everything else.
    Binary,
    /// A file. Its position takes the place of the offset. No program that was baked has this.
    Outside,
}

impl Area {
    #[cfg(feature = "write")]
    const fn number(self) -> u32 {
        match self {
            Area::Text => 0,
            Area::Binary => 1,
            Area::Outside => 2,
        }
    }

    const fn from_number(number: u32) -> Self {
        match number {
            0 => Area::Text,
            2 => Area::Outside,
            _ => Area::Binary,
        }
    }
}

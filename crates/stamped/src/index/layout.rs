//! Where everything lies in the index.

/// The number of this layout, and of the generated code around it. It is raised with every change
/// that makes a program of one version of `stamped` misread what another version of `stamped-build`
/// has written; `__bundle!` must be given the same number.
pub const LAYOUT: u8 = 4;

/// Begins every index.
pub(super) const MAGIC: [u8; 4] = [b'S', b'T', b'M', LAYOUT];

/// Positions in the header.
pub(super) mod header {
    pub(in crate::index) const COUNT: usize = 4;
    pub(in crate::index) const SEED: usize = 8;
    /// The length of the longest path under the mount.
    pub(in crate::index) const LONGEST: usize = 16;
    pub(in crate::index) const FLAGS: usize = 20;
    pub(in crate::index) const MOUNT: usize = 24;
    /// Where the table of representations begins.
    pub(in crate::index) const REPRESENTATIONS: usize = 32;
    /// Where the table of references begins.
    pub(in crate::index) const REFERENCES: usize = 36;
    pub(in crate::index) const IMPORT_MAP: usize = 40;
    /// The length of the index itself.
    pub(in crate::index) const LENGTH: usize = 48;
    /// The length of the string area.
    pub(in crate::index) const STRINGS: usize = 52;
    /// How far the representations reach into the area of text.
    pub(in crate::index) const TEXT: usize = 56;
    /// How far they reach into the area of everything else.
    pub(in crate::index) const BINARY: usize = 64;
    /// Where the table of entry points begins.
    pub(in crate::index) const ENTRIES: usize = 72;
    /// How many there are.
    pub(in crate::index) const ENTRY_COUNT: usize = 76;
    /// Where the table of deltas begins. It ends with the index.
    pub(in crate::index) const DELTAS: usize = 80;
    pub(in crate::index) const SIZE: usize = 84;
}

/// Positions in an asset's record.
pub(super) mod asset {
    pub(in crate::index) const NAME: usize = 0;
    pub(in crate::index) const URL: usize = 8;
    pub(in crate::index) const PATH: usize = 16;
    pub(in crate::index) const STAMP: usize = 24;
    pub(in crate::index) const CONTENT_TYPE: usize = 32;
    pub(in crate::index) const INTEGRITY: usize = 40;
    pub(in crate::index) const MODIFIED_TEXT: usize = 48;
    pub(in crate::index) const MODIFIED: usize = 56;
    /// The number of the addressing, with [`AT_ROOT`](super::AT_ROOT) and [`MODULE`](super::MODULE).
    pub(in crate::index) const ADDRESSING: usize = 64;
    pub(in crate::index) const PREVIOUS: usize = 68;
    pub(in crate::index) const REPRESENTATIONS: usize = 72;
    pub(in crate::index) const REFERENCES: usize = 80;
    /// The width and height of a picture; zero where they are not known.
    pub(in crate::index) const WIDTH: usize = 88;
    pub(in crate::index) const HEIGHT: usize = 92;
    pub(in crate::index) const SIZE: usize = 96;
}

/// Positions in a representation's record.
pub(super) mod representation {
    pub(in crate::index) const CODING: usize = 0;
    pub(in crate::index) const AREA: usize = 4;
    pub(in crate::index) const OFFSET: usize = 8;
    pub(in crate::index) const LENGTH: usize = 16;
    pub(in crate::index) const LENGTH_TEXT: usize = 24;
    pub(in crate::index) const ETAG: usize = 32;
    pub(in crate::index) const SIZE: usize = 40;
}

/// Positions in a reference's record.
pub(super) mod reference {
    pub(in crate::index) const TARGET: usize = 0;
    pub(in crate::index) const NEEDED: usize = 4;
    pub(in crate::index) const SIZE: usize = 8;
}

/// Positions in the record of an entry point.
pub(super) mod entry {
    pub(in crate::index) const NAME: usize = 0;
    /// The scripts and style sheets that it is made of, in the table of references.
    pub(in crate::index) const FILES: usize = 8;
    /// One where Vite has made it, else zero.
    #[cfg(feature = "live")]
    pub(in crate::index) const IS_BY_VITE: usize = 16;
    pub(in crate::index) const SIZE: usize = 20;
}

/// Positions in the record of a delta. The table is sorted by asset and dictionary, so an asset without
/// deltas has no place for them in its record.
pub(super) mod delta {
    /// The position of the asset.
    pub(in crate::index) const ASSET: usize = 0;
    /// The SHA-256 of the bytes that a client must have.
    pub(in crate::index) const DICTIONARY: usize = 4;
    pub(in crate::index) const REPRESENTATION: usize = 36;
    pub(in crate::index) const SIZE: usize = REPRESENTATION + super::representation::SIZE;
}

/// Instead of the position of an earlier version, where there is none.
pub(super) const NONE: u32 = u32::MAX;

/// Set where a name of the bundle looks like a stamped path itself.
pub(super) const LOOKS_STAMPED: u32 = 1;

/// Set where a name of the bundle has a percent sign in it.
pub(super) const HAS_PERCENT: u32 = 2;

/// Set where the bundle has an asset that is served at the root of the site too.
pub(super) const SOME_AT_ROOT: u32 = 4;

/// Set where there are earlier versions.
pub(super) const SOME_EARLIER: u32 = 8;

/// Set where clients are asked to keep stamped assets as dictionaries for later versions.
#[cfg(any(feature = "http", feature = "write"))]
pub(super) const OFFERS_DICTIONARIES: u32 = 16;

/// Set where the records of assets and earlier versions are not behind the header, but in segments.
pub(super) const SEGMENTED: u32 = 32;

/// Set beside the addressing of an asset that is served at the root.
pub(super) const AT_ROOT: u32 = 1 << 8;

/// Set beside the addressing of a JavaScript module.
pub(super) const MODULE: u32 = 1 << 9;

//! A content coding, as a build script chooses it.

use stamped::Coding;
use std::ops::RangeInclusive;

/// A content coding and its level.
///
/// ```
/// use stamped_build::{Encoding, Pipeline};
///
/// let pipeline = Pipeline::new("assets")
///     .encodings([Encoding::brotli(), Encoding::gzip().level(9)]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Encoding {
    pub(super) coding: Coding,
    pub(super) level: u32,
}

impl Encoding {
    /// Brotli, `br` (RFC 7932). It makes text the smallest, and every browser accepts it, but only
    /// over HTTPS. Levels 0 to 11; default: 11.
    ///
    /// ```
    /// # use stamped_build::{Encoding, Pipeline};
    /// let quick = Pipeline::new("assets").encodings([Encoding::brotli().level(9)]);
    /// ```
    #[must_use]
    pub const fn brotli() -> Self {
        Encoding { coding: Coding::Brotli, level: 11 }
    }

    /// `gzip` (RFC 1952), for clients that accept nothing else. `libdeflate` makes it, with levels
    /// 1 to 12; default: 12, which is smaller than level 9 of other programs.
    ///
    /// ```
    /// # use stamped_build::{Encoding, Pipeline};
    /// let pipeline = Pipeline::new("assets").encodings([Encoding::gzip()]);
    /// ```
    #[must_use]
    pub const fn gzip() -> Self {
        Encoding { coding: Coding::Gzip, level: 12 }
    }

    /// `zstd` (RFC 8878), within the 8 MiB window that browsers accept (RFC 9659). It is the
    /// quickest to decode, and somewhat larger than brotli. Levels 1 to 22; default: 19.
    ///
    /// This needs the feature `zstd`, which adds about as much time to a first build as the other
    /// two codings together.
    ///
    /// ```
    /// # use stamped_build::{Encoding, Pipeline};
    /// let pipeline = Pipeline::new("assets").encodings([Encoding::brotli(), Encoding::zstd()]);
    /// ```
    #[cfg(feature = "zstd")]
    #[must_use]
    pub const fn zstd() -> Self {
        Encoding { coding: Coding::Zstd, level: 19 }
    }

    /// Sets the level. [`Pipeline::process`](crate::Pipeline::process) returns an error if the
    /// coding does not have this level.
    ///
    /// ```
    /// # use stamped_build::{Encoding, Pipeline};
    /// let pipeline = Pipeline::new("assets").encodings([Encoding::brotli().level(5)]);
    /// ```
    #[must_use]
    pub const fn level(mut self, level: u32) -> Self {
        self.level = level;
        self
    }

    pub(super) fn levels(self) -> RangeInclusive<u32> {
        match self.coding {
            Coding::Brotli => 0..=11,
            Coding::Gzip => 1..=12,
            _ => 1..=22,
        }
    }

    /// Roughly the nanoseconds per byte, unoptimised. They decide which jobs start first, those
    /// that take longest.
    pub(super) fn cost(self) -> u64 {
        match (self.coding, self.level) {
            (Coding::Brotli, 11..) => 3500,
            (Coding::Brotli, 10) => 1400,
            (Coding::Brotli, _) => 200,
            (Coding::Gzip, 10..) => 700,
            (Coding::Gzip, _) => 60,
            (_, 16..) => 1100,
            _ => 100,
        }
    }
}

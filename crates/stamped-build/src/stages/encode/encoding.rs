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
    /// Whether nobody has chosen the level.
    is_default: bool,
}

impl Encoding {
    /// Brotli, `br` (RFC 7932). It makes text the smallest, and every browser accepts it, but only
    /// over HTTPS. Levels 0 to 11; default: 11.
    ///
    /// Level 11 is slow where cargo does not optimise it, which is so in every build script. There the
    /// default is 9 for more than 5 MB of assets, and a warning names the lines of Cargo.toml that make
    /// it quick. `level(11)` insists.
    ///
    /// This needs the feature `brotli`, which is on by default, or `native`.
    ///
    /// ```
    /// # use stamped_build::{Encoding, Pipeline};
    /// let quick = Pipeline::new("assets").encodings([Encoding::brotli().level(9)]);
    /// ```
    #[cfg(any(feature = "brotli", feature = "native"))]
    #[must_use]
    pub const fn brotli() -> Self {
        Encoding { coding: Coding::Brotli, level: 11, is_default: true }
    }

    /// `gzip` (RFC 1952), for clients that accept nothing else. Levels 1 to 12; default: 12.
    ///
    /// This needs the feature `gzip`, which is on by default, or `native`. With `native`, level 12 is
    /// some 5 % smaller; otherwise all levels above 10 are that.
    ///
    /// ```
    /// # use stamped_build::{Encoding, Pipeline};
    /// let pipeline = Pipeline::new("assets").encodings([Encoding::gzip()]);
    /// ```
    #[cfg(any(feature = "gzip", feature = "native"))]
    #[must_use]
    pub const fn gzip() -> Self {
        Encoding { coding: Coding::Gzip, level: 12, is_default: true }
    }

    /// `zstd` (RFC 8878), within the 8 MiB window that browsers accept (RFC 9659). It is the
    /// quickest to decode, and somewhat larger than brotli. Levels 1 to 22; default: 19.
    ///
    /// This needs the feature `zstd` and a C compiler.
    ///
    /// ```
    /// # use stamped_build::{Encoding, Pipeline};
    /// let pipeline = Pipeline::new("assets").encodings([Encoding::brotli(), Encoding::zstd()]);
    /// ```
    #[cfg(feature = "zstd")]
    #[must_use]
    pub const fn zstd() -> Self {
        Encoding { coding: Coding::Zstd, level: 19, is_default: true }
    }

    /// The difference to each earlier version of the asset, `dcz` (RFC 9842), for visitors who have that
    /// version in their cache: often a hundredth of the whole. Only browsers with compression
    /// dictionaries ask for it, and only over HTTPS; all others get an ordinary coding. Levels 1 to 22;
    /// default: 19.
    ///
    /// The earlier versions are those in the folder of [`Pipeline::versions`](crate::Pipeline::versions). A
    /// delta is made for each that a stamped asset of the same name has now replaced. It is stored if it
    /// saves at least 20 % of the smallest other coding, and if both versions together have at most 8 MiB.
    ///
    /// Ask for it in the first release: browsers keep a version as a dictionary only if its answer says so,
    /// and a bundle with this encoding does so before there is any delta. Whoever keeps answers between
    /// the program and its visitors must heed `Vary`.
    ///
    /// This needs the features `zstd` and `versions`, and a C compiler.
    ///
    /// ```
    /// # use stamped_build::{Encoding, Pipeline};
    /// let pipeline = Pipeline::new("assets")
    ///     .versions("versions")
    ///     .encodings([Encoding::brotli(), Encoding::gzip(), Encoding::delta()]);
    /// ```
    #[cfg(all(feature = "zstd", feature = "versions"))]
    #[must_use]
    pub const fn delta() -> Self {
        Encoding { coding: Coding::Delta, level: 19, is_default: true }
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
        self.is_default = false;
        self
    }

    /// What is made of this many bytes by a compressor that is not optimised: a level that nobody has
    /// chosen is lowered where it would take minutes.
    pub(super) fn unoptimised(self, bytes: u64) -> Self {
        const MANY: u64 = 5_000_000;
        match self.coding {
            Coding::Brotli if self.is_default && bytes > MANY => Encoding { level: 9, ..self },
            _ => self,
        }
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
            (Coding::Brotli, 11..) => 5000,
            (Coding::Brotli, 10) => 2500,
            (Coding::Brotli, _) => 300,
            (Coding::Gzip, 10..) => 200,
            (Coding::Gzip, _) => 60,
            (_, 16..) => 1100,
            _ => 100,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_level_that_nobody_chose_is_lowered_and_only_for_much_work() {
        let level = |encoding: Encoding, bytes| encoding.unoptimised(bytes).level;
        assert_eq!(level(Encoding::brotli(), 5_000_000), 11);
        assert_eq!(level(Encoding::brotli(), 5_000_001), 9);
        assert_eq!(level(Encoding::brotli().level(11), u64::MAX), 11);
        assert_eq!(level(Encoding::gzip(), u64::MAX), 12);
    }
}

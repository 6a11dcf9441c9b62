//! Puts a bundle into the memory of this process.

use crate::bundle::Bundle;
use crate::error::Error;
use crate::out::pack::{Packed, pack};
use stamped::{Assets, Data, Map, Text};

impl Bundle {
    /// Puts the bundle into the memory of this process for the rest of its life. Returns the same
    /// handle that a program has to its baked assets. This is for servers that take a folder when
    /// they start, and for tests.
    ///
    /// # Errors
    ///
    /// When names and addresses exceed 4 GiB.
    pub fn leak(&self) -> Result<Assets, Error> {
        let Packed { index, strings, text, binary, hashes } = pack(self)?;
        let mut pairs: Vec<(u64, u32)> = hashes.into_iter().zip(0..).collect();
        pairs.sort_unstable();
        Ok(Assets::new(Box::leak(Box::new(Data::new(
            index.leak(),
            strings.leak(),
            (Text::new(text.leak()), binary.leak()),
            Map::Sorted(pairs.leak()),
        )))))
    }
}

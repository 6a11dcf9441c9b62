//! A bundle in this process, as a program would have it.

use crate::bundle::Bundle;
use crate::error::Error;
use crate::out::pack::{Packed, pack};
use stamped::{Assets, Data, Map, Text};

impl Bundle {
    /// Puts the bundle into this process's memory for the rest of its life and gives the same
    /// handle to it that a program has to its baked assets: for servers that take a folder when they
    /// start, and for tests.
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

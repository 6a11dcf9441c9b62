//! Puts a bundle into the memory of this process.

use crate::bundle::Bundle;
use crate::contents::Files;
use crate::error::Error;
use crate::out::pack::{Packed, pack, pack_held};
use stamped::{Assets, Data, Map, Text};

impl Bundle {
    /// Puts the bundle into the memory of this process for the rest of its life. Returns the same
    /// handle that a program has to its baked assets. This is for programs that take a folder when
    /// they start, and for tests.
    ///
    /// # Errors
    ///
    /// When names and addresses exceed 4 GiB, and when a file changed since it was read.
    pub fn leak(&self) -> Result<Assets, Error> {
        Ok(leak(pack(self)?))
    }

    /// Does what [`leak`](Self::leak) does, but leaves large files that are not rewritten on the
    /// disk. This is for servers: `stamped::http::Handler`, with the feature `live` of `stamped`,
    /// sends such a file from the disk. It does so only as long as the file has the bytes that were
    /// stamped; after that, the answer is an error (500) that says so.
    ///
    /// For these assets, `stamped::Asset::bytes` is empty and `stamped::Asset::text` is `None`.
    ///
    /// # Errors
    ///
    /// When names and addresses exceed 4 GiB.
    pub fn leak_on_disk(&self) -> Result<Assets, Error> {
        Ok(leak(pack_held(self)?))
    }
}

fn leak(packed: Packed) -> Assets {
    let Packed { index, strings, text, binary, outside, hashes, .. } = packed;
    let mut pairs: Vec<(u64, u32)> = hashes.into_iter().zip(0..).collect();
    pairs.sort_unstable();
    let map = Map::Sorted(pairs.leak());
    let contents = (Text::new(text.leak()), &*binary.leak());
    let data = Data::new(index.leak(), strings.leak(), contents, map);
    let files = Box::leak(Box::new(Files::new(outside)));
    Assets::new(Box::leak(Box::new(data.with_outside(files))))
}

//! The hash that turns names into the integers of the perfect hash.
//!
//! It only has to be quick, and the same in the build and in the program. Nothing depends on its
//! strength: the set of names is fixed at build time, the build takes another seed where two names
//! collide, and the program compares every hit with the whole name.

use core::ops::Range;

/// The golden ratio's fraction, and another odd constant with as many ones as zeros.
const A: u64 = 0x9e37_79b9_7f4a_7c15;
const B: u64 = 0xd6e8_feb8_6659_fd93;

const BLOCK: usize = 16;

/// Hashes a name, in blocks of 16 bytes of which the last two may overlap.
#[inline]
#[must_use]
pub fn hash(seed: u64, name: &[u8]) -> u64 {
    let mut state = seed ^ A;
    let last = match name.last_chunk() {
        Some(last) => {
            let (blocks, _) = name[..name.len() - 1].as_chunks::<BLOCK>();
            for block in blocks {
                state = absorb(state, u128::from_le_bytes(*block));
            }
            u128::from_le_bytes(*last)
        }
        None => short(name),
    };
    fold(absorb(state, last) ^ name.len() as u64, B)
}

/// The [`hash`] of the name that is left of `path` without `cut`, which is not put together for it. `None` where
/// the path is shorter than a block, or the cut is not in it.
#[inline]
pub(crate) fn hash_without(seed: u64, path: &[u8], cut: &Range<usize>) -> Option<u64> {
    let len = path.len().checked_sub(cut.len())?;
    let at = |at: usize| path.get(at..)?.first_chunk().map(|bytes| u128::from_le_bytes(*bytes));
    // Of both, the bytes before the cut are of the first and the others of the second.
    let joined = |first: u128, second: u128, from: usize| {
        let before = cut.start.saturating_sub(from);
        let own = if before < BLOCK { (1 << (8 * before)) - 1 } else { u128::MAX };
        first & own | second & !own
    };
    let mut state = seed ^ A;
    let last = if len < BLOCK {
        let behind = u128::from_le_bytes(*path.last_chunk()?);
        // By as many bits as there are, where nothing is left.
        let behind = behind.checked_shr(8 * (BLOCK - len) as u32).unwrap_or(0);
        short_of(joined(at(0)?, behind, 0), len)
    } else {
        let block = |from: usize| Some(joined(at(from)?, at(from + cut.len())?, from));
        let mut from = 0;
        while from + BLOCK < len {
            state = absorb(state, block(from)?);
            from += BLOCK;
        }
        block(len - BLOCK)?
    };
    Some(fold(absorb(state, last) ^ len as u64, B))
}

/// What [`short`] makes of the first `len` of these bytes.
fn short_of(bytes: u128, len: usize) -> u128 {
    let (first, last) = match len {
        8.. => (bytes as u64, (bytes >> (8 * (len - 8))) as u64),
        4.. => ((bytes as u32).into(), ((bytes >> (8 * (len - 4))) as u32).into()),
        _ => ((bytes.swap_bytes() >> (128 - 8 * len.max(1))) as u64, 0),
    };
    u128::from(last) << 64 | u128::from(first)
}

fn absorb(state: u64, block: u128) -> u64 {
    fold(block as u64 ^ state, (block >> 64) as u64 ^ B)
}

/// All bytes of a name that is shorter than a block: its first and its last ones, which may overlap.
fn short(name: &[u8]) -> u128 {
    let (first, last) = match (name.first_chunk(), name.last_chunk()) {
        (Some(first), Some(last)) => (u64::from_le_bytes(*first), u64::from_le_bytes(*last)),
        _ => match (name.first_chunk(), name.last_chunk()) {
            (Some(first), Some(last)) => {
                (u32::from_le_bytes(*first).into(), u32::from_le_bytes(*last).into())
            }
            _ => (name.iter().fold(0, |bytes, &byte| bytes << 8 | u64::from(byte)), 0),
        },
    };
    u128::from(last) << 64 | u128::from(first)
}

/// Multiplies to 128 bits and folds the halves together.
fn fold(a: u64, b: u64) -> u64 {
    let wide = u128::from(a) * u128::from(b);
    (wide as u64) ^ ((wide >> 64) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::{string::String, vec::Vec};

    #[test]
    fn a_name_has_one_hash_whether_a_stamp_is_in_it_or_not() {
        let letters: Vec<u8> = (b'a'..=b'z').cycle().take(80).collect();
        for head in 0..36 {
            for tail in 0..36 {
                for digits in 1..=20 {
                    let (head, tail) = (&letters[..head], &letters[40..40 + tail]);
                    let stamp = &b".01234567890123456789"[..=digits];
                    let path = [head, stamp, tail].concat();
                    let cut = head.len()..head.len() + stamp.len();
                    let name = hash(7, &[head, tail].concat());
                    let expected = Some(name).filter(|_| path.len() >= BLOCK);
                    let shown = String::from_utf8_lossy(&path);
                    assert_eq!(hash_without(7, &path, &cut), expected, "{shown}");
                }
            }
        }
    }

    proptest! {
        /// Not for certain, but as likely as it gets.
        #[test]
        fn every_byte_and_the_length_count(name: Vec<u8>, at: usize, seed: u64) {
            prop_assume!(!name.is_empty());
            let at = at % name.len();
            let mut other = name.clone();
            other[at] ^= 1;
            prop_assert_ne!(hash(seed, &name), hash(seed, &other));
            other = name.clone();
            other.push(0);
            prop_assert_ne!(hash(seed, &name), hash(seed, &other));
        }
    }
}

//! The hash that turns names into the integers of the perfect hash.
//!
//! It only has to be quick and equal on both sides. The set of names is fixed when the program is
//! built and every hit is compared with the whole name, so nothing depends on its strength: where
//! two names collide, the build takes another seed.

/// The golden ratio's fraction, and another odd constant with as many ones as zeros.
const A: u64 = 0x9e37_79b9_7f4a_7c15;
const B: u64 = 0xd6e8_feb8_6659_fd93;

const BLOCK: usize = 16;

/// Hashes the bytes of `head` followed by those of `tail`: a stamped path is looked up without its
/// stamp and without putting the two ends together first.
#[must_use]
pub fn hash(seed: u64, head: &[u8], tail: &[u8]) -> u64 {
    let total = (head.len() + tail.len()) as u64;
    let mut state = seed ^ A;
    let mut blocks = head.chunks_exact(BLOCK);
    for block in &mut blocks {
        state = absorb(state, block);
    }
    // The block over the joint, or the last one.
    let mut joint = [0; BLOCK];
    let rest = blocks.remainder();
    let (tail_part, tail) = tail.split_at(tail.len().min((BLOCK - rest.len()) % BLOCK));
    if !rest.is_empty() {
        for (to, from) in joint.iter_mut().zip(rest.iter().chain(tail_part)) {
            *to = *from;
        }
        state = absorb(state, &joint);
    }
    let mut blocks = tail.chunks_exact(BLOCK);
    for block in &mut blocks {
        state = absorb(state, block);
    }
    let rest = blocks.remainder();
    if !rest.is_empty() {
        let mut last = [0; BLOCK];
        for (to, from) in last.iter_mut().zip(rest) {
            *to = *from;
        }
        state = absorb(state, &last);
    }
    fold(state ^ total, B)
}

fn absorb(state: u64, block: &[u8]) -> u64 {
    let (low, high) = block.split_at(BLOCK / 2);
    fold(word(low) ^ state, word(high) ^ B)
}

fn word(bytes: &[u8]) -> u64 {
    bytes.try_into().map_or(0, u64::from_le_bytes)
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

    proptest! {
        #[test]
        fn where_the_bytes_are_split_makes_no_difference(bytes: std::vec::Vec<u8>, at: usize, seed: u64) {
            let (head, tail) = bytes.split_at(at % (bytes.len() + 1));
            prop_assert_eq!(hash(seed, head, tail), hash(seed, &bytes, &[]));
        }
    }
}

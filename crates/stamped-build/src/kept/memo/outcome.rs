//! The form in which the memo has what edits make of a file.

use crate::digest::Hash;
use crate::edited::Outcome;

pub(super) fn encode(outcome: &Outcome) -> Vec<u8> {
    let Outcome { hash, length, is_utf8 } = outcome;
    [hash.as_bytes().as_slice(), &length.to_le_bytes(), &[u8::from(*is_utf8)]].concat()
}

/// `None` for anything that [`encode`] did not make.
pub(super) fn decode(bytes: &[u8]) -> Option<Outcome> {
    let (hash, rest) = bytes.split_first_chunk()?;
    let (length, rest) = rest.split_first_chunk()?;
    let is_utf8 = match rest {
        [0] => false,
        [1] => true,
        _ => return None,
    };
    Some(Outcome { hash: Hash::from_bytes(*hash), length: u64::from_le_bytes(*length), is_utf8 })
}

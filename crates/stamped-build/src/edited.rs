//! A file with some parts replaced.

use crate::contents::Contents;
use crate::digest::Hash;
use crate::error::Error;
use std::ops::Range;

/// Texts that replace parts of a file, in the order of the parts.
pub(crate) type Edits = Vec<(Range<usize>, String)>;

/// An edited file whose hash an earlier run has computed. Its bytes are made where something needs them.
#[derive(Debug)]
pub(crate) struct Edited {
    source: Contents,
    edits: Edits,
    outcome: Outcome,
}

/// What is known of the bytes that edits make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Outcome {
    pub(crate) hash: Hash,
    pub(crate) length: u64,
    pub(crate) is_utf8: bool,
}

impl Outcome {
    pub(crate) fn of(bytes: &[u8]) -> Self {
        let is_utf8 = std::str::from_utf8(bytes).is_ok();
        Outcome { hash: Hash::of(bytes), length: bytes.len() as u64, is_utf8 }
    }
}

impl Edited {
    pub(crate) fn new(source: Contents, edits: Edits, outcome: Outcome) -> Self {
        Edited { source, edits, outcome }
    }

    pub(crate) fn outcome(&self) -> &Outcome {
        &self.outcome
    }

    pub(crate) fn load(&self) -> Result<Vec<u8>, Error> {
        bytes(&self.source, &self.edits)
    }
}

/// The bytes of a file with these edits.
pub(crate) fn bytes(source: &Contents, edits: &Edits) -> Result<Vec<u8>, Error> {
    Ok(stamped_scan::replace(&source.load()?, edits))
}

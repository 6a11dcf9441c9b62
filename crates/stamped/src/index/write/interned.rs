//! Strings that are stored once.

use super::fields::Text;
use crate::hash::hash;
use alloc::{vec, vec::Vec};

/// Which pieces of the string area can be had again: a table with open addressing, because a build
/// script looks up five for each asset, and a tree takes ten times as long where nothing is optimised.
#[derive(Debug, Default)]
pub(super) struct Interned {
    /// None or a power of two, at most half of them in use.
    slots: Vec<Option<Text>>,
    used: usize,
}

impl Interned {
    pub(super) fn get(&self, text: &str, strings: &str) -> Option<Text> {
        let mut slot = self.first_slot(text);
        while let Some(stored) = *self.slots.get(slot)? {
            if stored.of(strings) == text {
                return Some(stored);
            }
            slot = (slot + 1) & (self.slots.len() - 1);
        }
        None
    }

    /// Adds a text that is not there.
    pub(super) fn insert(&mut self, text: Text, strings: &str) {
        if self.slots.len() <= self.used * 2 {
            let larger = (self.slots.len() * 2).max(64);
            let old = core::mem::replace(&mut self.slots, vec![None; larger]);
            for text in old.into_iter().flatten() {
                self.put(text, strings);
            }
        }
        self.put(text, strings);
        self.used += 1;
    }

    fn put(&mut self, text: Text, strings: &str) {
        let mut slot = self.first_slot(text.of(strings));
        while self.slots[slot].is_some() {
            slot = (slot + 1) & (self.slots.len() - 1);
        }
        self.slots[slot] = Some(text);
    }

    fn first_slot(&self, text: &str) -> usize {
        hash(0, text.as_bytes()) as usize & self.slots.len().saturating_sub(1)
    }
}

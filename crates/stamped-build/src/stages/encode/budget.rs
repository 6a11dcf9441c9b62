//! Limits the memory that all compressors use together.

use std::sync::{Condvar, Mutex, PoisonError};

/// How much memory may be in use at a time, on any number of cores.
const TOTAL: usize = 1 << 30;

/// The largest window of brotli, which needs the most memory: its tree has 8 bytes for each byte of
/// the window.
const WINDOW: usize = 1 << 24;

/// Inputs that need no permit.
const SMALL: usize = 1 << 20;

/// The memory that is left.
#[derive(Debug)]
pub(super) struct Budget {
    left: Mutex<usize>,
    returned: Condvar,
}

/// A part of the memory, until it is dropped.
#[derive(Debug)]
pub(super) struct Permit<'a> {
    budget: &'a Budget,
    taken: usize,
}

impl Default for Budget {
    fn default() -> Self {
        Budget { left: Mutex::new(TOTAL), returned: Condvar::new() }
    }
}

impl Budget {
    /// Waits until there is enough memory to compress this many bytes. The largest input gets all
    /// of it.
    pub(super) fn take(&self, input: u64) -> Permit<'_> {
        let input = usize::try_from(input).unwrap_or(usize::MAX);
        let taken = if input <= SMALL { 0 } else { needed(input) };
        if taken > 0 {
            let left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
            let enough = self.returned.wait_while(left, |left| *left < taken);
            *enough.unwrap_or_else(PoisonError::into_inner) -= taken;
        }
        Permit { budget: self, taken }
    }
}

/// The memory for the tree, the input, the output, and the copy that is compared.
fn needed(input: usize) -> usize {
    input.min(WINDOW).saturating_mul(8).saturating_add(input.saturating_mul(4)).min(TOTAL)
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        if self.taken > 0 {
            *self.budget.left.lock().unwrap_or_else(PoisonError::into_inner) += self.taken;
            self.budget.returned.notify_all();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn left(budget: &Budget) -> usize {
        *budget.left.lock().unwrap()
    }

    #[test]
    fn what_is_taken_is_returned() {
        let budget = Budget::default();
        let small = budget.take(SMALL as u64);
        assert_eq!(left(&budget), TOTAL);
        let large = budget.take(10 << 20);
        assert_eq!(left(&budget), TOTAL - needed(10 << 20));
        drop((small, large));
        let all = budget.take(u64::MAX);
        assert_eq!(left(&budget), 0);
        drop(all);
        assert_eq!(left(&budget), TOTAL);
    }

    #[test]
    fn inputs_of_any_size_get_their_turn() {
        let budget = Budget::default();
        std::thread::scope(|scope| {
            for size in [1, 200 << 20, u64::MAX, 50 << 20, 2 << 20, u64::MAX] {
                let budget = &budget;
                scope.spawn(move || drop(budget.take(size)));
            }
        });
        assert_eq!(left(&budget), TOTAL);
    }
}

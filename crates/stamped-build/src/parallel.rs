//! Works on many things at a time.
//!
//! Threads take one thing after the other, in order, so that a long one at the end does not wait for
//! others in its share of the work.

use std::convert::Infallible;
use std::num::NonZero;
use std::panic;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::thread::{self, Builder};

/// What `work` makes of each of these, in their order.
pub(crate) fn map<I, R>(items: I, work: impl Fn(I::Item) -> R + Sync) -> Vec<R>
where
    I: IntoIterator<Item: Send, IntoIter: Send>,
    R: Send,
{
    let Ok(results) = try_map(items, |item| Ok::<_, Infallible>(work(item)));
    results
}

/// The same for work that can fail. Returns the first error in the order of the items, and begins
/// nothing more once there is one.
pub(crate) fn try_map<I, R, E>(
    items: I,
    work: impl Fn(I::Item) -> Result<R, E> + Sync,
) -> Result<Vec<R>, E>
where
    I: IntoIterator<Item: Send, IntoIter: Send>,
    R: Send,
    E: Send,
{
    on_threads(cores(), items, work)
}

fn on_threads<I, R, E>(
    threads: usize,
    items: I,
    work: impl Fn(I::Item) -> Result<R, E> + Sync,
) -> Result<Vec<R>, E>
where
    I: IntoIterator<Item: Send, IntoIter: Send>,
    R: Send,
    E: Send,
{
    let items = items.into_iter();
    // One that filters may promise fewer items than it has.
    let helpers = items.size_hint().1.unwrap_or(usize::MAX).min(threads).saturating_sub(1);
    if helpers == 0 {
        return items.map(work).collect();
    }
    let items = Mutex::new(items.enumerate());
    let next = || items.lock().unwrap_or_else(PoisonError::into_inner).next();
    let has_failed = AtomicBool::new(false);
    let share = || {
        let mut done = Vec::new();
        while !has_failed.load(Ordering::Relaxed)
            && let Some((position, item)) = next()
        {
            let result = work(item);
            if result.is_err() {
                has_failed.store(true, Ordering::Relaxed);
            }
            done.push((position, result));
        }
        done
    };
    let done = thread::scope(|scope| {
        // Where the system gives no more threads, there are fewer.
        let helpers: Vec<_> =
            (0..helpers).map_while(|_| Builder::new().spawn_scoped(scope, share).ok()).collect();
        let mut done = share();
        for helper in helpers {
            match helper.join() {
                Ok(more) => done.extend(more),
                Err(panic) => panic::resume_unwind(panic),
            }
        }
        done
    });
    // What was begun is everything up to some position, so the first error is among it.
    // Sorting takes much longer where nothing is optimised.
    in_order(done).into_iter().collect()
}

/// Puts things in the order of their positions, which are all from zero on.
pub(crate) fn in_order<T>(things: Vec<(usize, T)>) -> Vec<T> {
    let mut places: Vec<Option<T>> = Vec::new();
    places.resize_with(things.len(), || None);
    for (position, thing) in things {
        places[position] = Some(thing);
    }
    let all = places.into_iter().map(|thing| match thing {
        Some(thing) => thing,
        None => unreachable!("each position has one thing"),
    });
    all.collect()
}

/// How many threads can run at a time.
fn cores() -> usize {
    static CORES: OnceLock<usize> = OnceLock::new();
    *CORES.get_or_init(|| thread::available_parallelism().map_or(1, NonZero::get))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;
    use std::sync::Barrier;
    use std::sync::atomic::AtomicUsize;

    fn panics(threads: usize) -> String {
        let work = |number| if number == 3 { panic!("at {number}") } else { Ok::<_, ()>(number) };
        let panic = panic::catch_unwind(|| on_threads(threads, 0..9, work)).unwrap_err();
        *panic.downcast().unwrap()
    }

    #[test]
    fn results_have_the_order_of_their_items() {
        for threads in [1, 2, 7] {
            for count in [0, 1, 2, 1000] {
                let doubled = on_threads(threads, 0..count, |number| Ok::<_, ()>(2 * number));
                assert_eq!(doubled, Ok((0..count).map(|number| 2 * number).collect()));
            }
        }
        let mut numbers = [1, 2, 3];
        map(numbers.iter_mut().filter(|number| **number != 2), |number| *number *= 10);
        assert_eq!(numbers, [10, 2, 30]);
    }

    #[test]
    fn several_run_at_a_time() {
        let all = Barrier::new(4);
        let ids = on_threads(4, 0..4, |_| {
            all.wait();
            Ok::<_, ()>(thread::current().id())
        });
        assert_eq!(ids.unwrap().into_iter().collect::<HashSet<_>>().len(), 4);
    }

    #[test]
    fn the_first_error_is_returned_and_ends_the_work() {
        for threads in [1, 2, 7] {
            let begun = AtomicUsize::new(0);
            let work = |number| {
                begun.fetch_add(1, Ordering::Relaxed);
                if number == 5 || number > 100 { Err(number) } else { Ok(()) }
            };
            assert_eq!(on_threads(threads, 0..100_000, work), Err(5));
            assert!(begun.into_inner() < 100_000);
        }
    }

    #[test]
    fn a_panic_goes_on_with_its_message() {
        assert_eq!([1, 2, 7].map(panics), ["at 3"; 3]);
    }
}

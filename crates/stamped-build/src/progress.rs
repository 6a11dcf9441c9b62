//! Reports the progress of the stages that take long.

use std::sync::{Arc, Mutex, PoisonError};

/// The progress of a stage, as [`Pipeline::progress`](crate::Pipeline::progress) and
/// `Export::progress` report it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// The stage.
    pub stage: Stage,
    /// How much is done, in the unit of the stage.
    pub done: u64,
    /// How much there is to do, in the unit of the stage.
    pub total: u64,
}

/// A stage that takes long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Stage {
    /// Contents are compressed and checked. The unit is a byte before it is compressed, counted
    /// once for each coding.
    Encode,
    /// Deltas are made and checked. The unit is a byte of an asset or of the earlier version that it is
    /// compared with.
    Deltas,
    /// Files are written for a web server. The unit is a file.
    Write,
}

/// The function to report progress to, if there is one.
#[derive(Clone, Default)]
pub(crate) struct Listener(Option<Arc<dyn Fn(Progress) + Send + Sync>>);

impl Listener {
    pub(crate) fn new(function: impl Fn(Progress) + Send + Sync + 'static) -> Self {
        Listener(Some(Arc::new(function)))
    }
}

/// Counts and reports the progress of one stage.
pub(crate) struct Meter<'a> {
    listener: &'a Listener,
    stage: Stage,
    total: u64,
    done: Mutex<u64>,
}

impl<'a> Meter<'a> {
    /// Reports that the stage begins.
    pub(crate) fn start(listener: &'a Listener, stage: Stage, total: u64) -> Self {
        let meter = Meter { listener, stage, total, done: Mutex::new(0) };
        meter.advance(0);
        meter
    }

    /// Adds to what is done, and reports it. The lock is held during the call, so that the reported
    /// numbers never fall.
    pub(crate) fn advance(&self, by: u64) {
        let Some(tell) = &self.listener.0 else { return };
        let mut done = self.done.lock().unwrap_or_else(PoisonError::into_inner);
        *done += by;
        tell(Progress { stage: self.stage, done: *done, total: self.total });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_the_threads_nobody_is_told_less_after_more() {
        let told = Arc::new(Mutex::new(Vec::new()));
        let list = Arc::clone(&told);
        let listener = Listener::new(move |progress| list.lock().unwrap().push(progress));
        let meter = Meter::start(&listener, Stage::Write, 400);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| (0..100).for_each(|_| meter.advance(1)));
            }
        });
        let told = told.lock().unwrap();
        let expected = (0..=400).map(|done| Progress { stage: Stage::Write, done, total: 400 });
        assert!(told.iter().copied().eq(expected));
    }
}

//! How far the stages have come that take long.

use std::sync::{Arc, Mutex, PoisonError};

/// How far a stage has come: what [`Pipeline::progress`](crate::Pipeline::progress) and
/// `Export::progress` tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// The stage.
    pub stage: Stage,
    /// What is done, in the unit of the stage.
    pub done: u64,
    /// What there is to do, in the unit of the stage.
    pub total: u64,
}

/// A stage that takes long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Stage {
    /// Contents are compressed and compared. The unit is a byte of a content before it is compressed;
    /// each coding of it counts.
    Encode,
    /// Files are written for a web server. The unit is a file.
    Write,
}

/// Somebody who wants to know, or nobody.
#[derive(Clone, Default)]
pub(crate) struct Listener(Option<Arc<dyn Fn(Progress) + Send + Sync>>);

impl Listener {
    pub(crate) fn new(function: impl Fn(Progress) + Send + Sync + 'static) -> Self {
        Listener(Some(Arc::new(function)))
    }
}

/// What is done of a stage.
pub(crate) struct Meter<'a> {
    listener: &'a Listener,
    stage: Stage,
    total: u64,
    done: Mutex<u64>,
}

impl<'a> Meter<'a> {
    /// Tells that the stage begins.
    pub(crate) fn start(listener: &'a Listener, stage: Stage, total: u64) -> Self {
        let meter = Meter { listener, stage, total, done: Mutex::new(0) };
        meter.advance(0);
        meter
    }

    /// Tells that so much more is done. The lock is held meanwhile, so that nobody is told less after
    /// more.
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

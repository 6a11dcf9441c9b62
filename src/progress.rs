//! A progress bar.

use indicatif::{ProgressBar, ProgressStyle};
use stamped_build::{Progress, Stage};
use std::sync::{Mutex, PoisonError};

/// A bar on stderr, if that is a terminal. Dropping it removes it; print nothing before that.
pub(crate) struct Bar(ProgressBar);

impl Bar {
    pub(crate) fn new(quiet: bool) -> Self {
        Bar(if quiet { ProgressBar::hidden() } else { ProgressBar::no_length() })
    }

    /// A bar that counts up to `total`.
    pub(crate) fn counting(quiet: bool, what: &'static str, total: usize) -> Self {
        let bar = Bar::new(quiet);
        bar.0.set_length(total as u64);
        let template = format!("{what} {{wide_bar}} {{pos}}/{{len}}");
        if let Ok(style) = ProgressStyle::with_template(&template) {
            bar.0.set_style(style);
        }
        bar
    }

    /// Counts one.
    pub(crate) fn advance(&self) {
        self.0.inc(1);
    }

    /// A function for the library to call.
    pub(crate) fn listener(&self) -> impl Fn(Progress) + Send + Sync + 'static {
        let bar = self.0.clone();
        let shown = Mutex::new(None);
        move |progress| {
            let stage = Some(progress.stage);
            let before = std::mem::replace(
                &mut *shown.lock().unwrap_or_else(PoisonError::into_inner),
                stage,
            );
            if before != stage {
                bar.set_length(progress.total);
                if let Ok(style) = ProgressStyle::with_template(template(progress.stage)) {
                    bar.set_style(style);
                }
            }
            bar.set_position(progress.done);
        }
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

fn template(stage: Stage) -> &'static str {
    match stage {
        Stage::Encode => "compressing {wide_bar} {bytes}/{total_bytes}",
        Stage::Deltas => "comparing versions {wide_bar} {bytes}/{total_bytes}",
        Stage::Write => "writing {wide_bar} {pos}/{len} files",
        _ => "{wide_bar}",
    }
}

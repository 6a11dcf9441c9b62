//! How many earlier versions stay, as a person sets it.

use std::time::Duration;

/// Which earlier versions stay: those among the newest of their name, those that were replaced not long
/// ago, and what they refer to, as far as all of it has no more bytes than a limit.
///
/// By default 3 versions of each asset, and all that were replaced within 7 days, without a limit.
///
/// ```
/// use stamped_build::Keep;
/// use std::time::Duration;
///
/// let month = Duration::from_secs(30 * 24 * 60 * 60);
/// let keep = Keep::default().versions(2).time(month).bytes(50_000_000);
/// assert_ne!(keep, Keep::ALL);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keep {
    pub(super) versions: usize,
    pub(super) time: Duration,
    pub(super) bytes: Option<u64>,
}

impl Default for Keep {
    fn default() -> Self {
        const WEEK: Duration = Duration::from_secs(7 * 24 * 60 * 60);
        Keep { versions: 3, time: WEEK, bytes: None }
    }
}

impl Keep {
    /// All versions.
    pub const ALL: Keep = Keep { versions: usize::MAX, time: Duration::MAX, bytes: None };

    /// So many earlier contents of each asset stay, however old.
    #[must_use]
    pub fn versions(mut self, number: usize) -> Self {
        self.versions = number;
        self
    }

    /// Versions stay for so long since they were replaced, however many.
    #[must_use]
    pub fn time(mut self, time: Duration) -> Self {
        self.time = time;
        self
    }

    /// All versions together have at most so many bytes, before they are encoded, and counting equal
    /// contents once. Those that were replaced longest ago go first.
    #[must_use]
    pub fn bytes(mut self, limit: u64) -> Self {
        self.bytes = Some(limit);
        self
    }
}

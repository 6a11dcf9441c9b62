//! Where earlier versions are, and which of them stay, as a build script says it.

use super::keep::Keep;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A folder of earlier versions for [`Pipeline::versions`](crate::Pipeline::versions), and which of them
/// stay there. With the feature `versions`.
///
/// The folder has the form of an export (`Bundle::export`), but only what has a stamp, and no encodings:
/// `manifest.json` lists the release that was recorded last, as its assets, and the versions before it,
/// as retired. The output of an export can be such a folder, too. Relative folders are relative to the
/// package (`CARGO_MANIFEST_DIR`), or to the working directory outside of cargo.
///
/// What is kept is decided when a release is recorded, never in a build. A version stays if it is among
/// the newest of its name ([`keep`](Self::keep)) or was replaced not long ago
/// ([`keep_for`](Self::keep_for)), and what it refers to stays with it.
///
/// ```
/// # use stamped_build::{Pipeline, Versions};
/// use std::time::Duration;
///
/// let month = Duration::from_secs(30 * 24 * 60 * 60);
/// let versions = Versions::new("versions").keep(2).keep_for(month).keep_bytes(50_000_000);
/// let pipeline = Pipeline::new("assets").versions(versions);
/// ```
#[derive(Clone, Debug)]
pub struct Versions {
    pub(super) folder: PathBuf,
    pub(super) keep: Keep,
}

impl Versions {
    /// Names the folder. One that does not exist counts as empty.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Versions { folder: folder.into(), keep: Keep::default() }
    }

    /// So many earlier contents of each asset stay, however old. Default: 3.
    ///
    /// Equal bytes under several URLs, as [`Stamp::Modified`](crate::Stamp::Modified) gives them in fresh
    /// checkouts, count once; of these URLs so many stay, too. What a bundler has stamped has another name
    /// in each version, so it only stays for a time.
    ///
    /// ```
    /// # use stamped_build::Versions;
    /// let versions = Versions::new("versions").keep(1);
    /// ```
    #[must_use]
    pub fn keep(mut self, versions: usize) -> Self {
        self.keep = self.keep.versions(versions);
        self
    }

    /// Earlier versions stay for so long, however many, from the time at which a record replaced them.
    /// Default: 7 days.
    ///
    /// ```
    /// # use {stamped_build::Versions, std::time::Duration};
    /// let only_by_number = Versions::new("versions").keep_for(Duration::ZERO);
    /// ```
    #[must_use]
    pub fn keep_for(mut self, time: Duration) -> Self {
        self.keep = self.keep.time(time);
        self
    }

    /// The most bytes that all earlier versions may have together, without compression and counting equal
    /// contents once. Those that were replaced longest ago go first. Default: no limit.
    ///
    /// ```
    /// # use stamped_build::Versions;
    /// let versions = Versions::new("versions").keep_bytes(10_000_000);
    /// ```
    #[must_use]
    pub fn keep_bytes(mut self, limit: u64) -> Self {
        self.keep = self.keep.bytes(limit);
        self
    }

    /// The folder as it was named.
    pub(crate) fn named(&self) -> &Path {
        &self.folder
    }
}

impl From<&str> for Versions {
    fn from(folder: &str) -> Self {
        Versions::new(folder)
    }
}

impl From<String> for Versions {
    fn from(folder: String) -> Self {
        Versions::new(folder)
    }
}

impl From<&Path> for Versions {
    fn from(folder: &Path) -> Self {
        Versions::new(folder)
    }
}

impl From<PathBuf> for Versions {
    fn from(folder: PathBuf) -> Self {
        Versions::new(folder)
    }
}

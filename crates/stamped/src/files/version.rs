//! What tells one state of a file from another, without a look at its bytes.

use std::fs::Metadata;
use std::time::{Duration, SystemTime};

/// Two edits within this time may leave the same times on a file: some file systems count in twos, and
/// seconds are what is compared.
const COARSEST: Duration = Duration::from_secs(3);

/// What the system says of a file. It changes whenever the file is written or replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Version {
    /// The number of bytes.
    pub length: u64,
    modified: Option<SystemTime>,
    #[cfg(unix)]
    device: u64,
    #[cfg(unix)]
    inode: u64,
    /// The last change of any kind, in seconds and nanoseconds. No program can set it.
    #[cfg(unix)]
    changed: (i64, i64),
}

impl Version {
    /// The version that has this metadata.
    #[must_use]
    pub fn of(metadata: &Metadata) -> Self {
        #[cfg(unix)]
        use std::os::unix::fs::MetadataExt as _;
        Version {
            length: metadata.len(),
            modified: metadata.modified().ok(),
            #[cfg(unix)]
            device: metadata.dev(),
            #[cfg(unix)]
            inode: metadata.ino(),
            #[cfg(unix)]
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        }
    }

    /// The version as bytes, for another process of this machine. The times are in nanoseconds since
    /// 1970; a file system that has none gives 0.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; Self::BYTES] {
        let mut bytes = [0; Self::BYTES];
        let (parts, _) = bytes.as_chunks_mut();
        for (part, number) in parts.iter_mut().zip(self.numbers()) {
            *part = number.to_le_bytes();
        }
        bytes
    }

    /// The number of bytes that [`to_bytes`](Self::to_bytes) makes.
    pub const BYTES: usize = 6 * 8;

    /// Whether this is the version that these bytes were made of.
    #[must_use]
    pub fn is(&self, bytes: &[u8; Self::BYTES]) -> bool {
        self.to_bytes() == *bytes
    }

    #[expect(
        clippy::cast_sign_loss,
        clippy::cast_possible_truncation,
        reason = "they are compared only"
    )]
    fn numbers(&self) -> [u64; 6] {
        let since = self.modified.map(|time| match time.duration_since(SystemTime::UNIX_EPOCH) {
            Ok(after) => after.as_nanos() as u64,
            Err(before) => (before.duration().as_nanos() as u64).wrapping_neg(),
        });
        let modified = since.unwrap_or_default();
        #[cfg(unix)]
        let (device, inode, changed) = (self.device, self.inode, self.changed);
        #[cfg(not(unix))]
        let (device, inode, changed) = (0, 0, (0_i64, 0_i64));
        [self.length, modified, device, inode, changed.0 as u64, changed.1 as u64]
    }

    /// Whether each edit after `now` gives the file another version. Until then, one could leave the
    /// same times on it.
    #[must_use]
    pub fn is_settled(&self, now: SystemTime) -> bool {
        let age = self.changed().and_then(|changed| now.duration_since(changed).ok());
        age.is_some_and(|age| age > COARSEST)
    }

    /// When it was changed last, to the second.
    #[cfg(unix)]
    fn changed(&self) -> Option<SystemTime> {
        let seconds = u64::try_from(self.changed.0).ok()?;
        SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds))
    }

    /// When it was changed last, as far as is known.
    #[cfg(not(unix))]
    fn changed(&self) -> Option<SystemTime> {
        self.modified
    }
}

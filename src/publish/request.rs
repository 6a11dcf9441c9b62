//! How requests to the target are made, and why they fail.

use std::time::Duration;

/// Why a request to the target failed. The sentences name the key and the cause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// The object is not in the state that the request was made for.
    Taken,
    /// Another try may help.
    #[cfg_attr(
        not(feature = "publish"),
        expect(dead_code, reason = "disks do not change their mind")
    )]
    Passing(String),
    /// The sentence also says how to get out.
    Final(String),
}

impl Failure {
    /// The sentence for who only reads, which no state can prevent.
    pub(super) fn message(self) -> String {
        match self {
            Failure::Taken => "an object was changed while it was read".to_owned(),
            Failure::Passing(message) | Failure::Final(message) => message,
        }
    }
}

/// How requests to an object store are made.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(not(feature = "publish"), expect(dead_code, reason = "a folder takes no requests"))]
pub(super) struct Requests {
    /// How long each may take.
    pub(super) timeout: Duration,
    /// Larger files are sent in parts.
    pub(super) parts_above: u64,
}

/// Runs what waits for a disk.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) => Err(Failure::Final(super::broken(&error))),
    }
}

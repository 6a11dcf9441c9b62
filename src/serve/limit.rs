//! How many connections fit.

/// What the server itself has open: standard streams, the listener, what tokio waits with, and folders
/// that are just looked at.
const OWN: u64 = 32;

/// More than one machine asks for.
const MOST: u64 = 1 << 16;

/// How many connections may be open at once, each with `each` descriptors. Beyond the limit of the
/// process the server could open nothing, not even what it serves.
pub(super) fn connections(each: u64) -> usize {
    usize::try_from(fitting(descriptors(), each)).unwrap_or(usize::MAX)
}

fn fitting(descriptors: Option<u64>, each: u64) -> u64 {
    descriptors.map_or(MOST, |all| (all.saturating_sub(OWN) / each).clamp(1, MOST))
}

#[cfg(unix)]
fn descriptors() -> Option<u64> {
    rustix::process::getrlimit(rustix::process::Resource::Nofile).current
}

#[cfg(not(unix))]
fn descriptors() -> Option<u64> {
    None
}

#[cfg(test)]
mod tests {
    use super::fitting;

    #[test]
    fn connections_leave_room_for_the_server() {
        assert_eq!(fitting(Some(256), 1), 224);
        assert_eq!(fitting(Some(256), 2), 112);
        assert_eq!(fitting(Some(8), 1), 1);
        assert_eq!(fitting(Some(u64::MAX), 1), 1 << 16);
        assert_eq!(fitting(None, 2), 1 << 16);
    }
}

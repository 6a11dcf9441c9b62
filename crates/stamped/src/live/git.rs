//! Whether git is at work in a folder.

use alloc::vec::Vec;
use core::time::Duration;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// A lock that is older is one that was left behind.
const OLDEST: Duration = Duration::from_secs(60);

/// The files that are there while git writes to the working trees of these paths.
pub(super) fn locks<'a>(paths: impl IntoIterator<Item = &'a Path>) -> Vec<PathBuf> {
    let mut locks: Vec<_> =
        paths.into_iter().filter_map(|path| path.ancestors().find_map(lock)).collect();
    locks.sort_unstable();
    locks.dedup();
    locks
}

/// The file for the working tree that begins in this folder.
fn lock(folder: &Path) -> Option<PathBuf> {
    let git = folder.join(".git");
    let metadata = git.metadata().ok()?;
    if metadata.is_dir() {
        return Some(git.join("index.lock"));
    }
    // A further working tree, or a submodule.
    let text = fs::read_to_string(git).ok()?;
    let elsewhere = text.strip_prefix("gitdir:")?.trim();
    Some(folder.join(elsewhere).join("index.lock"))
}

/// Whether one of these files says that git is at work.
pub(super) fn is_busy(locks: &[PathBuf]) -> bool {
    locks.iter().any(|lock| {
        let made = lock.metadata().and_then(|metadata| metadata.modified());
        let age = made.ok().and_then(|made| SystemTime::now().duration_since(made).ok());
        age.is_some_and(|age| age < OLDEST)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use stamped_test_support::Dir;

    #[test]
    fn the_lock_is_that_of_the_working_tree() {
        let dir = Dir::new();
        dir.mkdirp("one/.git");
        dir.mkdirp("one/web/assets");
        dir.write("two/.git", "gitdir: ../one/.git/worktrees/two\n");
        let (one, two) = (dir.join("one/web/assets"), dir.join("two/assets"));
        let found = locks([&*one, &*two, &*dir.join("one/web")]);
        let names = ["one/.git/index.lock", "two/../one/.git/worktrees/two/index.lock"];
        assert_eq!(found, names.map(|name| dir.join(name)));
        assert!(!is_busy(&found));
        dir.write("one/.git/index.lock", "");
        assert!(is_busy(&found));
        dir.write_at(1_000_000_000, "one/.git/index.lock", "");
        assert!(!is_busy(&found));
    }
}

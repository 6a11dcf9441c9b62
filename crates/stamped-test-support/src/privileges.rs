//! Tests of what a user may not read. Root may read everything, so they would test nothing.

/// Whether permissions hold the user of this test back; the test should go on then.
///
/// Root runs `test`, the full name of the calling test, again in a process of the user `nobody`, and
/// gets `false` when that has passed. Where the process cannot be started, the test is
/// [skipped](crate::skip).
///
/// # Panics
///
/// If the other process fails.
#[track_caller]
pub fn is_unprivileged(test: &str) -> bool {
    use crate::{Dir, skip};
    use std::fs::{self, Permissions};
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
    use std::os::unix::process::CommandExt as _;
    use std::process::Command;

    /// Set for the other process.
    const AGAIN: &str = "STAMPED_TEST_UNPRIVILEGED";
    const NOBODY: u32 = 65534;

    let dir = Dir::new();
    let is_root = fs::metadata(dir.path()).unwrap().uid() == 0;
    if !is_root {
        return true;
    }
    assert!(std::env::var_os(AGAIN).is_none(), "the process of `nobody` is root again");

    // The folder of this program may be closed to everybody else, so a copy runs.
    let program = dir.join("test");
    fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
    let temporary = dir.mkdirp("tmp");
    for (path, mode) in [(dir.path(), 0o755), (&*program, 0o755), (&*temporary, 0o777)] {
        fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    }
    let mut again = Command::new(&program);
    again.args(["--exact", test]).env(AGAIN, "1").env("TMPDIR", &temporary);
    match again.current_dir(&temporary).uid(NOBODY).gid(NOBODY).output() {
        Err(error) => {
            skip(&format!("root may read everything, and there is no other user: {error}"))
        }
        Ok(output) => {
            let said = String::from_utf8_lossy(&output.stdout);
            assert!(output.status.success(), "as another user: {said}");
            assert!(said.contains("1 passed"), "no test is named `{test}`: {said}");
        }
    }
    false
}

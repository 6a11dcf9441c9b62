use std::io::Write as _;
use std::process::{Command, Stdio};

/// Says that a test, or a part of it, is not made here, and why.
///
/// The line goes past the test harness, which keeps what passing tests print to itself.
///
/// # Panics
///
/// Where `STAMPED_REQUIRE_ALL` is set: there every tool is expected to be installed.
#[track_caller]
pub fn skip(why: &str) {
    let thread = std::thread::current();
    let test = thread.name().unwrap_or("a test");
    assert!(std::env::var_os("STAMPED_REQUIRE_ALL").is_none(), "STAMPED_REQUIRE_ALL is set: {why}");
    // Nothing is lost when stderr is closed.
    let _ = writeln!(std::io::stderr(), "SKIPPED {test}: {why}");
}

/// Whether a shell command succeeds here, as `php --version`; skips the test where not.
#[track_caller]
pub fn is_installed(probe: &str) -> bool {
    let mut shell = Command::new("sh");
    shell.args(["-c", probe]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let works = shell.status().is_ok_and(|status| status.success());
    if !works {
        skip(&format!("`{probe}` does not work here"));
    }
    works
}

//! Gives advice that makes the next build quicker.

use super::schedule::Work;
use crate::kept::encodings::VARIABLE;
use std::ffi::OsStr;
use std::time::Duration;

/// Returns advice that makes the next build of this kind quicker, if it is worth reading.
pub(super) fn advice(
    work: &Work,
    spent: Duration,
    profile: Option<&OsStr>,
    opt_level: &str,
) -> Option<String> {
    // Compiling the libraries with optimisation takes some 70 s of one core longer, and saves more
    // than half of the compressors' time. Below this limit, the advice would make builds slower.
    const WORTH_IT: Duration = Duration::from_secs(120);
    let profile = if profile? == "release" { "release" } else { "dev" };
    (work.time > WORTH_IT && opt_level == "0").then(|| {
        format!(
            "compressing the assets took {:.0} s, because cargo does not optimise build scripts; with \
             the lines `[profile.{profile}.build-override]` and `opt-level = 3` in the workspace's \
             Cargo.toml it takes less than half of that, and with {} set to a folder that outlives \
             the target folder it is done once",
            spent.as_secs_f64(),
            VARIABLE,
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn advice_is_given_where_it_helps() {
        let work = |seconds| Work { encodings: 1, time: Duration::from_secs(seconds) };
        let (short, long, spent) = (work(100), work(200), Duration::from_secs(25));
        let release = Some(OsStr::new("release"));
        let text = advice(&long, spent, release, "0").unwrap();
        assert!(text.contains("[profile.release.build-override]") && text.contains("25 s"));
        assert!(!text.contains('\n'));
        let debug = advice(&long, spent, Some("debug".as_ref()), "0").unwrap();
        assert!(debug.contains("[profile.dev.build-override]"));
        assert_eq!(advice(&short, spent, release, "0"), None);
        assert_eq!(advice(&long, spent, release, "3"), None);
        assert_eq!(advice(&long, spent, None, "0"), None, "no build script");
    }
}

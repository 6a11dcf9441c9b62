//! Gives advice that makes assets smaller, or the next build quicker.

use super::codec::PACKAGES;
use super::schedule::Work;
use crate::kept::cache::VARIABLE;
use std::ffi::OsStr;
use std::time::Duration;

/// Advice for a build script that cargo did not optimise, if it is worth reading. `lowered` are the
/// bytes of assets for which a level was lowered.
pub(super) fn advice(lowered: Option<u64>, work: &Work, profile: &OsStr) -> Option<String> {
    // To compile the packages with optimisation takes some 10 s of one core longer, and saves more than
    // three quarters of the time of the compressors.
    const WORTH_IT: Duration = Duration::from_secs(60);
    let profile = if profile == "release" { "release" } else { "dev" };
    let lines: Vec<_> =
        PACKAGES.iter().map(|package| format!("`{package}.opt-level = 3`")).collect();
    let lines = format!(
        "with the lines `[profile.{profile}.package]` and {} in the workspace's Cargo.toml",
        lines.join(" and ")
    );
    let why = "because cargo does not optimise build scripts";
    if let Some(bytes) = lowered {
        return Some(format!(
            "{:.0} MB of assets are compressed by brotli 9 instead of 11, {why}; {lines} they are \
             compressed by brotli 11 in about the same time, and some 8 % smaller",
            bytes as f64 / 1e6,
        ));
    }
    (work.time > WORTH_IT).then(|| {
        format!(
            "compressing the assets took {:.0} s of all cores together, {why}; {lines} it takes a \
             quarter of that, and with {VARIABLE} set to a folder that outlives the target folder it is \
             done once",
            work.time.as_secs_f64(),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn advice_is_given_where_it_helps() {
        let work = |seconds| Work { encodings: 1, time: Duration::from_secs(seconds) };
        let (release, debug) = (OsStr::new("release"), OsStr::new("debug"));
        assert_eq!(advice(None, &work(50), release), None);
        let long = advice(None, &work(200), release).unwrap();
        assert!(long.contains("`[profile.release.package]`") && long.contains("200 s"), "{long}");
        let lowered = advice(Some(7_000_000), &work(0), debug).unwrap();
        assert!(lowered.starts_with("7 MB") && lowered.contains("`[profile.dev.package]`"));
        for text in [long, lowered] {
            assert!(
                text.contains("`stamped-build.opt-level = 3`") && !text.contains('\n'),
                "{text}"
            );
        }
    }
}

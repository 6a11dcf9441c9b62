//! The name grammar as regular expressions.

use crate::error::{Error, Problem};
use regex::Regex;

/// Two regular expressions over the percent-decoded paths that are stamped under `mount`, for names
/// with a dot and for names without: for tools that can match but not look up. Each has the groups
/// `stem`, `stamp` and `suffix`, and a path matches one of them at most.
///
/// They know the grammar and no names, so they also match the stamped form of names that no asset
/// has; the name is `stem` followed by `suffix`.
///
/// ```
/// let [with_dot, _] = stamped_build::stamped_paths("/static")?;
/// let parts = with_dot.captures("/static/js/app.1452929749.min.js").unwrap();
/// assert_eq!((&parts["stem"], &parts["stamp"], &parts["suffix"]), ("js/app", "1452929749", ".min.js"));
/// # Ok::<(), stamped_build::Error>(())
/// ```
///
/// # Errors
///
/// When `mount` could not be a mount.
pub fn stamped_paths(mount: &str) -> Result<[Regex; 2], Error> {
    let mount = regex::escape(&crate::names::mount(mount)?);
    // The stem is one segment or ends with one that begins with a digit; between the stamp and the
    // last segment none does.
    let stem = r"(?:.*/)?(?:[^./]*|[^/]*\.[0-9][^./]*)";
    let suffix = r"(?:\.(?:[^./0-9][^./]*)?)*\.[^./]*";
    let rule = |stem: &str, suffix: &str| {
        let rule = format!(
            r"(?s)^{mount}/(?P<stem>{stem})\.(?P<stamp>[0-9]{{1,20}})(?P<suffix>{suffix})$"
        );
        Regex::new(&rule).map_err(|error| {
            let problem = Problem::BadPattern { pattern: rule.clone(), why: error.to_string() };
            Error::from(problem)
        })
    };
    Ok([rule(stem, suffix)?, rule("(?:.*/)?[^./]+", "")?])
}

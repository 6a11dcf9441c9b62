//! Writes the name grammar as regular expressions.

use crate::error::{Error, Problem};
use regex::Regex;

/// Returns two regular expressions that match the percent-decoded stamped paths under `mount`: the
/// first for names with a dot, the second for names without. They are for tools that can match but
/// not look up. Each has the groups `stem`, `stamp` and `suffix`, and a path matches at most one of
/// them.
///
/// The name is `stem` followed by `suffix`. The expressions know the grammar but no names, so they
/// also match stamped forms of names that no asset has.
///
/// This needs the feature `regex`. `regex` is compiled without what makes it quick; a program that
/// matches many paths in a hurry names `regex = { version = "1", features = ["perf"] }` itself.
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
/// When `mount` is not a valid mount, as in [`Pipeline::mount`](crate::Pipeline::mount).
pub fn stamped_paths(mount: &str) -> Result<[Regex; 2], Error> {
    let mount = regex::escape(&crate::names::mount(mount)?);
    // The stem is one segment, or its last segment begins with a digit. No segment between the
    // stamp and the last one begins with a digit.
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

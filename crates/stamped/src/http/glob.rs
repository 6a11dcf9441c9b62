//! Patterns of asset names: `*`, `**` and `?`, and nothing else.

use alloc::{borrow::ToOwned, format, string::String};

/// A pattern, anchored at the asset folder.
#[derive(Clone, Debug)]
pub(super) struct Glob(String);

impl Glob {
    /// As everywhere in `stamped`: a pattern without a slash, but for that of `/**` at its end,
    /// matches in every folder, and a slash at its start keeps it to the top.
    pub(super) fn new(pattern: &str) -> Self {
        let anchored = match pattern.strip_prefix('/') {
            Some(anchored) => anchored.to_owned(),
            None if pattern.trim_end_matches("/**").contains('/') => pattern.to_owned(),
            None => format!("**/{pattern}"),
        };
        // At the end `**` stands for whatever is in a folder, and not for the folder itself.
        Glob(if anchored.ends_with("**") { anchored + "/*" } else { anchored })
    }

    pub(super) fn matches(&self, name: &str) -> bool {
        let is_segment = |pattern: &str, segment: &str| {
            matches(pattern.chars(), segment.chars(), |c| c == '*', |p, c| p == '?' || p == c)
        };
        matches(self.0.split('/'), name.split('/'), |part| part == "**", is_segment)
    }
}

/// Whether `pattern` matches all of `text`, where a wildcard stands for any number of items. Only
/// the last wildcard is ever reconsidered, so the time is at most the product of the lengths.
fn matches<P: Copy, T>(
    mut pattern: impl Iterator<Item = P> + Clone,
    mut text: impl Iterator<Item = T> + Clone,
    is_wildcard: impl Fn(P) -> bool,
    is_match: impl Fn(P, T) -> bool,
) -> bool {
    let mut last_wildcard = None;
    loop {
        let rest = text.clone();
        let agrees = match (pattern.next(), text.next()) {
            (None, None) => return true,
            (Some(part), _) if is_wildcard(part) => {
                text = rest;
                last_wildcard = Some((pattern.clone(), text.clone()));
                true
            }
            (Some(part), Some(item)) => is_match(part, item),
            _ => false,
        };
        if !agrees {
            // The wildcard takes one more.
            let Some((after, rest)) = &mut last_wildcard else { return false };
            if rest.next().is_none() {
                return false;
            }
            (pattern, text) = (after.clone(), rest.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Glob;
    use proptest::prelude::*;

    #[test]
    fn patterns_match_as_the_build_reads_them() {
        for (pattern, name) in [
            ("*.css", "a.css"),
            ("*.css", "css/deep/a.css"),
            ("/*.css", "a.css"),
            ("css/*.css", "css/a.css"),
            ("css/**", "css/a/b.css"),
            ("css/**", "x/css/b.css"),
            ("/css/**", "css/b.css"),
            ("**/img/*.png", "img/a.png"),
            ("**/img/*.png", "x/y/img/a.png"),
            ("a/**/b", "a/b"),
            ("a/**/b", "a/x/y/b"),
            ("?.js", "é.js"),
            ("*a*b*", "xxaxxbxx"),
            ("*", "x/y"),
            ("**", "x/y"),
            ("a**b.css", "axxb.css"),
            ("[a].css", "[a].css"),
        ] {
            assert!(Glob::new(pattern).matches(name), "{pattern} {name}");
        }
        for (pattern, name) in [
            ("*.css", "a.css.map"),
            ("/*.css", "css/a.css"),
            ("css/*.css", "css/deep/a.css"),
            ("css/*.css", "x/css/a.css"),
            ("css/**", "css"),
            ("/css/**", "x/css/b.css"),
            ("a/**/b", "a/xb"),
            ("?.js", ".js"),
            ("?.js", "ab.js"),
            ("*a*b*", "xxbxxaxx"),
            ("", "a"),
            ("/", "a"),
            ("[a].css", "a.css"),
        ] {
            assert!(!Glob::new(pattern).matches(name), "{pattern} {name}");
        }
    }

    proptest! {
        #[test]
        fn a_name_matches_itself_and_its_folder(folder in "[a-z.]{1,4}", file in "[a-z.]{1,4}") {
            let name = std::format!("{folder}/{file}");
            for pattern in [
                name.clone(),
                file.clone(),
                std::format!("{folder}/**"),
                std::format!("{folder}/*"),
                std::format!("*/{file}"),
            ] {
                prop_assert!(Glob::new(&pattern).matches(&name), "{pattern} {name}");
            }
        }

        #[test]
        fn no_pattern_takes_for_ever(pattern in "[a*/?]{0,64}", name in "[a/]{0,64}") {
            Glob::new(&pattern).matches(&name);
        }
    }
}

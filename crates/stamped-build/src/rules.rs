//! Decides which files are assets, and how each is addressed.

use crate::config::Config;
use crate::error::{Error, Problem};
use stamped::Addressing;
use stamped::files::{is_hidden, is_hidden_folder, is_leftover};
use stamped::glob::{BadGlob, Glob, Globs};

/// Why an asset has no stamp.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unstamped {
    /// A pattern of [`Pipeline::prestamped`](crate::Pipeline::prestamped) matches its name.
    Prestamped,
    /// A bundler has stamped its name, as
    /// [`Pipeline::keep_bundler_names`](crate::Pipeline::keep_bundler_names) recognises it.
    Bundled,
    /// It lies beside a file whose name a bundler has stamped, and has its name, but not a stamp of
    /// its own.
    BesideBundled,
    /// A pattern of [`Pipeline::plain`](crate::Pipeline::plain) matches its name.
    Plain,
    /// [`Pipeline::stamp_only`](crate::Pipeline::stamp_only) does not list its extension.
    Extension,
}

/// How an asset is addressed. `unstamped` says why it has no stamp, if it has none.
pub(crate) fn addressing(unstamped: Option<Unstamped>) -> Addressing {
    match unstamped {
        None => Addressing::Stamped,
        Some(Unstamped::Prestamped | Unstamped::Bundled) => Addressing::Prestamped,
        Some(Unstamped::BesideBundled | Unstamped::Plain | Unstamped::Extension) => {
            Addressing::Plain
        }
    }
}

/// The patterns of a pipeline, compiled.
#[derive(Debug)]
pub(crate) struct Rules {
    include: Option<Globs>,
    include_hidden: Globs,
    exclude: Globs,
    exclude_folders: Globs,
    plain: Globs,
    at_root: Globs,
    prestamped: Globs,
    stamp_only: Option<Vec<String>>,
    markup: Globs,
    verbatim: Globs,
    /// Each with the most bytes that a file may have.
    inline: Vec<(Globs, u64)>,
    allow_missing_references: Globs,
}

impl Rules {
    pub(crate) fn new(config: &Config) -> Result<Self, Error> {
        let spells_dot = |pattern: &&String| pattern.split('/').any(|part| part.starts_with('.'));
        let hidden: Vec<_> = config.include.iter().filter(spells_dot).collect();
        // `drafts` and `drafts/**` both leave out the folder, so it need not be entered.
        let below = |pattern: &String| format!("{}/**", pattern.trim_end_matches('/'));
        let exclude_below: Vec<_> = config.exclude.iter().map(below).collect();
        let folder =
            |pattern: &String| pattern.trim_end_matches("/**").trim_end_matches('/').to_owned();
        let exclude_folders: Vec<_> = config.exclude.iter().map(folder).collect();
        Ok(Rules {
            include: match config.include.is_empty() {
                true => None,
                false => Some(patterns(&config.include)?),
            },
            include_hidden: patterns(hidden)?,
            exclude: patterns(config.exclude.iter().chain(&exclude_below))?,
            exclude_folders: patterns(&exclude_folders)?,
            plain: patterns(&config.plain)?,
            at_root: patterns(&config.at_root)?,
            prestamped: patterns(&config.prestamped)?,
            stamp_only: config.stamp_only.clone(),
            markup: patterns(&config.markup)?,
            verbatim: patterns(&config.verbatim)?,
            inline: {
                let inline = config.inline.iter();
                inline
                    .map(|(one, bytes)| Ok((patterns([one])?, *bytes)))
                    .collect::<Result<_, Error>>()?
            },
            allow_missing_references: patterns(&config.allow_missing_references)?,
        })
    }

    /// Whether the file of this name is an asset.
    pub(crate) fn takes(&self, name: &str) -> bool {
        (!is_hidden(name) || self.include_hidden.matches(name))
            && !is_leftover(name)
            && self.include.as_ref().is_none_or(|include| include.matches(name))
            && !self.exclude.matches(name)
    }

    /// Whether there can be assets in the folder of this name.
    pub(crate) fn enters(&self, name: &str) -> bool {
        (!is_hidden_folder(name) || !self.include_hidden.is_empty())
            && !self.exclude_folders.matches(name)
    }

    /// Why the asset of this name gets no stamp, if it gets none.
    pub(crate) fn unstamped(&self, name: &str) -> Option<Unstamped> {
        if self.prestamped.matches(name) {
            Some(Unstamped::Prestamped)
        } else if self.plain.matches(name) {
            Some(Unstamped::Plain)
        } else {
            (!self.has_stamped_extension(name)).then_some(Unstamped::Extension)
        }
    }

    /// Whether the asset of this name is served at the root of the site too.
    pub(crate) fn is_at_root(&self, name: &str) -> bool {
        self.at_root.matches(name)
    }

    /// Whether there is a pattern of markup files.
    pub(crate) fn rewrites_some_markup(&self) -> bool {
        !self.markup.is_empty()
    }

    /// Whether the file of this name is scanned but keeps its bytes.
    pub(crate) fn is_verbatim(&self, name: &str) -> bool {
        self.verbatim.matches(name)
    }

    /// Whether references in the markup file of this name are rewritten.
    pub(crate) fn rewrites_markup(&self, name: &str) -> bool {
        self.markup.matches(name)
    }

    /// Whether the contents of the file of this name, which has this many bytes, go into those that refer
    /// to it.
    pub(crate) fn inlines(&self, name: &str, size: u64) -> bool {
        self.inline.iter().any(|(globs, bytes)| size <= *bytes && globs.matches(name))
    }

    /// Whether the file of this name may refer to what does not exist.
    pub(crate) fn allows_missing(&self, name: &str) -> bool {
        self.allow_missing_references.matches(name)
    }

    fn has_stamped_extension(&self, name: &str) -> bool {
        let Some(only) = &self.stamp_only else { return true };
        only.iter().any(|one| has_extension(name, one))
    }
}

/// Whether `stamp_only` selects the file of this name by this entry.
pub(crate) fn has_extension(name: &str, entry: &str) -> bool {
    let entry = entry.trim_start_matches('.');
    extensions(name).is_some_and(|extensions| extensions.contains(&entry))
}

/// The extensions of a name, as `min.js` and `js`.
pub(crate) fn extensions(name: &str) -> Option<[&str; 2]> {
    let file = name.rsplit('/').next().unwrap_or(name);
    let (_, whole) = file.split_once('.')?;
    Some([whole, whole.rsplit('.').next().unwrap_or(whole)])
}

/// Reads patterns as the documentation of the crate describes them.
pub(crate) fn patterns<'a>(all: impl IntoIterator<Item = &'a String>) -> Result<Globs, Error> {
    let mut globs = Globs::default();
    for pattern in all {
        let bad =
            |why: BadGlob| Problem::BadPattern { pattern: pattern.clone(), why: why.to_string() };
        globs.add(Glob::new(pattern).map_err(bad)?);
    }
    Ok(globs)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Pipeline;
    use proptest::prelude::*;

    fn rules(configure: impl FnOnce(Pipeline) -> Pipeline) -> Rules {
        configure(Pipeline::new("assets")).rules().unwrap()
    }

    #[test]
    fn dot_files_and_leftovers_are_no_assets() {
        let rules = rules(|p| p);
        for name in [
            ".env",
            "css/.style.css.swp",
            ".git/config",
            "a~",
            "x/Thumbs.db",
            "x/desktop.ini",
            ".#lock",
            ".DS_Store",
        ] {
            assert!(!rules.takes(name), "{name}");
        }
        for name in ["a.css", ".well-known/security.txt", "x/a.b"] {
            assert!(rules.takes(name), "{name}");
        }
        assert!(!rules.takes("x/.well-known/a"));
        assert!(!rules.takes(".well-known/.hidden"));
    }

    #[test]
    fn a_dot_file_is_included_only_by_a_pattern_that_spells_the_dot() {
        assert!(!rules(|p| p.include("*.css")).takes(".hidden.css"));
        assert!(!rules(|p| p.include("**")).takes(".hidden"));
        let nojekyll = rules(|p| p.include("**").include(".nojekyll"));
        assert!(nojekyll.takes(".nojekyll") && nojekyll.takes("a.css") && !nojekyll.takes(".env"));
    }

    #[test]
    fn an_excluded_folder_is_excluded_with_all_below_it() {
        for pattern in ["drafts", "/drafts", "drafts/", "drafts/**"] {
            let rules = rules(|p| p.exclude(pattern));
            assert!(!rules.takes("drafts/a.css") && !rules.takes("drafts/b/c.css"), "{pattern}");
            assert!(!rules.enters("drafts"), "{pattern}");
            assert!(rules.takes("drafts.css") && rules.enters("css"), "{pattern}");
        }
        assert!(rules(|p| p.exclude("drafts/*.css")).enters("drafts"));
        assert!(rules(|p| p.exclude("/drafts")).takes("x/drafts/a.css"));
        assert!(!rules(|p| p.exclude("drafts")).takes("x/drafts/a.css"));
    }

    #[test]
    fn a_pattern_without_a_slash_matches_in_any_folder_and_one_with_a_slash_the_whole_name() {
        let map = rules(|p| p.exclude("*.map"));
        assert!(!map.takes("a.map") && !map.takes("x/y/a.map"));
        let one = rules(|p| p.exclude("x/*.map"));
        assert!(!one.takes("x/a.map") && one.takes("x/y/a.map") && one.takes("y/x/a.map"));
        let bracket = rules(|p| p.exclude(r"\[id\].js"));
        assert!(!bracket.takes("[id].js") && bracket.takes("i.js"));
    }

    /// The pattern as the crate `globset` reads it, of which patterns have their meaning.
    fn globset(pattern: &str) -> globset::GlobSet {
        let anchored = match pattern.strip_prefix('/') {
            Some(anchored) => anchored.to_owned(),
            None if pattern.trim_end_matches("/**").contains('/') => pattern.to_owned(),
            None => format!("**/{pattern}"),
        };
        // There, a class that says what it is not matches a slash.
        let anchored = anchored.replace("[!", "[!/").replace("[^", "[^/");
        let mut builder = globset::GlobBuilder::new(&anchored);
        let glob = builder.literal_separator(true).backslash_escape(true).build().unwrap();
        // As a set, which has more ways to match than a single one.
        globset::GlobSet::builder().add(glob).build().unwrap()
    }

    fn agree(pattern: &str, names: &[String]) -> Result<(), TestCaseError> {
        let ours = Glob::new(pattern).unwrap();
        let together = patterns([&pattern.to_owned()]).unwrap();
        let theirs = globset(pattern);
        for name in names {
            prop_assert_eq!(ours.matches(name), theirs.is_match(name), "{} {}", pattern, name);
            prop_assert_eq!(together.matches(name), ours.matches(name), "{} {}", pattern, name);
        }
        Ok(())
    }

    fn words(part: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
        proptest::collection::vec(part, 1..4).prop_map(|parts| parts.concat())
    }

    /// Globs in which `**` is beside no brace: there only `globset` knows what it means.
    fn some_pattern(part: impl Strategy<Value = String> + Clone) -> impl Strategy<Value = String> {
        let path = proptest::collection::vec(
            prop_oneof![3 => words(part.clone()), 1 => Just("**".to_owned())],
            1..4,
        )
        .prop_map(|segments| segments.join("/"));
        let alternative =
            prop_oneof![3 => words(part.clone()), 1 => path, 1 => Just(String::new())];
        let braces = proptest::collection::vec(alternative, 1..4)
            .prop_map(|alternatives| format!("{{{}}}", alternatives.join(",")));
        let segment = words(prop_oneof![4 => part, 1 => braces]);
        let segment = prop_oneof![4 => segment, 1 => Just("**".to_owned())];
        ("/?", proptest::collection::vec(segment, 1..5))
            .prop_map(|(first, segments)| first + &segments.join("/"))
            .prop_filter("stars beside a brace", |pattern| {
                !["{**", "**{", "}**", "**}", ",**", "**,"].iter().any(|one| pattern.contains(one))
            })
    }

    fn ascii() -> impl Strategy<Value = String> + Clone {
        prop_oneof![
            4 => "[ab.]{1,2}",
            2 => r"\*{1,2}",
            1 => r"\?",
            1 => r"\[([!^]?[ab.]{1,2}-?|[!^]?a-b\.?|-\.?|\][ab-]?)\]",
            1 => r"\\[*?\[\]{},.ab\\]",
        ]
    }

    /// Names whose segments are of these characters.
    fn names(segment: &str) -> impl Strategy<Value = Vec<String>> {
        let name =
            proptest::string::string_regex(&format!("{segment}(/{segment}){{0,3}}")).unwrap();
        let is_name = |name: &String| !name.split('/').any(|part| part == "." || part == "..");
        proptest::collection::vec(name.prop_filter("no name", is_name), 32)
    }

    proptest! {
        #[test]
        fn patterns_mean_what_globset_says(
            pattern in some_pattern(ascii()),
            simple in names("[ab]{1,2}"),
            special in names(r"([ab.]|[*?\[\]{},\\]){1,3}"),
        ) {
            agree(&pattern, &simple)?;
            agree(&pattern, &special)?;
        }

        /// There, `?` and a class stand for a byte.
        #[test]
        fn names_need_not_be_ascii(
            pattern in some_pattern(prop_oneof!["[aé図]{1,2}", r"\*{1,2}"]),
            names in names("[aé図]{1,3}"),
        ) {
            agree(&pattern, &names)?;
        }

        #[test]
        fn what_is_no_pattern_is_none_in_globset_either(pattern in r"[a\[\]{},!\\]{0,8}") {
            let theirs = globset::GlobBuilder::new(&pattern).backslash_escape(true).build();
            prop_assert_eq!(Glob::new(&pattern).is_ok(), theirs.is_ok(), "{}", pattern);
        }
    }

    #[test]
    fn files_that_others_know_by_name_are_never_stamped() {
        let rules = rules(|p| p);
        for name in [
            "robots.txt",
            "favicon.ico",
            "apple-touch-icon-120x120.png",
            "sitemap-1.xml",
            "index.html",
            "docs/page.html",
            "app.webmanifest",
            "sw.js",
            ".well-known/acme/x",
            "sub/sw.js",
            "ngsw-worker.js",
            "ngsw.json",
        ] {
            assert_eq!(addressing(rules.unstamped(name)), Addressing::Plain, "{name}");
        }
        for name in ["style.css", "my-robots.txt", "x/.well-known/a.txt", "sw.json"] {
            assert_eq!(addressing(rules.unstamped(name)), Addressing::Stamped, "{name}");
        }
    }

    #[test]
    fn the_list_of_extensions_matches_whole_extensions_or_their_last_part() {
        let rules = rules(|p| p.stamp_only(["css", "min.js", ".svg"]));
        for name in ["a.css", "a.min.css", "a.min.js", "x.y/a.svg"] {
            assert_eq!(addressing(rules.unstamped(name)), Addressing::Stamped, "{name}");
        }
        for name in ["a.js", "a.css.map", "LICENSE", "a.css/LICENSE", "a.x.min.js"] {
            assert_eq!(addressing(rules.unstamped(name)), Addressing::Plain, "{name}");
        }
    }

    #[test]
    fn a_pattern_that_does_not_parse_is_named_with_the_way_out() {
        let error = Pipeline::new("a").exclude("img/[a.png").rules().unwrap_err().to_string();
        assert!(error.contains("`img/[a.png`") && error.contains("backslash"), "{error}");
    }
}

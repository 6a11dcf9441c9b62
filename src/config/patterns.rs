//! Regular expressions over paths, and content types by extension.

use super::site::{Entry, Site};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Regular expressions over decoded paths, for servers that can match but not look up. They apply only
/// to paths that have a file.
pub(super) struct Patterns {
    /// Every path under the mount.
    pub(super) mount: String,
    /// The paths at the root of the site.
    pub(super) at_root: Option<String>,
    /// Paths that look stamped.
    pub(super) forever: Option<String>,
    /// Plain names of assets that look stamped.
    pub(super) but_plain: Option<String>,
    /// Paths whose bytes never change although they do not look stamped: a bundler stamped them.
    pub(super) also_forever: Option<String>,
    /// Paths that look like encodings, or like folders.
    pub(super) beside: &'static str,
    /// Paths of assets that look like encodings.
    pub(super) not_beside: Option<String>,
}

impl Patterns {
    pub(super) fn of(site: &Site) -> Self {
        let mount = regex(&site.mount);
        let looks_stamped = |entry: &Entry| {
            let file = entry.path.rsplit('/').next().unwrap_or_default();
            file.split('.').skip(1).any(|segment| {
                site.digits.contains(&segment.len())
                    && segment.bytes().all(|byte| byte.is_ascii_digit())
            })
        };
        let list = |is_in: &dyn Fn(&Entry) -> bool| {
            let names: Vec<String> = site
                .entries
                .iter()
                .filter(|entry| is_in(entry))
                .map(|entry| regex(&site.request(entry)))
                .collect();
            (!names.is_empty()).then(|| format!("(?s)^(?:{})$", names.join("|")))
        };
        let digits: Vec<String> = site.digits.iter().map(|n| format!("[0-9]{{{n}}}")).collect();
        let beside = |entry: &Entry| entry.path.ends_with(".br") || entry.path.ends_with(".gz");
        Patterns {
            forever: (!digits.is_empty()).then(|| {
                // The lengths exclude most numbers that are not stamps.
                format!(r"(?s)^{mount}/.*\.(?:{})(?:\.[^/]*)?$", digits.join("|"))
            }),
            but_plain: list(&|entry| !entry.forever && looks_stamped(entry)),
            also_forever: list(&|entry| entry.forever && !looks_stamped(entry)),
            beside: r"(?:/|\.br|\.gz)$",
            not_beside: list(&beside),
            at_root: (!site.at_root.is_empty()).then(|| {
                let names: Vec<String> =
                    site.at_root.iter().map(|entry| regex(&entry.path)).collect();
                format!("(?s)^/(?:{})$", names.join("|"))
            }),
            mount: format!("^{mount}/"),
        }
    }
}

/// Content types by extension, and the files that differ from most others with their extension.
pub(super) struct Types<'a> {
    /// In lower case.
    pub(super) by_extension: BTreeMap<String, &'a str>,
    pub(super) without_extension: &'a str,
    pub(super) others: Vec<&'a Entry>,
}

impl<'a> Types<'a> {
    pub(super) fn of(site: &'a Site) -> Self {
        let mut counts: BTreeMap<String, BTreeMap<&str, usize>> = BTreeMap::new();
        for entry in &site.entries {
            let types = counts.entry(extension(&entry.file)).or_default();
            *types.entry(&entry.content_type).or_default() += 1;
        }
        let mut by_extension: BTreeMap<String, &str> = counts
            .into_iter()
            .filter_map(|(extension, types)| {
                // The first of equally many, so that the same files always give the same rules.
                let most = types.into_iter().rev().max_by_key(|&(_, count)| count);
                most.map(|(content_type, _)| (extension, content_type))
            })
            .collect();
        let type_of = |entry: &Entry| by_extension.get(&extension(&entry.file)).copied();
        let is_other = |entry: &&Entry| type_of(entry) != Some(&*entry.content_type);
        let others = site.entries.iter().filter(is_other).collect();
        let without_extension = by_extension.remove("").unwrap_or("application/octet-stream");
        Types { by_extension, without_extension, others }
    }

    /// Each type with a regular expression for the paths that have it. Exceptions come last, because the
    /// expressions by extension match them too.
    pub(super) fn patterns(&self, site: &Site) -> Vec<(&'a str, String)> {
        let mount = regex(&site.mount);
        let mut extensions: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for (extension, content_type) in &self.by_extension {
            extensions.entry(content_type).or_default().push(regex(extension));
        }
        let mut names: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for entry in &self.others {
            names.entry(&entry.content_type).or_default().push(regex(&site.request(entry)));
        }
        // Nothing behind the last dot is no extension either.
        let plain =
            (self.without_extension, format!(r"(?s)^{mount}/(?:.*/)?(?:\.?[^./]*|[^/]*\.)$"));
        let by_extension = extensions.into_iter().map(|(content_type, extensions)| {
            (content_type, format!(r"(?s)^{mount}/.*[^/]\.(?i:{})$", extensions.join("|")))
        });
        let by_name = names
            .into_iter()
            .map(|(content_type, names)| (content_type, format!("(?s)^(?:{})$", names.join("|"))));
        std::iter::once(plain).chain(by_extension).chain(by_name).collect()
    }
}

/// The extension of a file, as servers see it: a name whose only dot is its first character has none.
fn extension(file: &str) -> String {
    let file = file.rsplit('/').next().unwrap_or(file);
    match file.rsplit_once('.') {
        Some((stem, extension)) if !stem.is_empty() => extension.to_ascii_lowercase(),
        _ => String::new(),
    }
}

/// A regular expression that matches this text. It contains no character that has a meaning in a
/// configuration: no quote, dollar sign, brace or space.
pub(super) fn regex(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '/' | '_' => escaped.push(character),
            '"' | '\'' | '`' | '\\' | '$' | '{' | '}' | '%' | '#' | '<' | '>' | ' ' => {
                let _ = write!(escaped, r"\x{:02x}", u32::from(character));
            }
            _ if character.is_ascii_control() => {
                let _ = write!(escaped, r"\x{:02x}", u32::from(character));
            }
            _ if character.is_ascii_punctuation() => escaped.extend(['\\', character]),
            _ => escaped.push(character),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use regex::Regex;
    use stamped_build::{Export, Manifest, Pipeline, Stamp, stamped_paths};

    #[test]
    fn every_stamped_path_is_kept_for_ever_and_has_the_grammar_of_names() {
        let names = [
            "style.css",
            "css/style.min.css",
            "app.js.map",
            "jquery-1.11.3.min.js",
            "report.2024.css",
            "archive.7z",
            "LICENSE",
            ".well.known/x",
            "a b/\u{56fe} (1).png",
            "dot.",
        ];
        let nowhere = Pipeline::new("no such folder").allow_missing(true).mount("/app/static");
        for stamp in [Stamp::Fixed(1_452_929_749), Stamp::Content] {
            let pipeline = names.iter().fold(nowhere.clone(), |it, &name| it.file(name, name));
            let bundle = pipeline.stamp(stamp).process().unwrap();
            let folder = stamped_test_support::Dir::new();
            let exported = bundle.export(&Export::new(folder.join("out"))).unwrap();
            let manifest = Manifest::read(exported.manifest()).unwrap();
            let patterns = Patterns::of(&Site::from_manifest(&manifest, "/srv"));
            let forever = Regex::new(&patterns.forever.unwrap()).unwrap();
            let grammar = stamped_paths("/app/static").unwrap();
            for asset in bundle.assets() {
                let path = format!("/app/static/{}", asset.path());
                assert!(forever.is_match(&path), "{path}");
                let parts = grammar.iter().find_map(|rule| rule.captures(&path)).expect(&path);
                assert_eq!(format!("{}{}", &parts["stem"], &parts["suffix"]), asset.name());
            }
        }
    }
}

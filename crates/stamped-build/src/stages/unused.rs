//! Warns about patterns, and extensions of `stamp_only`, that match nothing.
//!
//! Not about those that only prevent something, `exclude` and `allow_missing_references`: a folder
//! without `*.map` is as it should be.

use crate::config::{AT_ROOT, Config, NEVER_STAMPED, Root};
use crate::error::{Error, Warning, WarningKind};
use crate::{nearest, rules};
use std::collections::BTreeSet;

/// Warns about the patterns that match no name. `seen` are the names of all files, also of those that
/// no `include` takes; `transforms` are the patterns of transformations that had nothing to do.
pub(crate) fn warnings(
    config: &Config,
    transforms: &[String],
    seen: &[String],
    names: &[&str],
) -> Result<Vec<Warning>, Error> {
    let seen: Vec<&str> = seen.iter().map(String::as_str).collect();
    if seen.is_empty() && names.is_empty() {
        // There is nothing to match, which has a warning of its own.
        return Ok(Vec::new());
    }
    let own = |pattern: &&String| {
        !NEVER_STAMPED.contains(&pattern.as_str()) && !AT_ROOT.contains(&pattern.as_str())
    };
    let groups: [(&str, Vec<&String>, &[&str]); 8] = [
        ("include", config.include.iter().collect(), &seen),
        ("transform", transforms.iter().collect(), names),
        ("plain", config.plain.iter().filter(own).collect(), names),
        ("at_root", config.at_root.iter().filter(own).collect(), names),
        ("prestamped", config.prestamped.iter().collect(), names),
        ("markup", config.markup.iter().collect(), names),
        ("verbatim", config.verbatim.iter().collect(), names),
        ("inline", config.inline.iter().map(|(pattern, _)| pattern).collect(), names),
    ];
    let mut warnings = Vec::new();
    for (setter, patterns, names) in groups {
        for pattern in patterns {
            if setter == "transform" || !matches(pattern, names)? {
                warnings.push(warning(setter, pattern, config, names));
            }
        }
    }
    for entry in config.stamp_only.iter().flatten() {
        if !names.iter().any(|name| rules::has_extension(name, entry)) {
            warnings.push(extension_warning(entry, config, names));
        }
    }
    Ok(warnings)
}

fn matches(pattern: &str, names: &[&str]) -> Result<bool, Error> {
    let set = rules::patterns([&pattern.to_owned()])?;
    Ok(names.iter().any(|name| set.matches(name)))
}

fn warning(setter: &str, pattern: &str, config: &Config, names: &[&str]) -> Warning {
    let files = match names {
        [_] => "the only file".to_owned(),
        names => format!("any of the {} files", names.len()),
    };
    let message = format!(
        "the pattern `{pattern}` of `{setter}` does not match {files} in {}",
        folders(config)
    );
    let help = match (meant(pattern, config, names), names.first()) {
        (Some(meant), _) => format!("did you mean `{meant}`?"),
        (None, Some(name)) => {
            format!("leave it out, or write it for names below the folder, such as `{name}`")
        }
        (None, None) => "leave it out".to_owned(),
    };
    Warning::new(WarningKind::UnusedPattern, message, help)
}

fn extension_warning(entry: &str, config: &Config, names: &[&str]) -> Warning {
    let message = format!(
        "no file in {} has the extension `{entry}`, which is among those to be stamped",
        folders(config)
    );
    let known: BTreeSet<&str> =
        names.iter().filter_map(|name| rules::extensions(name)).flatten().collect();
    // People write globs here too.
    let plain = entry.trim_start_matches(['*', '.']).to_lowercase();
    let meant = known.get(plain.as_str()).copied();
    let help = match (meant.or_else(|| nearest::of(&plain, known.iter().copied())), known.first()) {
        (Some(meant), _) => format!("did you mean `{meant}`?"),
        (None, Some(known)) => {
            format!("leave it out, or write an extension that files have, such as `{known}`")
        }
        (None, None) => "leave it out".to_owned(),
    };
    Warning::new(WarningKind::UnusedPattern, message, help)
}

/// The folders of the assets, for a sentence.
fn folders(config: &Config) -> String {
    let folders = config.roots.iter().map(|root| format!("`{}`", root.folder.display()));
    folders.collect::<Vec<_>>().join(", ")
}

/// The pattern that was most likely meant: without the mount or a folder that is not part of names.
fn meant(pattern: &str, config: &Config, names: &[&str]) -> Option<String> {
    let slashes = pattern.replace('\\', "/");
    let plain = slashes.trim_start_matches("./").trim_start_matches('/');
    let mount = config.mount.trim_matches('/').to_owned();
    let folder = |root: &Root| root.folder.to_string_lossy().replace('\\', "/");
    let last = |root: &Root| Some(root.folder.file_name()?.to_string_lossy().into_owned());
    let before = config.roots.iter().flat_map(|root| [Some(folder(root)), last(root)]).flatten();
    let without = [mount].into_iter().chain(before).filter_map(|before| {
        let before = before.trim_start_matches("./").trim_matches('/');
        plain.strip_prefix(before)?.strip_prefix('/')
    });
    let mut candidates = [slashes.as_str(), plain].into_iter().chain(without);
    candidates
        .find(|candidate| *candidate != pattern && matches(candidate, names).is_ok_and(|yes| yes))
        .or_else(|| nearest::of(plain, names.iter().copied()))
        .map(str::to_owned)
}

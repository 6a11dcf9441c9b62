//! Walks the folders and lists the files that are assets.

use crate::config::{Config, Root, base};
use crate::error::{Error, Problem, Warning, WarningKind};
use crate::names;
use crate::rules::Rules;
use std::path::{Path, PathBuf};
use walkdir::{DirEntry, WalkDir};

/// A file that is an asset.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) name: String,
    pub(crate) path: PathBuf,
    /// A time to use instead of that of the file, in seconds since 1970.
    pub(crate) committed: Option<u64>,
    /// Whether the build itself made the file, so that its time means nothing.
    pub(crate) made: bool,
}

/// The result of the walk.
#[derive(Debug, Default)]
pub(crate) struct Walked {
    pub(crate) entries: Vec<Entry>,
    /// The folders that cargo must watch.
    pub(crate) watched: Vec<PathBuf>,
    /// The folders that were walked.
    pub(crate) folders: Vec<PathBuf>,
    pub(crate) warnings: Vec<Warning>,
}

/// Walks all root folders of the settings.
pub(crate) fn roots(config: &Config, rules: &Rules) -> Result<Walked, Error> {
    let mut walked = Walked::default();
    let out_dir = std::env::var_os("OUT_DIR").map(PathBuf::from);
    for root in &config.roots {
        let folder = base().join(&root.folder);
        // A folder that the build script has just written is newer than the start of the script. If
        // cargo watched it, the script would run on every build.
        let made = out_dir.as_ref().is_some_and(|out_dir| is_below(&folder, out_dir));
        if !made {
            walked.watched.push(root.folder.clone());
        }
        match std::fs::metadata(&folder) {
            Ok(metadata) if metadata.is_dir() => {}
            Ok(_) => return Err(Problem::NoFolder { path: root.folder.clone() }.into()),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                if config.allow_missing {
                    continue;
                }
                return Err(Problem::MissingFolder { path: root.folder.clone() }.into());
            }
            Err(source) => {
                return Err(Problem::Unreadable { path: root.folder.clone(), source }.into());
            }
        }
        walk(root, &folder, made, rules, &mut walked)?;
        walked.folders.push(folder);
    }
    Ok(walked)
}

fn walk(
    root: &Root,
    folder: &Path,
    made: bool,
    rules: &Rules,
    walked: &mut Walked,
) -> Result<(), Error> {
    let enters = |entry: &DirEntry| {
        entry.depth() == 0
            || !entry.file_type().is_dir()
            || rules.enters(&lossy_name(root, folder, entry.path()))
    };
    for entry in WalkDir::new(folder).follow_links(true).into_iter().filter_entry(enters) {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => match problem(root, folder, error, rules) {
                Some(problem) => return Err(problem.into()),
                None => continue,
            },
        };
        if entry.file_type().is_dir() {
            continue;
        }
        let Some(name) = name(root, folder, entry.path()) else {
            if rules.takes(&lossy_name(root, folder, entry.path())) {
                return Err(Problem::NameNotUtf8 { path: shown(root, folder, entry.path()) }.into());
            }
            continue;
        };
        if !rules.takes(&name) {
            continue;
        }
        if !entry.file_type().is_file() {
            let path = shown(root, folder, entry.path());
            walked.warnings.push(Warning::new(
                WarningKind::SpecialFile,
                format!("`{}` is neither a file nor a folder, and was skipped", path.display()),
                "leave it out with `.exclude(…)`",
            ));
            continue;
        }
        names::check(&name, entry.path())?;
        walked.entries.push(Entry { name, path: entry.into_path(), committed: None, made });
    }
    Ok(())
}

/// What an error of the walk means, or nothing, if it is not about an asset.
fn problem(root: &Root, folder: &Path, error: walkdir::Error, rules: &Rules) -> Option<Problem> {
    let path = error.path().unwrap_or(folder).to_owned();
    if path != folder {
        let name = lossy_name(root, folder, &path);
        // A dead link has no type, so it may stand for a file or a folder.
        if !rules.takes(&name) || !rules.enters(&name) {
            return None;
        }
    }
    let shown_path = shown(root, folder, &path);
    if let Some(ancestor) = error.loop_ancestor() {
        let ancestor = shown(root, folder, ancestor);
        return Some(Problem::Loop { path: shown_path, ancestor });
    }
    let source = error.into_io_error().unwrap_or_else(|| std::io::Error::other("unknown reason"));
    let is_link = path.symlink_metadata().is_ok_and(|metadata| metadata.is_symlink());
    Some(if source.kind() == std::io::ErrorKind::NotFound && is_link {
        Problem::DeadLink { path: shown_path }
    } else {
        Problem::Unreadable { path: shown_path, source }
    })
}

/// The name of a file or folder, if it is UTF-8.
fn name(root: &Root, folder: &Path, path: &Path) -> Option<String> {
    let mut name = root.prefix.clone();
    for (number, part) in path.strip_prefix(folder).ok()?.components().enumerate() {
        if number > 0 {
            name.push('/');
        }
        name.push_str(part.as_os_str().to_str()?);
    }
    Some(name)
}

fn lossy_name(root: &Root, folder: &Path, path: &Path) -> String {
    let relative = path.strip_prefix(folder).unwrap_or(path);
    let parts: Vec<_> =
        relative.components().map(|part| part.as_os_str().to_string_lossy()).collect();
    root.prefix.clone() + &parts.join("/")
}

/// The path as the author of the build script knows it.
fn shown(root: &Root, folder: &Path, path: &Path) -> PathBuf {
    match path.strip_prefix(folder) {
        Ok(relative) if relative.as_os_str().is_empty() => root.folder.clone(),
        Ok(relative) => root.folder.join(relative),
        Err(_) => path.to_owned(),
    }
}

fn is_below(folder: &Path, ancestor: &Path) -> bool {
    let whole = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    whole(folder).starts_with(whole(ancestor))
}

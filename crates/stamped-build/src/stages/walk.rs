//! Walks the folders and lists the files that are assets.

use crate::config::{Config, Root, base};
use crate::error::{Error, Problem, Warning, WarningKind};
use crate::parallel;
use crate::rules::Rules;
use crate::{names, nearest};
use stamped::files::{self, Leads};
use std::borrow::Cow;
use std::ffi::OsString;
use std::fs::Metadata;
use std::io::ErrorKind;
use std::path::{MAIN_SEPARATOR, Path, PathBuf};
use walkdir::WalkDir;

/// A file that is an asset.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) name: String,
    pub(crate) path: PathBuf,
    /// A time to use instead of that of the file, in seconds since 1970.
    pub(crate) committed: Option<u64>,
    /// Whether the build itself made the file, so that its time means nothing.
    pub(crate) made: bool,
    /// Whether git ignores the file, so that its time is that of an installation.
    pub(crate) ignored: bool,
    /// What the system said of the file before it was read, if it was asked.
    pub(crate) metadata: Option<Metadata>,
}

/// The result of the walk.
#[derive(Debug, Default)]
pub(crate) struct Walked {
    pub(crate) entries: Vec<Entry>,
    /// The folders that cargo must watch.
    pub(crate) watched: Vec<PathBuf>,
    /// Files that the bundle is made from, besides those of the entries.
    pub(crate) others: Vec<PathBuf>,
    /// The folders that were walked.
    pub(crate) folders: Vec<PathBuf>,
    /// The names of all files, also of those that no pattern includes, if there is such a pattern.
    pub(crate) seen: Vec<String>,
    pub(crate) warnings: Vec<Warning>,
}

impl Walked {
    /// What the system says of each file, which is asked once. A file of which it says nothing fails
    /// later, when it is read.
    pub(crate) fn look(&mut self) {
        parallel::map(&mut self.entries, |entry| entry.metadata = entry.path.metadata().ok());
    }

    /// The names and sizes of the files.
    pub(crate) fn sizes(&self) -> impl Iterator<Item = (&str, u64)> {
        let size = |entry: &Entry| entry.metadata.as_ref().map_or(0, Metadata::len);
        self.entries.iter().map(move |entry| (entry.name.as_str(), size(entry)))
    }

    /// Makes cargo watch the links that a path goes through. Cargo itself checks the last one, and
    /// those in a folder that it watches, but not those above.
    fn watch_links_on_the_way(&mut self, path: &Path) {
        for link in links_on_the_way(path) {
            // Cargo checks everything that a link leads to. That always changes where a build
            // writes.
            let is_own = || {
                let out_dir = std::env::var_os("OUT_DIR").map(PathBuf::from);
                out_dir.into_iter().chain([base()]).any(|own| is_below(&own, &link))
            };
            if link.is_dir() && !self.watched.contains(&link) && !is_own() {
                self.watched.push(link);
            }
        }
    }
}

/// The symbolic links on the way from a path to its target, except for the path itself.
fn links_on_the_way(path: &Path) -> Vec<PathBuf> {
    // The same limit as in the kernel, so that a loop ends.
    const MOST: usize = 40;
    let owned = |path: &Path| -> Vec<OsString> {
        path.components().rev().map(|part| part.as_os_str().to_owned()).collect()
    };
    let Ok(path) = std::path::absolute(path) else { return Vec::new() };
    let (mut at, mut rest, mut links) = (PathBuf::new(), owned(&path), Vec::new());
    while let Some(part) = rest.pop() {
        if part == ".." {
            at.pop();
            continue;
        }
        at.push(part);
        let Ok(target) = at.read_link() else { continue };
        if links.len() == MOST {
            break;
        }
        links.push(at.clone());
        at.pop();
        // An absolute one replaces what is before it.
        rest.extend(owned(&target));
    }
    links.retain(|link| *link != path);
    links
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
            walked.watch_links_on_the_way(&folder);
        }
        match std::fs::metadata(&folder) {
            Ok(metadata) if metadata.is_dir() => {}
            Ok(_) => return Err(Problem::NoFolder { path: root.folder.clone() }.into()),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                if config.allow_missing {
                    continue;
                }
                let path = root.folder.clone();
                return Err(
                    Problem::MissingFolder { near: folder_like(&path, &folder), path }.into()
                );
            }
            Err(source) => {
                return Err(Problem::Unreadable { path: root.folder.clone(), source }.into());
            }
        }
        // A folder in it may be an asset folder, but not the whole.
        if let Some(out_dir) = out_dir.as_ref().filter(|out_dir| is_below(out_dir, &folder)) {
            let (path, out_dir) = (root.folder.clone(), out_dir.clone());
            return Err(Problem::OwnOutput { path, out_dir }.into());
        }
        let before = walked.entries.len();
        let files = walk(root, &folder, made, config, rules, &mut walked)?;
        // A pattern that matches nothing has a warning of its own.
        if walked.entries.len() == before
            && !config.allow_missing
            && (files == 0 || config.include.is_empty())
        {
            walked.warnings.push(empty(root, files));
        }
        walked.folders.push(folder);
    }
    Ok(walked)
}

/// The warning about a folder without assets.
fn empty(root: &Root, files: usize) -> Warning {
    let folder = root.folder.display();
    let message = match files {
        0 => format!("the folder `{folder}` has no files"),
        1 => format!("the only file in `{folder}` is left out, so it has no assets"),
        files => format!("all {files} files in `{folder}` are left out, so it has no assets"),
    };
    let help = "put assets into it, correct the path, or allow it with `.allow_missing(true)`";
    Warning::new(WarningKind::EmptyFolder, message, help)
}

/// Adds the assets in a folder, and returns how many files it has.
fn walk(
    root: &Root,
    folder: &Path,
    made: bool,
    config: &Config,
    rules: &Rules,
    walked: &mut Walked,
) -> Result<usize, Error> {
    let unreadable = |source| Problem::Unreadable { path: root.folder.clone(), source };
    let real = folder.canonicalize().map_err(unreadable)?;
    let mut left_out = LeftOut::default();
    let mut files = 0;
    let mut entries = WalkDir::new(folder).follow_links(true).into_iter();
    while let Some(entry) = entries.next() {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => match problem(root, folder, error, rules) {
                Some(Trouble::Problem(problem)) => return Err(problem.into()),
                Some(Trouble::Warning(warning)) => {
                    walked.warnings.push(warning);
                    continue;
                }
                None => continue,
            },
        };
        let is_folder = entry.file_type().is_dir();
        let is_link = entry.depth() > 0 && entry.path_is_symlink();
        let name = name(root, folder, entry.path());
        let lossy = name.as_ref().map_or_else(
            || Cow::Owned(lossy_name(root, folder, entry.path())),
            |name| Cow::Borrowed(name.as_str()),
        );
        if !is_folder {
            files += 1;
            if !config.include.is_empty() {
                walked.seen.push(lossy.clone().into_owned());
            }
        }
        let is_wanted = if is_folder {
            entry.depth() == 0 || rules.enters(&lossy)
        } else {
            rules.takes(&lossy)
        };
        let is_left_out = is_wanted && is_link && !config.follow_links && {
            let shown = shown(root, folder, entry.path());
            let unreadable = |source| Problem::Unreadable { path: shown.clone(), source };
            let leads = files::leads(&real, entry.path()).map_err(unreadable)?;
            left_out.add(leads, &shown)
        };
        if !is_wanted || is_left_out {
            if is_folder {
                entries.skip_current_dir();
            }
            continue;
        }
        if is_link && !made {
            walked.watch_links_on_the_way(entry.path());
        }
        if is_folder {
            continue;
        }
        let Some(name) = name else {
            return Err(Problem::NameNotUtf8 { path: shown(root, folder, entry.path()) }.into());
        };
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
        walked.entries.push(Entry {
            name,
            path: entry.into_path(),
            committed: None,
            made,
            ignored: false,
            metadata: None,
        });
    }
    walked.warnings.extend(left_out.warnings(&root.folder));
    Ok(files)
}

/// Links that are not followed: the first of a kind, and how many more there are.
#[derive(Default)]
struct LeftOut {
    outside: Option<(PathBuf, usize)>,
    hidden: Option<(PathBuf, usize)>,
}

impl LeftOut {
    /// Whether a link that leads there is left out.
    fn add(&mut self, leads: Leads, link: &Path) -> bool {
        let kind = match leads {
            Leads::Inside => return false,
            Leads::Outside => &mut self.outside,
            Leads::Hidden => &mut self.hidden,
        };
        match kind {
            Some((_, more)) => *more += 1,
            None => *kind = Some((link.to_owned(), 0)),
        }
        true
    }

    fn warnings(self, folder: &Path) -> impl Iterator<Item = Warning> {
        let outside = (self.outside, format!("leads out of `{}`", folder.display()));
        let hidden = (self.hidden, "leads to a hidden file or folder".to_owned());
        [outside, hidden].into_iter().filter_map(|(kind, leads)| {
            let (link, more) = kind?;
            let also = match more {
                0 => String::new(),
                1 => " (as 1 more link does)".to_owned(),
                more => format!(" (as {more} more links do)"),
            };
            Some(Warning::new(
                WarningKind::LinkOut,
                format!("the link `{}` {leads}{also}, and was left out", link.display()),
                "take what links lead to with `.follow_links(true)`, or leave them out with \
                 `.exclude(…)`",
            ))
        })
    }
}

/// What an error of the walk means.
enum Trouble {
    Problem(Problem),
    Warning(Warning),
}

/// What an error of the walk means, or nothing, if it is not about an asset.
fn problem(root: &Root, folder: &Path, error: walkdir::Error, rules: &Rules) -> Option<Trouble> {
    let path = error.path().unwrap_or(folder).to_owned();
    if path != folder {
        let name = lossy_name(root, folder, &path);
        // A broken link has no type, so it may stand for a file or a folder.
        if !rules.takes(&name) || !rules.enters(&name) {
            return None;
        }
    }
    let shown_path = shown(root, folder, &path);
    let broken = |why: String| {
        let message = format!("the link `{}` leads {why}, and was left out", shown_path.display());
        let help = "mend or remove it, or leave it out with `.exclude(…)`";
        Some(Trouble::Warning(Warning::new(WarningKind::BrokenLink, message, help)))
    };
    if let Some(ancestor) = error.loop_ancestor() {
        return broken(format!("back to `{}`", shown(root, folder, ancestor).display()));
    }
    let source = error.into_io_error().unwrap_or_else(|| std::io::Error::other("unknown reason"));
    let is_link = path.symlink_metadata().is_ok_and(|metadata| metadata.is_symlink());
    match source.kind() {
        ErrorKind::NotFound | ErrorKind::NotADirectory if is_link => {
            broken("to something that does not exist".to_owned())
        }
        ErrorKind::PermissionDenied => {
            Some(Trouble::Problem(Problem::Unreadable { path: shown_path, source }))
        }
        _ if is_link => broken(format!("nowhere ({source})")),
        _ => Some(Trouble::Problem(Problem::Unreadable { path: shown_path, source })),
    }
}

/// The name of a file or folder, if it is UTF-8.
fn name(root: &Root, folder: &Path, path: &Path) -> Option<String> {
    let below = path.strip_prefix(folder).ok()?.to_str()?;
    let mut name = String::with_capacity(root.prefix.len() + below.len());
    name.push_str(&root.prefix);
    if MAIN_SEPARATOR == '/' {
        name.push_str(below);
    } else {
        name.push_str(&below.replace(MAIN_SEPARATOR, "/"));
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

pub(crate) fn is_below(folder: &Path, ancestor: &Path) -> bool {
    let whole = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    whole(folder).starts_with(whole(ancestor))
}

/// The folder beside a missing one whose name is most like its. `typed` is the missing one as the build
/// script has it, and `folder` where that leads.
fn folder_like(typed: &Path, folder: &Path) -> Option<PathBuf> {
    let wanted = folder.file_name()?.to_str()?;
    // The error is about the missing folder, not about one beside it that cannot be read.
    let beside = std::fs::read_dir(folder.parent()?).ok()?.flatten();
    let folders = beside.filter(|entry| entry.path().is_dir());
    let mut names: Vec<String> =
        folders.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    names.sort_unstable();
    let near = nearest::of(wanted, names.iter().map(String::as_str))?;
    Some(typed.with_file_name(near))
}

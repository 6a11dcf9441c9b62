//! Asks git, once per folder, when each file was last committed.

use super::walk::Walked;
use crate::error::{Warning, WarningKind};
use std::collections::{HashMap, HashSet};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Adds the commit times to the walked files.
pub(crate) fn add_times(walked: &mut Walked) {
    for folder in walked.folders.clone() {
        match History::of(&folder) {
            Ok(history) => {
                if history.shallow {
                    walked.warnings.push(Warning::new(
                        WarningKind::CommitTimes,
                        format!(
                            "the git history of `{}` is shallow, so old files take the time of its first \
                             commit",
                            folder.display()
                        ),
                        "fetch it whole (in GitHub Actions: `fetch-depth: 0`)",
                    ));
                }
                let mut ignored = Vec::new();
                for entry in &mut walked.entries {
                    if let Ok(relative) = entry.path.strip_prefix(&folder) {
                        entry.committed = history.time(relative);
                        // Files that the build makes are ignored too, and known to have no time.
                        entry.ignored = !entry.made && is_in(relative, &history.ignored);
                        if entry.ignored {
                            ignored.push(entry.name.as_str());
                        }
                    }
                }
                if let [first, more @ ..] = &ignored[..] {
                    let (files, are) = match more.len() {
                        0 => (String::new(), "is"),
                        1 => (" and 1 more file".to_owned(), "are"),
                        more => (format!(" and {more} more files"), "are"),
                    };
                    walked.warnings.push(Warning::new(
                        WarningKind::CommitTimes,
                        format!(
                            "git ignores `{first}`{files} in `{}`, which {are} stamped by content",
                            folder.display()
                        ),
                        "",
                    ));
                }
                walked.watched.extend(history.watched);
            }
            Err(why) => walked.warnings.push(Warning::new(
                WarningKind::CommitTimes,
                format!("git does not know the commit times of `{}` ({why})", folder.display()),
                "modification times are used instead: build in a checkout where git works, or choose \
                 another stamp",
            )),
        }
    }
}

/// What git knows of the files in a folder.
struct History {
    times: HashMap<PathBuf, u64>,
    uncommitted: HashSet<PathBuf>,
    ignored: HashSet<PathBuf>,
    shallow: bool,
    /// Changes with each commit.
    watched: Option<PathBuf>,
}

impl History {
    fn of(folder: &Path) -> Result<Self, String> {
        let shallow = text(folder, &["rev-parse", "--is-shallow-repository"])?;
        let prefix = text(folder, &["rev-parse", "--show-prefix"])?;
        let log = text(folder, &["rev-parse", "--git-path", "logs/HEAD"])?;
        let head = text(folder, &["rev-parse", "--git-path", "HEAD"])?;
        let exists = |path: &String| folder.join(path.trim_end()).exists();
        let watched = [log, head].into_iter().find(exists).map(|path| folder.join(path.trim_end()));

        // Along the first parents, every change comes with a commit of its own, even if a merge
        // brings older commits. Git lists the newest first, so the first time of a file counts.
        let mut times = HashMap::new();
        let arguments = [
            "log",
            "--first-parent",
            "-m",
            "-z",
            "--relative",
            "--name-only",
            "--format=%x01%ct",
            "--",
            ".",
        ];
        let mut time = 0;
        for field in git(folder, &arguments)?.split(|&byte| byte == 0) {
            // Git writes a line break between the line of a commit and its first path.
            let field = field.strip_prefix(b"\n").unwrap_or(field);
            if let Some(seconds) = field.strip_prefix(b"\x01") {
                let seconds = String::from_utf8_lossy(seconds);
                time =
                    seconds.trim().parse().map_err(|_| format!("a commit time is `{seconds}`"))?;
            } else if let Some(path) = path(field) {
                times.entry(path).or_insert(time);
            }
        }

        let arguments = [
            "status",
            "--porcelain",
            "-z",
            "--no-renames",
            "--untracked-files=all",
            "--ignored",
            "--",
            ".",
        ];
        let status = git(folder, &arguments)?;
        let prefix = PathBuf::from(prefix.trim_end());
        let (mut uncommitted, mut ignored) = (HashSet::new(), HashSet::new());
        for field in status.split(|&byte| byte == 0) {
            let Some(path) = field.get(3..).and_then(path) else { continue };
            let kind = if field.starts_with(b"!!") { &mut ignored } else { &mut uncommitted };
            if let Ok(below) = path.strip_prefix(&prefix) {
                kind.insert(below.to_owned());
            } else if prefix.starts_with(&path) {
                // The folder lies in one that is ignored as a whole.
                kind.insert(PathBuf::new());
            }
        }
        Ok(History { times, uncommitted, ignored, shallow: shallow.trim_end() == "true", watched })
    }

    /// The commit time of a file, if it is as committed.
    fn time(&self, relative: &Path) -> Option<u64> {
        if is_in(relative, &self.uncommitted) || is_in(relative, &self.ignored) {
            return None;
        }
        self.times.get(relative).copied()
    }
}

/// Whether a file is in the set, or a folder that it is in: git lists an ignored folder itself and not
/// its files.
fn is_in(relative: &Path, set: &HashSet<PathBuf>) -> bool {
    relative.ancestors().any(|path| set.contains(path))
}

fn git(folder: &Path, arguments: &[&str]) -> Result<Vec<u8>, String> {
    let output = Command::new("git")
        .arg("-C")
        .arg(folder)
        .args(["-c", "core.quotePath=false"])
        .args(arguments)
        .output()
        .map_err(|error| match error.kind() {
            ErrorKind::NotFound => "no program `git` is in the PATH".to_owned(),
            _ => format!("git: {error}"),
        })?;
    if output.status.success() {
        Ok(output.stdout)
    } else {
        let message = String::from_utf8_lossy(&output.stderr);
        Err(message.lines().next().unwrap_or("git failed").to_owned())
    }
}

fn text(folder: &Path, arguments: &[&str]) -> Result<String, String> {
    git(folder, arguments).map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
}

/// A path as git writes it, with slashes. A name that is not UTF-8 cannot be an asset.
fn path(field: &[u8]) -> Option<PathBuf> {
    let text = std::str::from_utf8(field).ok().filter(|text| !text.is_empty())?;
    Some(text.split('/').collect())
}

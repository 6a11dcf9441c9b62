//! What can go wrong, in sentences that name the file and the way out.

use std::error::Error as StdError;
use std::path::{Path, PathBuf};
use std::{fmt, io};

/// Why a bundle could not be made.
///
/// One sentence says what is wrong, where, and how to get out. `Debug` prints the same sentence,
/// because that is what a build script shows when its `main` returns an error.
pub struct Error(Box<Problem>);

// Without the feature, nothing is exported to a bad place.
#[cfg_attr(not(feature = "export"), allow(dead_code))]
pub(crate) enum Problem {
    MissingFolder { path: PathBuf },
    NoFolder { path: PathBuf },
    Unreadable { path: PathBuf, source: io::Error },
    DeadLink { path: PathBuf },
    Loop { path: PathBuf, ancestor: PathBuf },
    NameNotUtf8 { path: PathBuf },
    Unsteady { path: PathBuf },
    Unwritable { path: PathBuf, source: io::Error },
    BadOutput { path: PathBuf, why: String },
    BadName { name: String, origin: PathBuf, why: &'static str },
    TwoSources { name: String, first: PathBuf, second: PathBuf },
    PathTaken { name: String, path: String },
    BadPattern { pattern: String, why: String },
    BadMount { mount: String, why: &'static str },
    BadBundleName { name: String },
    BakedTwice { name: String },
    Transform { name: String, origin: PathBuf, source: Box<dyn StdError + Send + Sync> },
    BadLevel { coding: &'static str, level: u32, levels: (u32, u32) },
    CodingTwice { coding: &'static str },
    Encoding { name: String, coding: &'static str },
    MissingReference { first: String, more: usize },
    BadEnvironment { variable: &'static str, value: String, wanted: &'static str },
    NoBuildScript { variable: &'static str },
    TooLarge,
}

impl Error {
    /// The file or folder that is the trouble, where there is one.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        match &*self.0 {
            Problem::MissingFolder { path }
            | Problem::NoFolder { path }
            | Problem::Unreadable { path, .. }
            | Problem::DeadLink { path }
            | Problem::Loop { path, .. }
            | Problem::NameNotUtf8 { path }
            | Problem::Unsteady { path }
            | Problem::Unwritable { path, .. }
            | Problem::BadOutput { path, .. }
            | Problem::BadName { origin: path, .. }
            | Problem::TwoSources { second: path, .. }
            | Problem::Transform { origin: path, .. } => Some(path),
            _ => None,
        }
    }

    /// The error of the operating system, where there is one.
    #[must_use]
    pub fn io_error(&self) -> Option<&io::Error> {
        match &*self.0 {
            Problem::Unreadable { source, .. } | Problem::Unwritable { source, .. } => Some(source),
            _ => None,
        }
    }
}

impl From<Problem> for Error {
    fn from(problem: Problem) -> Self {
        Error(Box::new(problem))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.0 {
            Problem::MissingFolder { path } => write!(
                f,
                "there is no folder `{}`; create it, correct the path, or say `.allow_missing(true)` \
                 if it may be absent",
                path.display()
            ),
            Problem::NoFolder { path } => write!(
                f,
                "`{}` is no folder; name the folder that holds the assets, or add a single file with \
                 `.file(name, bytes)`",
                path.display()
            ),
            Problem::Unreadable { path, source } => write!(
                f,
                "`{}` cannot be read: {source}; make it readable, or leave it out with `.exclude(…)`",
                path.display()
            ),
            Problem::DeadLink { path } => write!(
                f,
                "`{}` is a link to something that does not exist; mend or remove it, or leave it out \
                 with `.exclude(…)`",
                path.display()
            ),
            Problem::Loop { path, ancestor } => write!(
                f,
                "`{}` is a link back to `{}`, so the folder would never end; remove it, or leave it \
                 out with `.exclude(…)`",
                path.display(),
                ancestor.display()
            ),
            Problem::NameNotUtf8 { path } => write!(
                f,
                "the name of `{}` is not UTF-8 ({path:?}), so no URL can spell it; rename it, or leave \
                 it out with `.exclude(…)`",
                path.display()
            ),
            Problem::Unsteady { path } => write!(
                f,
                "`{}` changed each time it was read; build again when nothing writes to it any more",
                path.display()
            ),
            Problem::Unwritable { path, source } => write!(
                f,
                "`{}` cannot be written: {source}; make room for it or make its folder writable",
                path.display()
            ),
            Problem::BadOutput { path, why } => {
                write!(f, "nothing can be exported to `{}`: {why}", path.display())
            }
            Problem::BadName { name, origin, why } => write!(
                f,
                "`{}` cannot be an asset under the name `{name}`: {why}; give it another name, such \
                 as `css/style.css`",
                origin.display()
            ),
            Problem::TwoSources { name, first, second } => write!(
                f,
                "two sources for the asset `{name}`: `{}` and `{}`; rename or exclude one of them, or \
                 put one root under another prefix with `.root_at(…)`",
                first.display(),
                second.display()
            ),
            Problem::PathTaken { name, path } => write!(
                f,
                "the stamped path of `{name}` would be `{path}`, and there is an asset of that name; \
                 rename or exclude that file, or declare it with `.prestamped(…)` and leave out `{name}`"
            ),
            Problem::BadPattern { pattern, why } => write!(
                f,
                "the pattern `{pattern}` does not parse: {why}; write a glob such as `*.map`, \
                 `vendor/**` or `img/{{a,b}}/*.png`, and a backslash before a character that is meant \
                 as it stands"
            ),
            Problem::BadMount { mount, why } => write!(
                f,
                "`{mount}` cannot be the mount: {why}; it is the path that all URLs begin with, such \
                 as `/static`, or `/`"
            ),
            Problem::BadBundleName { name } => write!(
                f,
                "`{name}` cannot be the name of a bundle; use ASCII letters, digits, `-` and `_`"
            ),
            Problem::BakedTwice { name } => write!(
                f,
                "two bundles named `{name}` were baked, and one would overwrite the other; give one of \
                 them another name with `.bundle_name(…)`, and the same name to `include_assets!`"
            ),
            Problem::Transform { name, origin, source } => write!(
                f,
                "the transformation of `{name}` (`{}`) failed: {source}; mend the file, or leave it out \
                 with `.exclude(…)`",
                origin.display()
            ),
            Problem::BadLevel { coding, level, levels: (lowest, highest) } => write!(
                f,
                "the coding `{coding}` has no level {level}; choose one from {lowest} to {highest}, or \
                 leave out `.level(…)`"
            ),
            Problem::CodingTwice { coding } => write!(
                f,
                "the coding `{coding}` is asked for twice; leave one of the two out of `.encodings(…)`"
            ),
            Problem::Encoding { name, coding } => write!(
                f,
                "the `{coding}` encoding of `{name}` does not decode to the same bytes, which is a fault \
                 of the library or the machine; build again, or leave that coding out of \
                 `.encodings(…)`"
            ),
            Problem::MissingReference { first, more } => {
                f.write_str(first)?;
                if *more > 0 {
                    write!(f, " ({more} more references like it)")?;
                }
                f.write_str(
                    "; correct it, or allow what is missing with `.allow_missing_references(…)` or \
                     `.missing_references(…)`",
                )
            }
            Problem::BadEnvironment { variable, value, wanted } => {
                write!(f, "the environment variable {variable} is `{value}`; set it to {wanted}, or unset it")
            }
            Problem::NoBuildScript { variable } => write!(
                f,
                "{variable} is not set, so this is no build script; call `bake` from build.rs, or use \
                 `process` elsewhere"
            ),
            Problem::TooLarge => f.write_str(
                "the names and addresses of all assets together exceed 4 GiB; split them into several \
                 bundles with `.bundle_name(…)`",
            ),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match &*self.0 {
            Problem::Unreadable { source, .. } | Problem::Unwritable { source, .. } => Some(source),
            Problem::Transform { source, .. } => Some(&**source),
            _ => None,
        }
    }
}

//! The errors and warnings of a build, in sentences that name the file and the way out.

use stamped::files::visible;
use std::borrow::Cow;
use std::error::Error as StdError;
use std::path::{Path, PathBuf};
use std::{fmt, io};

/// Why a bundle could not be made, baked or exported.
///
/// The message says in one line what went wrong, where, why, and what to do about it. Where a compiler
/// draws the place, it has several, and the way out is the last. Control characters in the names of files
/// are escaped. `Debug` prints the same as `Display`, because that is what a build script shows when its
/// `main` returns an error.
///
/// A program that drives a [`Pipeline`](crate::Pipeline) from options of its own can match on
/// [`kind`](Self::kind) and put its own advice in the place of [`help`](Self::help), which names the
/// methods of this crate:
///
/// ```
/// use stamped_build::{ErrorKind, Pipeline};
///
/// let error = Pipeline::new("assets").exclude("[a-").process().unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::InvalidPattern);
/// assert_eq!(error.to_string(), format!("{}; {}", error.message(), error.help()));
/// ```
///
/// The message includes the cause, so [`source`](std::error::Error::source) is always `None` and
/// no report prints a cause twice. [`io_error`](Self::io_error) and
/// [`transform_error`](Self::transform_error) return the cause itself.
pub struct Error(Box<Problem>);

/// The kinds of [`Error`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// An asset folder does not exist.
    MissingFolder,
    /// An asset folder is a file.
    NotAFolder,
    /// A file or folder cannot be read.
    Unreadable,
    /// The name of a file is not UTF-8.
    NameNotUtf8,
    /// A file changed during the build.
    ChangedWhileRead,
    /// A file or folder cannot be written.
    Unwritable,
    /// The folder of an export cannot be used, because it holds other files or assets, or is in
    /// use.
    OutputFolder,
    /// A `manifest.json` was not written by an export.
    ForeignManifest,
    /// A manifest has a version that this crate does not know.
    ManifestVersion,
    /// A manifest of a known version cannot be understood.
    DamagedManifest,
    /// An earlier version is not as it was recorded.
    DamagedVersion,
    /// A version cannot be recorded, because its bytes are not to be had.
    Unrecordable,
    /// The name of an asset is not a relative path, or is too long.
    InvalidName,
    /// The file of an exported asset would have a name that file systems do not take.
    FileNameTooLong,
    /// Two files claim the same asset name.
    DuplicateName,
    /// The stamped path of one asset is the name of another.
    PathConflict,
    /// A pattern does not parse.
    InvalidPattern,
    /// The mount is not a URL path.
    InvalidMount,
    /// The name of a bundle has characters that it cannot have.
    InvalidBundleName,
    /// A build script baked two bundles of the same name.
    DuplicateBundle,
    /// Two assets would have one constant.
    SameConstant,
    /// A transformation failed.
    Transform,
    /// A content coding does not have the level that was set.
    InvalidLevel,
    /// A content coding was listed twice.
    DuplicateCoding,
    /// An encoding did not decode to its original.
    EncodingMismatch,
    /// Deltas were asked for, and no folder of earlier versions.
    DeltasWithoutVersions,
    /// An asset refers to one that does not exist, and that is denied.
    MissingReference,
    /// An environment variable has a value that makes no sense.
    InvalidEnvironment,
    /// The function works in build scripts only.
    NotABuildScript,
    /// The linker cannot place contents for this target, and was asked to.
    NoLibraryFormat,
    /// The assets are too large to be compiled into a program, or their names for its index.
    TooLarge,
    /// An asset folder contains the output of the build.
    ContainsOutput,
    /// The manifest of a bundler is missing, damaged, or names files that are not there.
    BundlerManifest,
    /// Two bundlers have an entry point of the same name.
    DuplicateEntry,
}

// Without the features, nothing is exported or recorded.
#[cfg_attr(not(feature = "export"), allow(dead_code))]
pub(crate) enum Problem {
    MissingFolder {
        path: PathBuf,
        near: Option<PathBuf>,
    },
    NoFolder {
        path: PathBuf,
    },
    Unreadable {
        path: PathBuf,
        source: io::Error,
    },
    NameNotUtf8 {
        path: PathBuf,
    },
    Unsteady {
        path: PathBuf,
    },
    Unwritable {
        path: PathBuf,
        source: io::Error,
    },
    BadOutput {
        path: PathBuf,
        why: String,
        help: &'static str,
    },
    ForeignManifest {
        path: PathBuf,
    },
    ManifestVersion {
        path: PathBuf,
        version: u64,
        known: u64,
    },
    DamagedManifest {
        path: PathBuf,
        why: String,
    },
    DamagedVersion {
        path: PathBuf,
        why: String,
    },
    Unrecordable {
        url: String,
        why: String,
    },
    BadName {
        name: String,
        origin: PathBuf,
        why: &'static str,
    },
    FileNameTooLong {
        name: String,
        file: String,
        longest: usize,
    },
    TwoSources {
        name: String,
        first: PathBuf,
        second: PathBuf,
    },
    PathTaken {
        name: String,
        path: String,
    },
    BadPattern {
        pattern: String,
        why: String,
    },
    BadMount {
        mount: String,
        why: &'static str,
    },
    BadBundleName {
        name: String,
    },
    SameConstant {
        constant: String,
        first: String,
        second: String,
    },
    BakedTwice {
        name: String,
    },
    Transform {
        name: String,
        origin: PathBuf,
        source: Box<dyn StdError + Send + Sync>,
        /// What it had read or looked for, where cargo does not watch it.
        reads: Vec<PathBuf>,
    },
    BadLevel {
        coding: &'static str,
        level: u32,
        levels: (u32, u32),
    },
    CodingTwice {
        coding: &'static str,
    },
    Encoding {
        name: String,
        coding: &'static str,
    },
    #[cfg(feature = "versions")]
    DeltasWithoutVersions,
    MissingReference {
        first: String,
        more: usize,
    },
    BadEnvironment {
        variable: &'static str,
        value: String,
        wanted: &'static str,
    },
    NoBuildScript {
        variable: &'static str,
    },
    TooLarge,
    TooMuch {
        name: Option<String>,
        size: u64,
        limit: u64,
    },
    NoLibraryFormat {
        target: Option<String>,
    },
    OwnOutput {
        path: PathBuf,
        out_dir: PathBuf,
    },
    BundlerManifest {
        path: PathBuf,
        why: String,
        help: String,
    },
    EntryTwice {
        name: String,
    },
    EntryRenamed {
        name: String,
        file: String,
    },
}

impl Error {
    /// The kind of the error.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match &*self.0 {
            Problem::MissingFolder { .. } => ErrorKind::MissingFolder,
            Problem::NoFolder { .. } => ErrorKind::NotAFolder,
            Problem::Unreadable { .. } => ErrorKind::Unreadable,
            Problem::NameNotUtf8 { .. } => ErrorKind::NameNotUtf8,
            Problem::Unsteady { .. } => ErrorKind::ChangedWhileRead,
            Problem::Unwritable { .. } => ErrorKind::Unwritable,
            Problem::BadOutput { .. } => ErrorKind::OutputFolder,
            Problem::ForeignManifest { .. } => ErrorKind::ForeignManifest,
            Problem::ManifestVersion { .. } => ErrorKind::ManifestVersion,
            Problem::DamagedManifest { .. } => ErrorKind::DamagedManifest,
            Problem::DamagedVersion { .. } => ErrorKind::DamagedVersion,
            Problem::Unrecordable { .. } => ErrorKind::Unrecordable,
            Problem::BadName { .. } => ErrorKind::InvalidName,
            Problem::FileNameTooLong { .. } => ErrorKind::FileNameTooLong,
            Problem::TwoSources { .. } => ErrorKind::DuplicateName,
            Problem::PathTaken { .. } => ErrorKind::PathConflict,
            Problem::BadPattern { .. } => ErrorKind::InvalidPattern,
            Problem::BadMount { .. } => ErrorKind::InvalidMount,
            Problem::BadBundleName { .. } => ErrorKind::InvalidBundleName,
            Problem::BakedTwice { .. } => ErrorKind::DuplicateBundle,
            Problem::SameConstant { .. } => ErrorKind::SameConstant,
            Problem::Transform { .. } => ErrorKind::Transform,
            Problem::BadLevel { .. } => ErrorKind::InvalidLevel,
            Problem::CodingTwice { .. } => ErrorKind::DuplicateCoding,
            Problem::Encoding { .. } => ErrorKind::EncodingMismatch,
            #[cfg(feature = "versions")]
            Problem::DeltasWithoutVersions => ErrorKind::DeltasWithoutVersions,
            Problem::MissingReference { .. } => ErrorKind::MissingReference,
            Problem::BadEnvironment { .. } => ErrorKind::InvalidEnvironment,
            Problem::NoBuildScript { .. } => ErrorKind::NotABuildScript,
            Problem::NoLibraryFormat { .. } => ErrorKind::NoLibraryFormat,
            Problem::TooLarge | Problem::TooMuch { .. } => ErrorKind::TooLarge,
            Problem::OwnOutput { .. } => ErrorKind::ContainsOutput,
            Problem::BundlerManifest { .. } | Problem::EntryRenamed { .. } => {
                ErrorKind::BundlerManifest
            }
            Problem::EntryTwice { .. } => ErrorKind::DuplicateEntry,
        }
    }

    /// The file or folder that the error is about, if it is about one.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        match &*self.0 {
            Problem::MissingFolder { path, .. }
            | Problem::OwnOutput { path, .. }
            | Problem::BundlerManifest { path, .. }
            | Problem::NoFolder { path }
            | Problem::Unreadable { path, .. }
            | Problem::NameNotUtf8 { path }
            | Problem::Unsteady { path }
            | Problem::Unwritable { path, .. }
            | Problem::BadOutput { path, .. }
            | Problem::ForeignManifest { path }
            | Problem::ManifestVersion { path, .. }
            | Problem::DamagedManifest { path, .. }
            | Problem::DamagedVersion { path, .. }
            | Problem::BadName { origin: path, .. }
            | Problem::TwoSources { second: path, .. }
            | Problem::Transform { origin: path, .. } => Some(path),
            _ => None,
        }
    }

    /// The error of the operating system that caused this one, if one did.
    #[must_use]
    pub fn io_error(&self) -> Option<&io::Error> {
        match &*self.0 {
            Problem::Unreadable { source, .. } | Problem::Unwritable { source, .. } => Some(source),
            _ => None,
        }
    }

    /// The error that a [`transform`](crate::Pipeline::transform) function returned, if one did.
    #[must_use]
    pub fn transform_error(&self) -> Option<&(dyn StdError + Send + Sync + 'static)> {
        match &*self.0 {
            Problem::Transform { source, .. } => Some(&**source),
            _ => None,
        }
    }

    /// The files besides the sources that may have to change before a build succeeds.
    pub(crate) fn watched(&self) -> &[PathBuf] {
        match &*self.0 {
            Problem::Transform { reads, .. } => reads,
            _ => &[],
        }
    }

    /// What went wrong, where and why, without the way out.
    #[must_use]
    pub fn message(&self) -> String {
        let message = self.0.message();
        match &*self.0 {
            // Compilers draw the line and point at the place.
            Problem::Transform { .. } => {
                let lines: Vec<_> = message.split('\n').map(visible).collect();
                lines.join("\n")
            }
            _ => visible(&message).into_owned(),
        }
    }

    /// The way out, in the words of a build script: it names methods of
    /// [`Pipeline`](crate::Pipeline).
    #[must_use]
    pub fn help(&self) -> Cow<'_, str> {
        match self.0.help() {
            Cow::Borrowed(help) => Cow::Borrowed(help),
            Cow::Owned(help) => Cow::Owned(visible(&help).into_owned()),
        }
    }
}

impl Problem {
    fn message(&self) -> String {
        match self {
            Problem::MissingFolder { path, .. } => {
                format!("there is no folder `{}`", path.display())
            }
            Problem::NoFolder { path } => format!("`{}` is not a folder", path.display()),
            Problem::Unreadable { path, source } => {
                format!("`{}` cannot be read: {source}", path.display())
            }
            Problem::NameNotUtf8 { path } => format!(
                "the name of `{}` is not UTF-8 ({path:?}), so no URL can spell it",
                path.display()
            ),
            Problem::Unsteady { path } => {
                format!("`{}` changed during the build", path.display())
            }
            Problem::Unwritable { path, source } => {
                format!("`{}` cannot be written: {source}", path.display())
            }
            Problem::BadOutput { path, why, .. } => {
                format!("nothing can be exported to `{}`: {why}", path.display())
            }
            Problem::ForeignManifest { path } => {
                format!("`{}` is not the manifest of an export", path.display())
            }
            Problem::ManifestVersion { path, version, known } => format!(
                "the manifest `{}` has version {version}, and this program knows only version {known}",
                path.display()
            ),
            Problem::DamagedManifest { path, why } => {
                format!("the manifest `{}` is damaged: {why}", path.display())
            }
            Problem::DamagedVersion { path, why } => {
                format!("the earlier version `{}` is damaged: {why}", path.display())
            }
            Problem::Unrecordable { url, why } => {
                format!("the version `{url}` cannot be recorded: {why}")
            }
            Problem::BadName { name, origin, why } => {
                format!("`{}` cannot be an asset under the name `{name}`: {why}", origin.display())
            }
            Problem::FileNameTooLong { name, file, longest } => format!(
                "the file for `{name}` cannot be named `{file}`: that is {} bytes long, and file \
                 systems take {longest}",
                file.len()
            ),
            Problem::TwoSources { name, first, second } => format!(
                "two sources for the asset `{name}`: `{}` and `{}`",
                first.display(),
                second.display()
            ),
            Problem::PathTaken { name, path } => format!(
                "the stamped path of `{name}` would be `{path}`, which is the name of another asset"
            ),
            Problem::BadPattern { pattern, why } => {
                format!("the pattern `{pattern}` does not parse: {why}")
            }
            Problem::BadMount { mount, why } => format!("`{mount}` cannot be the mount: {why}"),
            Problem::SameConstant { constant, first, second } => {
                format!("`{first}` and `{second}` would both be the constant `{constant}`")
            }
            Problem::BadBundleName { name } => {
                format!("`{name}` cannot be the name of a bundle")
            }
            Problem::BakedTwice { name } => {
                format!("two bundles named `{name}` were baked, and one would overwrite the other")
            }
            Problem::Transform { name, origin, source, .. } => format!(
                "the transformation of `{name}` (`{}`) failed: {}",
                origin.display(),
                with_causes(&**source)
            ),
            Problem::BadLevel { coding, level, .. } => {
                format!("the coding `{coding}` has no level {level}")
            }
            Problem::CodingTwice { coding } => {
                format!("the coding `{coding}` is asked for twice")
            }
            Problem::Encoding { name, coding } => format!(
                "the `{coding}` encoding of `{name}` does not decode to the same bytes, which is a \
                 fault of the library or the machine"
            ),
            #[cfg(feature = "versions")]
            Problem::DeltasWithoutVersions => {
                "deltas are asked for, but no folder of the earlier versions that they begin from"
                    .into()
            }
            Problem::MissingReference { first, more: 0 } => first.clone(),
            Problem::MissingReference { first, more } => {
                format!("{first} ({more} more references like it)")
            }
            Problem::BadEnvironment { variable, value, .. } => {
                format!("the environment variable {variable} is `{value}`")
            }
            Problem::NoBuildScript { variable } => {
                format!("{variable} is not set, so this is not a build script")
            }
            Problem::NoLibraryFormat { target: Some(target) } => {
                format!("`Embed::Linked` knows no format of static libraries for `{target}`")
            }
            Problem::NoLibraryFormat { target: None } => {
                "`Embed::Linked` needs to know the target, and cargo names none here".to_owned()
            }
            Problem::TooMuch { name, size, limit } => {
                let tenths = (u128::from(*size) * 10).div_ceil(1 << 30);
                let what = match name {
                    Some(name) => format!("`{name}` has"),
                    None => "all assets together have".to_owned(),
                };
                format!(
                    "{what} {}.{} GiB, and no more than {} GiB can be compiled into a program",
                    tenths / 10,
                    tenths % 10,
                    limit >> 30
                )
            }
            Problem::OwnOutput { path, out_dir } => format!(
                "the asset folder `{}` contains the output of the build, `{}`, and each build would \
                 embed the one before",
                path.display(),
                out_dir.display()
            ),
            Problem::BundlerManifest { path, why, .. } => {
                format!("the manifest of a bundler, `{}`, cannot be used: {why}", path.display())
            }
            Problem::EntryTwice { name } => {
                format!("two bundlers have made an entry point `{name}`")
            }
            Problem::EntryRenamed { name, file } => format!(
                "the entry point `{name}` needs `{file}`, which a transformation has given another name"
            ),
            Problem::TooLarge => {
                "the names and addresses of all assets together exceed 4 GiB".to_owned()
            }
        }
    }

    fn help(&self) -> Cow<'_, str> {
        Cow::Borrowed(match self {
            Problem::MissingFolder { near: Some(near), .. } => {
                return format!(
                    "did you mean `{}`? Otherwise create it, or allow it to be absent with \
                     `.allow_missing(true)`",
                    near.display()
                )
                .into();
            }
            Problem::MissingFolder { near: None, .. } => {
                "create it, correct the path, or allow it to be absent with `.allow_missing(true)`"
            }
            Problem::NoFolder { .. } => {
                "name the folder that holds the assets, or add a single file with \
                 `.file(name, bytes)`"
            }
            Problem::Unreadable { .. } => "make it readable, or leave it out with `.exclude(…)`",
            Problem::NameNotUtf8 { .. } => "rename it, or leave it out with `.exclude(…)`",
            Problem::Unsteady { .. } => "build again once no other program writes to it",
            Problem::Unwritable { source, .. } => match source.kind() {
                io::ErrorKind::StorageFull
                | io::ErrorKind::QuotaExceeded
                | io::ErrorKind::FileTooLarge => "make room for it, or choose another disk",
                io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                    "make its folder writable, or choose another"
                }
                io::ErrorKind::NotADirectory => {
                    "a part of the path is a file: move that file, or choose another path"
                }
                _ => "make room for it or make its folder writable",
            },
            Problem::BadOutput { help, .. } => help,
            Problem::BundlerManifest { help, .. } => return help.clone().into(),
            Problem::EntryRenamed { .. } => {
                "let the transformation keep the names of what a bundler has made"
            }
            Problem::EntryTwice { .. } => "rename one of them in the configuration of its bundler",
            Problem::ForeignManifest { .. } => "name a manifest.json that an export wrote",
            Problem::ManifestVersion { .. } => "use the program that wrote it, or export again",
            Problem::DamagedManifest { .. } => "remove the output, and export again",
            Problem::DamagedVersion { .. } => {
                "restore the file (`git checkout` brings back what was committed), or give the version up \
                 with `stamped versions remove`"
            }
            Problem::Unrecordable { .. } => {
                "nothing was recorded; record the release from a place that has all of it"
            }
            Problem::BadName { .. } => "give it another name, such as `css/style.css`",
            Problem::FileNameTooLong { .. } => {
                "rename the asset, or have it keep its name with `.plain(…)`"
            }
            Problem::TwoSources { .. } => {
                "rename or exclude one of them, or put one root under another prefix with \
                 `.root_at(…)`"
            }
            Problem::PathTaken { name, path } => {
                return format!(
                    "rename or exclude one of the two, or declare `{path}` with `.prestamped(…)` and \
                     leave out `{name}`"
                )
                .into();
            }
            Problem::BadPattern { .. } => {
                "write a glob such as `*.map`, `vendor/**` or `img/{a,b}/*.png`, and put a backslash \
                 before a character that stands for itself"
            }
            Problem::BadMount { .. } => {
                "the mount is the path that all URLs begin with, such as `/static`, or `/`"
            }
            Problem::SameConstant { .. } => {
                "rename one of them, leave one out with `.exclude(…)`, or do without constants"
            }
            Problem::BadBundleName { .. } => "use ASCII letters, digits, `-` and `_`",
            Problem::BakedTwice { .. } => {
                "give one of them another name with `.bundle_name(…)`, and the same name to \
                 `include_assets!`"
            }
            Problem::Transform { .. } => "mend the file, or leave it out with `.exclude(…)`",
            Problem::BadLevel { levels: (lowest, highest), .. } => {
                return format!("choose one from {lowest} to {highest}, or leave out `.level(…)`")
                    .into();
            }
            Problem::CodingTwice { .. } => "leave one of the two out of `.encodings(…)`",
            Problem::Encoding { .. } => "build again, or leave that coding out of `.encodings(…)`",
            #[cfg(feature = "versions")]
            Problem::DeltasWithoutVersions => {
                "name it with `.versions(…)`, even if nothing is recorded yet"
            }
            Problem::MissingReference { .. } => {
                "correct it, or allow missing references with `.allow_missing_references(…)` or \
                 `.missing_references(…)`"
            }
            Problem::BadEnvironment { wanted, .. } => {
                return format!("set it to {wanted}, or unset it").into();
            }
            Problem::NoBuildScript { .. } => {
                "call `bake` from build.rs, or use `process` elsewhere"
            }
            Problem::TooMuch { .. } => {
                "leave the contents to a front server with `.embed(Embed::Nothing)`, or leave some out \
                 with `.exclude(…)`"
            }
            Problem::NoLibraryFormat { target: Some(_) } => {
                "use `Embed::Auto`, which includes the contents for such a target"
            }
            Problem::NoLibraryFormat { target: None } => {
                "use `Embed::Auto`, which includes the contents, or set cargo's variables for build \
                 scripts (`CARGO_CFG_TARGET_ARCH` and the like)"
            }
            Problem::OwnOutput { .. } => {
                "name a folder that holds only assets; `.root_at(…)` adds others"
            }
            Problem::TooLarge => "split them into several bundles with `.bundle_name(…)`",
        })
    }
}

/// The messages of an error and of what caused it. Some errors repeat their cause in their own
/// message; that is printed once.
fn with_causes(error: &dyn StdError) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let message = cause.to_string();
        if !text.ends_with(&message) {
            text.push_str(": ");
            text.push_str(&message);
        }
        next = cause.source();
    }
    text
}

impl From<Problem> for Error {
    fn from(problem: Problem) -> Self {
        Error(Box::new(problem))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let message = self.message();
        let between = if message.contains('\n') { "\n" } else { "; " };
        write!(f, "{message}{between}{}", self.help())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl StdError for Error {}

/// Keeps the kind of the operating system's error where there is one, and the whole message.
impl From<Error> for io::Error {
    fn from(error: Error) -> Self {
        let kind = match (error.io_error(), error.kind()) {
            (Some(cause), _) => cause.kind(),
            (None, ErrorKind::MissingFolder) => io::ErrorKind::NotFound,
            (None, ErrorKind::NotAFolder) => io::ErrorKind::NotADirectory,
            (
                None,
                ErrorKind::NameNotUtf8
                | ErrorKind::ForeignManifest
                | ErrorKind::ManifestVersion
                | ErrorKind::DamagedManifest
                | ErrorKind::DamagedVersion,
            ) => io::ErrorKind::InvalidData,
            (
                None,
                ErrorKind::InvalidName
                | ErrorKind::InvalidPattern
                | ErrorKind::InvalidMount
                | ErrorKind::InvalidBundleName
                | ErrorKind::InvalidLevel
                | ErrorKind::DuplicateCoding
                | ErrorKind::DeltasWithoutVersions
                | ErrorKind::InvalidEnvironment,
            ) => io::ErrorKind::InvalidInput,
            _ => io::ErrorKind::Other,
        };
        io::Error::new(kind, error)
    }
}

/// A problem that does not stop a build, but that a person should know about.
///
/// `Display` prints the message and the help in one line; [`bake`](crate::Pipeline::bake) shows that
/// line as a warning of cargo.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Warning {
    kind: WarningKind,
    message: String,
    help: String,
}

/// The kinds of [`Warning`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum WarningKind {
    /// A pipe, socket or device lies in an asset folder, and is not an asset.
    SpecialFile,
    /// A symbolic link leads out of its asset folder, or to a hidden file or folder, and is not an
    /// asset.
    LinkOut,
    /// A symbolic link leads to nothing, or back to a folder that holds it, and is not an asset.
    BrokenLink,
    /// An asset folder holds no asset.
    EmptyFolder,
    /// A pattern matches no file, or no file has an extension that is to be stamped.
    UnusedPattern,
    /// Compressed files lie beside their originals, and are no assets.
    Compressed,
    /// The time of the last commit is not known for every file.
    CommitTimes,
    /// A file has the time of an earlier version, but other bytes.
    SameTime,
    /// Files keep the names that a bundler has stamped, though no setting says so.
    BundlerNames,
    /// A file has other bytes than before under a name that looks stamped by a bundler.
    ChangedName,
    /// A script knows a stamped file by its plain name.
    PlainName,
    /// An asset refers to one that does not exist, or has text that cannot be understood.
    Reference,
    /// There are more warnings of the kind [`Reference`](Self::Reference) than those listed.
    MoreReferences,
    /// Compressed or transformed contents cannot be kept for the next build.
    Cache,
    /// A transformation warns about a file.
    Transform,
    /// Compression took long, and settings of cargo would help.
    SlowCompression,
    /// An encoding would have the path of an asset, and is not exported.
    EncodingPath,
    /// An earlier version has changed since it was exported, and is no longer kept.
    RetiredVersion,
    /// Earlier versions are not answered for, because they were recorded under another mount.
    OtherMount,
}

// Without the feature, nothing is exported.
#[cfg_attr(not(feature = "export"), allow(dead_code))]
impl Warning {
    /// Creates a warning with advice, which may be empty.
    pub(crate) fn new(kind: WarningKind, message: String, help: impl Into<String>) -> Self {
        let visible = |text: &str| visible(text).into_owned();
        Warning { kind, message: visible(&message), help: visible(&help.into()) }
    }
}

impl Warning {
    /// The kind of the warning.
    #[must_use]
    pub fn kind(&self) -> WarningKind {
        self.kind
    }

    /// What is wrong and where, without the way out.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The way out, in the words of a build script, unless the message says enough.
    #[must_use]
    pub fn help(&self) -> Option<&str> {
        (!self.help.is_empty()).then_some(&self.help)
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        self.help().map_or(Ok(()), |help| write!(f, "; {help}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Layer(&'static str, Option<Box<Layer>>);

    impl fmt::Display for Layer {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(self.0)
        }
    }

    impl StdError for Layer {
        fn source(&self) -> Option<&(dyn StdError + 'static)> {
            self.1.as_deref().map(|layer| layer as _)
        }
    }

    #[test]
    fn every_cause_is_printed_once() {
        let inner = Layer("line 3", None);
        let source =
            Layer("no sheet", Some(Box::new(Layer("bad syntax: line 3", Some(inner.into())))));
        let problem = Problem::Transform {
            name: "a.css".into(),
            origin: "a.scss".into(),
            source: source.into(),
            reads: Vec::new(),
        };
        let error = Error::from(problem);
        assert_eq!(
            error.message(),
            "the transformation of `a.css` (`a.scss`) failed: no sheet: bad syntax: line 3"
        );
        assert!(error.source().is_none() && error.transform_error().is_some());

        let source = io::Error::from(io::ErrorKind::PermissionDenied);
        let error = Error::from(Problem::Unreadable { path: "a".into(), source });
        assert_eq!(format!("{error:?}").matches("denied").count(), 1, "{error}");
        assert!(error.source().is_none());
    }

    #[test]
    fn an_io_error_keeps_kind_and_message() {
        let source = io::Error::from(io::ErrorKind::StorageFull);
        let error = Error::from(Problem::Unwritable { path: "a".into(), source });
        let message = error.to_string();
        let error = io::Error::from(error);
        assert_eq!((error.kind(), error.to_string()), (io::ErrorKind::StorageFull, message));
        let error =
            io::Error::from(Error::from(Problem::MissingFolder { path: "a".into(), near: None }));
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
    }
}

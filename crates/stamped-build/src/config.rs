//! The settings of a build script, as plain data.

use crate::bundlers::bundler::Bundled;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

/// Patterns of files that are never stamped unless [`Pipeline::plain`](crate::Pipeline::plain) says
/// otherwise. Crawlers, browsers or people know their names, or their names must not change, like a
/// service worker's.
pub const NEVER_STAMPED: &[&str] = &[
    "robots.txt",
    "humans.txt",
    "ads.txt",
    "favicon.ico",
    "apple-touch-icon*.png",
    "browserconfig.xml",
    "sitemap*.xml",
    "*.webmanifest",
    "sw.js",
    "service-worker.js",
    "serviceworker.js",
    "firebase-messaging-sw.js",
    "ngsw-worker.js",
    "safety-worker.js",
    "ngsw.json",
    "*.html",
    "/.well-known/**",
];

/// Patterns of files that are served at the root of the site too unless
/// [`Pipeline::at_root`](crate::Pipeline::at_root) says otherwise: those at the top of the folder that
/// crawlers and browsers look for there, or that work only there, like a service worker.
pub use stamped::files::AT_ROOT;

/// The settings that the stages read.
#[derive(Clone, Debug)]
pub(crate) struct Config {
    pub(crate) roots: Vec<Root>,
    pub(crate) files: Vec<(String, Arc<Vec<u8>>)>,
    pub(crate) mount: String,
    pub(crate) include: Vec<String>,
    pub(crate) exclude: Vec<String>,
    pub(crate) plain: Vec<String>,
    pub(crate) at_root: Vec<String>,
    pub(crate) prestamped: Vec<String>,
    pub(crate) keep_bundler_names: Option<bool>,
    pub(crate) bundled: Vec<Bundled>,
    pub(crate) stamp: Stamp,
    pub(crate) stamp_only: Option<Vec<String>>,
    pub(crate) references: References,
    pub(crate) markup: Vec<String>,
    pub(crate) verbatim: Vec<String>,
    /// Patterns, each with the most bytes that a file may have.
    pub(crate) inline: Vec<(String, u64)>,
    pub(crate) missing_references: Missing,
    pub(crate) allow_missing_references: Vec<String>,
    pub(crate) embed: Embed,
    pub(crate) bundle_name: String,
    pub(crate) constants: bool,
    pub(crate) allow_missing: bool,
    pub(crate) every_build: bool,
    pub(crate) follow_links: bool,
    /// Stamped paths and the values of their `integrity` attributes.
    pub(crate) published: BTreeMap<String, String>,
    #[cfg(feature = "versions")]
    pub(crate) versions: Option<crate::versions::settings::Versions>,
}

/// A folder of assets and where its names begin.
#[derive(Clone, Debug)]
pub(crate) struct Root {
    /// Empty, or ends with a slash.
    pub(crate) prefix: String,
    pub(crate) folder: PathBuf,
}

/// Chooses how stamps are made. Every stamp is 1 to 20 decimal digits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Stamp {
    /// The seconds of the modification time, as in `style.1452929749.css`.
    ///
    /// If the time says nothing about the file, its content makes the stamp instead. That is so for
    /// the constant times that package managers and archives set (npm, cargo, zip, Nix and others),
    /// for times before 1970, for `SOURCE_DATE_EPOCH` itself, which packers set instead of later times,
    /// and for later ones, which a reproducible build must not show. For a transformed file, six digits
    /// of its final bytes follow the seconds.
    ///
    /// The same digits follow, with a warning, if the bytes of a file changed without its time, as
    /// when it is saved twice within a second. Otherwise a cache would keep the first version under
    /// the URL of the second. The build notices this by a comparison with the last bake into the
    /// same `OUT_DIR` and with [`Pipeline::published`](crate::Pipeline::published). The digits stay
    /// until the time changes.
    #[default]
    Modified,
    /// The seconds of the last git commit on this branch (its first parents) that changed the file,
    /// for builds on several machines from fresh checkouts. A file with uncommitted changes, or
    /// outside of git, is stamped as with [`Modified`](Self::Modified). One that git ignores, such as
    /// in `node_modules`, is stamped by its content, because its time is that of the installation.
    Committed,
    /// 64 bits of SHA-384 over the final bytes and the name, 20 digits: equal on every machine.
    Content,
    /// This number, such as a release's, for every file.
    Fixed(u64),
}

/// Chooses how references from one asset to another are handled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum References {
    /// They are rewritten to stamped paths in style sheets, JavaScript modules, HTML pages and
    /// source map comments, and in the markup that [`Pipeline::markup`](crate::Pipeline::markup)
    /// selects.
    #[default]
    Rewrite,
    /// They are rewritten as with [`Rewrite`](Self::Rewrite), but JavaScript stays as it is, except
    /// for the comment that names a source map. An import map, `ASSETS.import_map()`, leads the
    /// browser from the plain URLs that modules import to the stamped ones. A change in one module
    /// then does not change the URL of any other.
    ImportMap,
    /// They stay as they are. Every file keeps its bytes, except those that
    /// [`Pipeline::markup`](crate::Pipeline::markup) selects.
    Leave,
}

/// Chooses how a reference that names no asset is handled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Missing {
    /// It stays as it is, and a warning names file, line and column. Missing source maps give no
    /// warning, because packages often leave them out.
    #[default]
    Warn,
    /// It is an error, also for a source map.
    Deny,
    /// It stays as it is.
    Allow,
}

/// Chooses where the contents of the assets go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Embed {
    /// Into the program, in the way that builds faster: as with [`Include`](Self::Include) up to
    /// 256 KiB of contents and encodings, and from there on as with [`Linked`](Self::Linked), where
    /// that works. The program is the same in both ways, but for the place of the bytes.
    #[default]
    Auto,
    /// Into the program, through `include_str!` and `include_bytes!`. This works on every target and
    /// with every tool, and needs 10 to 35 ms of the compiler and 15 MB of memory for each megabyte.
    ///
    /// A file may have 1 GiB, and all together 2 GiB, because the build script and the compiler hold
    /// them in memory.
    Include,
    /// Into the program, through the linker. The compiler's time and memory then do not depend on
    /// the bytes.
    ///
    /// The build script writes a static library for Linux, Android, the BSDs or illumos on most
    /// processors, for Apple's systems with 64 bits, or for Windows on x86, x86-64 or AArch64. For other
    /// targets, such as WebAssembly, this is an error, while [`Auto`](Self::Auto) includes the contents.
    /// So it does outside of a build script, where cargo names no target. Under Miri, which has no
    /// linker, contents are always included.
    ///
    /// The generated code declares two foreign statics and has no unsafe code, so a crate with
    /// `#![forbid(unsafe_code)]` may include it. All files together may have 2 GiB, because most targets
    /// address no more in one program.
    Linked,
    /// Nowhere. The program has names, URLs and types, and a front server has the files. The
    /// `bytes` of each asset are empty, and it has no representations.
    Nothing,
}

impl Embed {
    /// Whether the linker may have to place the contents.
    pub(crate) fn may_be_linked(self) -> bool {
        matches!(self, Embed::Auto | Embed::Linked)
    }
}

/// The folder that relative paths start from.
pub(crate) fn base() -> PathBuf {
    std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from).unwrap_or_default()
}

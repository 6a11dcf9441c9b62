//! The build-script half of `stamped`: turns folders of assets into stamped files and tables that
//! are compiled into the program.
//!
//! ```no_run
//! // build.rs
//! fn main() -> Result<(), stamped_build::Error> {
//!     stamped_build::Pipeline::new("assets").mount("/static").bake()
//! }
//! ```
//!
//! The program then includes them with `mod assets { stamped::include_assets!(); }`. The
//! documentation of the crate `stamped` shows how to use them.
//!
//! A build is a line of stages. It walks the folders, reads the files, transforms them, links them
//! by their references, and stamps, describes and encodes them. The result is a [`Bundle`], which
//! is baked into a program or, with the feature `export`, exported as files for a web server.
//!
//! # Features
//!
//! No feature is on by default.
//!
//! | feature | what it adds |
//! |---|---|
//! | `export` | `Bundle::export`: files for a web server; `Manifest`: what they are; `versions` too |
//! | `versions` | `Pipeline::versions`: earlier versions, for pages that are still open |
//! | `zstd` | the content coding of that name |
//!
//! # Patterns
//!
//! Patterns are globs over names, the `/`-separated paths below the asset folder:
//!
//! | pattern | matches |
//! |---|---|
//! | `*.map` | without a slash: a file or folder of such a name, in any folder |
//! | `/robots.txt` | with a slash at the beginning: only at the root |
//! | `vendor/*.js` | with a slash: the whole name; `*` and `?` match no slash |
//! | `vendor/**` | everything below a folder |
//! | `img/{a,b}[0-9].png` | alternatives and classes; `[!0-9]` is one of the other characters |
//! | `\[id\].js` | a backslash takes the next character as it stands |
//!
//! `**` stands for any number of folders where it is all that stands between two slashes, and for
//! everything below at the end. Elsewhere it is as `*`. `?` and a class stand for one character, not a
//! byte of it, and for no slash. Case counts on every system. Braces can contain slashes, `**` and
//! other braces: each alternative is read as if it stood there alone. An empty one is left out, and
//! together they make at most 1,024 combinations.
//!
//! [`Handler::header`] in the program reads the same patterns.
//!
//! [`Handler::header`]: https://docs.rs/stamped/latest/stamped/http/struct.Handler.html#method.header

#![cfg_attr(docsrs, feature(doc_cfg))]
#![warn(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod bundle;
mod bundlers;
mod by_hash;
mod cargo;
mod config;
mod contents;
mod digest;
mod edited;
mod error;
mod kept;
#[cfg(feature = "versions")]
mod manifest;
mod names;
mod nearest;
mod out;
mod parallel;
#[cfg(feature = "regex")]
mod pattern;
mod pipeline;
mod progress;
mod rules;
mod stages;
#[cfg(feature = "versions")]
mod versions;
mod write;

pub use bundle::{Asset, Bundle, EarlierVersion};
pub use bundlers::bundler::{Bundled, Bundler};
pub use config::{AT_ROOT, Embed, Missing, NEVER_STAMPED, References, Stamp};
pub use error::{Error, ErrorKind, Warning, WarningKind};
#[cfg(feature = "versions")]
pub use manifest::{AssetVersion, Manifest, Retired};
#[cfg(feature = "export")]
pub use out::export::{Export, Exported};
#[cfg(feature = "regex")]
pub use pattern::stamped_paths;
pub use pipeline::Pipeline;
pub use progress::{Progress, Stage};
pub use rules::Unstamped;
pub use stages::encode::Encoding;
pub use stages::transform::{BoxError, Draft, Transform};
pub use stamped::{Addressing, Coding};
#[cfg(feature = "versions")]
pub use versions::{Keep, Recorded, Removed, Versions};

//! What a build and live answers agree on about files.

mod left;
mod links;
mod names;
mod open;
mod outside;
mod read;
mod run;
mod utf8;
mod version;
mod visible;

pub use left::{Left, OUTSIDE};
pub use links::{Leads, leads};
pub use names::{is_hidden, is_hidden_folder, is_leftover};
pub use open::open;
pub use outside::Outside;
pub use read::{Contents, read};
pub use run::{AREA, LIVE, RUN, Run, TABLES};
pub use utf8::Utf8;
pub use version::Version;
pub use visible::{is_invisible, visible};

/// Patterns of files that are served at the root of the site too, unless the build script chooses
/// others.
pub const AT_ROOT: &[&str] = &[
    "/robots.txt",
    "/humans.txt",
    "/ads.txt",
    "/favicon.ico",
    "/apple-touch-icon*.png",
    "/browserconfig.xml",
    "/sitemap*.xml",
    "/sw.js",
    "/service-worker.js",
    "/.well-known/**",
];

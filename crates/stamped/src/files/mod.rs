//! What a build and live answers agree on about files.

mod links;
mod names;
mod open;
mod read;
mod visible;

pub use links::{Leads, leads};
pub use names::{is_hidden, is_hidden_folder, is_leftover};
pub use open::open;
pub use read::{Contents, read};
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

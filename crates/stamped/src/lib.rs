//! URLs, contents and request paths of assets that were stamped at build time.
//!
//! A program's `build.rs` bakes a folder of assets with the crate `stamped-build`. The program itself
//! uses this crate: it gives the URL of an asset and its contents, and leads from the path of a request
//! back to the asset.
//!
//! ```ignore
//! // build.rs
//! fn main() -> Result<(), stamped_build::Error> {
//!     stamped_build::Pipeline::new("assets").mount("/static").bake()
//! }
//! ```
//!
//! ```ignore
//! // src/main.rs
//! use stamped::Resolved;
//!
//! mod assets {
//!     stamped::include_assets!();
//! }
//! use assets::ASSETS;
//!
//! // A literal: the compiler knows the URL, and refuses a name that no asset has.
//! let link = concat!("<link rel=stylesheet href=", assets::url!("css/style.css"), ">");
//!
//! // A name that is known only at run time: one probe of a perfect hash.
//! assert_eq!(ASSETS.url("css/style.css"), Some("/static/css/style.1452929749.css"));
//!
//! // The path of a request.
//! match ASSETS.resolve("/static/css/style.1452929749.css") {
//!     Resolved::Exact(asset) => { /* asset.bytes(), which may be cached for a year */ }
//!     Resolved::Plain(asset) => { /* asset.bytes(), to be revalidated each time */ }
//!     Resolved::Stale(asset) => { /* another version: its bytes must not be cached */ }
//!     Resolved::Unknown => { /* 404, which must not be cached either */ }
//! }
//! ```
//!
//! Lookups do not allocate, and there is nothing to set up: the tables are bytes of the program. The
//! module [`name`] has the grammar of stamped names.
//!
//! # Features
//!
//! Only `std` is on by default. Without it (`default-features = false`) and the others, the crate is
//! `no_std` and needs no allocator.
//!
//! | feature | what it adds |
//! |---|---|
//! | `std` | `Asset::preloads`, `Asset::tags`, `Assets::precache` |
//! | `content-type` | `content_type`: the content type of a file by its name |
//! | `http` | `http::Handler`: answers requests, over the types of the crate `http` |
//! | `live` | `http::Handler::live`: runs the build script again when a file changes, for development |
//! | `axum` | `Handler` as a router of axum |
//! | `tower` | `Handler` as a service for hyper, warp, poem, salvo and others |
//! | `actix-web` | `Handler` as a service of actix-web |
//! | `rocket` | `Handler` as routes of Rocket |
//! | `minijinja` | functions for templates of minijinja, with the signature of Flask's `url_for` |
//! | `tera` | the same for tera |
//!
//! # With the feature `ptrhash` of `phf`
//!
//! It gives the maps of `phf` 0.14 other fields, so the program and its build script must both have it,
//! or neither. Where another crate turns it on for one of them, the compiler says that `phf::Map` has no
//! field `disps`, or none named `pilots`. Turn it on for both then:
//!
//! ```toml
//! [dependencies]
//! phf = { version = "0.14", default-features = false, features = ["ptrhash"] }
//!
//! [build-dependencies]
//! phf_codegen = { version = "0.14", features = ["ptrhash"] }
//! ```

#![warn(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![no_std]
#![cfg_attr(docsrs, feature(doc_cfg))]

/// The crate by a name that macros can import: older compilers refuse `use $crate as …`.
#[doc(hidden)]
pub extern crate self as __stamped;

#[cfg(any(
    feature = "content-type",
    feature = "http",
    feature = "minijinja",
    feature = "std",
    feature = "tera",
    feature = "write",
))]
extern crate alloc;
#[cfg(any(test, feature = "files", feature = "http", feature = "std"))]
extern crate std;

#[cfg(feature = "actix-web")]
pub mod actix_web;
mod asset;
mod assets;
#[cfg(feature = "axum")]
pub mod axum;
mod based;
#[cfg(feature = "content-type")]
pub mod content_type;
mod data;
mod entry;
#[cfg(feature = "files")]
#[doc(hidden)]
pub mod files;
#[cfg(any(feature = "actix-web", feature = "rocket"))]
mod foreign;
#[doc(hidden)]
pub mod generated;
#[cfg(any(feature = "files", feature = "http", feature = "std"))]
#[doc(hidden)]
pub mod glob;
#[doc(hidden)]
pub mod hash;
#[cfg(any(feature = "http", feature = "std"))]
mod html;
#[cfg(feature = "http")]
pub mod http;
#[doc(hidden)]
pub mod index;
#[cfg(any(feature = "http", feature = "std"))]
mod kind;
#[cfg(feature = "live")]
mod live;
#[cfg(feature = "minijinja")]
pub mod minijinja;
pub mod name;
#[doc(hidden)]
pub mod nearest;
pub mod percent;
#[cfg(feature = "std")]
mod precache;
mod resolve;
#[cfg(feature = "rocket")]
pub mod rocket;
#[cfg(feature = "std")]
mod tags;
#[cfg(any(feature = "minijinja", feature = "tera"))]
mod templates;
#[cfg(feature = "tera")]
pub mod tera;
mod text;
#[cfg(feature = "tower")]
pub mod tower;
mod url;

pub use asset::{Asset, Representation};
pub use assets::{Assets, Iter};
pub use based::BasedAssets;
pub use data::LONGEST_PATH;
#[doc(hidden)]
pub use data::{Data, Map};
pub use entry::Entry;
pub use index::{Addressing, Coding};
#[doc(hidden)]
pub use phf;
#[cfg(feature = "std")]
pub use precache::{BadPattern, Precache};
pub use resolve::Resolved;
#[cfg(feature = "std")]
pub use tags::Tags;
#[doc(hidden)]
pub use text::{LinkedText, Text};
pub use url::Url;

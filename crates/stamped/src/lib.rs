//! Assets decided at build time.
//!
//! A program's `build.rs` bakes a folder of assets with the crate `stamped-build`; this crate is what
//! the program itself uses: the URL of an asset, its contents, and the way back from a request's
//! path.
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
//! // A literal: the URL is decided when the program is compiled, and so is a mistake in the name.
//! let link = concat!("<link rel=stylesheet href=", assets::url!("css/style.css"), ">");
//!
//! // Names that are known at run time only: one probe of a perfect hash.
//! assert_eq!(ASSETS.url("css/style.css"), Some("/static/css/style.1452929749.css"));
//!
//! // A request.
//! match ASSETS.resolve("/static/css/style.1452929749.css") {
//!     Resolved::Exact(asset) => { /* asset.bytes(), for a year */ }
//!     Resolved::Plain(asset) => { /* asset.bytes(), asked for again each time */ }
//!     Resolved::Stale(asset) => { /* another version: its bytes, but never cached */ }
//!     Resolved::Unknown => { /* 404, and not cached either */ }
//! }
//! ```
//!
//! Nothing here allocates, and there is nothing to set up: the tables are bytes of the program. The
//! grammar of stamped names is in [`name`].
//!
//! # Features
//!
//! None is on by default; the core is `no_std`.
//!
//! | feature | what it adds |
//! |---|---|
//! | `std` | `Asset::preloads`, which allocates |
//! | `http` | `http::Handler`: answers to requests over the types of the crate `http` |
//! | `live` | `http::Handler::live`: answers with the files on disk instead, for development |
//! | `tower` | `Handler` as a service for axum, hyper, warp, poem and salvo |
//! | `actix-web` | `Handler` as a service of actix-web |
//! | `rocket` | `Handler` as routes of Rocket |
//! | `minijinja` | functions for templates of minijinja, with the signature of Flask's `url_for` |
//! | `tera` | the same for tera |

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
mod based;
#[cfg(feature = "content-type")]
pub mod content_type;
mod data;
#[cfg(feature = "files")]
#[doc(hidden)]
pub mod files;
#[cfg(any(feature = "actix-web", feature = "rocket"))]
mod foreign;
#[doc(hidden)]
pub mod generated;
#[cfg(any(feature = "files", feature = "http"))]
#[doc(hidden)]
pub mod glob;
#[doc(hidden)]
pub mod hash;
#[cfg(feature = "http")]
pub mod http;
#[doc(hidden)]
pub mod index;
#[cfg(feature = "minijinja")]
pub mod minijinja;
pub mod name;
pub mod percent;
mod resolve;
#[cfg(feature = "rocket")]
pub mod rocket;
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
pub use index::{Addressing, Coding};
#[doc(hidden)]
pub use phf;
pub use resolve::Resolved;
#[doc(hidden)]
pub use text::{LinkedText, Text};
pub use url::Url;

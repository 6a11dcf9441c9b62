//! Sass, minified style sheets, TypeScript and any other command, for
//! [`Pipeline::transform_with`](stamped_build::Pipeline::transform_with).
//!
//! ```no_run
//! // build.rs
//! # #[cfg(all(feature = "css", feature = "js", feature = "sass"))]
//! use stamped_transform::{css, js, sass};
//!
//! fn main() -> Result<(), stamped_build::Error> {
//!     let pipeline = stamped_build::Pipeline::new("assets").mount("/static");
//! #   #[cfg(all(feature = "css", feature = "js", feature = "sass"))]
//!     let pipeline = pipeline.transform_with(sass()).transform_with(css()).transform_with(js());
//!     pipeline.bake()
//! }
//! ```
//!
//! Transformations run in the order in which they were added, so `css` gets what `sass` has made. What they
//! make is kept in cargo's target folder, and made again only where something changed that it depends on.
//! Files that are read on the way, such as those that a style sheet of Sass uses, are watched by cargo and by
//! live mode. An error names file, line and column, and shows the line.
//!
//! # Features
//!
//! No feature is on by default.
//!
//! | feature | what it adds | by |
//! |---|---|---|
//! | `sass` | `sass()`: `.scss` and `.sass` become `.css` | `grass` |
//! | `css` | `css()`: style sheets, minified and for older browsers | `lightningcss` |
//! | `js` | `js()`: scripts, minified; `.ts` becomes `.js` | `oxc` |
//! | `command` | `command()`: any other program | – |

#![cfg_attr(docsrs, feature(doc_cfg))]
#![warn(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[cfg(feature = "command")]
mod command;
#[cfg(feature = "css")]
mod css;
#[cfg(feature = "js")]
mod js;
#[cfg(any(feature = "command", feature = "css", feature = "js", feature = "sass"))]
mod paths;
#[cfg(any(feature = "css", feature = "js", feature = "sass"))]
mod place;
#[cfg(feature = "sass")]
mod sass;
#[cfg(any(feature = "css", feature = "js"))]
mod source_map;

#[cfg(feature = "command")]
pub use command::{Command, command};
#[cfg(feature = "css")]
pub use css::{Css, css};
#[cfg(feature = "js")]
pub use js::{Js, js};
#[cfg(feature = "sass")]
pub use sass::{Sass, sass};

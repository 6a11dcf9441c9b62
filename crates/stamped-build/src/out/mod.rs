//! Turns a finished bundle into tables in a program, or files for a web server.
//!
//! [`pack`] makes the tables and content areas; [`bake`] writes them into `OUT_DIR` with the Rust
//! that [`code`] and [`constants`] generate, [`leak`] puts them into this process, [`live`] writes them
//! for a program that runs, and `export` writes files instead.

pub(crate) mod bake;
mod code;
mod constants;
#[cfg(feature = "export")]
pub(crate) mod export;
mod import_map;
pub(crate) mod leak;
pub(crate) mod limit;
mod linked;
pub(crate) mod live;
pub(crate) mod pack;
pub(crate) mod place;
mod placement;

//! Runs the build script of a debug build again when its inputs change, and has what it makes.
//!
//! A [`Session`] belongs to one build script. Its thread [watches](watch) what cargo would watch, runs
//! the [script] with an `OUT_DIR` of its own, [reads](tables) what it made, finds out what
//! [changed](changes), and tells the [clients].

mod changes;
mod clients;
mod json;
mod script;
mod session;
mod tables;
mod watch;

pub(crate) use clients::Events;
pub(crate) use session::{Session, Unavailable};

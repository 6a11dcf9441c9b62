//! Makes assets anew when their files change, and has what is made.
//!
//! A [`Session`] belongs to one [script]: the build script of a debug build, or the command `stamped` over
//! a folder. Its thread [watches](watch) what cargo would watch, runs the script, which writes to a [slot],
//! [reads](tables) what it made, finds out what [changed](changes), and tells the [clients].

mod changes;
mod clients;
mod contents;
mod dev_server;
mod git;
mod json;
mod outside;
mod poll;
mod script;
mod segments;
mod session;
mod slot;
mod tables;
#[cfg(test)]
mod tests;
mod watch;

pub(crate) use clients::Events;
#[cfg(feature = "std")]
pub(crate) use dev_server::Sources;
pub(crate) use segments::Segments;
pub(crate) use session::{Session, Unavailable};
pub(crate) use tables::Shared;

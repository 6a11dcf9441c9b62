//! What a build and live answers agree on about files.

mod links;
mod names;
mod open;
mod outside;
mod read;
mod utf8;
mod version;
mod visible;

pub use links::{Leads, leads};
pub use names::{is_hidden, is_hidden_folder, is_leftover};
pub use open::open;
pub use outside::Outside;
pub use read::{Contents, read};
pub use utf8::Utf8;
pub use version::Version;
pub use visible::{is_invisible, visible};

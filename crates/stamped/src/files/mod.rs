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

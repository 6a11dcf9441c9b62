//! What a build and live answers agree on about files.

mod links;
mod names;
mod read;

pub use links::{Leads, leads};
pub use names::{is_hidden, is_hidden_folder, is_leftover};
pub use read::{Contents, read};

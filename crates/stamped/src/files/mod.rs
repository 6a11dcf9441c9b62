//! What a build and live answers agree on about files.

mod inside;
mod names;
mod open;
mod read;

pub use inside::stays_inside;
pub use names::{is_hidden, is_hidden_folder, is_leftover};
pub use open::open;
pub use read::{Contents, read};

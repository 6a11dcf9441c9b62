//! What the tests of this workspace share: temporary folders, bundles made by hand, and words for
//! tests that cannot run everywhere.
//!
//! Everything here panics when it fails: a test that cannot write its files cannot go on.

mod bundle;
mod command;
mod dir;
#[cfg(unix)]
mod privileges;
mod skip;

pub use bundle::{File, MODIFIED, bundle, bundle_with_versions};
pub use command::{own_cache, stamped};
pub use dir::{Dir, touch_at, write, write_at};
#[cfg(unix)]
pub use privileges::is_unprivileged;
pub use skip::{is_installed, skip};

//! Writes the instructions of a build script to cargo.

use stamped::files::visible;
use std::path::Path;

/// Makes cargo run the script again when this file, or anything in this folder, changes.
///
/// A path with a line break cannot be written in an instruction, and what follows the break would be
/// one of its own. The nearest folder above it without one stands for it.
pub(crate) fn rerun_if_changed(path: &Path) {
    let is_line = |path: &&Path| !path.to_string_lossy().contains(['\n', '\r']);
    if let Some(path) = path.ancestors().find(is_line) {
        println!("cargo::rerun-if-changed={}", path.display());
    }
}

/// Makes cargo run the script again when this environment variable changes.
pub(crate) fn rerun_if_env_changed(variable: &str) {
    println!("cargo::rerun-if-env-changed={variable}");
}

/// Makes the linker look for libraries in this folder.
pub(crate) fn link_search(folder: &Path) {
    println!("cargo::rustc-link-search=native={}", folder.display());
}

/// Makes cargo set an environment variable for the compiler of this package.
pub(crate) fn rustc_env(variable: &str, value: &str) {
    println!("cargo::rustc-env={variable}={value}");
}

/// Makes cargo show a warning, on one line.
pub(crate) fn warning(message: &str) {
    println!("cargo::warning={}", visible(&message.replace('\n', " ")));
}

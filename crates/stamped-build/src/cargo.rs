//! What a build script tells cargo.

use std::path::Path;

/// Runs the script again when this file, or anything in this folder, changes.
pub(crate) fn rerun_if_changed(path: &Path) {
    println!("cargo::rerun-if-changed={}", path.display());
}

/// Runs the script again when this environment variable changes.
pub(crate) fn rerun_if_env_changed(variable: &str) {
    println!("cargo::rerun-if-env-changed={variable}");
}

/// Has the linker look for libraries in this folder.
pub(crate) fn link_search(folder: &Path) {
    println!("cargo::rustc-link-search=native={}", folder.display());
}

/// Shows a warning, which must be one line.
pub(crate) fn warning(message: &str) {
    println!("cargo::warning={}", message.replace('\n', " "));
}

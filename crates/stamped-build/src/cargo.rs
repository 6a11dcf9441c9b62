//! What a build script tells cargo.

use stamped::files::visible;
use std::path::Path;

/// Runs the script again when this file, or anything in this folder, changes.
///
/// A path of several lines cannot be said; the folder that holds it can. The second line would be a
/// word to cargo.
pub(crate) fn rerun_if_changed(path: &Path) {
    let is_line = |path: &&Path| !path.to_string_lossy().contains(['\n', '\r']);
    if let Some(path) = path.ancestors().find(is_line) {
        println!("cargo::rerun-if-changed={}", path.display());
    }
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
    println!("cargo::warning={}", visible(&message.replace('\n', " ")));
}

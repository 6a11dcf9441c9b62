//! Paths and names.

#[cfg(feature = "sass")]
use std::path::Component;
#[cfg(any(feature = "css", feature = "js", feature = "sass"))]
use std::path::Path;
use std::path::PathBuf;

/// The folder that relative paths start from, as in `stamped_build`: that of the package, or the working directory
/// outside of cargo.
pub(crate) fn package() -> PathBuf {
    std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from).unwrap_or_default()
}

/// The path as a person at the package knows it.
#[cfg(any(feature = "css", feature = "js", feature = "sass"))]
pub(crate) fn shown(path: &Path) -> String {
    path.strip_prefix(package()).unwrap_or(path).display().to_string()
}

/// The path without `.` and `..`, as far as they can be resolved without a look at the disk. Sass knows
/// files by such paths: a link to another package keeps its place among its neighbours.
#[cfg(feature = "sass")]
pub(crate) fn clean(path: &Path) -> PathBuf {
    let mut clean = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir
                if matches!(clean.components().next_back(), Some(Component::Normal(_))) =>
            {
                clean.pop();
            }
            part => clean.push(part),
        }
    }
    clean
}

/// The name with this ending in the place of what follows its last dot.
#[cfg(any(feature = "js", feature = "sass"))]
pub(crate) fn with_ending(name: &str, ending: &str) -> String {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    format!("{stem}.{ending}")
}

/// The last part of a name.
#[cfg(any(feature = "css", feature = "js", feature = "sass"))]
pub(crate) fn file_name(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

//! Where the command keeps what it has compressed.

use std::env::var_os;
use std::ffi::OsString;
use std::path::PathBuf;

/// The folder that `STAMPED_CACHE` names, or else the one of this user. `None` if the user has no
/// place for caches.
pub(crate) fn folder() -> Option<PathBuf> {
    let named = var_os("STAMPED_CACHE").filter(|value| !value.is_empty());
    named.map(PathBuf::from).or_else(|| Some(of_user(&|name| var_os(name))?.join("stamped")))
}

/// The place of the system for caches of one user. Relative paths are no places: the XDG Base
/// Directory Specification says so of its variable.
fn of_user(variable: &dyn Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let absolute = |name| variable(name).map(PathBuf::from).filter(|path| path.is_absolute());
    if cfg!(windows) {
        absolute("LOCALAPPDATA")
    } else if cfg!(target_vendor = "apple") {
        absolute("HOME").map(|home| home.join("Library/Caches"))
    } else {
        absolute("XDG_CACHE_HOME").or_else(|| Some(absolute("HOME")?.join(".cache")))
    }
}

#[cfg(all(test, unix, not(target_vendor = "apple")))]
mod tests {
    use super::of_user;
    use std::path::Path;

    #[test]
    fn the_place_for_caches_is_absolute() {
        let of = |set: &[(&str, &str)]| {
            of_user(&|name| {
                set.iter().find(|(known, _)| *known == name).map(|(_, value)| value.into())
            })
        };
        let home = ("HOME", "/home/a");
        assert_eq!(of(&[home]).as_deref(), Some(Path::new("/home/a/.cache")));
        assert_eq!(of(&[home, ("XDG_CACHE_HOME", "/c")]).as_deref(), Some(Path::new("/c")));
        for unset in ["", "relative"] {
            let path = of(&[home, ("XDG_CACHE_HOME", unset)]);
            assert_eq!(path.as_deref(), Some(Path::new("/home/a/.cache")));
            assert_eq!(of(&[("HOME", unset)]), None);
        }
    }
}

//! Checks that names and mounts can be part of a URL.

use crate::error::{Error, Problem};
use std::path::Path;

/// Whether a name can be part of a URL and of the matcher's bounds.
pub(crate) fn check(name: &str, origin: &Path) -> Result<(), Error> {
    let bad = |why| {
        Err(Problem::BadName { name: name.to_owned(), origin: origin.to_owned(), why }.into())
    };
    if name.is_empty() || name.split('/').any(|part| part.is_empty() || part == "." || part == "..")
    {
        return bad("a name is a path without empty, `.` and `..` parts");
    }
    if name.contains('\0') {
        return bad("it contains a NUL character");
    }
    // Room for the mount and the stamp.
    if name.len() > stamped::LONGEST_PATH / 2 {
        return bad("it is longer than 2,048 bytes");
    }
    Ok(())
}

/// The mount as all URLs begin with it: with a slash in front and none at the end.
pub(crate) fn mount(given: &str) -> Result<String, Error> {
    let bad = |why| Err(Problem::BadMount { mount: given.to_owned(), why }.into());
    let mount = given.strip_suffix('/').unwrap_or(given);
    if mount.is_empty() {
        return if given == "/" { Ok(String::new()) } else { bad("it is empty") };
    }
    let Some(path) = mount.strip_prefix('/') else {
        return bad("it does not begin with a slash");
    };
    if path.split('/').any(|part| matches!(part, "" | "." | "..")) {
        return bad("it has an empty, `.` or `..` part");
    }
    if !path.bytes().all(stamped::percent::is_literal) {
        return bad("it has characters that would have to be percent-encoded");
    }
    if path.len() > 1024 {
        return bad("it is longer than 1,024 bytes");
    }
    Ok(mount.to_owned())
}

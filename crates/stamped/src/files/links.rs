//! Which links lead to assets.

use super::is_hidden;
use std::io;
use std::path::Path;

/// Where a path below a folder of assets leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leads {
    /// To a file or folder of that folder.
    Inside,
    /// Out of that folder.
    Outside,
    /// To a hidden file or folder, or one in a hidden folder.
    Hidden,
}

/// Where `path` leads to, once all links are resolved. `root` is the folder of assets, whose own links
/// are resolved already ([`Path::canonicalize`]).
///
/// What does not lead inside is not an asset, unless somebody asks for it: a link such as
/// `git -> .git` would publish what its target's name hides.
///
/// # Errors
///
/// When a link leads to nothing, or in a circle.
pub fn leads(root: &Path, path: &Path) -> io::Result<Leads> {
    let path = path.canonicalize()?;
    let Ok(inside) = path.strip_prefix(root) else { return Ok(Leads::Outside) };
    let name = inside.to_string_lossy();
    let is_hidden = match std::path::MAIN_SEPARATOR {
        '/' => is_hidden(&name),
        separator => is_hidden(&name.replace(separator, "/")),
    };
    Ok(if is_hidden { Leads::Hidden } else { Leads::Inside })
}

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

impl Leads {
    /// Where a path leads to whose links are resolved. `root` is the folder of assets, whose own links
    /// are resolved too ([`Path::canonicalize`]).
    ///
    /// A path that does not lead inside is not an asset, unless the program asks for it: a link such as
    /// `git -> .git` would publish what its target's name hides.
    #[must_use]
    pub fn of(root: &Path, real: &Path) -> Self {
        let Ok(inside) = real.strip_prefix(root) else { return Leads::Outside };
        let name = inside.to_string_lossy();
        let is_hidden = match std::path::MAIN_SEPARATOR {
            '/' => is_hidden(&name),
            separator => is_hidden(&name.replace(separator, "/")),
        };
        if is_hidden { Leads::Hidden } else { Leads::Inside }
    }
}

/// Where `path` leads to, once all links are resolved: see [`Leads::of`].
///
/// # Errors
///
/// When a link leads to nothing, or in a circle.
pub fn leads(root: &Path, path: &Path) -> io::Result<Leads> {
    Ok(Leads::of(root, &path.canonicalize()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_below_the_root_and_not_hidden_is_inside() {
        let leads = |real: &str| Leads::of(Path::new("/home/.cache/assets"), Path::new(real));
        for real in ["a.css", "x/a.css", ".well-known/security.txt"] {
            assert_eq!(leads(&std::format!("/home/.cache/assets/{real}")), Leads::Inside, "{real}");
        }
        for real in [".git/config", "x/.env", "x/.well-known/a", ".env"] {
            assert_eq!(leads(&std::format!("/home/.cache/assets/{real}")), Leads::Hidden, "{real}");
        }
        for real in ["/home/.cache/assets2/a", "/home/a", "/"] {
            assert_eq!(leads(real), Leads::Outside, "{real}");
        }
    }
}

//! Where links may lead.

use super::is_hidden;
use alloc::string::String;
use std::path::{Component, Path};

/// Whether a path without links is below a root without links and passes no hidden name on the way
/// down, other than `.well-known` at the top. What is not may be an asset only where somebody asked
/// for it.
#[must_use]
pub fn stays_inside(root_real: &Path, real: &Path) -> bool {
    let Ok(below) = real.strip_prefix(root_real) else { return false };
    let mut name = String::new();
    for component in below.components() {
        let Component::Normal(part) = component else { return false };
        if !name.is_empty() {
            name.push('/');
        }
        // Only the first character of a part counts, and that is kept.
        name.push_str(&part.to_string_lossy());
    }
    !name.is_empty() && !is_hidden(&name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_below_the_root_and_not_hidden_stays_inside() {
        let stays = |real: &str| stays_inside(Path::new("/home/.cache/assets"), Path::new(real));
        for real in ["a.css", "x/a.css", ".well-known/security.txt"] {
            assert!(stays(&std::format!("/home/.cache/assets/{real}")), "{real}");
        }
        for real in [".git/config", "x/.env", "x/.well-known/a", ".env"] {
            assert!(!stays(&std::format!("/home/.cache/assets/{real}")), "{real}");
        }
        for real in [
            "/home/.cache/assets",
            "/home/.cache/assets2/a",
            "/home/a",
            "/",
            "/home/.cache/assets/../a",
        ] {
            assert!(!stays(real), "{real}");
        }
    }
}

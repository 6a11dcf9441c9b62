//! Names that are never those of assets.

/// The one folder of dot files that others ask for (RFC 8615).
const WELL_KNOWN: &str = ".well-known";

/// Whether the file of this name is a dot file or below a folder with a dot, other than `.well-known`
/// at the top.
#[must_use]
pub fn is_hidden(name: &str) -> bool {
    name == WELL_KNOWN || is_hidden_folder(name)
}

/// The same for the name of a folder.
#[must_use]
pub fn is_hidden_folder(name: &str) -> bool {
    let mut parts = name.split('/').peekable();
    parts.next_if_eq(&WELL_KNOWN);
    parts.any(|part| part.starts_with('.'))
}

/// Whether editors and desktops leave such files behind.
#[must_use]
pub fn is_leftover(name: &str) -> bool {
    let file = name.rsplit('/').next().unwrap_or(name);
    // On the systems that leave them behind, case says nothing.
    let is = |leftover: &&str| file.eq_ignore_ascii_case(leftover);
    file.ends_with('~') || ["Thumbs.db", "desktop.ini"].iter().any(is)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dot_files_are_hidden_but_for_those_that_others_ask_for() {
        for name in [
            ".env",
            "a/.env",
            ".git/config",
            "...",
            "css/.a.css.swp",
            ".DS_Store",
            ".well-known",
            ".well-known/.a",
            "a/.well-known/b",
        ] {
            assert!(is_hidden(name), "{name}");
        }
        for name in ["a.css", "a/b.c", ".well-known/security.txt", ".well-known/acme/x"] {
            assert!(!is_hidden(name), "{name}");
        }
        assert!(!is_hidden_folder(".well-known") && is_hidden_folder("a/.well-known"));
    }

    #[test]
    fn leftovers_are_known_in_every_folder() {
        for name in ["a.css~", "x/a~", "Thumbs.db", "x/thumbs.db", "x/Desktop.ini"] {
            assert!(is_leftover(name), "{name}");
        }
        for name in ["~a", "a~/b", "Thumbs.db.css", "Thumbs.db/a", "a.ini"] {
            assert!(!is_leftover(name), "{name}");
        }
    }
}

//! Which names are those of assets, before anything is looked for.

use crate::files::{is_hidden, is_leftover};
use std::path::{Component, Path};

/// Whether a file of this name is served if there is one: the name is a path down from the folder,
/// without a dot file in it, and not that of an editor's leftover.
pub(super) fn is_served(name: &str) -> bool {
    name.split('/').all(is_mere_name) && !is_hidden(name) && !is_leftover(name)
}

/// Whether a segment is a file name to the system, and nothing else.
fn is_mere_name(segment: &str) -> bool {
    let mut components = Path::new(segment).components();
    let first = components.next();
    matches!(first, Some(Component::Normal(name)) if name == segment)
        && components.next().is_none()
        && !segment.contains('\0')
        && (!cfg!(windows) || is_mere_name_on_windows(segment))
}

/// Whether Windows takes a segment for the name of a file that is spelt like this. It does not,
/// where it finds in it: another separator, a drive or a stream (`\`, `:`), a pattern, a device
/// (`nul`, `con.css`), a dot or blank at the end, which it drops, or a short name (`ENV~1`), which
/// stands for another.
fn is_mere_name_on_windows(segment: &str) -> bool {
    let is_special = |c: char| c.is_control() || r#"\:*?"<>|"#.contains(c);
    let base = segment.split('.').next().unwrap_or(segment).trim_end_matches(' ');
    !segment.contains(is_special)
        && !segment.ends_with(['.', ' '])
        && !is_device(base)
        && !is_short(base)
}

fn is_device(base: &str) -> bool {
    let is = |device: &str| base.eq_ignore_ascii_case(device);
    let mut chars = base.chars();
    let number = chars.next_back();
    ["con", "prn", "aux", "nul", "conin$", "conout$"].into_iter().any(is)
        || matches!(number, Some('0'..='9' | '¹' | '²' | '³'))
            && ["com", "lpt"].iter().any(|port| chars.as_str().eq_ignore_ascii_case(port))
}

fn is_short(base: &str) -> bool {
    base.rsplit_once('~').is_some_and(|(_, number)| {
        !number.is_empty() && number.bytes().all(|digit| digit.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn assets_have_names_that_go_down_from_the_folder() {
        for name in ["a", "a.css", "css/a b.css", "a/b/c.d.e", "a..b", "é/図"] {
            assert!(is_served(name), "{name}");
        }
        for name in [
            "", "/", "/a", "a/", "a//b", ".", "..", "../a", "a/../b", "a/..", "./a", "a/./b",
            "a\0", "a\0/b", "//a/b",
        ] {
            assert!(!is_served(name), "{name}");
        }
    }

    #[test]
    fn dot_files_and_leftovers_are_not_served() {
        for name in [
            ".env",
            "a/.env",
            ".git/config",
            "...",
            "css/.a.css.swp",
            "a.css~",
            "x/Thumbs.db",
            ".DS_Store",
            ".well-known",
            ".well-known/.a",
            ".well-known/a~",
            "a/.well-known/b",
        ] {
            assert!(!is_served(name), "{name}");
        }
        for name in [".well-known/security.txt", ".well-known/acme/x", "~a", "Thumbs.db.css"] {
            assert!(is_served(name), "{name}");
        }
    }

    #[test]
    fn what_windows_takes_for_something_else_is_no_name_there() {
        for segment in [
            r"a\b",
            r"..\a",
            r"\\server",
            "c:",
            "c:a",
            "a.css:secret",
            "a.css::$DATA",
            "a*",
            "a?",
            "<a",
            "a|b",
            "a\"",
            "a\n",
            "a.",
            "a.css ",
            "nul",
            "NUL.css",
            "con",
            "Con.a.b",
            "aux .js",
            "prn",
            "com1",
            "COM0.txt",
            "com¹",
            "lpt9.css",
            "LPT³",
            "conin$",
            "CONOUT$",
            "ENV~1",
            "env~12.txt",
            "a~1.css",
        ] {
            assert!(!is_mere_name_on_windows(segment), "{segment}");
        }
        for segment in [
            "a.css",
            "console.js",
            "com.js",
            "com10.js",
            "nul1",
            "auxiliary",
            "a b.css",
            "é",
            "a~",
            "a~1b",
            "1",
            "lpt.9",
        ] {
            assert!(is_mere_name_on_windows(segment), "{segment}");
        }
    }
}

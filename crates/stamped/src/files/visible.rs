//! File names in messages.

use alloc::borrow::Cow;
use alloc::string::String;

/// The text with all characters escaped that would command a terminal, end a line or turn the text
/// around. Whoever names a file would otherwise decide what a message says.
#[must_use]
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.contains(is_invisible) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            c if is_invisible(c) => shown.extend(c.escape_default()),
            c => shown.push(c),
        }
    }
    Cow::Owned(shown)
}

/// Whether [`visible`] escapes a character.
#[must_use]
pub fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_commands_a_terminal_is_escaped_and_nothing_else() {
        assert_eq!(visible("a\u{1b}[2J\r\n\u{9b}\u{202e}b"), r"a\u{1b}[2J\r\n\u{9b}\u{202e}b");
        for text in ["", "图 1.png", r"C:\a", "\"'", "e\u{301}"] {
            assert!(matches!(visible(text), Cow::Borrowed(same) if same == text));
        }
    }
}

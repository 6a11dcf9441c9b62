//! Writes text into JSON.

use alloc::string::String;
use core::fmt::Write as _;

/// A JSON string, on one line.
pub(super) fn string(text: &str) -> String {
    let mut json = String::with_capacity(text.len() + 2);
    json.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => json.extend(['\\', c]),
            // The last two are line ends to JavaScript.
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') => {
                // Writing to a string does not fail.
                let _ = write!(json, "\\u{:04x}", u32::from(c));
            }
            c => json.push(c),
        }
    }
    json.push('"');
    json
}

#[cfg(test)]
mod tests {
    #[test]
    fn text_stays_on_one_line() {
        assert_eq!(super::string("a \"b\"\\\n\u{2028}\u{e9}"), r#""a \"b\"\\\u000a\u2028é""#);
    }
}

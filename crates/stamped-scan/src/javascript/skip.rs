//! Passes over blanks, comments, strings, regular expressions, numbers and words.
//!
//! Each function takes the source and a place in it, and returns the place to go on from. One that may fail
//! returns `None` where something does not end, or is something else than it looks for.

use super::tables::{
    CLASS, CONTINUES_WORD, Class, STOPS_LINE, STOPS_REGEXP, STOPS_STRING, STOPS_TEMPLATE,
};
use std::io::BufRead;

/// Finds the first `byte` at or behind `from`.
///
/// `skip_until` comes compiled with the standard library. Without optimisation it is at least twice as fast as a plain
/// loop, `str::find` and the memchr crate.
pub(crate) fn find(source: &[u8], from: usize, byte: u8) -> Option<usize> {
    let mut rest = source.get(from..)?;
    match rest.skip_until(byte) {
        Ok(read) if read > 0 && source[from + read - 1] == byte => Some(from + read - 1),
        _ => None,
    }
}

/// Returns where the first token may begin: behind a byte order mark and a hashbang.
pub(super) fn first_token(source: &[u8]) -> usize {
    let at = match source.starts_with(b"\xef\xbb\xbf") {
        true => 3,
        false => 0,
    };
    match source[at..].starts_with(b"#!") {
        true => line_end(source, at),
        false => at,
    }
}

/// Returns the length of the character at `at` if it is a blank or line end beyond ASCII, else 0.
pub(super) fn wide_space(source: &[u8], at: usize) -> usize {
    match source[at..] {
        [0xc2, 0xa0, ..] => 2,
        [0xe1, 0x9a, 0x80, ..]
        | [0xe2, 0x80, 0x80..=0x8a | 0xa8 | 0xa9 | 0xaf, ..]
        | [0xe2, 0x81, 0x9f, ..]
        | [0xe3, 0x80, 0x80, ..]
        | [0xef, 0xbb, 0xbf, ..] => 3,
        _ => 0,
    }
}

/// Whether U+2028 or U+2029 stands at `at`.
pub(super) fn wide_newline(source: &[u8], at: usize) -> bool {
    matches!(source[at..], [0xe2, 0x80, 0xa8 | 0xa9, ..])
}

pub(super) fn has_newline(source: &[u8], mut at: usize, end: usize) -> bool {
    while at < end {
        let byte = source[at];
        if STOPS_LINE[byte as usize] && (byte != 0xe2 || wide_newline(source, at)) {
            return true;
        }
        at += 1;
    }
    false
}

/// Returns where the line around `at` ends.
pub(super) fn line_end(source: &[u8], mut at: usize) -> usize {
    let end = source.len();
    while at < end {
        let byte = source[at];
        if STOPS_LINE[byte as usize] && (byte != 0xe2 || wide_newline(source, at)) {
            return at;
        }
        at += 1;
    }
    end
}

/// Passes over the block comment at `at`, if it ends.
pub(super) fn comment_end(source: &[u8], at: usize) -> Option<usize> {
    let mut slash = find(source, at + 3, b'/')?;
    while source[slash - 1] != b'*' {
        slash = find(source, slash + 1, b'/')?;
    }
    Some(slash + 1)
}

/// Passes over blanks and comments, if the comments end.
pub(super) fn trivia_end(source: &[u8], mut at: usize) -> Option<usize> {
    while at < source.len() {
        match CLASS[source[at] as usize] {
            Class::Space => at += 1,
            Class::Slash => match source.get(at + 1) {
                Some(b'/') => at = line_end(source, at + 2),
                Some(b'*') => at = comment_end(source, at)?,
                _ => break,
            },
            Class::Wide => match wide_space(source, at) {
                0 => break,
                space => at += space,
            },
            _ => break,
        }
    }
    Some(at)
}

/// Passes over the next token, if it is `byte`.
pub(super) fn exact_byte(source: &[u8], at: usize, byte: u8) -> Option<usize> {
    let at = trivia_end(source, at)?;
    match source.get(at) == Some(&byte) {
        true => Some(at + 1),
        false => None,
    }
}

/// Passes over the next token, if it is `word`.
pub(super) fn exact_word(source: &[u8], at: usize, word: &[u8]) -> Option<usize> {
    let at = trivia_end(source, at)?;
    let end = at + word.len();
    match source[at..].starts_with(word) && word_end(source, end) == end {
        true => Some(end),
        false => None,
    }
}

/// Returns the quotes around the next token, if it is a string or a template literal without substitutions.
pub(super) fn literal(source: &[u8], at: usize) -> Option<(usize, usize)> {
    let at = trivia_end(source, at)?;
    let close = match source.get(at)? {
        b'"' | b'\'' => string_end(source, at)?,
        b'`' => template_end(source, at)?,
        _ => return None,
    };
    match source[close] == source[at] {
        true => Some((at, close)),
        false => None,
    }
}

/// Finds the quote that ends the string at `at`, if one does on its line.
pub(super) fn string_end(source: &[u8], mut at: usize) -> Option<usize> {
    let end = source.len();
    let quote = source[at];
    at += 1;
    while at < end {
        let byte = source[at];
        if STOPS_STRING[byte as usize] {
            if byte == quote {
                return Some(at);
            }
            match byte {
                b'\\' if source[at..].starts_with(b"\\\r\n") => at += 2,
                b'\\' => at += 1,
                b'\n' | b'\r' => return None,
                _ => {}
            }
        }
        at += 1;
    }
    None
}

/// Finds the quote or `${` that ends the part of a template literal behind `at`.
pub(super) fn template_end(source: &[u8], mut at: usize) -> Option<usize> {
    let end = source.len();
    at += 1;
    while at < end {
        let byte = source[at];
        if STOPS_TEMPLATE[byte as usize] {
            match byte {
                b'`' => return Some(at),
                b'\\' => at += 1,
                _ if source.get(at + 1) == Some(&b'{') => return Some(at),
                _ => {}
            }
        }
        at += 1;
    }
    None
}

/// Passes over the regular expression at `at`, up to its flags.
pub(super) fn regexp_end(source: &[u8], mut at: usize) -> Option<usize> {
    let end = source.len();
    let mut in_set = false;
    at += 1;
    while at < end {
        let byte = source[at];
        if STOPS_REGEXP[byte as usize] {
            match byte {
                b'/' if !in_set => return Some(at + 1),
                b'[' => in_set = true,
                b']' => in_set = false,
                // An escaped character may not end the line either.
                b'\\' if at + 1 < end && !STOPS_LINE[source[at + 1] as usize] => at += 1,
                b'\n' | b'\r' => return None,
                0xe2 if wide_newline(source, at) => return None,
                _ => {}
            }
        }
        at += 1;
    }
    None
}

/// Passes over the number at `at`, or up to the sign of its exponent: the exponent passes as an operand of its own.
pub(super) fn number_end(source: &[u8], mut at: usize) -> usize {
    let end = source.len();
    while at < end && source[at].is_ascii_digit() {
        at += 1;
    }
    // Not the dot of `0x1.name`, `1n.name` or `1..name`.
    if at < end && source[at] == b'.' {
        at += 1;
    }
    while at < end && CONTINUES_WORD[source[at] as usize] {
        at += 1;
    }
    at
}

/// Passes over the rest of the word at `at`, if one stands there.
pub(super) fn word_end(source: &[u8], mut at: usize) -> usize {
    while at < source.len() {
        match CLASS[source[at] as usize] {
            Class::Word | Class::Digit => at += 1,
            Class::Wide if wide_space(source, at) == 0 => at += 1,
            Class::Backslash if source[at..].starts_with(b"\\u{") => match find(source, at, b'}') {
                Some(brace) => at = brace + 1,
                None => break,
            },
            Class::Backslash if source[at..].starts_with(b"\\u") => at += 2,
            _ => break,
        }
    }
    at
}

/// Passes over the braces at `at`, which hold the names of an import or export clause.
pub(super) fn names_end(source: &[u8], mut at: usize) -> Option<usize> {
    at += 1;
    loop {
        at = trivia_end(source, at)?;
        match source.get(at)? {
            b'}' => return Some(at + 1),
            b',' => at += 1,
            b'"' | b'\'' => at = string_end(source, at)? + 1,
            _ => {
                let end = word_end(source, at);
                if end == at {
                    return None;
                }
                at = end;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::javascript::scan;
    use crate::javascript::testing::{assert_only_yes, urls};

    #[test]
    fn text_and_comments_hold_none() {
        assert_only_yes(&[
            r#"'import("no")'; "import('no')"; 'it\'s import("no")'; import('yes')"#,
            "'\\\r\nimport(\"no\")'; import('yes')",
            "`import('no')`; `\\`import('no')`; `$import('no')\\${import('no')`; import('yes')",
            "/* import('no') */ import('yes') // import('no')",
            "/* / * import('no') **/ import('yes') /**/ /* import('no') */",
            "// import('no')\rimport('yes')",
            "// import('no')\u{2028}import('yes')",
            "// \u{2027} import('no')\u{2029}import('yes')",
            "#!/usr/bin/env node import('no') '\nimport('yes')",
            "\u{feff}#! import('no')\nimport('yes')",
            "\u{feff}import('yes')",
        ]);
    }

    #[test]
    fn text_that_is_not_utf_8_passes() {
        let source = b"// \xff\n/* \xe2 */ '\xc3' + `\xf0` + /\xe2/; \xe9 = import('a')";
        let found = scan(source);
        assert_eq!(found.skipped, []);
        assert_eq!(found.references.len(), 1);
    }

    #[test]
    fn all_ends_of_lines_count() {
        assert_eq!(urls("import 'a'\r\nimport 'b'\rimport 'c'\u{2028}import 'd'").len(), 4);
    }
}

//! Decodes strings and unquoted URLs.

use crate::decoded::{Decoded, digit};

/// What ends the text of a reference.
#[derive(Clone, Copy)]
pub(super) enum End {
    Quote(u8),
    /// White space or a closing parenthesis.
    Url,
}

impl End {
    pub(super) fn is(self, byte: u8) -> bool {
        match self {
            Self::Quote(quote) => byte == quote,
            Self::Url => byte == b')' || is_whitespace(byte),
        }
    }
}

pub(super) fn is_whitespace(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t') || is_newline(byte)
}

fn is_newline(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r' | b'\x0C')
}

/// Decodes the text of a string or URL token that begins at `start`, by
/// [CSS Syntax 3 § 4.3.5 to 4.3.7](https://drafts.csswg.org/css-syntax-3/#consume-string-token).
///
/// `cssparser` decodes too, but does not say where each character is written.
pub(super) fn decode(css: &[u8], offset: usize, start: usize, end: End) -> Decoded {
    let mut decoded = Decoded::default();
    let mut at = start;
    decoded.mark(offset + at);
    while let Some(&byte) = css.get(at) {
        if end.is(byte) {
            break;
        }
        let literal = |byte: &u8| !end.is(*byte) && *byte != b'\\' && *byte != 0;
        match byte {
            b'\\' => {
                let (character, length) = escape(&css[at + 1..], end);
                let written = offset + at..offset + at + 1 + length;
                match character {
                    Escape::Nothing => decoded.mark(written.end),
                    // What is written behind it would become a part of it.
                    Escape::End => break,
                    Escape::Character(character) => decoded.push_char(character, written),
                    Escape::Open(character) => {
                        decoded.push_char(character, written);
                        decoded.mark_open();
                    }
                    Escape::Byte(byte) => {
                        decoded.push_verbatim(&[byte], written.start);
                        decoded.mark(written.end);
                    }
                }
                at += 1 + length;
            }
            0 => {
                decoded.push_char(char::REPLACEMENT_CHARACTER, offset + at..offset + at + 1);
                at += 1;
            }
            _ => {
                let run = &css[at..];
                let length = run.iter().take_while(|byte| literal(byte)).count();
                decoded.push_verbatim(&run[..length], offset + at);
                at += length;
            }
        }
    }
    decoded
}

/// What an escape stands for.
enum Escape {
    Nothing,
    /// The sheet ends behind the backslash, in a string.
    End,
    Character(char),
    /// The same, in digits that nothing ends.
    Open(char),
    /// The first byte of what is behind the backslash. The others of its character follow literally.
    Byte(u8),
}

/// Reads what is behind a backslash, and returns how many bytes of it belong to the escape
/// ([CSS Syntax 3 § 4.3.7](https://drafts.csswg.org/css-syntax-3/#consume-escaped-code-point)).
fn escape(rest: &[u8], end: End) -> (Escape, usize) {
    let newline = if rest.starts_with(b"\r\n") { 2 } else { 1 };
    let digits = rest.iter().take(6).take_while(|byte| byte.is_ascii_hexdigit()).count();
    match (rest.first(), end) {
        (None, End::Quote(_)) => (Escape::End, 0),
        (None, End::Url) => (Escape::Character(char::REPLACEMENT_CHARACTER), 0),
        (Some(&byte), End::Quote(_)) if is_newline(byte) => (Escape::Nothing, newline),
        (Some(0), _) => (Escape::Character(char::REPLACEMENT_CHARACTER), 1),
        (Some(&byte), _) if digits == 0 => (Escape::Byte(byte), 1),
        _ => {
            let (hexadecimal, behind) = rest.split_at(digits);
            let value = hexadecimal.iter().fold(0, |value, byte| value * 16 + digit(*byte, 16));
            // Zero and surrogates are no characters that could be written.
            let character = match char::from_u32(value) {
                None | Some('\0') => char::REPLACEMENT_CHARACTER,
                Some(character) => character,
            };
            // One blank ends the digits.
            let blank = match behind.first() {
                Some(_) if behind.starts_with(b"\r\n") => 2,
                Some(&byte) if is_whitespace(byte) => 1,
                _ => 0,
            };
            if digits < 6 && blank == 0 {
                (Escape::Open(character), digits)
            } else {
                (Escape::Character(character), digits + blank)
            }
        }
    }
}

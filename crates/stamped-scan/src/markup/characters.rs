//! Character references: `&amp;` and the like.

use crate::decoded::{Decoded, digit};
use core::ops::Range;

/// Decodes the character references in a part of the document.
///
/// Numeric ones, and the five named ones that XML knows without a table. What may be another one stays as it is
/// written and is marked unclear. That is anything that looks like a name, unless an attribute of HTML keeps it
/// literally because `=` follows, as in `?a=1&b=2`.
pub(super) fn decode(source: &[u8], part: Range<usize>, decoded: &mut Decoded) {
    let mut at = part.start;
    while at < part.end {
        let rest = &source[at..part.end];
        let literal = rest.iter().position(|byte| *byte == b'&').unwrap_or(rest.len());
        let (text, reference) = rest.split_at(literal);
        decoded.push_verbatim(text, at);
        at += literal;
        let Some(name) = reference.strip_prefix(b"&") else {
            break;
        };
        match character_reference(name) {
            Reading::Character(character, length) => {
                decoded.push_char(character, at..at + 1 + length);
                at += 1 + length;
                if !name[..length].ends_with(b";") {
                    decoded.mark_open();
                }
            }
            reading => {
                if let Reading::Unclear = reading {
                    decoded.mark_unclear();
                }
                decoded.push_verbatim(b"&", at);
                at += 1;
            }
        }
    }
    decoded.mark(part.end);
}

/// What follows an ampersand.
enum Reading {
    /// The name of this character, so many bytes long.
    Character(char, usize),
    Literal,
    Unclear,
}

/// Reads what follows an ampersand
/// (<https://html.spec.whatwg.org/multipage/parsing.html#character-reference-state>).
fn character_reference(rest: &[u8]) -> Reading {
    let run = |bytes: &[u8], is: fn(&u8) -> bool| bytes.iter().take_while(|byte| is(byte)).count();
    if let Some(number) = rest.strip_prefix(b"#") {
        let (digits, radix, is): (_, _, fn(&u8) -> bool) = match number {
            [b'x' | b'X', digits @ ..] => (digits, 16, u8::is_ascii_hexdigit),
            digits => (digits, 10, u8::is_ascii_digit),
        };
        let count = run(digits, is);
        if count == 0 {
            return Reading::Literal;
        }
        let (digits, behind) = digits.split_at(count);
        let value = digits.iter().fold(0_u32, |value, byte| {
            value.saturating_mul(radix).saturating_add(digit(*byte, radix))
        });
        let length = rest.len() - behind.len() + usize::from(behind.starts_with(b";"));
        return match value {
            // HTML reads these as Windows-1252, XML does not.
            0x80..=0x9F => Reading::Unclear,
            0 => Reading::Character(char::REPLACEMENT_CHARACTER, length),
            _ => Reading::Character(
                char::from_u32(value).unwrap_or(char::REPLACEMENT_CHARACTER),
                length,
            ),
        };
    }
    let length = run(rest, u8::is_ascii_alphanumeric);
    let (name, behind) = rest.split_at(length);
    let semicolon = behind.starts_with(b";");
    let character = match name {
        b"" => return Reading::Literal,
        b"amp" => '&',
        b"lt" => '<',
        b"gt" => '>',
        b"quot" => '"',
        b"apos" if semicolon => '\'',
        _ if behind.starts_with(b"=") => return Reading::Literal,
        _ => return Reading::Unclear,
    };
    match behind.first() {
        Some(b';') => Reading::Character(character, length + 1),
        Some(b'=') => Reading::Literal,
        _ => Reading::Character(character, length),
    }
}

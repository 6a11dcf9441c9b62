//! Tables that say what each byte can be.

/// What a byte can begin.
#[derive(Clone, Copy)]
pub(super) enum Class {
    Space,
    Word,
    Digit,
    Quote,
    Backtick,
    Slash,
    Dot,
    OpenParenthesis,
    CloseParenthesis,
    OpenBracket,
    CloseBracket,
    OpenBrace,
    CloseBrace,
    /// Operators that need no closer look. The longer ones are taken byte by byte.
    Operator,
    Decorator,
    Plus,
    Minus,
    Star,
    Less,
    Equals,
    Question,
    Colon,
    Comma,
    Semicolon,
    Hash,
    Backslash,
    /// The first byte of a character beyond ASCII.
    Wide,
    /// Nothing that JavaScript knows.
    Stray,
}

pub(super) static CLASS: [Class; 256] = {
    let mut table = [Class::Stray; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = match byte as u8 {
            b'\t' | b'\n' | 0x0b | 0x0c | b'\r' | b' ' => Class::Space,
            b'a'..=b'z' | b'A'..=b'Z' | b'$' | b'_' => Class::Word,
            b'0'..=b'9' => Class::Digit,
            b'"' | b'\'' => Class::Quote,
            b'`' => Class::Backtick,
            b'/' => Class::Slash,
            b'.' => Class::Dot,
            b'(' => Class::OpenParenthesis,
            b')' => Class::CloseParenthesis,
            b'[' => Class::OpenBracket,
            b']' => Class::CloseBracket,
            b'{' => Class::OpenBrace,
            b'}' => Class::CloseBrace,
            b'!' | b'%' | b'&' | b'>' | b'^' | b'|' | b'~' => Class::Operator,
            b'@' => Class::Decorator,
            b'+' => Class::Plus,
            b'-' => Class::Minus,
            b'*' => Class::Star,
            b'<' => Class::Less,
            b'=' => Class::Equals,
            b'?' => Class::Question,
            b':' => Class::Colon,
            b',' => Class::Comma,
            b';' => Class::Semicolon,
            b'#' => Class::Hash,
            b'\\' => Class::Backslash,
            0x80.. => Class::Wide,
            _ => Class::Stray,
        };
        byte += 1;
    }
    table
};

/// Makes a table of the bytes in `set`.
pub(super) const fn table(set: &[u8]) -> [bool; 256] {
    let mut table = [false; 256];
    let mut next = 0;
    while next < set.len() {
        table[set[next] as usize] = true;
        next += 1;
    }
    table
}

pub(super) const WORD_BYTES: &[u8] =
    b"0123456789$_ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
pub(super) static CONTINUES_WORD: [bool; 256] = table(WORD_BYTES);
pub(super) static ENDS_WORD: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    // A character beyond ASCII may continue the word, and so may an escape sequence.
    while byte < 0x80 {
        table[byte] = !CONTINUES_WORD[byte] && byte != b'\\' as usize;
        byte += 1;
    }
    table
};
pub(super) static STOPS_STRING: [bool; 256] = table(b"\"'\\\n\r");
pub(super) static STOPS_TEMPLATE: [bool; 256] = table(b"`\\$");
pub(super) static STOPS_REGEXP: [bool; 256] = table(b"/[]\\\n\r\xe2");
pub(super) static REGEXP_FLAGS: [bool; 256] = table(b"dgimsuvy");
/// With the first byte of U+2028 and U+2029.
pub(super) static STOPS_LINE: [bool; 256] = table(b"\n\r\xe2");

//! Percent-encoding of names in URL paths (RFC 3986, section 2.1), both ways.

use core::fmt::{self, Write as _};

/// Whether `byte` stands for itself in the URLs of assets.
///
/// Everything else is encoded, including some bytes that a path could hold as they are: quotes,
/// parentheses, `&` and `;`. So a URL needs no further escaping in HTML attributes, in an unquoted
/// CSS `url()`, in JavaScript strings and in header fields.
#[must_use]
pub const fn is_literal(byte: u8) -> bool {
    matches!(byte,
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~'
        | b'/' | b'!' | b'*' | b'+' | b',' | b':' | b'=' | b'@')
}

/// Displays a name as it stands in a URL path.
///
/// ```
/// use stamped::percent::Encoded;
///
/// assert_eq!(Encoded("img/50% (new).png").to_string(), "img/50%25%20%28new%29.png");
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Encoded<'a>(pub &'a str);

impl fmt::Display for Encoded<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.0;
        while let Some(at) = rest.bytes().position(|b| !is_literal(b)) {
            let (literal, other) = rest.split_at(at);
            f.write_str(literal)?;
            let mut chars = other.chars();
            let mut utf8 = [0; 4];
            if let Some(c) = chars.next() {
                for byte in c.encode_utf8(&mut utf8).bytes() {
                    f.write_char('%')?;
                    f.write_char(hex_digit(byte >> 4))?;
                    f.write_char(hex_digit(byte & 15))?;
                }
            }
            rest = chars.as_str();
        }
        f.write_str(rest)
    }
}

const fn hex_digit(value: u8) -> char {
    match value {
        0..=9 => (b'0' + value) as char,
        _ => (b'A' + value - 10) as char,
    }
}

/// Decodes `path` into `buffer`. `None` for what cannot be the path of an asset: a `%` without two
/// hexadecimal digits behind it, an encoded slash (it does not separate, and names have no other), and
/// a path that does not fit the buffer.
pub(crate) fn decode<'b>(path: &[u8], buffer: &'b mut [u8]) -> Option<&'b [u8]> {
    let mut length = 0;
    let mut rest = path;
    loop {
        let (literal, escaped) =
            rest.split_at(rest.iter().position(|&byte| byte == b'%').unwrap_or(rest.len()));
        buffer.get_mut(length..length + literal.len())?.copy_from_slice(literal);
        length += literal.len();
        if escaped.is_empty() {
            return buffer.get(..length);
        }
        let byte;
        (byte, rest) = decode_first(escaped)?;
        *buffer.get_mut(length)? = byte;
        length += 1;
    }
}

/// Whether `path` is below `folder` once it is decoded, however long it is.
#[cfg(feature = "http")]
pub(crate) fn is_below(path: &[u8], folder: &str) -> bool {
    let mut rest = path;
    for &wanted in folder.as_bytes() {
        match decode_first(rest) {
            Some((byte, more)) if byte == wanted => rest = more,
            _ => return false,
        }
    }
    rest.first() == Some(&b'/')
}

/// The first byte of a path, decoded, and what follows it.
fn decode_first(path: &[u8]) -> Option<(u8, &[u8])> {
    let (&first, rest) = path.split_first()?;
    if first != b'%' {
        return Some((first, rest));
    }
    let [high, low, ..] = *rest else { return None };
    match hex_value(high)? << 4 | hex_value(low)? {
        b'/' => None,
        byte => Some((byte, rest.get(2..)?)),
    }
}

const fn hex_value(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::{string::String, string::ToString, vec};

    #[test]
    fn an_escape_that_is_none_and_an_encoded_slash_are_refused() {
        let mut buffer = [0; 16];
        for path in ["%", "%2", "%zz", "a%2fb", "a%2Fb", "a%g0"] {
            assert_eq!(decode(path.as_bytes(), &mut buffer), None, "{path}");
        }
        assert_eq!(decode(b"17 characters....", &mut buffer), None);
        assert_eq!(decode(b"%73%00%c0", &mut buffer), Some(&b"s\0\xc0"[..]));
    }

    #[cfg(feature = "http")]
    #[test]
    fn a_path_is_below_a_folder_however_it_is_encoded() {
        for path in ["/a b/", "/a%20b/x", "/%61%20b//", "/a%20b/%zz"] {
            assert!(is_below(path.as_bytes(), "/a b"), "{path}");
        }
        for path in ["/a b", "/a%20bc/", "%2fa%20b/", "/a%20b%2f", "/a%2", "", "/x/a b/"] {
            assert!(!is_below(path.as_bytes(), "/a b"), "{path}");
        }
    }

    proptest! {
        #[test]
        fn a_name_comes_back_from_its_encoding(name: String) {
            let encoded = Encoded(&name).to_string();
            prop_assert!(encoded.bytes().all(|b| b == b'%' || is_literal(b)));
            let mut buffer = vec![0; encoded.len()];
            prop_assert_eq!(decode(encoded.as_bytes(), &mut buffer), Some(name.as_bytes()));
        }
    }
}

//! Decodes string literals, and finds the file name in them.

use super::skip::{find, wide_newline};
use core::ops::Range;

pub(super) const NOT_TEXT: &str = "a reference is not UTF-8 text";
pub(super) const BAD_ESCAPE: &str =
    "a reference has an escape sequence that JavaScript does not know";
pub(super) const LONE_SURROGATE: &str = "a reference has half of a surrogate pair";

/// Decodes the literal at `span`, and finds its last path segment as written.
pub(super) fn decode(
    source: &[u8],
    span: Range<usize>,
    template: bool,
) -> Result<(String, Range<usize>), &'static str> {
    let raw = &source[..span.end];
    let mut text = Vec::with_capacity(span.len());
    let mut segment = span.clone();
    let mut path_ended = false;
    // The first half of a surrogate pair, until the second comes.
    let mut high: Option<u32> = None;
    let mut at = span.start;
    while at < raw.len() {
        let start = at;
        let unit = match raw[at] {
            b'\\' => {
                let (unit, end) = escape(raw, at + 1, template).ok_or(BAD_ESCAPE)?;
                at = end;
                match unit {
                    Some(unit) => unit,
                    None => continue,
                }
            }
            b'\r' if template => {
                at += if raw.get(at + 1) == Some(&b'\n') { 2 } else { 1 };
                u32::from(b'\n')
            }
            byte if byte < 0x80 => {
                at += 1;
                u32::from(byte)
            }
            byte => {
                if high.is_some() {
                    return Err(LONE_SURROGATE);
                }
                text.push(byte);
                at += 1;
                continue;
            }
        };
        let unit = match (high.take(), unit) {
            (Some(high), 0xdc00..=0xdfff) => 0x10000 + ((high - 0xd800) << 10) + (unit - 0xdc00),
            (Some(_), _) => return Err(LONE_SURROGATE),
            (None, 0xd800..=0xdbff) => {
                high = Some(unit);
                continue;
            }
            (None, _) => unit,
        };
        let character = char::from_u32(unit).ok_or(LONE_SURROGATE)?;
        text.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
        match character {
            '/' if !path_ended => segment.start = at,
            '?' | '#' if !path_ended => {
                segment.end = start;
                path_ended = true;
            }
            _ => {}
        }
    }
    if high.is_some() {
        return Err(LONE_SURROGATE);
    }
    let url = String::from_utf8(text).map_err(|_| NOT_TEXT)?;
    Ok((url, segment))
}

/// Reads the escape sequence whose backslash is before `at`: the code point or surrogate it stands for, if any, and where
/// it ends.
pub(super) fn escape(raw: &[u8], at: usize, template: bool) -> Option<(Option<u32>, usize)> {
    let byte = *raw.get(at)?;
    let end = at + 1;
    let unit = match byte {
        b'b' => 0x08,
        b't' => 0x09,
        b'n' => 0x0a,
        b'v' => 0x0b,
        b'f' => 0x0c,
        b'r' => 0x0d,
        b'x' => return hexadecimal(raw, end, end + 2),
        b'u' if raw.get(end) == Some(&b'{') => {
            let brace = find(raw, end, b'}')?;
            let (unit, _) = hexadecimal(raw, end + 1, brace)?;
            return Some((unit, brace + 1));
        }
        b'u' => return hexadecimal(raw, end, end + 4),
        b'0' if !matches!(raw.get(end), Some(b'0'..=b'9')) => 0,
        b'0'..=b'9' if template => return None,
        b'0'..=b'7' => return Some(octal(raw, at)),
        b'\r' if raw.get(end) == Some(&b'\n') => return Some((None, end + 1)),
        b'\r' | b'\n' => return Some((None, end)),
        0xe2 if wide_newline(raw, at) => return Some((None, at + 3)),
        // The character itself, of which this is only the first byte.
        0x80.. => return Some((None, at)),
        _ => u32::from(byte),
    };
    Some((Some(unit), end))
}

pub(super) fn hexadecimal(raw: &[u8], start: usize, end: usize) -> Option<(Option<u32>, usize)> {
    let digits = raw.get(start..end)?;
    if digits.is_empty() {
        return None;
    }
    let mut unit = 0;
    for &digit in digits {
        unit = unit * 16 + char::from(digit).to_digit(16)?;
        if unit > 0x10ffff {
            return None;
        }
    }
    Some((Some(unit), end))
}

/// Reads an escape of up to three octal digits, at most `\377`.
pub(super) fn octal(raw: &[u8], mut at: usize) -> (Option<u32>, usize) {
    let mut unit = 0;
    while let Some(&digit @ b'0'..=b'7') = raw.get(at) {
        let longer = unit * 8 + u32::from(digit - b'0');
        if longer > 0o377 {
            break;
        }
        unit = longer;
        at += 1;
    }
    (Some(unit), at)
}

#[cfg(test)]
mod tests {
    use crate::javascript::scan;
    use crate::javascript::testing::{references, urls};

    #[test]
    fn the_segment_is_what_stands_behind_the_last_slash_of_the_path() {
        for (written, url, segment) in [
            ("./a.js", "./a.js", "a.js"),
            ("./", "./", ""),
            ("?a/b", "?a/b", ""),
            ("a.js?b/c#d/e", "a.js?b/c#d/e", "a.js"),
            ("a/b#c?d/e", "a/b#c?d/e", "b"),
            (r"a\x2fb\x3fc", "a/b?c", "b"),
            (r"a\u002fb\u{23}c", "a/b#c", "b"),
            (r"a\u{0002f}b", "a/b", "b"),
            (r"a\/b\?c", "a/b?c", "b"),
            (r"a\57b", "a/b", "b"),
            ("a/\\\nb\\\r\nc", "a/bc", "\\\nb\\\r\nc"),
            ("a\\\u{2028}/b", "a/b", "b"),
            (r"\u0061\x62\u{63}\t\0\8\101", "abc\t\u{0}8A", r"\u0061\x62\u{63}\t\0\8\101"),
            (r"\3777\4007\58", "\u{ff}7 07\u{5}8", r"\3777\4007\58"),
            (r"\uD83D\uDE00", "\u{1f600}", r"\uD83D\uDE00"),
            ("\\h\u{e9}\\\u{e9}", "h\u{e9}\u{e9}", "\\h\u{e9}\\\u{e9}"),
            ("a%2Fb", "a%2Fb", "a%2Fb"),
            ("https://example.org/a", "https://example.org/a", "a"),
        ] {
            let source = format!("import('{written}')");
            let [reference] = &references(&source)[..] else { panic!("in {source}") };
            assert_eq!(reference.url, url, "in {source}");
            assert_eq!(&source[reference.span.clone()], written, "in {source}");
            assert_eq!(&source[reference.segment.clone()], segment, "in {source}");
        }
    }

    #[test]
    fn a_line_end_in_a_template_is_a_line_feed() {
        assert_eq!(urls("import(`a\r\nb\rc`)"), ["a\nb\nc"]);
    }

    #[test]
    fn a_reference_without_decoded_form_is_left_alone() {
        for written in [
            &b"'\xff'"[..],
            br"'\xd'",
            br"'\u12'",
            br"'\u{}'",
            br"'\u{110000}'",
            br"'\u{1'",
            br"'\ud800'",
            br"'\ud800a'",
            b"'\\ud800\xc3\xa9'",
            br"'\udc00'",
            br"`\1`",
        ] {
            let source = [b"import('a');import(", written, b");import('b')"].concat();
            let found = scan(&source);
            let urls: Vec<_> = found.references.iter().map(|it| &it.url[..]).collect();
            assert_eq!(urls, ["a", "b"], "in {}", source.escape_ascii());
            assert_eq!(found.skipped.len(), 1, "in {}", source.escape_ascii());
            assert_eq!(found.skipped[0].at, 20, "in {}", source.escape_ascii());
        }
    }
}

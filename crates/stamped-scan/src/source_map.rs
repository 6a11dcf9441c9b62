//! Finds the comment that names the source map of a script or a style sheet.
//!
//! [ECMA-426](https://tc39.es/ecma426/#sec-linking-inline) lets a reader find it without parsing the file, because it
//! must stand behind all code. So this reads the file backwards, up to the first thing that is not a comment.

use crate::decoded::{NOT_UTF8, path_and_segment};
use crate::types::{Context, Found, Reference, ReferenceKind};
use core::ops::Range;

/// How long a comment may be. Paths are shorter by far, and a map in a `data:` URL need not be read.
const LONGEST_COMMENT: usize = 64 * 1024;

/// Finds the source map of a style sheet: `/*# sourceMappingURL=x */`.
///
/// A map in a `data:` URL is not reported.
pub(crate) fn scan_css(source: &[u8]) -> Found {
    let mut end = trim_end(source, source.len());
    while let Some(comment) = block_comment(source, end) {
        if let Some(found) = examine(source, &comment) {
            return found;
        }
        end = trim_end(source, comment.start);
    }
    Found::default()
}

/// Finds the source map of a script: `//# sourceMappingURL=x`, and also `/*# sourceMappingURL=x */`.
///
/// As in the standard, a comment with a quote in it ends the search, as it may belong to a template that began long
/// before. Beyond the standard's way without parsing, and in line with its way through parsing and with browsers, a
/// comment behind the last code on its line counts, and so do block comments.
///
/// A map in a `data:` URL is not reported.
pub(crate) fn scan_javascript(source: &[u8]) -> Found {
    let mut end = trim_end(source, source.len());
    while let Some(comment) = block_comment(source, end).or_else(|| line_comment(source, end)) {
        if source[comment.text.clone()].iter().any(|byte| matches!(byte, b'"' | b'\'' | b'`')) {
            break;
        }
        if let Some(found) = examine(source, &comment) {
            return found;
        }
        if comment.behind_code {
            break;
        }
        end = trim_end(source, comment.start);
    }
    Found::default()
}

/// A comment at the end of what is left to read.
struct Comment {
    /// Where it begins.
    start: usize,
    /// What stands between its delimiters.
    text: Range<usize>,
    /// Whether code is before it on its line, so that nothing else has to be looked for.
    behind_code: bool,
}

/// Looks at one comment; says what the scan found once it is over.
fn examine(source: &[u8], comment: &Comment) -> Option<Found> {
    let mut found = Found::default();
    let text = &source[comment.text.clone()];
    if text.windows(2).any(|two| two == b"*/") {
        // It ends elsewhere than it seems to.
        return Some(found);
    }
    // MatchSourceMapURL of ECMA-426: `^[@#]\s*sourceMappingURL=(\S*?)\s*$`.
    let url = text.strip_prefix(b"#").or_else(|| text.strip_prefix(b"@"))?;
    let url = url.trim_ascii_start().strip_prefix(NAME)?;
    let start = comment.text.end - url.len();
    let url = &url[..trim_end(url, url.len())];
    let Ok(url) = core::str::from_utf8(url) else {
        found.skip(start, NOT_UTF8);
        return Some(found);
    };
    if url.contains(|character: char| character.is_whitespace() || character == '\u{FEFF}') {
        return None;
    }
    let data = url.get(..5).is_some_and(|scheme| scheme.eq_ignore_ascii_case("data:"));
    if !data && !url.is_empty() {
        let (_, segment) = path_and_segment(url);
        found.references.push(Reference {
            url: url.to_owned(),
            span: start..start + url.len(),
            segment: start + segment.start..start + segment.end,
            kind: ReferenceKind::SourceMap,
            context: Context::Comment,
        });
    }
    Some(found)
}

const NAME: &[u8] = b"sourceMappingURL=";

/// The block comment that ends at `end`.
fn block_comment(source: &[u8], end: usize) -> Option<Comment> {
    let window = end.saturating_sub(LONGEST_COMMENT);
    let text = source[window..end].strip_suffix(b"*/")?;
    let opening = window + text.windows(2).rposition(|two| two == b"/*")?;
    Some(Comment { start: opening, text: opening + 2..end - 2, behind_code: false })
}

/// The line comment that ends at `end`, with nothing but blanks before it, or with code before it and a source map in
/// it.
fn line_comment(source: &[u8], end: usize) -> Option<Comment> {
    let window = end.saturating_sub(LONGEST_COMMENT);
    let text = &source[window..end];
    let line_start = last_line(text).or((window == 0).then_some(0));
    if let Some(start) = line_start
        && let Some(comment) = trim_start(&text[start..]).strip_prefix(b"//")
    {
        return Some(Comment {
            start: window + start,
            text: end - comment.len()..end,
            behind_code: false,
        });
    }
    let line = &text[line_start.unwrap_or(0)..];
    // A URL has no white space. A line may be a whole script, so only its last word is looked at.
    let word = line.iter().rposition(u8::is_ascii_whitespace).map_or(0, |at| at + 1);
    let name = word + line[word..].windows(NAME.len()).rposition(|bytes| bytes == NAME)?;
    let before = line[..name].trim_ascii_end();
    let sign = before.strip_suffix(b"#").or_else(|| before.strip_suffix(b"@"))?;
    let code = sign.strip_suffix(b"//")?;
    Some(Comment {
        start: end - line.len() + code.len(),
        text: end - line.len() + sign.len()..end,
        behind_code: true,
    })
}

/// Where the last line begins, if another one is before it.
fn last_line(text: &[u8]) -> Option<usize> {
    let mut end = text.len();
    for block in text.rchunks(1024) {
        let start = end - block.len();
        // `contains` comes optimised with the standard library, and this function is not, in a build script.
        if [b'\n', b'\r', 0xE2].iter().any(|byte| block.contains(byte)) {
            for at in (start..end).rev() {
                match text[at..] {
                    [b'\n' | b'\r', ..] => return Some(at + 1),
                    // U+2028 and U+2029 end lines too.
                    [0xE2, 0x80, 0xA8 | 0xA9, ..] => return Some(at + 3),
                    _ => {}
                }
            }
        }
        end = start;
    }
    None
}

/// The white space and line terminators of JavaScript that are not ASCII
/// ([ECMA-262 § 12.2](https://tc39.es/ecma262/#sec-white-space)).
fn is_wide_blank(character: &[u8]) -> bool {
    matches!(
        character,
        [0xC2, 0xA0]
            | [0xE1, 0x9A, 0x80]
            | [0xE2, 0x80, 0x80..=0x8A | 0xA8 | 0xA9 | 0xAF]
            | [0xE2, 0x81, 0x9F]
            | [0xE3, 0x80, 0x80]
            | [0xEF, 0xBB, 0xBF]
    )
}

fn is_blank(byte: u8) -> bool {
    byte.is_ascii_whitespace() || byte == 0x0B
}

/// The end of `source[..end]` without the white space there.
fn trim_end(source: &[u8], mut end: usize) -> usize {
    loop {
        end = match &source[..end] {
            [.., byte] if is_blank(*byte) => end - 1,
            [.., a, b] if is_wide_blank(&[*a, *b]) => end - 2,
            [.., a, b, c] if is_wide_blank(&[*a, *b, *c]) => end - 3,
            _ => return end,
        };
    }
}

fn trim_start(mut line: &[u8]) -> &[u8] {
    loop {
        line = match line {
            [byte, rest @ ..] if is_blank(*byte) => rest,
            [a, b, rest @ ..] if is_wide_blank(&[*a, *b]) => rest,
            [a, b, c, rest @ ..] if is_wide_blank(&[*a, *b, *c]) => rest,
            _ => return line,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(scan: fn(&[u8]) -> Found, source: &str) -> Option<String> {
        let found = scan(source.as_bytes());
        assert!(found.references.len() <= 1 && found.skipped.is_empty(), "{source:?}");
        let reference = found.references.into_iter().next()?;
        assert_eq!(source[reference.span], reference.url, "{source:?}");
        assert_eq!(source[reference.segment], reference.url[path_and_segment(&reference.url).1]);
        Some(reference.url)
    }

    macro_rules! cases {
        ($($name:ident($scan:ident): { $($source:expr => $url:expr),+ $(,)? })+) => {$(
            #[test]
            fn $name() {
                $(
                    let expected: Option<&str> = $url;
                    assert_eq!(url($scan, $source).as_deref(), expected, "{:?}", $source);
                )+
            }
        )+};
    }

    cases! {
        the_last_line_of_a_script_names_its_map(scan_javascript): {
            "f()\n//# sourceMappingURL=a.js.map" => Some("a.js.map"),
            "f()\n//# sourceMappingURL=a.js.map\n" => Some("a.js.map"),
            "f()\r\n//# sourceMappingURL=a.js.map \t\r\n\r\n" => Some("a.js.map"),
            "f()\n//@ sourceMappingURL=a.js.map" => Some("a.js.map"),
            "f()\n \t//#\t sourceMappingURL=d/a.js.map?x" => Some("d/a.js.map?x"),
            "f()\n//#sourceMappingURL=a.js.map" => Some("a.js.map"),
            "f()\n//# sourceMappingURL=http://h/a.map" => Some("http://h/a.map"),
            "f()\u{2028}//# sourceMappingURL=a.map\u{2029}\u{A0}\u{FEFF}" => Some("a.map"),
            "f()\u{2028}//# sourceMappingURL=a.map\u{2028}// x\u{2029}// y" => Some("a.map"),
            "//# sourceMappingURL=a.map" => Some("a.map"),
            "a\r//# sourceMappingURL=a.map" => Some("a.map"),
            "\n//# sourceMappingURL=a.map" => Some("a.map"),
            "\n\n//# sourceMappingURL=a.map" => Some("a.map"),
        }
        comments_may_follow(scan_javascript): {
            "f()\n//# sourceMappingURL=a.map\n// end\n/* of\nfile */" => Some("a.map"),
            "f()\n//# sourceMappingURL=a.map\n//# sourceURL=a.js" => Some("a.map"),
        }
        the_last_map_counts(scan_javascript): {
            "//# sourceMappingURL=a\n//# sourceMappingURL=b" => Some("b"),
            "//# sourceMappingURL=a\n//# sourceMappingURL=b c" => Some("a"),
            "//# sourceMappingURL=a\n//# sourceMappingURL=" => None,
        }
        block_comments_name_maps_too(scan_javascript): {
            "f()\n/*# sourceMappingURL=a.map */" => Some("a.map"),
            "f()/*@ sourceMappingURL=a.map*/ " => Some("a.map"),
            "f()\n/*\n# sourceMappingURL=a.map */" => None,
            "/* a */ b /*# sourceMappingURL=a.map */" => Some("a.map"),
        }
        code_before_the_comment_on_its_line_is_no_matter(scan_javascript): {
            "f();//# sourceMappingURL=a.map" => Some("a.map"),
            "f(); //# sourceMappingURL=a.map\n// x" => Some("a.map"),
            "/* x */ //# sourceMappingURL=a.map" => Some("a.map"),
            "f(); // sourceMappingURL=a.map" => None,
            "f(); //# sourceURL=x\ng()" => None,
        }
        code_behind_it_hides_it(scan_javascript): {
            "//# sourceMappingURL=a.map\nf()" => None,
            "/*# sourceMappingURL=a.map */ f()" => None,
            "/*# sourceMappingURL=a.map */ f() /* */" => None,
            "f();//# sourceMappingURL=a.map\nf(); // x" => None,
        }
        what_may_be_in_a_string_is_none(scan_javascript): {
            "let a = `\n//# sourceMappingURL=a.map\n`" => None,
            "let a = `\n//# sourceMappingURL=a.map\n// `" => None,
            "let a = `\n/*# sourceMappingURL=a.map */\n/* ` */" => None,
            "let a = '//# sourceMappingURL=a.map'" => None,
            "/*\n//# sourceMappingURL=a.map\n*/" => None,
            "f()\n//# sourceMappingURL=a.map */" => None,
            "x = '/*'; // */ f\n// */" => None,
        }
        data_is_not_reported(scan_javascript): {
            "f()\n//# sourceMappingURL=data:application/json;base64,e30=" => None,
            "//# sourceMappingURL=a\n//# sourceMappingURL=DATA:x" => None,
        }
        files_without_a_map_have_none(scan_javascript): {
            "" => None,
            "\n" => None,
            "/" => None,
            "*/" => None,
            "/*/" => None,
            "//" => None,
            "//#" => None,
            "f()" => None,
        }
        the_last_comment_of_a_sheet_names_its_map(scan_css): {
            "a{}\n/*# sourceMappingURL=a.css.map */" => Some("a.css.map"),
            "a{}/*# sourceMappingURL=a.css.map*/\r\n" => Some("a.css.map"),
            "a{}/*@ sourceMappingURL=d/a.css.map */" => Some("d/a.css.map"),
            "/*# sourceMappingURL=a */ /* it's \"done\" */" => Some("a"),
            "/*# sourceMappingURL=a *//*# sourceMappingURL=b */" => Some("b"),
            "a{}\n/*# sourceMappingURL=data:x */" => None,
            "/*# sourceMappingURL=a */a{}" => None,
            "/*# sourceMappingURL=a */ b */" => None,
            "//# sourceMappingURL=a" => None,
            "/*# sourceMappingURL=a b */" => None,
            "/*# sourceMappingURL= */" => None,
            "/*/" => None,
            "" => None,
        }
    }

    #[test]
    fn a_map_that_is_not_utf8_is_left_alone() {
        let found = scan_javascript(b"//# sourceMappingURL=\xE9.map");
        assert_eq!((found.references.len(), found.skipped.len()), (0, 1));
        assert_eq!(found.skipped[0].at, 21);
        assert_eq!(scan_css(b"'\xE9'/*# sourceMappingURL=a */").references.len(), 1);
    }

    #[test]
    fn long_lines_and_long_comments_take_no_long_time() {
        let long = "x".repeat(20_000_000);
        assert_eq!(
            url(scan_javascript, &format!("{long}//# sourceMappingURL=a.map")).as_deref(),
            Some("a.map")
        );
        assert_eq!(
            url(scan_javascript, &format!("{long}\n//# sourceMappingURL=a.map")).as_deref(),
            Some("a.map")
        );
        assert_eq!(url(scan_javascript, &format!("//# sourceMappingURL=data:{long}")), None);
        assert_eq!(url(scan_css, &format!("{long}/*# sourceMappingURL=data:{long}*/")), None);
        for part in ["/**/", "//\n", "*/", "/*", "//#", "\n"] {
            scan_javascript(part.repeat(500_000).as_bytes());
            scan_css(part.repeat(500_000).as_bytes());
        }
    }
}

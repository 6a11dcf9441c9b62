//! References in style sheets.
//!
//! Read by the tokens of [CSS Syntax 3](https://drafts.csswg.org/css-syntax-3/#tokenization), which `cssparser`
//! produces. Its nested parsing is not used: it recurses. The tokens of CSS do not depend on the tokens before them,
//! and so a stack of open blocks beside one flat walk says as much, at any depth.
//!
//! A URL is reported wherever CSS has one, also where no browser would fetch it (in `@supports`, in a custom property
//! that nothing uses, in an `@import` behind other rules): where a URL ends up is known only to the page, tools move
//! `@import`s about, and naming the stamped file never does harm. Only the preludes of `@namespace` and `@document`
//! are left out, whose URLs name no file.

use crate::decoded::{Decoded, OPEN, path_and_segment};
use crate::types::{Context, Found, Reference, ReferenceKind, Skipped};
use core::ops::Range;
use cssparser::{Parser, Token};
use std::borrow::Cow;

/// Finds the references in a style sheet.
///
/// The sheet may be in any encoding that extends ASCII byte by byte. One in UTF-16, or not in UTF-8 and with an
/// `@charset` that is unsafe to read so, is left alone with a [`Skipped`].
pub(crate) fn scan(source: &[u8]) -> Found {
    let mut found = Found::default();
    if source.starts_with(b"\xFE\xFF") || source.starts_with(b"\xFF\xFE") {
        found.skip(0, "this style sheet is UTF-16, and is left as it is: save it as UTF-8");
        return found;
    }
    let start = if source.starts_with(b"\xEF\xBB\xBF") { 3 } else { 0 };
    if let Some(label) = declared_encoding(source)
        && core::str::from_utf8(source).is_err()
        && !extends_ascii(label)
    {
        let label = String::from_utf8_lossy(label);
        let message =
            format!("this style sheet says it is {label}, and is left as it is: save it as UTF-8");
        found.skip(0, message);
        return found;
    }
    scan_range(source, start..source.len(), &mut found);
    found
}

/// Finds the references in CSS that stands within another file: a `<style>` element or a `style` attribute in which
/// nothing is escaped. Offsets are those of `source`.
pub(crate) fn scan_range(source: &[u8], range: Range<usize>, found: &mut Found) {
    let Some(css) = source.get(range.clone()) else {
        return;
    };
    let text = readable(css);
    if !may_refer(&text) {
        return;
    }
    Walk { css, offset: range.start, found, blocks: Vec::new(), import: false, unfetched: None }
        .run(&text);
}

/// Finds the references in CSS that had to be decoded first.
pub(crate) fn scan_decoded(css: &Decoded, found: &mut Found) {
    let mut inner = Found::default();
    scan_range(css.bytes(), 0..css.bytes().len(), &mut inner);
    if let Some(unclear) = css.first_unclear() {
        // It may stand for a quote or a parenthesis, and then everything behind it is something else.
        if !inner.references.is_empty() {
            found.skip(css.origin(unclear), UNCLEAR_CSS);
        }
        return;
    }
    let mut skipped = inner.skipped;
    for reference in inner.references {
        let obstacle = if css.is_broken(&reference.span) {
            Some(BROKEN)
        } else if css.is_open(reference.segment.start) {
            Some(OPEN)
        } else {
            None
        };
        match obstacle {
            Some(message) => {
                skipped.push(Skipped { at: reference.span.start, message: message.into() })
            }
            None => found.references.push(Reference {
                span: css.origins(reference.span),
                segment: css.origins(reference.segment),
                ..reference
            }),
        }
    }
    skipped.sort_by_key(|skipped| skipped.at);
    for skipped in skipped {
        found.skip(css.origin(skipped.at), skipped.message);
    }
}

/// The message for a reference in a `<style>` with markup in it.
const BROKEN: &str = "this reference has markup in it, and is left as it is";

/// The message for CSS in markup with an entity that is none of the five that need no table.
const UNCLEAR_CSS: &str = "this CSS has a named character reference other than &amp;, &lt;, &gt;, &quot; and &apos;, \
     and is left as it is: write the character itself";

/// The label of an `@charset`, by the very bytes that [CSS Syntax 3 § 3.2][bytes] asks for.
///
/// [bytes]: https://drafts.csswg.org/css-syntax-3/#input-byte-stream
fn declared_encoding(source: &[u8]) -> Option<&[u8]> {
    let label = source.strip_prefix(b"@charset \"")?;
    // The standard looks at the first 1024 bytes of the file.
    let label = label.get(..1024).unwrap_or(label);
    let (label, rest) = label.split_at_checked(label.iter().position(|byte| *byte == b'"')?)?;
    rest.starts_with(b"\";").then_some(label)
}

/// Whether every byte below 0x80 is ASCII in this encoding, wherever it stands.
///
/// In Shift_JIS, GBK and Big5 a backslash may be half of a character. Labels of the
/// [Encoding standard](https://encoding.spec.whatwg.org/#names-and-labels).
fn extends_ascii(label: &[u8]) -> bool {
    let label = label.trim_ascii().to_ascii_lowercase();
    [
        "utf-8",
        "utf8",
        "us-ascii",
        "ascii",
        "iso-8859",
        "iso8859",
        "iso_8859",
        "latin",
        "l1",
        "windows-125",
        "cp125",
        "x-cp125",
        "koi",
        "euc-",
        "mac",
        "x-mac",
    ]
    .iter()
    .any(|prefix| label.starts_with(prefix.as_bytes()))
}

/// Whether the sheet has anything that can begin a reference; a cheap look that lets most sheets go by unread.
///
/// A function has a `(` behind its name and an at-rule an `@` before it, and those two cannot be escaped. The names
/// can, in part or whole, and so an escape close by means that it may.
///
/// The two are looked for in a `str`, as the standard library does that with optimised code even in a program that is
/// not optimised.
fn may_refer(text: &str) -> bool {
    let css = text.as_bytes();
    let function = |at| css.get(..at).is_some_and(may_be_function);
    let import = |at| matches!(css.get(at + 1), Some(b'i' | b'I' | b'\\'));
    text.match_indices('(').any(|(at, _)| function(at))
        || text.match_indices('@').any(|(at, _)| import(at))
}

/// Whether the name that these bytes end in may be one of a function with URLs.
fn may_be_function(before: &[u8]) -> bool {
    /// How many of its last letters are looked at: those of `url`, `src`, `image-set`, `image`, `filter`.
    const ENDING: usize = 3;
    /// The longest way to write one of them: a backslash, six digits, and a CRLF to end them.
    const ESCAPE: usize = 1 + 6 + 2;
    let ending =
        before.last_chunk::<ENDING>().map(|ending| ending.map(|byte| byte.to_ascii_lowercase()));
    // Behind the last escape among them are only literal letters.
    let escapable = before.len().saturating_sub(ESCAPE + ENDING - 1);
    let escapable = before.get(escapable..).unwrap_or(before);
    // A letter is escaped by itself or by digits. Most escapes are others, as in `.sm\:x`.
    let escape = |two: &[u8]| matches!(two, [b'\\', letter] if letter.is_ascii_alphanumeric());
    matches!(ending.as_ref(), Some(b"url" | b"src" | b"set" | b"age" | b"ter"))
        || (escapable.contains(&b'\\') && escapable.windows(2).any(escape))
}

/// The sheet as text in which every byte is where it was.
///
/// Bytes that are not UTF-8 become `_`, which acts as they do: any byte of 0x80 and above counts as part of a name,
/// ends no string, comment or escape, and is in no name that is looked for.
fn readable(css: &[u8]) -> Cow<'_, str> {
    if let Ok(text) = core::str::from_utf8(css) {
        return Cow::Borrowed(text);
    }
    let mut text = String::with_capacity(css.len());
    for chunk in css.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|_| '_'));
    }
    Cow::Owned(text)
}

/// One walk over the tokens of a sheet.
struct Walk<'a> {
    /// The bytes of the CSS.
    css: &'a [u8],
    /// Where they begin in the file.
    offset: usize,
    found: &'a mut Found,
    /// The blocks and functions that are open.
    blocks: Vec<Block>,
    /// Whether an `@import` waits for the sheet it names.
    import: bool,
    /// In the prelude of an at-rule whose URLs name no file: how many blocks were open where it began.
    unfetched: Option<usize>,
}

/// An open block or function.
struct Block {
    close: Close,
    strings: Strings,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Close {
    Parenthesis,
    Square,
    Curly,
}

/// Which strings directly inside a block are URLs.
#[derive(Clone, Copy)]
enum Strings {
    None,
    /// The one that comes first of all: in `url("x" …)` and `src("x" …)`.
    First(ReferenceKind),
    /// All of them: in `image-set("x" 1x, "y" 2x)`.
    All,
}

impl Walk<'_> {
    fn run(mut self, text: &str) {
        let mut start = 0;
        // The parser skips a block whose beginning it has returned, unless it is asked to recurse. A new parser for
        // what follows knows of no block. Making one costs next to nothing.
        while let Some(rest) = text.get(start..) {
            let mut parser = Parser::new(rest);
            let base = start;
            loop {
                start = base + parser.position().byte_index();
                let Ok(token) = parser.next_including_whitespace_and_comments() else {
                    return;
                };
                if self.token(token, start) {
                    break;
                }
            }
            start = base + parser.position().byte_index();
        }
    }

    /// Takes the token that begins at `start`; says whether it opened a block.
    fn token(&mut self, token: &Token, start: usize) -> bool {
        if matches!(token, Token::WhiteSpace(_) | Token::Comment(_)) {
            return false;
        }
        let kind = if core::mem::take(&mut self.import) {
            ReferenceKind::CssImport
        } else {
            ReferenceKind::CssUrl
        };
        let strings = match self.blocks.last_mut() {
            Some(block) => match block.strings {
                Strings::First(_) => core::mem::replace(&mut block.strings, Strings::None),
                strings => strings,
            },
            None => Strings::None,
        };
        match token {
            Token::QuotedString(value) => match strings {
                _ if kind == ReferenceKind::CssImport => self.string(value, start, kind),
                Strings::First(kind) => self.string(value, start, kind),
                Strings::All => self.string(value, start, kind),
                Strings::None => {}
            },
            Token::UnquotedUrl(value) => self.unquoted_url(value, start, kind),
            Token::Function(name) => {
                let is = |names: &[&str]| names.iter().any(|one| name.eq_ignore_ascii_case(one));
                let strings = if is(&["url", "src"]) {
                    Strings::First(kind)
                } else if is(&["image-set", "-webkit-image-set", "image", "filter"]) {
                    // CSS Images 4 and Filter Effects 1 take a string for a URL in these.
                    Strings::All
                } else {
                    Strings::None
                };
                return self.open(Close::Parenthesis, strings);
            }
            Token::ParenthesisBlock => return self.open(Close::Parenthesis, Strings::None),
            Token::SquareBracketBlock => return self.open(Close::Square, Strings::None),
            Token::CurlyBracketBlock => {
                if self.unfetched == Some(self.blocks.len()) {
                    self.unfetched = None;
                }
                return self.open(Close::Curly, Strings::None);
            }
            Token::CloseParenthesis => self.close(Close::Parenthesis),
            Token::CloseSquareBracket => self.close(Close::Square),
            Token::CloseCurlyBracket => self.close(Close::Curly),
            Token::Semicolon if self.unfetched == Some(self.blocks.len()) => self.unfetched = None,
            Token::AtKeyword(name) => {
                let is = |one: &str| name.eq_ignore_ascii_case(one);
                self.import = is("import");
                if self.unfetched.is_none()
                    && (is("namespace") || is("document") || is("-moz-document"))
                {
                    self.unfetched = Some(self.blocks.len());
                }
            }
            _ => {}
        }
        false
    }

    fn open(&mut self, close: Close, strings: Strings) -> bool {
        self.blocks.push(Block { close, strings });
        true
    }

    /// A closing token ends the innermost block if it is its own, and means nothing otherwise
    /// (<https://drafts.csswg.org/css-syntax-3/#consume-simple-block>).
    fn close(&mut self, close: Close) {
        if self.blocks.last().is_some_and(|block| block.close == close) {
            self.blocks.pop();
            if self.unfetched.is_some_and(|depth| self.blocks.len() < depth) {
                self.unfetched = None;
            }
        }
    }

    /// A string that is a URL; `start` is that of its quote.
    fn string(&mut self, value: &str, start: usize, kind: ReferenceKind) {
        if let Some(quote) = self.css.get(start) {
            let end = End::Quote(*quote);
            self.report(value, start + 1, end, kind, Context::CssString(*quote));
        }
    }

    fn unquoted_url(&mut self, value: &str, start: usize, kind: ReferenceKind) {
        let Some(token) = self.css.get(start..) else {
            return;
        };
        // The name may hold escapes, but none of a parenthesis.
        let name = token.iter().take_while(|byte| **byte != b'(').count() + 1;
        let blank = token.iter().skip(name).take_while(|byte| is_whitespace(**byte)).count();
        self.report(value, start + name + blank, End::Url, kind, Context::CssUrl);
    }

    /// Reports the reference whose text begins at `start`.
    fn report(
        &mut self,
        value: &str,
        start: usize,
        end: End,
        kind: ReferenceKind,
        context: Context,
    ) {
        if self.unfetched.is_some() {
            return;
        }
        let written = self.css.get(start..start + value.len()) == Some(value.as_bytes());
        // By far the most are written as they are. A backslash in the value comes from an escape.
        let literal = written && !value.contains('\\');
        let absolute = self.offset + start;
        if literal {
            if !value.is_empty() {
                let (_, segment) = path_and_segment(value);
                self.found.references.push(Reference {
                    url: value.to_owned(),
                    span: absolute..absolute + value.len(),
                    segment: absolute + segment.start..absolute + segment.end,
                    kind,
                    context,
                });
            }
            return;
        }
        let decoded = decode(self.css, self.offset, start, end);
        decoded.report(0..decoded.bytes().len(), kind, context, self.found);
    }
}

/// What ends the text of a reference.
#[derive(Clone, Copy)]
enum End {
    Quote(u8),
    /// White space or a closing parenthesis.
    Url,
}

impl End {
    fn is(self, byte: u8) -> bool {
        match self {
            Self::Quote(quote) => byte == quote,
            Self::Url => byte == b')' || is_whitespace(byte),
        }
    }
}

fn is_whitespace(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t') || is_newline(byte)
}

fn is_newline(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r' | b'\x0C')
}

/// Decodes the text of a string or URL token that begins at `start`, by
/// [CSS Syntax 3 § 4.3.5 to 4.3.7](https://drafts.csswg.org/css-syntax-3/#consume-string-token).
///
/// `cssparser` decodes too, but does not tell what was written where.
fn decode(css: &[u8], offset: usize, start: usize, end: End) -> Decoded {
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
                let (character, length) = escape(css.get(at + 1..).unwrap_or_default(), end);
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
                let run = css.get(at..).unwrap_or_default();
                let length = run.iter().take_while(|byte| literal(byte)).count();
                decoded.push_verbatim(run.get(..length).unwrap_or_default(), offset + at);
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

/// Reads what is behind a backslash; says how many bytes of it belong to the escape
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
            let digits_and_rest = rest.split_at_checked(digits);
            let (hexadecimal, behind) = digits_and_rest.unwrap_or_default();
            let value = hexadecimal
                .iter()
                .fold(0, |value, digit| value * 16 + char::from(*digit).to_digit(16).unwrap_or(0));
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

#[cfg(test)]
mod tests;

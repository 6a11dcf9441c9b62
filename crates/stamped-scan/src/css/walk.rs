//! One walk over the tokens of a style sheet.

use super::literals::{End, decode, is_whitespace};
use crate::decoded::path_and_segment;
use crate::types::{Context, Found, Reference, ReferenceKind};
use cssparser::{Parser, Token};

/// One walk over the tokens of a sheet.
pub(super) struct Walk<'a> {
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

impl<'a> Walk<'a> {
    /// A walk over CSS that begins at `offset` of the file.
    pub(super) fn new(css: &'a [u8], offset: usize, found: &'a mut Found) -> Self {
        Self { css, offset, found, blocks: Vec::new(), import: false, unfetched: None }
    }

    pub(super) fn run(mut self, text: &str) {
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
        let quote = self.css[start];
        self.report(value, start + 1, End::Quote(quote), kind, Context::CssString(quote));
    }

    fn unquoted_url(&mut self, value: &str, start: usize, kind: ReferenceKind) {
        let token = &self.css[start..];
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

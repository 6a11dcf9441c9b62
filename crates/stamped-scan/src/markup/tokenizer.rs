//! A tokenizer for the tags of HTML and XML.
//!
//! Of HTML it follows the [WHATWG tokenizer](https://html.spec.whatwg.org/multipage/parsing.html#tokenization) as far
//! as tags, attributes and comments go. For XML it is lenient, and reads tags that are not well formed as well as it can.
//! It reads nothing twice and copies nothing; every offset is one of the file.

use super::is_blank;
use core::ops::Range;

/// The language of a document, where the two differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    Html,
    Xml,
}

/// A part of a document.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Token {
    /// A start tag; its attributes are in [`Tokenizer::attributes`].
    Start { name: Range<usize>, self_closing: bool },
    /// An end tag.
    End { name: Range<usize> },
    /// Text in which character references count.
    Text(Range<usize>),
    /// What stands in a CDATA section.
    CData(Range<usize>),
    /// A processing instruction, without `<?` and `?>`.
    Instruction(Range<usize>),
}

/// An attribute that may be of interest.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Attribute {
    pub(crate) name: Range<usize>,
    /// The value as written, without quotes.
    pub(crate) value: Range<usize>,
    pub(crate) quote: Option<u8>,
}

/// Attributes that may be URLs or CSS, and those that say something of a URL.
const URLS: [&str; 12] = [
    "rel",
    "type",
    "src",
    "href",
    "xlink:href",
    "srcset",
    "imagesrcset",
    "integrity",
    "poster",
    "data",
    "background",
    "style",
];

/// Presentation attributes of SVG whose values may have a URL
/// (<https://svgwg.org/svg2-draft/propidx.html>).
const PRESENTATION: [&str; 13] = [
    "clip-path",
    "color-profile",
    "cursor",
    "fill",
    "filter",
    "marker",
    "marker-end",
    "marker-mid",
    "marker-start",
    "mask",
    "mask-image",
    "shape-inside",
    "stroke",
];

/// Whether this is an attribute of SVG that is CSS.
pub(crate) fn is_presentation(attribute: &str) -> bool {
    PRESENTATION.iter().any(|one| one.eq_ignore_ascii_case(attribute))
}

/// Reads a document from its beginning to its end.
pub(crate) struct Tokenizer<'a> {
    source: &'a [u8],
    at: usize,
    language: Language,
    /// Whether the text that follows is in an element of SVG or MathML, where HTML has CDATA sections too.
    pub(crate) foreign: bool,
    /// The attributes of the last start tag that may be of interest, in source order, without duplicates.
    pub(crate) attributes: Vec<Attribute>,
}

impl<'a> Tokenizer<'a> {
    pub(crate) fn new(source: &'a [u8], language: Language) -> Self {
        Self { source, at: 0, language, foreign: language == Language::Xml, attributes: Vec::new() }
    }

    /// Where the last token ends.
    pub(crate) fn position(&self) -> usize {
        self.at
    }

    /// Returns the next token: `None` at the end of the document, and for a tag that the end cuts off.
    pub(crate) fn next(&mut self) -> Option<Token> {
        loop {
            let start = self.at;
            // A `<` that begins nothing is text.
            let tag = loop {
                let tag = self.find(self.at, b'<');
                match self.source.get(tag + 1) {
                    None => break self.source.len(),
                    Some(byte) if self.begins_name(*byte) || matches!(byte, b'/' | b'!' | b'?') => {
                        break tag;
                    }
                    Some(_) => self.at = tag + 1,
                }
            };
            self.at = tag;
            if tag > start {
                return Some(Token::Text(start..tag));
            }
            let rest = self.rest(tag);
            let token = if rest.is_empty() {
                return None;
            } else if let Some(behind) = rest.strip_prefix(b"</") {
                match behind.first() {
                    Some(byte) if self.begins_name(*byte) => Some(self.tag(tag + 2, true)?),
                    // `</>` is nothing, and other characters begin a comment.
                    _ => self.bogus_comment(tag + 2),
                }
            } else if rest.starts_with(b"<!--") {
                self.comment(tag + 4)
            } else if rest.starts_with(b"<![CDATA[") && self.foreign {
                let text = tag + 9..self.find_sequence(tag + 9, b"]]>");
                self.at = text.end + 3;
                Some(Token::CData(text))
            } else if rest.starts_with(b"<?") && self.language == Language::Xml {
                let instruction = tag + 2..self.find_sequence(tag + 2, b"?>");
                self.at = instruction.end + 2;
                Some(Token::Instruction(instruction))
            } else if rest.starts_with(b"<!") && self.language == Language::Xml {
                self.declaration(tag + 2)
            } else if rest.starts_with(b"<!") || rest.starts_with(b"<?") {
                self.bogus_comment(tag + 2)
            } else {
                Some(self.tag(tag + 1, false)?)
            };
            if token.is_some() {
                return token;
            }
        }
    }

    /// Passes over the content of an element without markup, up to its end tag, and returns the content.
    pub(crate) fn raw_text(&mut self, element: &str) -> Range<usize> {
        let start = self.at;
        let script = element.eq_ignore_ascii_case("script");
        // In a script, `<!--` and then `<script` hide the next end tag: the "script data double escaped state".
        let (mut escaped, mut hidden) = (false, false);
        let mut at = start;
        let special = |byte: &u8| matches!(byte, b'<' | b'-');
        loop {
            at = self.skip(at, |byte| !special(byte));
            let rest = self.rest(at);
            if begins_with_tag(rest, b"</", element) {
                if !hidden {
                    break;
                }
                hidden = false;
            } else if escaped && begins_with_tag(rest, b"<", element) {
                hidden = true;
            } else if escaped && rest.starts_with(b"-->") {
                (escaped, hidden) = (false, false);
            } else if script && rest.starts_with(b"<!--") {
                escaped = true;
                // The hyphens of `<!-->` also end it.
                at += 1;
            } else if rest.is_empty() {
                break;
            }
            at += 1;
        }
        self.at = at;
        start..at
    }

    /// Passes over all that is left.
    pub(crate) fn plain_text(&mut self) {
        self.at = self.source.len();
    }

    /// What is left of the document. A place may lie behind its end, where a comment or tag is cut off.
    fn rest(&self, at: usize) -> &'a [u8] {
        self.source.get(at..).unwrap_or_default()
    }

    /// Where this byte stands next, or the end of the document.
    fn find(&self, from: usize, byte: u8) -> usize {
        let position = self.rest(from).iter().position(|one| *one == byte);
        position.map_or(self.source.len(), |position| from + position)
    }

    fn find_sequence(&self, from: usize, bytes: &[u8]) -> usize {
        let position = self.rest(from).windows(bytes.len()).position(|some| some == bytes);
        position.map_or(self.source.len(), |position| from + position)
    }

    fn begins_name(&self, byte: u8) -> bool {
        byte.is_ascii_alphabetic()
            || (self.language == Language::Xml && (byte == b'_' || byte == b':' || byte >= 0x80))
    }

    fn bogus_comment(&mut self, from: usize) -> Option<Token> {
        self.at = self.find(from, b'>') + 1;
        None
    }

    /// Passes over a comment that begins at `from`, behind its `<!--`.
    fn comment(&mut self, from: usize) -> Option<Token> {
        let rest = self.rest(from);
        let html = self.language == Language::Html;
        self.at = if html && rest.starts_with(b">") {
            from + 1
        } else if html && rest.starts_with(b"->") {
            from + 2
        } else {
            let mut end = self.find(from, b'>');
            let ends = |end| {
                let text = &self.source[from..end];
                text.ends_with(b"--") || (html && text.ends_with(b"--!"))
            };
            while end < self.source.len() && !ends(end) {
                end = self.find(end + 1, b'>');
            }
            end + 1
        };
        None
    }

    /// Passes over a declaration of XML with an internal subset: `<!DOCTYPE svg [ <!ENTITY a "b"> ]>`.
    fn declaration(&mut self, from: usize) -> Option<Token> {
        let mut at = from;
        let mut subset = false;
        while let Some(&byte) = self.source.get(at) {
            let rest = self.rest(at);
            at = match byte {
                b'"' | b'\'' => self.find(at + 1, byte),
                b'<' if rest.starts_with(b"<!--") => self.find_sequence(at + 4, b"-->") + 2,
                b'<' if rest.starts_with(b"<?") => self.find_sequence(at + 2, b"?>") + 1,
                b'>' if !subset => break,
                _ => at,
            } + 1;
            match byte {
                b'[' => subset = true,
                b']' => subset = false,
                _ => {}
            }
        }
        self.at = at + 1;
        None
    }

    /// Reads a tag whose name begins at `from`; nothing if the document ends in it.
    fn tag(&mut self, from: usize, end_tag: bool) -> Option<Token> {
        self.attributes.clear();
        let ends = |byte: &u8| is_blank(*byte) || matches!(byte, b'/' | b'>');
        let name = from..self.skip(from, |byte| !ends(byte));
        let mut at = name.end;
        let self_closing = loop {
            let before = at;
            at = self.skip(at, |byte| is_blank(*byte) || *byte == b'/');
            match self.source.get(at) {
                None => return None,
                // Not in `<a href=b/>`, where the slash belongs to the value.
                Some(b'>') => {
                    break self.source[before..at].ends_with(b"/");
                }
                Some(_) => at = self.attribute(at)?,
            }
        };
        self.at = at + 1;
        Some(if end_tag { Token::End { name } } else { Token::Start { name, self_closing } })
    }

    /// Reads the attribute that begins at `from`; returns where it ends.
    fn attribute(&mut self, from: usize) -> Option<usize> {
        // An equals sign may begin a name, though not stand within.
        let ends = |byte: &u8| is_blank(*byte) || matches!(byte, b'/' | b'>' | b'=');
        let name = from..self.skip(from + 1, |byte| !ends(byte));
        let at = self.skip(name.end, |byte| is_blank(*byte));
        if self.source.get(at) != Some(&b'=') {
            let value = name.end..name.end;
            self.keep(name, value, None);
            return Some(at);
        }
        let start = self.skip(at + 1, |byte| is_blank(*byte));
        let (value, quote, end) = match self.source.get(start) {
            Some(&quote @ (b'"' | b'\'')) => {
                let end = self.find(start + 1, quote);
                // A tag that the document cuts off does not count.
                self.source.get(end)?;
                (start + 1..end, Some(quote), end + 1)
            }
            _ => {
                let end = self.skip(start, |byte| !is_blank(*byte) && *byte != b'>');
                (start..end, None, end)
            }
        };
        self.keep(name, value, quote);
        Some(end)
    }

    /// Keeps an attribute that may be of interest, if it is the first of its name in the tag.
    ///
    /// Of those that may be there are few, so that a tag with very many attributes costs no more than its length.
    fn keep(&mut self, name: Range<usize>, value: Range<usize>, quote: Option<u8>) {
        let source = self.source;
        let bytes = |name: &Range<usize>| &source[name.clone()];
        let is = |other: &[u8]| other.eq_ignore_ascii_case(bytes(&name));
        let mut known = URLS.iter().chain(&PRESENTATION);
        if known.any(|known| is(known.as_bytes()))
            && !self.attributes.iter().any(|one| is(bytes(&one.name)))
        {
            self.attributes.push(Attribute { name, value, quote });
        }
    }

    fn skip(&self, from: usize, mut while_: impl FnMut(&u8) -> bool) -> usize {
        from + self.rest(from).iter().take_while(|byte| while_(byte)).count()
    }

    /// Reads the pseudo-attributes of a processing instruction into [`Tokenizer::attributes`].
    pub(crate) fn read_instruction(&mut self, instruction: Range<usize>) {
        let mut inner = Tokenizer::new(&self.source[..instruction.end], Language::Xml);
        let mut at = instruction.start;
        loop {
            at = inner.skip(at, |byte| is_blank(*byte));
            if at >= instruction.end {
                break;
            }
            match inner.attribute(at) {
                Some(end) => at = end,
                None => break,
            }
        }
        self.attributes = inner.attributes;
    }
}

/// Whether this begins with a tag of the element; `tag` is what stands before its name.
fn begins_with_tag(rest: &[u8], tag: &[u8], element: &str) -> bool {
    let Some((name, behind)) =
        rest.strip_prefix(tag).and_then(|rest| rest.split_at_checked(element.len()))
    else {
        return false;
    };
    name.eq_ignore_ascii_case(element.as_bytes())
        && matches!(behind.first(), Some(byte) if is_blank(*byte) || matches!(byte, b'/' | b'>'))
}

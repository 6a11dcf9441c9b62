//! A tokenizer for the tags of HTML and XML, and what HTML and SVG have in common.
//!
//! Of HTML it follows the [WHATWG tokenizer](https://html.spec.whatwg.org/multipage/parsing.html#tokenization) as far
//! as tags, attributes and comments go. For XML it is lenient: the same attributes are found in what is not well
//! formed. Nothing is read twice and nothing is copied; every offset is that of the file.

use crate::css;
use crate::decoded::Decoded;
use crate::types::{Context, Found, ReferenceKind};
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

/// Attributes that may be URLs or CSS.
const URLS: [&str; 9] =
    ["src", "href", "xlink:href", "srcset", "imagesrcset", "poster", "data", "background", "style"];

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

    /// The next token; none at the end of the document, nor for a tag that the document ends in.
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

    /// Passes over the content of an element that has no markup in it, up to its end tag; returns the content.
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
                let text = self.source.get(from..end).unwrap_or_default();
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
                    break self.source.get(before..at).is_some_and(|gap| gap.ends_with(b"/"));
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
                // A tag without an end is none.
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
        let bytes = |name: &Range<usize>| source.get(name.clone()).unwrap_or_default();
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
        let mut inner =
            Tokenizer::new(self.source.get(..instruction.end).unwrap_or_default(), Language::Xml);
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

/// ASCII white space of the [Infra standard](https://infra.spec.whatwg.org/#ascii-whitespace).
pub(crate) fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | b'\x0C')
}

/// Decodes the character references in a part of the document.
///
/// Numeric ones, and the five named ones that XML knows without a table. What may be another one stays as it is
/// written and is marked unclear. That is anything that looks like a name, unless an attribute of HTML keeps it
/// literally because `=` follows, as in `?a=1&b=2`.
fn decode(source: &[u8], part: Range<usize>, decoded: &mut Decoded) {
    let mut at = part.start;
    while let Some(rest) = source.get(at..part.end)
        && !rest.is_empty()
    {
        let literal = rest.iter().position(|byte| *byte == b'&').unwrap_or(rest.len());
        let (text, reference) = rest.split_at_checked(literal).unwrap_or_default();
        decoded.push_verbatim(text, at);
        at += literal;
        let Some(name) = reference.strip_prefix(b"&") else {
            break;
        };
        match character_reference(name) {
            Reading::Character(character, length) => {
                decoded.push_char(character, at..at + 1 + length);
                at += 1 + length;
                if !name.get(..length).is_some_and(|name| name.ends_with(b";")) {
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
        let (digits, behind) = digits.split_at_checked(count).unwrap_or_default();
        let value = digits.iter().fold(0_u32, |value, digit| {
            value
                .saturating_mul(radix)
                .saturating_add(char::from(*digit).to_digit(radix).unwrap_or(0))
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
    let (name, behind) = rest.split_at_checked(length).unwrap_or_default();
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

/// A document and what was found in it so far.
pub(crate) struct Page<'a> {
    pub(crate) source: &'a [u8],
    pub(crate) found: Found,
    /// The text of the `<style>` that is open, where character references count in it.
    style: Option<Decoded>,
}

impl<'a> Page<'a> {
    /// A page to scan; nothing for one that is left alone because of its encoding.
    pub(crate) fn new(source: &'a [u8]) -> Result<Self, Found> {
        let mut found = Found::default();
        if source.starts_with(b"\xFE\xFF") || source.starts_with(b"\xFF\xFE") {
            found.skip(0, "this file is UTF-16, and is left as it is: save it as UTF-8");
            return Err(found);
        }
        Ok(Self { source, found, style: None })
    }

    /// A name in the document; an empty one if it is not UTF-8.
    pub(crate) fn name(&self, name: &Range<usize>) -> &'a str {
        let bytes = self.source.get(name.clone()).unwrap_or_default();
        core::str::from_utf8(bytes).unwrap_or_default()
    }

    /// What was found, once the document is at its end.
    pub(crate) fn finish(mut self) -> Found {
        self.close_style();
        // The CSS of a `<style>` comes behind what is inside that element, where nothing should be.
        self.found.references.sort_by_key(|reference| reference.span.start);
        self.found.skipped.sort_by_key(|skipped| skipped.at);
        self.found
    }

    /// Begins to collect the text of a `<style>`, up to [`Page::close_style`].
    pub(crate) fn open_style(&mut self) {
        self.style.get_or_insert_default();
    }

    /// Text between tags: that of the `<style>`, if one is open.
    pub(crate) fn text(&mut self, text: Range<usize>) {
        if let Some(style) = &mut self.style {
            style.mark_gap();
            decode(self.source, text, style);
        }
    }

    /// The same in a CDATA section.
    pub(crate) fn cdata(&mut self, text: Range<usize>) {
        if let Some(style) = &mut self.style {
            style.mark_gap();
            style.push_verbatim(self.source.get(text.clone()).unwrap_or_default(), text.start);
        }
    }

    /// Reads the CSS of the `<style>` that is open, if there is one.
    pub(crate) fn close_style(&mut self) {
        if let Some(style) = self.style.take() {
            css::scan_decoded(&style, &mut self.found);
        }
    }

    fn decode(&self, attribute: &Attribute) -> Decoded {
        let mut decoded = Decoded::default();
        decode(self.source, attribute.value.clone(), &mut decoded);
        decoded
    }

    /// An attribute that is a URL, potentially surrounded by blanks.
    pub(crate) fn url(&mut self, attribute: &Attribute) {
        let value = self.decode(attribute);
        let bytes = value.bytes();
        let start = bytes.len() - bytes.trim_ascii_start().len();
        let end = start + bytes.trim_ascii().len();
        let context = Context::Attribute(attribute.quote);
        value.report(start..end, ReferenceKind::Markup, context, &mut self.found);
    }

    /// An attribute that is a list of image candidates
    /// (<https://html.spec.whatwg.org/multipage/images.html#parse-a-srcset-attribute>).
    pub(crate) fn srcset(&mut self, attribute: &Attribute) {
        let value = self.decode(attribute);
        let bytes = value.bytes();
        let skip = |from: usize, is: fn(&u8) -> bool| {
            from + bytes.iter().skip(from).take_while(|byte| is(byte)).count()
        };
        let mut at = 0;
        loop {
            let start = skip(at, |byte| is_blank(*byte) || *byte == b',');
            let end = skip(start, |byte| !is_blank(*byte));
            if start == end {
                break;
            }
            // Commas at its end are none of the URL, and say that no descriptors follow.
            let commas = bytes.get(start..end).unwrap_or_default();
            let commas = commas.iter().rev().take_while(|byte| **byte == b',').count();
            let context = Context::Attribute(attribute.quote);
            value.report(start..end - commas, ReferenceKind::Markup, context, &mut self.found);
            at = end;
            if commas == 0 {
                at = skip_descriptors(bytes, at);
            }
        }
    }

    /// An attribute that is CSS.
    pub(crate) fn css(&mut self, attribute: &Attribute) {
        let value = attribute.value.clone();
        let bytes = self.source.get(value.clone()).unwrap_or_default();
        if bytes.contains(&b'&') {
            css::scan_decoded(&self.decode(attribute), &mut self.found);
        } else {
            css::scan_range(self.source, value, &mut self.found);
        }
    }
}

/// Passes over the descriptors of an image candidate, up to a comma outside of parentheses.
fn skip_descriptors(bytes: &[u8], from: usize) -> usize {
    let mut parentheses = false;
    let continues = |byte: &&u8| {
        match **byte {
            b'(' => parentheses = true,
            b')' => parentheses = false,
            b',' if !parentheses => return false,
            _ => {}
        }
        true
    };
    from + bytes.iter().skip(from).take_while(continues).count()
}

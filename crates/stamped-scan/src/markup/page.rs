//! A document, and the references that a scan finds in it.

use super::characters::decode;
use super::is_blank;
use super::tokenizer::Attribute;
use crate::css;
use crate::decoded::Decoded;
use crate::types::{Context, Found, ReferenceKind};
use core::ops::Range;

/// A document and what was found in it so far.
pub(crate) struct Page<'a> {
    pub(crate) source: &'a [u8],
    pub(crate) found: Found,
    /// The text of the `<style>` that is open, where character references count in it.
    style: Option<Decoded>,
}

impl<'a> Page<'a> {
    /// A page to scan; nothing for one that is left alone because of its encoding.
    pub(crate) fn new(source: &'a [u8]) -> Result<Self, Box<Found>> {
        let mut found = Found::default();
        if source.starts_with(b"\xFE\xFF") || source.starts_with(b"\xFF\xFE") {
            found.skip(0, "this file is UTF-16, and is left as it is: save it as UTF-8");
            return Err(Box::new(found));
        }
        Ok(Self { source, found, style: None })
    }

    /// A name in the document; an empty one if it is not UTF-8.
    pub(crate) fn name(&self, name: &Range<usize>) -> &'a str {
        core::str::from_utf8(&self.source[name.clone()]).unwrap_or_default()
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
            style.push_verbatim(&self.source[text.clone()], text.start);
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

    /// The decoded text of an attribute, without blanks around it; empty if it is not UTF-8.
    pub(crate) fn text_of(&self, attribute: &Attribute) -> String {
        let value = self.decode(attribute);
        core::str::from_utf8(value.bytes().trim_ascii()).unwrap_or_default().to_owned()
    }

    /// An attribute that is a URL, potentially surrounded by blanks.
    pub(crate) fn url(&mut self, attribute: &Attribute) {
        self.url_for(attribute, ReferenceKind::Markup);
    }

    /// An attribute that is a URL for this purpose.
    pub(crate) fn url_for(&mut self, attribute: &Attribute, kind: ReferenceKind) {
        let value = self.decode(attribute);
        let bytes = value.bytes();
        let start = bytes.len() - bytes.trim_ascii_start().len();
        let end = start + bytes.trim_ascii().len();
        let context = Context::Attribute(attribute.quote);
        value.report(start..end, kind, context, &mut self.found);
    }

    /// An attribute that is a list of image candidates for this purpose
    /// (<https://html.spec.whatwg.org/multipage/images.html#parse-a-srcset-attribute>).
    pub(crate) fn srcset(&mut self, attribute: &Attribute, kind: ReferenceKind) {
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
            // Commas at its end do not belong to the URL. They mean that no descriptors follow.
            let commas = bytes[start..end].iter().rev().take_while(|byte| **byte == b',').count();
            let context = Context::Attribute(attribute.quote);
            value.report(start..end - commas, kind, context, &mut self.found);
            at = end;
            if commas == 0 {
                at = skip_descriptors(bytes, at);
            }
        }
    }

    /// An attribute that is CSS.
    pub(crate) fn css(&mut self, attribute: &Attribute) {
        let value = attribute.value.clone();
        if self.source[value.clone()].contains(&b'&') {
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

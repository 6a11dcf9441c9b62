//! Finds the references in style sheets.
//!
//! `cssparser` splits the sheet into the tokens of [CSS Syntax 3](https://drafts.csswg.org/css-syntax-3/#tokenization).
//! Its nested parsing recurses, so this module walks over the tokens and keeps a stack of the open blocks, which works at
//! any depth. The result is the same, as the tokens of CSS do not depend on the tokens before them.
//!
//! The scanner reports URLs also where no browser would fetch them (in `@supports`, in a custom property that nothing
//! uses, in an `@import` behind other rules): only the page decides which URLs it uses, tools move `@import`s around, and
//! naming the stamped file never does harm. It leaves out the preludes of `@namespace` and `@document`, whose URLs name
//! no files.

mod encoding;
mod literals;
mod preview;
mod walk;

use crate::decoded::{Decoded, OPEN};
use crate::types::{Found, Reference, Skipped};
use core::ops::Range;
use encoding::{declared_encoding, extends_ascii};
use preview::may_refer;
use std::borrow::Cow;
use walk::Walk;

/// Finds the references in a style sheet.
///
/// The sheet may be in any encoding that extends ASCII byte by byte. The scanner skips a sheet in UTF-16, and one that is
/// not UTF-8 and whose `@charset` names an encoding that does not.
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
    let css = &source[range.clone()];
    let text = readable(css);
    if !may_refer(&text) {
        return;
    }
    Walk::new(css, range.start, found).run(&text);
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

/// The message for CSS in markup with an entity other than the five that need no table.
const UNCLEAR_CSS: &str = "this CSS has a named character reference other than &amp;, &lt;, &gt;, &quot; and &apos;, \
     and is left as it is: write the character itself";

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

#[cfg(test)]
mod tests;

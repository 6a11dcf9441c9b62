//! Finds the size of an SVG picture, as its root element says it.

use crate::markup::{Language, Token, Tokenizer, is_blank};

/// Returns the width and height of an SVG picture in CSS pixels, of which `source` may be the beginning only.
///
/// They are those of the attributes `width` and `height`. If one is missing or relative to the page, `viewBox` gives
/// the ratio, or both. `None` where neither says anything, or where the file is not SVG.
#[must_use]
pub fn svg_size(source: &[u8]) -> Option<(u32, u32)> {
    let mut tokenizer = Tokenizer::new(source, Language::Xml);
    let (name, end) = loop {
        if let Token::Start { name, .. } = tokenizer.next()? {
            break (name, tokenizer.position());
        }
    };
    let tag = source.get(name.clone())?;
    let local = tag.rsplit(|byte| *byte == b':').next()?;
    if !local.eq_ignore_ascii_case(b"svg") {
        return None;
    }
    let attributes = source.get(name.end..end)?;
    let length = |name| pixels(attribute(attributes, name)?);
    let ratio = attribute(attributes, "viewBox").and_then(view_box);
    let (width, height) = match (length("width"), length("height"), ratio) {
        (Some(width), Some(height), _) => (width, height),
        (Some(width), None, Some((x, y))) => (width, width * y / x),
        (None, Some(height), Some((x, y))) => (height * x / y, height),
        (None, None, Some(both)) => both,
        _ => return None,
    };
    Some((whole(width)?, whole(height)?))
}

/// The value of an attribute, by its exact name.
fn attribute<'a>(mut tag: &'a [u8], wanted: &str) -> Option<&'a str> {
    loop {
        let start = tag.iter().position(|&byte| !is_blank(byte))?;
        tag = &tag[start..];
        let end = tag.iter().position(|&byte| byte == b'=')?;
        let name = tag[..end].trim_ascii();
        tag = tag[end + 1..].trim_ascii_start();
        let quote = tag.first().copied().filter(|byte| matches!(byte, b'"' | b'\''))?;
        let length = tag[1..].iter().position(|&byte| byte == quote)?;
        if name == wanted.as_bytes() {
            return core::str::from_utf8(&tag[1..][..length]).ok();
        }
        tag = &tag[length + 2..];
    }
}

/// A length in pixels ([CSS Values](https://www.w3.org/TR/css-values/#absolute-lengths)); `None` if it is relative.
fn pixels(text: &str) -> Option<f64> {
    let text = text.trim();
    let unit = text.find(|c: char| c.is_ascii_alphabetic() && !matches!(c, 'e' | 'E') || c == '%');
    let (number, unit) = match unit {
        // `2em` and `2ex` begin like the exponent of a number.
        Some(at) => text.split_at(if text[..at].ends_with(['e', 'E']) { at - 1 } else { at }),
        None => (text, ""),
    };
    let scale = match unit.to_ascii_lowercase().as_str() {
        "" | "px" => 1.0,
        "in" => 96.0,
        "cm" => 96.0 / 2.54,
        "mm" => 96.0 / 25.4,
        "q" => 96.0 / 101.6,
        "pt" => 4.0 / 3.0,
        "pc" => 16.0,
        _ => return None,
    };
    let number: f64 = number.trim().parse().ok()?;
    (number > 0.0).then_some(number * scale)
}

/// The width and height of a `viewBox`.
fn view_box(text: &str) -> Option<(f64, f64)> {
    let numbers =
        text.split(|c: char| c == ',' || c.is_ascii_whitespace()).filter(|part| !part.is_empty());
    let numbers: Vec<f64> = numbers.map(str::parse).collect::<Result<_, _>>().ok()?;
    match numbers[..] {
        [_, _, width, height] if width > 0.0 && height > 0.0 => Some((width, height)),
        _ => None,
    }
}

/// A number of pixels, which is at least one.
fn whole(length: f64) -> Option<u32> {
    let rounded = length.round().max(1.0);
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it is within the bounds of the type"
    )]
    (rounded.is_finite() && rounded <= f64::from(u32::MAX)).then_some(rounded as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_size_is_that_of_the_root_element() {
        for (svg, size) in [
            ("<svg width='30' height=\"40\"/>", Some((30, 40))),
            (
                "<?xml version='1.0'?><!DOCTYPE svg><!-- <svg width='1' height='1'> -->\n<svg width='3' height='4'>",
                Some((3, 4)),
            ),
            (
                "<s:svg xmlns:s='http://www.w3.org/2000/svg' width='3px' height='1e1'/>",
                Some((3, 10)),
            ),
            ("<svg width='1in' height='10mm' viewBox='0 0 1 1'>", Some((96, 38))),
            ("<svg viewBox='0 0 24 12.4'>", Some((24, 12))),
            ("<svg viewBox=' -1,-1,24 , 12'>", Some((24, 12))),
            ("<svg width='100%' height='100%' viewBox='0 0 16 9'>", Some((16, 9))),
            ("<svg width='32' viewBox='0 0 16 9'>", Some((32, 18))),
            ("<svg height='2em' viewBox='0 0 16 9'>", Some((16, 9))),
            ("<svg stroke-width='3' width='5' height='6'>", Some((5, 6))),
            ("<svg width='5'>", None),
            ("<svg width='0' height='0'>", None),
            ("<svg width='9e99' height='9e99'>", None),
            ("<svg viewBox='0 0 x 1'>", None),
            ("<html width='1' height='1'>", None),
            ("<svg width='5' height='6", None),
            ("<svg width=5 height=6>", None),
            ("", None),
        ] {
            assert_eq!(svg_size(svg.as_bytes()), size, "{svg}");
        }
    }
}

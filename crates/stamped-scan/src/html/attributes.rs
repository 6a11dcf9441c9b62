//! Which attributes hold URLs or CSS.

use crate::ReferenceKind;
use crate::markup::{Attribute, Page, is_presentation};

/// An attribute of an element of HTML, whose `src` or `href` is for this purpose.
pub(crate) fn html_attribute(
    page: &mut Page<'_>,
    element: &str,
    attribute: &Attribute,
    purpose: ReferenceKind,
) {
    let name = page.name(&attribute.name).to_ascii_lowercase();
    let elements: &[&str] = match name.as_str() {
        "style" => return page.css(attribute),
        "src" => &[
            "img", "script", "source", "track", "video", "audio", "embed", "iframe", "frame",
            "input",
        ],
        "href" => &["link", "a", "area"],
        "srcset" => &["img", "source"],
        "imagesrcset" => &["link"],
        "poster" => &["video"],
        "data" => &["object"],
        // Obsolete, but every browser shows it.
        "background" => &["body", "table", "thead", "tbody", "tfoot", "tr", "td", "th"],
        _ => return,
    };
    let is_of = |one: &str| one.eq_ignore_ascii_case(element);
    if !elements.iter().any(|one| is_of(one)) {
        return;
    }
    match name.as_str() {
        "srcset" => page.srcset(attribute, ReferenceKind::Picture),
        "imagesrcset" => page.srcset(attribute, ReferenceKind::Markup),
        "poster" => page.url_for(attribute, ReferenceKind::Picture),
        "src" if is_of("img") || is_of("input") => page.url_for(attribute, ReferenceKind::Picture),
        _ => page.url_for(attribute, purpose),
    }
}

/// An attribute of an element of SVG or MathML.
pub(crate) fn foreign_attribute(page: &mut Page<'_>, attribute: &Attribute) {
    let name = page.name(&attribute.name);
    let is = |one: &str| name.eq_ignore_ascii_case(one);
    if is("href") || is("xlink:href") {
        page.url(attribute);
    } else if is("style") || is_presentation(name) {
        page.css(attribute);
    }
}

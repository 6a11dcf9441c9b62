//! Scripts in pages, and the elements that load modules.

use crate::markup::{Attribute, Page};
use crate::types::{Found, Integrity, ReferenceKind};
use crate::{javascript, json};
use core::ops::Range;

/// What the content of a `<script>` is
/// (<https://html.spec.whatwg.org/multipage/scripting.html#attr-script-type>).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Script {
    /// JavaScript.
    Code,
    ImportMap,
    /// Data, or no script at all.
    Other,
}

impl Script {
    /// That of an element with this `type`.
    pub(super) fn of(element: &str, kind: Option<String>) -> Self {
        if !element.eq_ignore_ascii_case("script") {
            return Script::Other;
        }
        let kind = kind.unwrap_or_default().to_ascii_lowercase();
        match kind.as_str() {
            "" | "module" | "text/javascript" | "application/javascript" => Script::Code,
            "importmap" => Script::ImportMap,
            _ => Script::Other,
        }
    }

    /// Scans the content of the element. Its references are relative to the page, as all others in it.
    pub(super) fn scan(self, source: &[u8], content: Range<usize>, found: &mut Found) {
        match self {
            Script::Code => {
                let script = javascript::scan(&source[content.clone()]);
                let shift =
                    |range: Range<usize>| content.start + range.start..content.start + range.end;
                for mut reference in script.references {
                    reference.span = shift(reference.span);
                    reference.segment = shift(reference.segment);
                    found.references.push(reference);
                }
                for skipped in script.skipped {
                    found.skip(content.start + skipped.at, skipped.message);
                }
                for partial in script.partial {
                    found.begins(content.start + partial.at, partial.url);
                }
            }
            Script::ImportMap => json::import_map(source, content, found),
            Script::Other => {}
        }
    }
}

/// The `integrity` of an element with these attributes, if it is one of those that have it.
pub(super) fn integrity(
    page: &Page<'_>,
    element: &str,
    attributes: &[Attribute],
) -> Option<Integrity> {
    let wanted = match element {
        _ if element.eq_ignore_ascii_case("script") => "src",
        _ if element.eq_ignore_ascii_case("link") => "href",
        _ => return None,
    };
    let attribute = |wanted: &str| {
        attributes.iter().find(|one| page.name(&one.name).eq_ignore_ascii_case(wanted))
    };
    let value = attribute("integrity")?.value.clone();
    let url = page.text_of(attribute(wanted)?);
    (!url.is_empty()).then_some(Integrity { url, value })
}

/// What the `src` or `href` of an element with these attributes is for.
pub(super) fn purpose(
    element: &str,
    kind: Option<String>,
    relation: Option<String>,
) -> ReferenceKind {
    let is = |name: &str| element.eq_ignore_ascii_case(name);
    if is("a") || is("area") {
        return ReferenceKind::Link;
    }
    let loads_module = if is("script") {
        kind.is_some_and(|kind| kind.eq_ignore_ascii_case("module"))
    } else {
        is("link")
            && relation.is_some_and(|relation| {
                relation
                    .split_ascii_whitespace()
                    .any(|one| one.eq_ignore_ascii_case("modulepreload"))
            })
    };
    if loads_module { ReferenceKind::PageModule } else { ReferenceKind::Markup }
}

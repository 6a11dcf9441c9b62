//! Decides which references become the contents of what they name, as `data:` URLs.

use super::Resolved;
use crate::rules::Rules;
use crate::stages::read::Source;
use stamped::content_type;
use stamped_scan::{Reference, ReferenceKind};
use std::ops::Range;

/// The whole of a reference that is to become the contents of its target.
pub(super) fn place(reference: &Reference, target: &Source, rules: &Rules) -> Option<Range<usize>> {
    let shows = matches!(reference.kind, ReferenceKind::CssUrl | ReferenceKind::Picture);
    let size = target.contents.len();
    let is_wanted = shows
        // A part of a picture: it is in one file with others to be asked for once.
        && !reference.url.contains('#')
        && size > 0
        && can_be_inlined(&target.name)
        && rules.inlines(&target.name, size);
    is_wanted.then(|| reference.span.clone())
}

/// Whether a browser takes a file of this name from a `data:` URL as it does from its own.
fn can_be_inlined(name: &str) -> bool {
    let essence = content_type::of(name);
    let is_shown = essence.starts_with("image/") || essence.starts_with("font/");
    // Only a field of an answer says that it is compressed.
    is_shown && !name.ends_with(".svgz")
}

/// Leaves the references as they are that lead to a file of the same component: its contents would have
/// to be within themselves. Says whether there were any.
pub(super) fn leave_circles(levels: &[Vec<Vec<usize>>], resolved: &mut [Resolved]) -> bool {
    let mut were_any = false;
    for component in levels.iter().flatten() {
        for &position in component {
            for link in &mut resolved[position].links {
                if link.is_inlined() && component.binary_search(&link.target).is_ok() {
                    link.inline = None;
                    were_any = true;
                }
            }
        }
    }
    were_any
}

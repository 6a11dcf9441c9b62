//! Finds the name that was most likely meant.

use stamped::nearest::Nearest;

/// The name that is most like `wanted`, if one is like it.
pub(crate) fn of<'a>(
    wanted: &str,
    names: impl ExactSizeIterator<Item = &'a str>,
) -> Option<&'a str> {
    let mut nearest = Nearest::to(wanted, names.len());
    names.filter(|name| nearest.is_nearer(name)).last()
}

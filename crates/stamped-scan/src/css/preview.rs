//! A cheap look that lets most style sheets go by unread.

/// Whether the sheet has anything that can begin a reference.
///
/// A function has a `(` behind its name and an at-rule an `@` before it, and those two cannot be escaped. The names
/// can be, in part or whole, so an escape close by counts as a match.
///
/// The search runs over a `str`, which the standard library does with optimised code even in a program that is not
/// optimised.
pub(super) fn may_refer(text: &str) -> bool {
    let css = text.as_bytes();
    let function = |at| css.get(..at).is_some_and(may_be_function);
    let import = |at| matches!(css.get(at + 1), Some(b'i' | b'I' | b'\\'));
    text.match_indices('(').any(|(at, _)| function(at))
        || text.match_indices('@').any(|(at, _)| import(at))
}

/// Whether the name that these bytes end in may be one of a function with URLs.
fn may_be_function(before: &[u8]) -> bool {
    /// How many of its last letters are looked at: those of `url`, `src`, `image-set`, `image`, `filter`.
    const ENDING: usize = 3;
    /// The longest way to write one of them: a backslash, six digits, and a CRLF to end them.
    const ESCAPE: usize = 1 + 6 + 2;
    let ending =
        before.last_chunk::<ENDING>().map(|ending| ending.map(|byte| byte.to_ascii_lowercase()));
    // Behind the last escape among them are only literal letters.
    let escapable = before.len().saturating_sub(ESCAPE + ENDING - 1);
    let escapable = before.get(escapable..).unwrap_or(before);
    // A letter is escaped by itself or by digits. Most escapes are others, as in `.sm\:x`.
    let escape = |two: &[u8]| matches!(two, [b'\\', letter] if letter.is_ascii_alphanumeric());
    matches!(ending.as_ref(), Some(b"url" | b"src" | b"set" | b"age" | b"ter"))
        || (escapable.contains(&b'\\') && escapable.windows(2).any(escape))
}

//! What every scanner reports.

use core::ops::Range;
use std::borrow::Cow;

/// One place in a file that names another file.
///
/// All ranges are byte offsets into the scanned file. `segment` lies inside `span`, and the spans of one scan neither
/// overlap nor go backwards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// The reference, decoded by the rules of its language (CSS escapes, character references, JSON escapes) and no
    /// further: percent-encoding stays. Never empty.
    pub url: String,
    /// Bytes of the whole reference as written, without quotes.
    pub span: Range<usize>,
    /// Bytes of its last path segment as written: behind the last `/`, before `?` or `#`. This is what is replaced
    /// when the target is stamped. It is empty where the path ends in `/` or there is no path (`dir/`, `#id`).
    pub segment: Range<usize>,
    /// What the reference is for.
    pub kind: ReferenceKind,
    /// How text must be escaped to stand at `segment`.
    pub context: Context,
}

/// What a [`Reference`] is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ReferenceKind {
    /// A URL in CSS that is no `@import`: `url(x)`, `src("x")`, a string in `image-set()`.
    CssUrl,
    /// The style sheet of an `@import`.
    CssImport,
    /// The specifier of `import … from "x"`, `import "x"` or `export … from "x"`.
    StaticImport,
    /// The specifier of `import("x")`.
    DynamicImport,
    /// The first argument of `new URL("x", import.meta.url)`.
    ImportMetaUrl,
    /// The source map that a `sourceMappingURL` comment names.
    SourceMap,
    /// A URL in an attribute of HTML or SVG, in a processing instruction, or in a web manifest.
    Markup,
}

/// The syntax around a [`Reference`], which decides how a name has to be escaped there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Context {
    /// An unquoted `url(x)` of CSS.
    CssUrl,
    /// A string of CSS, in this quote.
    CssString(u8),
    /// A string of JavaScript, in this quote; a grave accent for a template without substitutions.
    JsString(u8),
    /// A comment, where nothing can be escaped but by percent-encoding.
    Comment,
    /// An attribute value of HTML or XML, in this quote or in none.
    Attribute(Option<u8>),
    /// A string of JSON.
    Json,
}

/// Something about a file that a person should be told; the file was left alone there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    /// Byte offset of the place.
    pub at: usize,
    /// What is wrong, and what follows from it.
    pub message: Cow<'static, str>,
}

/// What a scanner found in one file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Every reference, in source order: also absolute ones, `data:` URLs and bare fragments.
    pub references: Vec<Reference>,
    /// What was left alone, in source order.
    pub skipped: Vec<Skipped>,
    /// Whether the file is a JavaScript module by its own syntax. Only the JavaScript scanner sets it.
    pub module: bool,
}

impl Found {
    /// Records something that a person should be told.
    pub(crate) fn skip(&mut self, at: usize, message: impl Into<Cow<'static, str>>) {
        self.skipped.push(Skipped { at, message: message.into() });
    }
}

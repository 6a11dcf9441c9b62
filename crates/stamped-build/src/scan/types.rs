//! What every scanner reports.

use core::ops::Range;
use std::borrow::Cow;

/// One place in a file that names another file.
///
/// All ranges are byte offsets into the scanned file. `segment` lies inside `span`, and the spans of one scan neither
/// overlap nor go backwards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reference {
    /// The reference, decoded by the rules of its language (CSS escapes, character references, JSON escapes) and no
    /// further: percent-encoding stays. Never empty.
    pub(crate) url: String,
    /// Bytes of the whole reference as written, without quotes.
    pub(crate) span: Range<usize>,
    /// Bytes of its last path segment as written: behind the last `/`, before `?` or `#`. This is what is replaced
    /// when the target is stamped. It is empty where the path ends in `/` or there is no path (`dir/`, `#id`).
    pub(crate) segment: Range<usize>,
    /// What the reference is for.
    pub(crate) kind: Kind,
    /// How text must be escaped to stand at `segment`.
    pub(crate) context: Context,
}

/// What a [`Reference`] is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
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
pub(crate) enum Context {
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
pub(crate) struct Problem {
    /// Byte offset of the place.
    pub(crate) at: usize,
    /// What is wrong, and what follows from it.
    pub(crate) message: Cow<'static, str>,
}

/// What a scanner found in one file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Found {
    /// Every reference, in source order: also absolute ones, `data:` URLs and bare fragments.
    pub(crate) references: Vec<Reference>,
    /// What was left alone, in source order.
    pub(crate) problems: Vec<Problem>,
    /// Whether the file is a JavaScript module by its own syntax. Only the JavaScript scanner sets it.
    pub(crate) module: bool,
}

impl Found {
    /// Records something that a person should be told.
    pub(crate) fn problem(&mut self, at: usize, message: impl Into<Cow<'static, str>>) {
        self.problems.push(Problem { at, message: message.into() });
    }
}

//! What a scanner reports.

use core::ops::Range;
use std::borrow::Cow;

/// A place in a file that names another file.
///
/// All ranges are byte offsets into the scanned file. `segment` lies inside `span`. The spans of one scan are in order
/// and do not overlap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// The reference, with the escapes of its language decoded (CSS escapes, character references, JSON escapes).
    /// Percent-encoding stays. Never empty.
    pub url: String,
    /// The bytes of the whole reference as written, without quotes.
    pub span: Range<usize>,
    /// The bytes of its file name as written: what stands behind the last `/` of the path, before `?` or `#`. Replace
    /// these to name another file in the same folder. The range is empty where the path ends in `/` or is missing
    /// (`dir/`, `#id`).
    pub segment: Range<usize>,
    /// What the reference is for.
    pub kind: ReferenceKind,
    /// The syntax around it, which [`segment`](crate::segment) needs to know.
    pub context: Context,
}

/// What a [`Reference`] is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ReferenceKind {
    /// A URL in CSS outside of `@import`: `url(x)`, `src("x")`, a string in `image-set()`.
    CssUrl,
    /// The style sheet of an `@import`.
    CssImport,
    /// The specifier of `import … from "x"`, `import "x"` or `export … from "x"`.
    StaticImport,
    /// The specifier of `import("x")`.
    DynamicImport,
    /// The first argument of `new URL("x", import.meta.url)`.
    ImportMetaUrl,
    /// The argument of `import.meta.resolve("x")`: a specifier that import maps apply to, as in `import("x")`.
    ImportMetaResolve,
    /// The source map that a `sourceMappingURL` comment names.
    SourceMap,
    /// A URL in an attribute of HTML or SVG, in a processing instruction, or in a web manifest.
    Markup,
    /// A picture that a page shows where it names it: `<img src>`, `<img srcset>`, `<source srcset>`, `<input src>`,
    /// `<video poster>`.
    Picture,
    /// A hyperlink of a page: `<a href>`, `<area href>`. It may lead to what the program answers itself.
    Link,
    /// A module that a page loads or names: `<script type=module src>`, `<link rel=modulepreload href>`, a value of an
    /// import map.
    PageModule,
    /// An entry of the list of files that Vite's lazy imports preload, `__vite__mapDeps`. One that begins with neither
    /// `/`, `./` nor `../` is relative to the root of the site that Vite built.
    VitePreload,
}

impl ReferenceKind {
    /// Whether the reference is a module specifier.
    ///
    /// Import maps apply to specifiers. One that begins with neither `/`, `./` nor `../` is a bare name instead of a
    /// relative URL.
    #[must_use]
    pub fn is_specifier(self) -> bool {
        matches!(self, Self::StaticImport | Self::DynamicImport | Self::ImportMetaResolve)
    }
}

/// The syntax around a [`Reference`], which decides how to escape a name there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Context {
    /// An unquoted `url(x)` of CSS.
    CssUrl,
    /// A string of CSS, in this quote.
    CssString(u8),
    /// A string of JavaScript, in this quote. A grave accent stands for a template without substitutions.
    JsString(u8),
    /// A comment, which knows no escapes but percent-encoding.
    Comment,
    /// An attribute value of HTML or XML, in this quote or unquoted.
    Attribute(Option<u8>),
    /// A string of JSON.
    Json,
}

/// A place in a file that a scanner left alone, though it may name another file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    /// The byte offset of the place.
    pub at: usize,
    /// Why the scanner left it alone, for the person who wrote the file.
    pub message: Cow<'static, str>,
}

/// The result of a scan.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Every reference, in the order of the file: also absolute ones, `data:` URLs and bare fragments.
    pub references: Vec<Reference>,
    /// What the scanner left alone, in the order of the file.
    pub skipped: Vec<Skipped>,
    /// Names of modules that are known in part, in the order of the file.
    pub partial: Vec<Partial>,
    /// The `href` of the first `<base>` of a page, which its relative URLs are relative to.
    pub base: Option<String>,
    /// Whether the syntax of the file makes it a JavaScript module. False for all other languages.
    pub module: bool,
    /// The files that a script knows by their plain names, in the order of the file.
    pub by_name: Vec<ByName>,
    /// Every text that looks like a hash in `integrity` metadata, wherever it stands, in the order of the file. Most
    /// are of other files than the caller's: compare their digests.
    pub hashes: Vec<Hash>,
    /// The `integrity` that pages and import maps state for a URL, in the order of the file.
    pub integrity: Vec<Integrity>,
    /// The files that a service worker fetches in advance, in the order of the file.
    pub precached: Vec<Precached>,
}

/// A hash function of `integrity` metadata or of the lists of service workers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Algorithm {
    /// Of the lists of Angular's service worker only.
    Sha1,
    /// `sha256-…`
    Sha256,
    /// `sha384-…`
    Sha384,
    /// `sha512-…`
    Sha512,
}

impl Algorithm {
    /// The length of a digest in bytes.
    #[must_use]
    pub fn length(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }
}

/// A hash of a file as it stands in [`integrity` metadata](https://www.w3.org/TR/sri-2/#the-integrity-attribute), such
/// as `sha384-oqVuAf…`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hash {
    /// The bytes that encode the digest, behind the `-`. Replace them with base64.
    pub span: Range<usize>,
    /// The hash function.
    pub algorithm: Algorithm,
    /// What it gave.
    pub digest: Vec<u8>,
}

/// What a page or an import map promises of the file behind a URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Integrity {
    /// The URL, decoded as [`Reference::url`] is.
    pub url: String,
    /// Where the metadata stands. The [hashes](Found::hashes) within are those of the file.
    pub value: Range<usize>,
}

/// A file in the list of those that a service worker fetches in advance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Precached {
    /// The whole entry. Entries of one list are separated by commas, so a copy of the entry behind a
    /// comma is one more. It is UTF-8.
    pub entry: Range<usize>,
    /// The URL in the entry. It is not among the [references](Found::references).
    pub reference: Reference,
    /// What the entry says of the bytes of the file, if it says anything.
    pub version: Option<Version>,
}

/// What an entry of a service worker's list says of the bytes of its file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Version {
    /// The hexadecimal digits at this place are their SHA-1.
    Sha1 {
        /// The digits, without quotes.
        span: Range<usize>,
        /// What they encode.
        digest: Vec<u8>,
    },
    /// The string at this place, with its quotes, is another one for other bytes. Any string will do.
    Revision(Range<usize>),
    /// The `null` at this place says that the URL has other bytes never. A string can stand there instead, as for
    /// [`Revision`](Self::Revision).
    Unversioned(Range<usize>),
}

impl Version {
    /// The bytes to replace where the file has other bytes.
    #[must_use]
    pub fn span(&self) -> Range<usize> {
        match self {
            Self::Sha1 { span, .. } | Self::Revision(span) | Self::Unversioned(span) => {
                span.clone()
            }
        }
    }
}

/// A file that a script probably knows by its plain name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ByName {
    /// The byte offset of the place.
    pub at: usize,
    /// The URL or the file name, as the script writes it. Never empty.
    pub name: String,
    /// How the script knows it.
    pub knowing: Knowing,
}

/// How a script knows a file by its plain name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Knowing {
    /// `new Worker("x")`, `new SharedWorker("x")` or `importScripts("x")`: a URL that is relative to a page or a worker.
    Worker,
    /// A search for the `<script>` or `<link>` of a page, near this file name.
    Element,
}

/// The beginning of URLs under which scripts load modules, in an expression such as `import("./locale/" + name)`, in
/// `new URL(".", import.meta.url)`, or as a prefix or a URL-like key in an import map.
///
/// Each module whose URL begins so may be loaded under that very URL, so it must keep it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Partial {
    /// The byte offset of the place.
    pub at: usize,
    /// What the URLs begin with, decoded as [`Reference::url`] is. Never empty.
    pub url: String,
}

impl Found {
    /// Records the beginning of URLs, unless it is empty.
    pub(crate) fn begins(&mut self, at: usize, url: impl Into<String>) {
        let url = url.into();
        if !url.is_empty() {
            self.partial.push(Partial { at, url });
        }
    }

    /// Records a place that is left alone.
    pub(crate) fn skip(&mut self, at: usize, message: impl Into<Cow<'static, str>>) {
        self.skipped.push(Skipped { at, message: message.into() });
    }
}

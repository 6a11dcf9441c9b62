//! The elements of a page that load an asset.

use crate::asset::{self, Asset};
use crate::entry::Entry;
use crate::html::write_escaped;
use crate::kind::{self, Kind};
use core::fmt;

/// The elements by which a page loads an asset or an entry point, to be put into its `<head>`:
///
/// ```html
/// <script type="module" src="/static/js/app.1452929749.js" integrity="sha384-…"></script>
/// <link rel="modulepreload" href="/static/js/menu.1452929749.js" integrity="sha384-…">
/// ```
///
/// It displays as HTML, a line for each element: style sheets first, since nothing is shown without
/// them, then scripts, then what these import, each once. Each line but the last ends with a line break.
///
/// | asset | element |
/// |---|---|
/// | a style sheet | `<link rel="stylesheet">` |
/// | a module | `<script type="module">` |
/// | another script | `<script>`; of an entry point, `<script defer>` |
/// | a module that those import | `<link rel="modulepreload">` |
/// | a style sheet that those import | `<link rel="preload" as="style">` |
/// | a font, a picture, anything else | `<link rel="preload">` |
///
/// A script of an entry point waits for the page (`defer`), as modules do: a bundler's scripts are meant
/// for the `<head>`, and depend on nothing else. Another script runs at once and in its place, because
/// inline scripts behind it may need what it defines.
///
/// In a program in live mode, with Vite's development server running, the elements of an entry point of Vite
/// load its source from there instead: see `Handler::live` (feature `live`).
///
/// Style sheets, scripts and modules have their `integrity`, and with a [`base`](Self::base) on another
/// host the `crossorigin` that it needs there. A style sheet that another one imports has none: a
/// browser would fetch it twice.
#[derive(Clone, Copy, Debug)]
pub struct Tags<'a> {
    of: Of,
    base: &'a str,
    nonce: &'a str,
}

/// The extensions of what Vite makes style sheets of.
#[cfg(feature = "live")]
const STYLES: [&str; 8] = ["css", "less", "sass", "scss", "styl", "stylus", "pcss", "postcss"];

#[derive(Clone, Copy, Debug)]
enum Of {
    Asset(Asset),
    Entry(Entry),
}

impl Asset {
    /// The elements by which a page loads this asset and, at the same time, what it imports.
    ///
    /// ```
    /// # fn example(assets: stamped::Assets) -> Option<String> {
    /// let script = assets.get("js/app.js")?;
    /// let page = format!("<!doctype html><title>Shop</title>{}", script.tags());
    /// # Some(page)
    /// # }
    /// ```
    #[must_use]
    pub fn tags(self) -> Tags<'static> {
        Tags { of: Of::Asset(self), base: "", nonce: "" }
    }
}

impl Entry {
    /// The elements by which a page loads this entry point and, at the same time, what it imports.
    ///
    /// ```
    /// # fn example(assets: stamped::Assets) -> Option<String> {
    /// let entry = assets.entry("src/main.tsx")?;
    /// let page = format!("<!doctype html><title>Shop</title>{}<div id=root></div>", entry.tags());
    /// # Some(page)
    /// # }
    /// ```
    #[must_use]
    pub fn tags(self) -> Tags<'static> {
        Tags { of: Of::Entry(self), base: "", nonce: "" }
    }
}

impl<'a> Tags<'a> {
    /// Gives each element this nonce, which the page's `Content-Security-Policy` names too
    /// ([CSP 3](https://www.w3.org/TR/CSP3/#security-nonces)). It is escaped.
    #[must_use]
    pub fn nonce(self, nonce: &'a str) -> Self {
        Tags { nonce, ..self }
    }

    /// Puts `base` in front of the URLs, as [`Assets::with_base`](crate::Assets::with_base) does. It is
    /// escaped.
    #[must_use]
    pub fn base(self, base: &'a str) -> Self {
        Tags { base: base.trim_end_matches('/'), ..self }
    }

    /// Writes the elements, as `Display` does, into what takes text: the buffer of a template engine.
    ///
    /// # Errors
    ///
    /// Those of `out`.
    pub fn write_to(&self, out: &mut impl fmt::Write) -> fmt::Result {
        #[cfg(feature = "live")]
        if let Of::Entry(entry) = self.of
            && let Some(sources) = entry.sources()
        {
            return self.write_sources(out, entry.name(), &sources);
        }
        let (loaded, preloads) = match self.of {
            Of::Asset(asset) => (std::vec::Vec::from([asset]), asset.preloads()),
            Of::Entry(entry) => {
                let files: std::vec::Vec<Asset> = entry.files().collect();
                let preloads = asset::preloads(files.iter().copied());
                (files, preloads)
            }
        };
        let is_style = |asset: &&Asset| Kind::of(**asset) == Kind::Style;
        let styles = loaded.iter().filter(is_style);
        let others = loaded.iter().filter(|asset| !is_style(asset));
        let loads = styles.chain(others).map(|&asset| (asset, true));
        let preloads = preloads.into_iter().map(|asset| (asset, false));
        for (number, (asset, is_loaded)) in loads.chain(preloads).enumerate() {
            if number > 0 {
                out.write_str("\n")?;
            }
            self.write_element(out, asset, is_loaded)?;
        }
        Ok(())
    }

    /// Writes the elements that load the source of an entry point from Vite's development server
    /// ([Vite, "Backend Integration"](https://vite.dev/guide/backend-integration)).
    #[cfg(feature = "live")]
    fn write_sources(
        &self,
        out: &mut impl fmt::Write,
        name: &str,
        sources: &crate::live::Sources,
    ) -> fmt::Result {
        // The host and the base have no character that means something in an attribute or a string.
        let url = &sources.url;
        if sources.has_react {
            // Vite puts this into its own pages. It has to run once, before all components.
            out.write_str("<script type=\"module\"")?;
            self.write_nonce(out)?;
            write!(
                out,
                ">import refresh from \"{url}/@react-refresh\"\n\
                 if (!window.__vite_plugin_react_preamble_installed__) {{\n\
                 refresh.injectIntoGlobalHook(window)\n\
                 window.$RefreshReg$ = () => {{}}\n\
                 window.$RefreshSig$ = () => (type) => type\n\
                 window.__vite_plugin_react_preamble_installed__ = true\n\
                 }}</script>\n"
            )?;
        }
        write!(out, "<script type=\"module\" src=\"{url}/@vite/client\"")?;
        self.write_nonce(out)?;
        let is_style = name.rsplit_once('.').is_some_and(|(_, end)| STYLES.contains(&end));
        let (start, end) = match is_style {
            true => ("<link rel=\"stylesheet\" href=\"", ">"),
            false => ("<script type=\"module\" src=\"", "></script>"),
        };
        write!(out, "></script>\n{start}{url}/")?;
        write_escaped(out, &alloc::format!("{}", crate::percent::Encoded(name)))?;
        out.write_str("\"")?;
        self.write_nonce(out)?;
        out.write_str(end)
    }

    fn write_nonce(&self, out: &mut impl fmt::Write) -> fmt::Result {
        if self.nonce.is_empty() {
            return Ok(());
        }
        out.write_str(" nonce=\"")?;
        write_escaped(out, self.nonce)?;
        out.write_str("\"")
    }

    /// Writes the element that loads an asset, or lets the browser fetch it early.
    fn write_element(
        &self,
        out: &mut impl fmt::Write,
        asset: Asset,
        is_loaded: bool,
    ) -> fmt::Result {
        let kind = Kind::of(asset);
        let (start, end) = match (kind, is_loaded) {
            (Kind::Style, true) => ("<link rel=\"stylesheet\" href=\"", ">"),
            (Kind::Style, false) => ("<link rel=\"preload\" as=\"style\" href=\"", ">"),
            (Kind::Module, true) => ("<script type=\"module\" src=\"", "></script>"),
            (Kind::Module, false) => ("<link rel=\"modulepreload\" href=\"", ">"),
            (Kind::Script, true) => ("<script src=\"", "></script>"),
            (Kind::Script, false) => ("<link rel=\"preload\" as=\"script\" href=\"", ">"),
            (Kind::Font, _) => ("<link rel=\"preload\" as=\"font\" href=\"", ">"),
            (Kind::Image, _) => ("<link rel=\"preload\" as=\"image\" href=\"", ">"),
            (Kind::Fetch | Kind::Other, _) => ("<link rel=\"preload\" as=\"fetch\" href=\"", ">"),
        };
        out.write_str(start)?;
        write_escaped(out, self.base)?;
        // A URL has no character that means something in an attribute, but for `'` and `&`.
        write_escaped(out, asset.url())?;
        out.write_str("\"")?;
        if kind == Kind::Font {
            write!(out, " type=\"{}\"", kind::essence(asset))?;
        }
        if matches!((self.of, kind, is_loaded), (Of::Entry(_), Kind::Script, true)) {
            out.write_str(" defer")?;
        }
        // A sheet that another one imports is asked for without them.
        let is_imported_style = kind == Kind::Style && !is_loaded;
        if kind.has_integrity() && !is_imported_style && !asset.integrity().is_empty() {
            write!(out, " integrity=\"{}\"", asset.integrity())?;
        }
        let is_elsewhere = self.base.contains("//");
        if matches!(kind, Kind::Font | Kind::Fetch | Kind::Other)
            || (is_elsewhere && kind.has_integrity() && !is_imported_style)
        {
            out.write_str(" crossorigin")?;
        }
        self.write_nonce(out)?;
        out.write_str(end)
    }
}

impl fmt::Display for Tags<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write_to(f)
    }
}

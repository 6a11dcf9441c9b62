//! The files that a service worker fetches in advance.

use crate::asset::Asset;
use crate::assets::Assets;
use crate::glob::{BadGlob, Glob};
use crate::index::Addressing;
use alloc::borrow::ToOwned as _;
use alloc::string::String;
use core::fmt::{self, Write as _};

impl Assets {
    /// The assets whose names match a pattern, as the list of a service worker that keeps them for use
    /// without a network.
    ///
    /// The patterns are those of `Pipeline` in `stamped-build`: `*.css` matches in every folder, `css/*` at
    /// the top only, `**` any number of folders, and `{css,js}` one of several.
    ///
    /// ```
    /// # fn example(assets: stamped::Assets) -> Result<String, stamped::BadPattern> {
    /// let files = assets.precache("*.{css,js,woff2}")?;
    /// let worker = format!("importScripts('/workbox.js');\nworkbox.precaching.precacheAndRoute({files});");
    /// # Ok(worker)
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// When the pattern cannot be read: its brackets or braces do not match, say.
    pub fn precache(self, pattern: &str) -> Result<Precache<'static>, BadPattern> {
        match Glob::new(pattern) {
            Ok(glob) => Ok(Precache { assets: self, glob, base: "" }),
            Err(why) => Err(BadPattern { pattern: pattern.to_owned(), why }),
        }
    }
}

/// A list of assets that displays as JSON, in the form that Workbox's
/// [`precacheAndRoute`](https://developer.chrome.com/docs/workbox/modules/workbox-precaching) takes:
///
/// ```json
/// [{"url":"/static/css/style.1452929749.css","revision":null,"integrity":"sha384-…"},
/// {"url":"/static/index.html","revision":"Kx3…","integrity":"sha384-…"}]
/// ```
///
/// The `revision` is `null` where the URL has a stamp and so always stands for the same bytes. Where it
/// has none, the revision is another one for other bytes. With `integrity`, a browser refuses the answer
/// of a server that has another release, and installs the worker later.
///
/// The JSON can stand in a script, also in one within a page: it has no `<`. Displaying it allocates
/// nothing.
#[derive(Clone, Debug)]
pub struct Precache<'a> {
    assets: Assets,
    glob: Glob,
    base: &'a str,
}

impl Precache<'_> {
    /// Puts `base` in front of the URLs, as [`Assets::with_base`] does.
    #[must_use]
    pub fn base(self, base: &str) -> Precache<'_> {
        let Precache { assets, glob, .. } = self;
        Precache { assets, glob, base: base.trim_end_matches('/') }
    }

    /// The assets, in the order of their names.
    ///
    /// ```
    /// # fn example(assets: stamped::Assets) -> Result<usize, stamped::BadPattern> {
    /// // What a first visit will download.
    /// let bytes = assets.precache("**")?.assets().map(|asset| asset.bytes().len()).sum();
    /// # Ok(bytes)
    /// # }
    /// ```
    pub fn assets(&self) -> impl Iterator<Item = Asset> {
        self.assets.iter().filter(|asset| self.glob.matches(asset.name()))
    }
}

impl fmt::Display for Precache<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_char('[')?;
        for (number, asset) in self.assets().enumerate() {
            f.write_str(if number == 0 { "{\"url\":\"" } else { ",\n{\"url\":\"" })?;
            write_escaped(f, self.base)?;
            // Nothing that follows has a character that means something to JSON or HTML.
            f.write_str(asset.url())?;
            match asset.addressing() {
                Addressing::Stamped | Addressing::Prestamped => {
                    f.write_str("\",\"revision\":null")?;
                }
                Addressing::Plain => write!(f, "\",\"revision\":\"{}\"", revision(asset))?,
            }
            if !asset.integrity().is_empty() {
                write!(f, ",\"integrity\":\"{}\"", asset.integrity())?;
            }
            f.write_char('}')?;
        }
        f.write_char(']')
    }
}

/// What is different for different bytes.
fn revision(asset: Asset) -> &'static str {
    match asset.etag().trim_matches('"') {
        // A front server has the contents.
        "" => asset.integrity(),
        tag => tag,
    }
}

/// Writes text for a string of JSON, in which no HTML begins or ends.
fn write_escaped(out: &mut impl fmt::Write, text: &str) -> fmt::Result {
    for c in text.chars() {
        match c {
            '"' | '\\' | '<' | '>' | '&' | '\u{2028}' | '\u{2029}' | '\0'..='\x1F' => {
                write!(out, "\\u{:04x}", u32::from(c))?;
            }
            c => out.write_char(c)?,
        }
    }
    Ok(())
}

/// A pattern of asset names that cannot be read. Its message names the pattern and says why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadPattern {
    pattern: String,
    why: BadGlob,
}

impl fmt::Display for BadPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is not a pattern of asset names: {}", self.pattern, self.why)
    }
}

impl core::error::Error for BadPattern {}

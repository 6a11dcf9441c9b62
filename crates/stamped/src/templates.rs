//! What the functions for templates of all engines have in common.

use crate::asset::Asset;
use crate::assets::Assets;
use crate::based::BasedAssets;
use crate::entry::Entry;
use crate::percent::is_literal;
use alloc::borrow::ToOwned as _;
use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;
use core::fmt::Write as _;

/// The endpoint of Flask that stands for assets.
pub(crate) const STATIC: &str = "static";

/// Where functions for templates take assets from: `&Assets`, or a `&Handler`, which in live mode has
/// the current ones.
#[derive(Clone, Debug)]
pub struct Source(Inner);

#[derive(Clone, Debug)]
enum Inner {
    Assets(Assets),
    #[cfg(feature = "http")]
    Handler(crate::http::Handler),
}

impl From<&Assets> for Source {
    fn from(assets: &Assets) -> Self {
        Source(Inner::Assets(*assets))
    }
}

#[cfg(feature = "http")]
impl From<&crate::http::Handler> for Source {
    fn from(handler: &crate::http::Handler) -> Self {
        Source(Inner::Handler(handler.clone()))
    }
}

impl Source {
    fn assets(&self) -> Assets {
        match &self.0 {
            Inner::Assets(assets) => *assets,
            #[cfg(feature = "http")]
            Inner::Handler(handler) => handler.assets(),
        }
    }

    #[cfg_attr(not(feature = "http"), expect(unused_variables, reason = "there is no live mode"))]
    fn live_tag(&self, nonce: &str) -> String {
        match &self.0 {
            Inner::Assets(_) => String::new(),
            #[cfg(feature = "http")]
            Inner::Handler(handler) => handler.live_tag().nonce(nonce).to_string(),
        }
    }
}

/// The bundle, and how the program wants its URLs.
#[derive(Clone, Debug)]
pub(crate) struct Links {
    source: Source,
    base: String,
    allows_unknown: bool,
}

/// What is written into a template.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Text {
    pub(crate) text: String,
    /// Whether it can stand in HTML as it is.
    pub(crate) is_safe: bool,
}

impl Text {
    fn safe(text: &str) -> Self {
        Text { text: text.to_owned(), is_safe: true }
    }

    /// The URLs of assets need no escaping. A base, or a query, may.
    fn url(text: String) -> Self {
        let is_safe = text.bytes().all(|byte| is_literal(byte) || matches!(byte, b'%' | b'?'));
        Text { text, is_safe }
    }
}

/// The text, or what is wrong.
pub(crate) type Outcome = Result<Text, String>;

impl Links {
    pub(crate) fn new(source: Source) -> Self {
        Links { source, base: String::new(), allows_unknown: false }
    }

    pub(crate) fn base(&mut self, base: String) {
        self.base = base;
    }

    pub(crate) fn allow_unknown(&mut self, allowed: bool) {
        self.allows_unknown = allowed;
    }

    fn based(&self) -> BasedAssets<'_> {
        self.source.assets().with_base(&self.base)
    }

    /// The URL of an asset.
    pub(crate) fn asset(&self, name: &str) -> Outcome {
        match self.based().url(name) {
            Some(url) => Ok(Text::url(url.to_string())),
            None if self.allows_unknown => Ok(Text::url(self.based().url_for(name).to_string())),
            None => Err(self.unknown(name)),
        }
    }

    /// The value of an `integrity` attribute. Empty where there is no such asset and that is
    /// allowed: then nothing is checked.
    pub(crate) fn integrity(&self, name: &str) -> Outcome {
        match self.source.assets().get(name) {
            Some(asset) => Ok(Text::safe(asset.integrity())),
            None if self.allows_unknown => Ok(Text::safe("")),
            None => Err(self.unknown(name)),
        }
    }

    /// The element for live mode, or nothing.
    pub(crate) fn live(&self, nonce: Option<&str>) -> Outcome {
        let text = self.source.live_tag(nonce.unwrap_or_default());
        Ok(Text { text, is_safe: true })
    }

    /// The elements that load an asset or a bundler's entry point.
    pub(crate) fn tags(&self, name: &str, nonce: Option<&str>) -> Outcome {
        let assets = self.source.assets();
        let entry = assets.entry(name).map(Entry::tags);
        let tags = entry.or_else(|| assets.get(name).map(Asset::tags));
        let tags = tags.ok_or_else(|| self.unknown(name))?;
        let tags = tags.base(self.based().base()).nonce(nonce.unwrap_or_default());
        Ok(Text { text: tags.to_string(), is_safe: true })
    }

    /// The list of a service worker, of the assets whose names match a pattern.
    pub(crate) fn precache(&self, pattern: &str) -> Outcome {
        let list = self.source.assets().precache(pattern).map_err(|error| error.to_string())?;
        Ok(Text { text: list.base(self.based().base()).to_string(), is_safe: true })
    }

    /// The import map, with the base in front of each URL.
    pub(crate) fn import_map(&self) -> Outcome {
        let map = self.source.assets().import_map();
        let base = self.based().base();
        if base.is_empty() {
            return Ok(Text::safe(map));
        }
        if !Text::url(base.to_owned()).is_safe {
            return Err(format!("the base `{base}` cannot be put into an import map"));
        }
        // Only URLs begin with the mount: integrity values begin with the name of a hash.
        let mount = self.source.assets().mount();
        Ok(Text::safe(&map.replace(&format!("\"{mount}/"), &format!("\"{base}{mount}/"))))
    }

    /// What Flask's `url_for` makes of the endpoint `static` and these arguments: the asset's URL,
    /// with what is not known to it as a query, in the order of names.
    pub(crate) fn url_for(&self, arguments: Vec<(String, Option<String>)>) -> Outcome {
        let mut file_name = None;
        let mut anchor = None;
        let mut query = Vec::new();
        for (name, value) in arguments {
            // Flask leaves out what is `None`.
            let Some(value) = value else { continue };
            match &*name {
                "filename" => file_name = Some(value),
                "_anchor" => anchor = Some(value),
                "_method" => {}
                "_external" if matches!(&*value, "false" | "False") => {}
                "_external" | "_scheme" if self.based().base().contains("//") => {}
                "_external" | "_scheme" => {
                    return Err(format!(
                        "`{name}` of `url_for` needs a host: give one with `Functions::base`"
                    ));
                }
                _ => query.push((name, value)),
            }
        }
        let Some(file_name) = file_name else {
            return Err("`url_for` needs `filename` for the endpoint `static`".to_owned());
        };
        let mut url = self.asset(&file_name)?.text;
        query.sort();
        for (position, (name, value)) in query.iter().enumerate() {
            url.push(if position == 0 { '?' } else { '&' });
            encode(&mut url, name);
            url.push('=');
            encode(&mut url, value);
        }
        if let Some(anchor) = anchor {
            url.push('#');
            encode(&mut url, &anchor);
        }
        Ok(Text::url(url))
    }

    fn unknown(&self, name: &str) -> String {
        let message = format!(
            "no asset is named `{name}` in the bundle under `{}/`",
            self.source.assets().mount()
        );
        match self.source.assets().nearest(name) {
            Some(near) => format!("{message}; did you mean `{near}`?"),
            None => message,
        }
    }
}

/// The message for an endpoint that the program has no function for.
pub(crate) fn no_endpoint(endpoint: &str) -> String {
    format!(
        "`url_for` knows no endpoint `{endpoint}`, only `{STATIC}`: give a function for the others \
         with `Functions::endpoints`"
    )
}

/// Percent-encodes all but unreserved characters (RFC 3986, section 2.3).
fn encode(url: &mut String, text: &str) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            url.push(char::from(byte));
        } else {
            // Writing to a string does not fail.
            let _ = write!(url, "%{byte:02X}");
        }
    }
}

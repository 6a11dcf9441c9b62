//! The element by which a page loads the script of live mode.

use crate::html::write_escaped;
use alloc::string::String;
use core::fmt;

/// The element that loads the script of live mode: see [`Handler::live_tag`](super::Handler::live_tag).
///
/// It displays as HTML, and as nothing without live mode.
#[derive(Clone, Debug)]
pub struct LiveTag<'a> {
    /// Empty without live mode.
    src: String,
    nonce: &'a str,
}

impl LiveTag<'static> {
    pub(super) const fn new(src: String) -> Self {
        LiveTag { src, nonce: "" }
    }
}

impl LiveTag<'_> {
    /// Gives the element this nonce, which the page's `Content-Security-Policy` names too
    /// ([CSP 3](https://www.w3.org/TR/CSP3/#security-nonces)). It is escaped.
    #[must_use]
    pub fn nonce(self, nonce: &str) -> LiveTag<'_> {
        LiveTag { src: self.src, nonce }
    }
}

impl fmt::Display for LiveTag<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.src.is_empty() {
            return Ok(());
        }
        // A URL of assets needs no escaping in an attribute.
        write!(f, "<script src=\"{}\" async", self.src)?;
        if !self.nonce.is_empty() {
            f.write_str(" nonce=\"")?;
            write_escaped(f, self.nonce)?;
            f.write_str("\"")?;
        }
        f.write_str("></script>")
    }
}

//! The URL of a name that may be unknown.

use crate::percent::Encoded;
use core::fmt;

/// A URL that is displayed: the URL of an asset, or of a name that no asset has.
#[derive(Clone, Copy, Debug)]
pub struct Url<'a>(Kind<'a>);

#[derive(Clone, Copy, Debug)]
enum Kind<'a> {
    Known(&'static str),
    Unknown { mount: &'static str, name: &'a str },
}

impl<'a> Url<'a> {
    pub(crate) const fn known(url: &'static str) -> Self {
        Url(Kind::Known(url))
    }

    pub(crate) const fn unknown(mount: &'static str, name: &'a str) -> Self {
        Url(Kind::Unknown { mount, name })
    }

    /// The asset's URL; `None` where the name is unknown.
    #[must_use]
    pub const fn as_known(self) -> Option<&'static str> {
        match self.0 {
            Kind::Known(url) => Some(url),
            Kind::Unknown { .. } => None,
        }
    }
}

impl fmt::Display for Url<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Kind::Known(url) => f.write_str(url),
            Kind::Unknown { mount, name } => {
                write!(f, "{mount}/{}", Encoded(name.trim_start_matches('/')))
            }
        }
    }
}

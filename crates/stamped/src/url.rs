//! URLs that are put together when they are displayed.

use crate::percent::Encoded;
use core::fmt;

/// A URL that is displayed: that of an asset, or of a name that no asset has; with a base in front
/// of it, or none.
#[derive(Clone, Copy, Debug)]
pub struct Url<'a> {
    base: &'a str,
    target: Target<'a>,
}

#[derive(Clone, Copy, Debug)]
enum Target<'a> {
    Known(&'static str),
    Unknown { mount: &'static str, name: &'a str },
}

impl<'a> Url<'a> {
    pub(crate) const fn known(url: &'static str) -> Self {
        Url { base: "", target: Target::Known(url) }
    }

    pub(crate) const fn unknown(mount: &'static str, name: &'a str) -> Self {
        Url { base: "", target: Target::Unknown { mount, name } }
    }

    pub(crate) const fn with_base<'b>(self, base: &'b str) -> Url<'b>
    where
        'a: 'b,
    {
        Url { base, ..self }
    }

    /// The asset's URL, without the base; `None` where the name is unknown.
    #[must_use]
    pub const fn as_known(self) -> Option<&'static str> {
        match self.target {
            Target::Known(url) => Some(url),
            Target::Unknown { .. } => None,
        }
    }

    /// What stands in front of the mount, without a slash at its end; empty where nothing does. See
    /// [`Assets::with_base`](crate::Assets::with_base).
    #[must_use]
    pub const fn base(self) -> &'a str {
        self.base
    }
}

impl fmt::Display for Url<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.base)?;
        match self.target {
            Target::Known(url) => f.write_str(url),
            Target::Unknown { mount, name } => {
                write!(f, "{mount}/{}", Encoded(name.trim_start_matches('/')))
            }
        }
    }
}

//! URLs that are put together when they are displayed.

use crate::percent::Encoded;
use core::fmt::{self, Write as _};

/// A URL to display: that of an asset, or of a name that no asset has, with or without a base in front
/// of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Url<'a> {
    base: &'a str,
    target: Target<'a>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
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

    /// The asset's URL, without the base; `None` if no asset has the name.
    #[must_use]
    pub const fn as_known(self) -> Option<&'static str> {
        match self.target {
            Target::Known(url) => Some(url),
            Target::Unknown { .. } => None,
        }
    }

    /// The base in front of the mount, without a slash at its end; empty if there is none. See
    /// [`Assets::with_base`](crate::Assets::with_base).
    #[must_use]
    pub const fn base(self) -> &'a str {
        self.base
    }
}

impl Url<'_> {
    fn write(self, out: &mut impl fmt::Write) -> fmt::Result {
        out.write_str(self.base)?;
        match self.target {
            Target::Known(url) => out.write_str(url),
            Target::Unknown { mount, name } => {
                write!(out, "{mount}/{}", Encoded(name.trim_start_matches('/')))
            }
        }
    }
}

impl fmt::Display for Url<'_> {
    /// Writes the URL, padded to the width that is asked for. A precision is ignored: part of a URL
    /// leads elsewhere.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(width) = f.width() else { return self.write(f) };
        let mut length = Length(0);
        self.write(&mut length)?;
        let missing = width.saturating_sub(length.0);
        let before = match f.align() {
            Some(fmt::Alignment::Right) => missing,
            Some(fmt::Alignment::Center) => missing / 2,
            Some(fmt::Alignment::Left) | None => 0,
        };
        let fill = f.fill();
        (0..before).try_for_each(|_| f.write_char(fill))?;
        self.write(f)?;
        (before..missing).try_for_each(|_| f.write_char(fill))
    }
}

/// Counts the characters that are written to it.
struct Length(usize);

impl fmt::Write for Length {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0 += text.chars().count();
        Ok(())
    }
}

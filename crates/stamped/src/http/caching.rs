//! How long answers may be kept.

use http::HeaderValue;

/// How long an answer may be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Caching {
    /// A year, and without asking again (RFC 8246): the path names exactly these bytes.
    ForEver,
    /// As long as it is asked for again each time (RFC 9111, section 5.2.2.4).
    Revalidate,
    /// Not at all (RFC 9111, section 5.2.2.5).
    Never,
}

impl Caching {
    pub(super) const fn value(self) -> HeaderValue {
        match self {
            Caching::ForEver => const { HeaderValue::from_static("max-age=31536000, immutable") },
            Caching::Revalidate => const { HeaderValue::from_static("no-cache") },
            Caching::Never => const { HeaderValue::from_static("no-store") },
        }
    }
}

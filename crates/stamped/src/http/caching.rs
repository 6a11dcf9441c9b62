//! How long answers may be kept.

use http::HeaderValue;

/// The `Cache-Control` of a path that names exactly these bytes: a year, and without asking again (RFC 8246).
pub const FOREVER: &str = "max-age=31536000, immutable";

/// The `Cache-Control` of a path whose bytes may change: as long as it is asked for again each time (RFC 9111,
/// section 5.2.2.4).
pub const ASK_AGAIN: &str = "no-cache";

/// How long an answer may be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Caching {
    /// [`FOREVER`]
    ForEver,
    /// [`ASK_AGAIN`]
    Revalidate,
    /// Not at all (RFC 9111, section 5.2.2.5).
    Never,
}

impl Caching {
    pub(super) const fn value(self) -> HeaderValue {
        match self {
            Caching::ForEver => const { HeaderValue::from_static(FOREVER) },
            Caching::Revalidate => const { HeaderValue::from_static(ASK_AGAIN) },
            Caching::Never => const { HeaderValue::from_static("no-store") },
        }
    }
}

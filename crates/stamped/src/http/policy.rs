//! What the user of a handler decides.

use super::glob::Glob;
use alloc::{sync::Arc, vec::Vec};
use http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONNECTION, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_RANGE,
    ETAG, HeaderMap, HeaderName, HeaderValue, LAST_MODIFIED, TRANSFER_ENCODING, VARY,
};

/// What a path gets whose stamp is not one that is known here: that of an older or a newer version,
/// as pages ask for it while a new version of the program is rolled out. See
/// [`Handler::stale`](super::Handler::stale).
///
/// None of the answers may be stored, so no cache keeps other bytes than the path stands for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stale {
    /// The current bytes (200), and their own URL in `Content-Location`. An old page works as well
    /// as new assets let it.
    #[default]
    Current,
    /// An error (404). Right where a load balancer then asks another server, which has that version, and where
    /// a mixture of versions is worse than an error.
    NotFound,
    /// A redirect (307) to the current URL, so that the bytes come from where they can be cached.
    Redirect,
}

/// Fields that are true of the bytes or of the connection, and nobody's to choose.
const NOT_TO_CHOOSE: [HeaderName; 8] = [
    ACCEPT_RANGES,
    CONNECTION,
    CONTENT_ENCODING,
    CONTENT_LENGTH,
    CONTENT_RANGE,
    ETAG,
    LAST_MODIFIED,
    TRANSFER_ENCODING,
];

/// Header fields for assets whose names match a pattern.
#[derive(Clone, Debug, Default)]
pub(super) struct Extra(Option<Arc<Vec<Rule>>>);

#[derive(Clone, Debug)]
struct Rule {
    glob: Glob,
    name: HeaderName,
    value: HeaderValue,
}

/// Which of the fields an answer has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    /// All: the answer has the asset's bytes.
    Content,
    /// Those that are not about the bytes, which a 304 does not have (RFC 9110, section 15.4.5).
    NoContent,
}

impl Extra {
    pub(super) const NONE: Self = Extra(None);

    pub(super) fn add(&mut self, glob: &str, name: HeaderName, value: HeaderValue) {
        if NOT_TO_CHOOSE.contains(&name) {
            return;
        }
        let rules = self.0.get_or_insert_default();
        Arc::make_mut(rules).push(Rule { glob: Glob::new(glob), name, value });
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// Adds the fields for the asset called `name`. Those that are there are replaced, but `Vary`,
    /// which only ever grows, and `Cache-Control` where the answer must not be stored.
    pub(super) fn apply(
        &self,
        name: &str,
        scope: Scope,
        can_be_stored: bool,
        headers: &mut HeaderMap,
    ) {
        let Some(rules) = &self.0 else { return };
        for rule in rules.iter().filter(|rule| rule.glob.matches(name)) {
            if scope == Scope::NoContent && rule.name.as_str().starts_with("content-")
                || rule.name == CACHE_CONTROL && !can_be_stored
            {
                continue;
            }
            // More fields than a map can have are left out.
            if rule.name == VARY {
                let _ = headers.try_append(VARY, rule.value.clone());
            } else {
                let _ = headers.try_insert(rule.name.clone(), rule.value.clone());
            }
        }
    }
}

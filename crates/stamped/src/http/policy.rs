//! What the user of a handler decides.

use crate::glob::{BadGlob, Glob};
use alloc::borrow::ToOwned as _;
use alloc::{string::String, sync::Arc, vec::Vec};
use core::fmt;
use http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONNECTION, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_RANGE,
    ETAG, HeaderMap, HeaderName, HeaderValue, LAST_MODIFIED, TRANSFER_ENCODING, VARY,
};

/// What a request gets whose path has a stamp that this program does not know: an older or a newer
/// version than its own, as pages ask for it while a new version of the program is rolled out. See
/// [`Handler::stale`](super::Handler::stale).
///
/// None of the answers may be stored, so no cache keeps other bytes than the path stands for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Stale {
    /// The current bytes (200), with their own URL in `Content-Location`. An old page works as well
    /// as new assets let it.
    #[default]
    Current,
    /// An error (404). This is right where a load balancer then asks another server, which has that
    /// version, and where a mixture of versions is worse than an error.
    NotFound,
    /// A redirect (307) to the current URL, which caches may keep.
    Redirect,
}

/// Fields that say what is true of the bytes or of the connection, and so cannot be chosen.
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

/// A rule of [`Handler::header`](super::Handler::header) that could never apply.
///
/// Its message names the pattern or the field, and says what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadRule(Why);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Why {
    Pattern(String, BadGlob),
    Field(HeaderName),
}

impl fmt::Display for BadRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Why::Pattern(pattern, why) => {
                write!(f, "`{pattern}` is not a pattern of asset names: {why}")
            }
            Why::Field(name) => write!(
                f,
                "the header field `{name}` cannot be chosen: the handler says there what is true \
                 of the answer"
            ),
        }
    }
}

impl core::error::Error for BadRule {}

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

    pub(super) fn add(
        &mut self,
        pattern: &str,
        name: HeaderName,
        value: HeaderValue,
    ) -> Result<(), BadRule> {
        if NOT_TO_CHOOSE.contains(&name) {
            return Err(BadRule(Why::Field(name)));
        }
        let bad = |why| BadRule(Why::Pattern(pattern.to_owned(), why));
        let glob = Glob::new(pattern).map_err(bad)?;
        let rules = self.0.get_or_insert_default();
        Arc::make_mut(rules).push(Rule { glob, name, value });
        Ok(())
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

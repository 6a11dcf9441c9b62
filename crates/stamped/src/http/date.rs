//! Dates in header fields (RFC 9110, section 5.6.7).

use http::HeaderMap;
use http::header::AsHeaderName;
use std::time::UNIX_EPOCH;

/// The date in a field that holds a single one, in seconds since 1970, in any of the three formats.
/// `None` for anything else: such a field is ignored (sections 13.1.3 and 13.1.4).
pub(super) fn single(headers: &HeaderMap, field: impl AsHeaderName) -> Option<u64> {
    let mut values = headers.get_all(field).iter();
    let value = values.next()?;
    if values.next().is_some() {
        return None;
    }
    parse(value.as_bytes())
}

/// A date in any of the three formats, in seconds since 1970.
pub(super) fn parse(value: &[u8]) -> Option<u64> {
    let text = core::str::from_utf8(value).ok()?;
    let time = httpdate::parse_http_date(text).ok()?;
    Some(time.duration_since(UNIX_EPOCH).ok()?.as_secs())
}

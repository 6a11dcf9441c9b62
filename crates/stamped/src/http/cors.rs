//! Requests from pages of other origins (Fetch Standard, section 3.2; RFC 6454).

use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD,
};
use http::{HeaderMap, HeaderValue, Method};

/// Lets every page read an answer, an error too: a script shall see that it was a 404.
///
/// Nothing depends on the origin of the request, so there is nothing to vary on. With `*` no browser
/// sends cookies along.
pub(super) fn allow(request: super::Head<'_>, headers: &mut HeaderMap) {
    let any = const { HeaderValue::from_static("*") };
    let _ = headers.try_insert(ACCESS_CONTROL_ALLOW_ORIGIN, any.clone());
    let is_preflight = request.method() == Method::OPTIONS
        && request.headers().contains_key(ACCESS_CONTROL_REQUEST_METHOD);
    if is_preflight {
        let _ = headers.try_insert(ACCESS_CONTROL_ALLOW_HEADERS, any);
        let methods = const { HeaderValue::from_static("GET, HEAD") };
        let _ = headers.try_insert(ACCESS_CONTROL_ALLOW_METHODS, methods);
        // A day; browsers cut it to what they allow.
        let day = const { HeaderValue::from_static("86400") };
        let _ = headers.try_insert(ACCESS_CONTROL_MAX_AGE, day);
    } else {
        // A reader of parts needs `Content-Range`, `Accept-Ranges` and `ETag`.
        let _ = headers.try_insert(ACCESS_CONTROL_EXPOSE_HEADERS, any);
    }
}

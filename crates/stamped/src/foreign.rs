//! Heads of requests from frameworks that have types of their own.

use http::{HeaderMap, HeaderName, HeaderValue, Method};

/// Makes a head of a method and header fields. `None` if the method is not one.
///
/// Cookies and credentials are left out: they are long, and no answer depends on them.
pub(crate) fn head<'a>(
    method: &str,
    fields: impl Iterator<Item = (&'a str, &'a [u8])>,
) -> Option<(Method, HeaderMap)> {
    let method = Method::from_bytes(method.as_bytes()).ok()?;
    let mut headers = HeaderMap::new();
    for (name, value) in fields {
        let Ok(name) = HeaderName::from_bytes(name.as_bytes()) else { continue };
        if name == http::header::COOKIE || name == http::header::AUTHORIZATION {
            continue;
        }
        let Ok(value) = HeaderValue::from_bytes(value) else { continue };
        // Servers take far fewer fields than a map.
        let _ = headers.try_append(name, value);
    }
    Some((method, headers))
}

/// What `Content-Length` says: more than there are bytes in the body of an answer to `HEAD`.
pub(crate) fn content_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(http::header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

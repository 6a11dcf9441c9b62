//! Responses and their header fields.

use super::cache_control;
use crate::asset::Representation;
use crate::resolve::Resolved;
use bytes::Bytes;
use http::header::{
    ALLOW, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_LOCATION, CONTENT_TYPE, ETAG, LAST_MODIFIED,
    X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderName, HeaderValue, Response, StatusCode};

const ALLOWED: &str = "GET, HEAD, OPTIONS";

pub(super) fn whole(resolved: Resolved, representation: Representation) -> Response<Bytes> {
    let mut response = validated(StatusCode::OK, resolved, representation);
    set(&mut response, CONTENT_LENGTH, representation.content_length());
    set(&mut response, X_CONTENT_TYPE_OPTIONS, "nosniff");
    if let Some(asset) = resolved.asset() {
        set(&mut response, CONTENT_TYPE, asset.content_type());
        if let Some(date) = asset.last_modified_http() {
            set(&mut response, LAST_MODIFIED, date);
        }
    }
    *response.body_mut() = Bytes::from_static(representation.bytes());
    response
}

pub(super) fn not_modified(resolved: Resolved, representation: Representation) -> Response<Bytes> {
    validated(StatusCode::NOT_MODIFIED, resolved, representation)
}

pub(super) fn not_found() -> Response<Bytes> {
    error(StatusCode::NOT_FOUND)
}

pub(super) fn method_not_allowed() -> Response<Bytes> {
    let mut response = error(StatusCode::METHOD_NOT_ALLOWED);
    set(&mut response, ALLOW, ALLOWED);
    response
}

pub(super) fn options() -> Response<Bytes> {
    let mut response = empty(StatusCode::NO_CONTENT);
    set(&mut response, ALLOW, ALLOWED);
    set(&mut response, CACHE_CONTROL, "no-store");
    response
}

/// What a 200 and a 304 have in common (RFC 9110, section 15.4.5).
fn validated(
    status: StatusCode,
    resolved: Resolved,
    representation: Representation,
) -> Response<Bytes> {
    let mut response = empty(status);
    set(&mut response, CACHE_CONTROL, cache_control(resolved));
    set(&mut response, ETAG, representation.etag());
    if let Resolved::Stale(asset) = resolved {
        set(&mut response, CONTENT_LOCATION, asset.url());
    }
    response
}

fn error(status: StatusCode) -> Response<Bytes> {
    let mut response = empty(status);
    set(&mut response, CACHE_CONTROL, "no-store");
    set(&mut response, CONTENT_LENGTH, "0");
    response
}

fn empty(status: StatusCode) -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = status;
    response
}

/// Sets a field to text of the program. All of it is visible ASCII, by the way names are encoded and
/// types and tags are made; what were not would be left out.
fn set(response: &mut Response<Bytes>, name: HeaderName, value: &'static str) {
    if let Ok(value) = HeaderValue::from_bytes(value.as_bytes()) {
        response.headers_mut().insert(name, value);
    }
}

//! What live mode serves besides assets: a script for pages, and the events that it listens to.

pub(crate) mod page;

use super::answer_method;
use super::body::Body;
use super::head::Head;
use super::response;
use crate::live::Session;
use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderName, HeaderValue, Response};

/// The folder under the mount that has both. No asset is in a hidden folder.
const FOLDER: &str = "/.stamped/";

/// The script.
const SCRIPT: &str = "live.js";

/// Where the script finds the events, relative to itself.
const EVENTS: &str = "events";

/// The answer, if the path is that of the script or of the events.
pub(super) fn answer(session: &Session, mount: &str, head: Head<'_>) -> Option<Response<Body>> {
    let (content_type, make): (_, fn(&Session) -> Body) =
        match head.path().strip_prefix(mount)?.strip_prefix(FOLDER)? {
            SCRIPT => ("text/javascript; charset=utf-8", |_| script()),
            EVENTS => ("text/event-stream", |session| Body::from_events(session.join())),
            _ => return Some(response::not_found()),
        };
    if let Some(response) = answer_method(head.method()) {
        return Some(response);
    }
    let body = make(session);
    let mut response = Response::new(Body::empty());
    let headers = response.headers_mut();
    // What compresses on the way would wait for more, too.
    headers.insert(CACHE_CONTROL, const { HeaderValue::from_static("no-store, no-transform") });
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(X_CONTENT_TYPE_OPTIONS, const { HeaderValue::from_static("nosniff") });
    // nginx would wait for more.
    headers.insert(
        HeaderName::from_static("x-accel-buffering"),
        const { HeaderValue::from_static("no") },
    );
    if let Some(length) = body.known_len() {
        headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
    }
    *response.body_mut() = body;
    Some(response)
}

fn script() -> Body {
    Bytes::from_static(include_bytes!("live.js")).into()
}

//! Answers to requests, over the types of the crate `http`.
//!
//! A [`Handler`] is a pure function from a request's head to a response; it knows no server and no
//! framework, reads no file and never waits.

mod preconditions;
mod response;

use crate::assets::Assets;
use crate::resolve::Resolved;
use bytes::Bytes;
use http::{HeaderMap, Method, Response, Uri};

/// Answers requests with the assets of a bundle.
///
/// ```ignore
/// let handler = stamped::http::Handler::new(&assets::ASSETS);
/// let response = handler.respond(request.method(), request.uri(), request.headers());
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Handler {
    assets: Assets,
}

impl Handler {
    /// A handler for the assets of `bundle`.
    #[must_use]
    pub const fn new(bundle: &Assets) -> Self {
        Handler { assets: *bundle }
    }

    /// The response to a request. Its body is a slice of the program: nothing is copied.
    #[must_use]
    pub fn respond(&self, method: &Method, uri: &Uri, headers: &HeaderMap) -> Response<Bytes> {
        let resolved = self.assets.resolve(uri.path());
        let Some(asset) = resolved.asset() else {
            return response::not_found();
        };
        if method == Method::OPTIONS {
            return response::options();
        }
        if method != Method::GET && method != Method::HEAD {
            return response::method_not_allowed();
        }
        let Some(representation) = asset.representations().next() else {
            return response::not_found();
        };
        let mut response = match preconditions::none_match(headers, representation.etag()) {
            true => response::whole(resolved, representation),
            false => response::not_modified(resolved, representation),
        };
        if method == Method::HEAD {
            *response.body_mut() = Bytes::new();
        }
        response
    }
}

/// How long a path that names exact bytes may be cached: a year, and without asking again (RFC
/// 8246).
const FOR_EVER: &str = "max-age=31536000, immutable";

/// What `Cache-Control` says for a path that was met so.
const fn cache_control(resolved: Resolved) -> &'static str {
    match resolved {
        Resolved::Exact(_) => FOR_EVER,
        Resolved::Plain(_) => "no-cache",
        Resolved::Stale(_) | Resolved::Unknown => "no-store",
    }
}

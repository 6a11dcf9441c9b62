//! Adds the script to pages.

use super::{FOLDER, SCRIPT};
use crate::http::body::{Body, Piece};
use crate::http::{Handler, Head};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use bytes::Bytes;
use http::header::{
    ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, ETAG, IF_MODIFIED_SINCE,
    IF_NONE_MATCH, LAST_MODIFIED, UPGRADE_INSECURE_REQUESTS,
};
use http::response::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode};
use std::eprintln;
use std::sync::Once;

impl Handler {
    /// Adds the script that [`live`](Self::live) mode has for pages to an answer, where it is a whole HTML
    /// page and the request is one for a page. Without live mode it changes nothing. The adapters for
    /// frameworks do this by themselves; it is for servers that call the handler on their own.
    ///
    /// ```
    /// # use stamped::http::{Body, Handler};
    /// # fn example(handler: &Handler, request: http::Request<()>) -> http::Response<Body> {
    /// handler.with_live_script(&request, handler.respond(&request))
    /// # }
    /// ```
    #[must_use]
    pub fn with_live_script<'a>(
        &self,
        head: impl Into<Head<'a>>,
        response: Response<Body>,
    ) -> Response<Body> {
        let Some(element) = self.live_element(head.into()) else { return response };
        let (mut parts, body) = response.into_parts();
        if !takes(&mut parts, &element) {
            return Response::from_parts(parts, body);
        }
        let mut pieces: Vec<Piece> = body.into_pieces();
        pieces.push(Piece::Bytes(element));
        Response::from_parts(parts, Body::from_pieces(pieces))
    }

    /// The element that loads the script, if the request is one for a page of a program in live mode.
    pub(crate) fn live_element(&self, head: Head<'_>) -> Option<Bytes> {
        let script = self.script.as_ref()?;
        is_for_page(head).then(|| element(self.assets.mount(), &script.version()).into())
    }
}

/// The element that loads the script into a page that is made of this version of the assets.
pub(in crate::http) fn element(mount: &str, version: &str) -> String {
    format!("<script src=\"{mount}{FOLDER}{SCRIPT}?since={version}\" async></script>")
}

/// Whether a browser is about to show the answer as a page: then it says so. To a server that it does
/// not trust, as one without TLS on another machine, it says only that it would like TLS for a page.
/// A script that asks for part of a page, to put it into one, says neither.
pub(crate) fn is_for_page(head: Head<'_>) -> bool {
    let destination = head.headers().get(HeaderName::from_static("sec-fetch-dest"));
    head.method() == Method::GET
        && match destination {
            Some(destination) => {
                ["document", "iframe", "frame"].iter().any(|page| destination == page)
            }
            None => head.headers().contains_key(UPGRADE_INSECURE_REQUESTS),
        }
}

/// Takes away from a request for a page what would keep the script out of it: an answer that says that
/// the browser has the page already, and one that is compressed.
pub(crate) fn ask_for_whole_page(headers: &mut HeaderMap) {
    for name in [ACCEPT_ENCODING, IF_NONE_MATCH, IF_MODIFIED_SINCE] {
        headers.remove(name);
    }
}

/// Whether the element goes behind the body of an answer. Fits the header fields to it, if so.
///
/// A parser puts a script behind the end of a page into its body, so the page need not be parsed, nor
/// be in memory. In all encodings but UTF-16 it consists of the same bytes.
pub(crate) fn takes(parts: &mut Parts, element: &Bytes) -> bool {
    let is_html = parts.headers.get(CONTENT_TYPE).is_some_and(|value| {
        let value = value.as_bytes().to_ascii_lowercase();
        value.starts_with(b"text/html") && !value.windows(6).any(|six| six == b"utf-16")
    });
    let has_no_page =
        [StatusCode::NO_CONTENT, StatusCode::PARTIAL_CONTENT, StatusCode::NOT_MODIFIED];
    if !is_html || has_no_page.contains(&parts.status) {
        return false;
    }
    if parts.headers.contains_key(CONTENT_ENCODING) {
        static SAID: Once = Once::new();
        SAID.call_once(|| {
            eprintln!(
                "stamped: a page was compressed although the request did not ask for that, so live mode \
                 cannot add its script; put the layer that compresses around the one of live mode, or \
                 `Handler::live_tag` into the page"
            );
        });
        return false;
    }
    if let Some(length) = parts.headers.get_mut(CONTENT_LENGTH) {
        let old = length.to_str().ok().and_then(|length| length.parse::<u64>().ok());
        match old {
            Some(old) => *length = HeaderValue::from(old + element.len() as u64),
            None => return false,
        }
    }
    // They belong to the page without the script.
    parts.headers.remove(ETAG);
    parts.headers.remove(LAST_MODIFIED);
    true
}

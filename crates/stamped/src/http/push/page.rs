//! Adds the script to pages.

use super::{FOLDER, SCRIPT};
use crate::http::body::{Body, Piece};
use crate::http::{Handler, Head};
use alloc::format;
use alloc::vec::Vec;
use bytes::Bytes;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, ETAG};
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
        self.script.as_ref()?;
        (head.method() == Method::GET && wants_page(head.headers())).then(|| {
            let mount = self.assets.mount();
            format!("<script src=\"{mount}{FOLDER}{SCRIPT}\" async></script>").into()
        })
    }
}

/// Whether the request may be one for a page: browsers say what they want it for, and it is not for a
/// script that asks for part of a page.
fn wants_page(headers: &HeaderMap) -> bool {
    match headers.get(HeaderName::from_static("sec-fetch-dest")) {
        Some(destination) => ["document", "iframe", "frame"].iter().any(|page| destination == page),
        None => true,
    }
}

/// Whether the element goes behind the body of an answer. Fits the header fields to it, if so.
///
/// A parser puts a script behind the end of a page into its body, so the page need not be parsed, nor
/// be in memory.
pub(crate) fn takes(parts: &mut Parts, element: &Bytes) -> bool {
    let is_html = parts.headers.get(CONTENT_TYPE).is_some_and(|value| {
        value.as_bytes().get(..9).is_some_and(|start| start.eq_ignore_ascii_case(b"text/html"))
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
                "stamped: a page is compressed before live mode sees it, so it does not reload by \
                 itself; leave compression out in development, or put `<script src=…/.stamped/live.js \
                 async></script>` into the page"
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
    parts.headers.remove(ETAG);
    true
}

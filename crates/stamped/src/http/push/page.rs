//! Adds the script to pages.

use super::{FOLDER, SCRIPT};
use crate::http::body::{Body, Piece};
use crate::http::{Handler, Head, LiveTag};
use alloc::format;
use alloc::string::ToString as _;
use alloc::vec::Vec;
use bytes::Bytes;
use http::header::{
    ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG,
    IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED, UPGRADE_INSECURE_REQUESTS,
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
        let Some(tail) = tail(&mut parts, element) else {
            return Response::from_parts(parts, body);
        };
        let mut pieces: Vec<Piece> = body.into_pieces();
        pieces.push(Piece::Bytes(tail));
        Response::from_parts(parts, Body::from_pieces(pieces))
    }

    /// The element that loads the script, if the request is one for a page of a program in live mode.
    pub(crate) fn live_element(&self, head: Head<'_>) -> Option<LiveTag<'static>> {
        let script = self.script.as_ref()?;
        is_for_page(head).then(|| element(self.assets.mount(), &script.version()))
    }
}

/// The element that loads the script into a page that is made of this version of the assets.
pub(in crate::http) fn element(mount: &str, version: &str) -> LiveTag<'static> {
    LiveTag::new(format!("{mount}{FOLDER}{SCRIPT}?since={version}"))
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

/// The element as it goes behind the body of an answer; `None` if it does not. Fits the header fields to
/// it.
///
/// A parser puts a script behind the end of a page into its body, so the page need not be parsed, nor
/// be in memory. In all encodings but UTF-16 it consists of the same bytes.
pub(crate) fn tail(parts: &mut Parts, element: LiveTag<'static>) -> Option<Bytes> {
    let is_html = parts.headers.get(CONTENT_TYPE).is_some_and(|value| {
        let value = value.as_bytes().to_ascii_lowercase();
        value.starts_with(b"text/html") && !value.windows(6).any(|six| six == b"utf-16")
    });
    let has_no_page =
        [StatusCode::NO_CONTENT, StatusCode::PARTIAL_CONTENT, StatusCode::NOT_MODIFIED];
    if !is_html || has_no_page.contains(&parts.status) {
        return None;
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
        return None;
    }
    let tail: Bytes = element.nonce(nonce(&parts.headers)).to_string().into();
    if let Some(length) = parts.headers.get_mut(CONTENT_LENGTH) {
        let old: u64 = length.to_str().ok()?.parse().ok()?;
        *length = HeaderValue::from(old + tail.len() as u64);
    }
    // They belong to the page without the script.
    parts.headers.remove(ETAG);
    parts.headers.remove(LAST_MODIFIED);
    Some(tail)
}

/// The nonce that the policy of a page demands of its scripts. Empty if it demands none.
fn nonce(headers: &HeaderMap) -> &str {
    let policies = headers.get_all(CONTENT_SECURITY_POLICY).iter();
    // A field may have several policies.
    let policies =
        policies.filter_map(|policy| policy.to_str().ok()).flat_map(|all| all.split(','));
    policies.filter_map(nonce_in).next().unwrap_or_default()
}

/// The same of one policy. The first directive counts that is there, and that is about scripts.
fn nonce_in(policy: &str) -> Option<&str> {
    let sources = ["script-src-elem", "script-src", "default-src"].iter().find_map(|wanted| {
        let mut directives = policy.split(';').map(str::split_ascii_whitespace);
        directives.find_map(|mut words| {
            words.next().filter(|name| name.eq_ignore_ascii_case(wanted)).map(|_| words)
        })
    });
    sources?.find_map(|source| source.strip_prefix("'nonce-")?.strip_suffix('\''))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nonce_is_that_of_the_directive_for_scripts() {
        let of = |policies: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for policy in policies {
                headers.append(CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
            }
            nonce(&headers).to_string()
        };
        for (policies, expected) in [
            (&[][..], ""),
            (&["script-src 'self'"], ""),
            (&["script-src 'nonce-a+/='"], "a+/="),
            (
                &[
                    "img-src 'self';Script-Src  'strict-dynamic' 'nonce-a' 'nonce-b'; style-src 'nonce-c'",
                ],
                "a",
            ),
            (&["default-src 'nonce-a'"], "a"),
            (&["default-src 'nonce-a'; script-src 'self'"], ""),
            (&["script-src 'nonce-a'; script-src-elem 'nonce-b'"], "b"),
            (&["frame-ancestors 'none'", "script-src 'nonce-a'"], "a"),
            (&["frame-ancestors 'none', script-src 'nonce-a'"], "a"),
        ] {
            assert_eq!(of(policies), expected, "{policies:?}");
        }
    }
}

//! Responses and their header fields.

use super::body::{Body, Piece};
use super::caching::Caching;
use super::dictionary::{USE_AS_DICTIONARY, use_as_dictionary};
use super::multipart::ByteRanges;
#[cfg(feature = "files")]
use super::part::{FilePart, OpenFile};
use super::policy::{Extra, Scope};
use super::ranges::Several;
use super::ready::{self, AnswerKind, Outline};
use crate::asset::{Asset, Representation};
use crate::index::Coding;
use alloc::borrow::Cow;
use alloc::format;
use alloc::string::String;
#[cfg(feature = "files")]
use alloc::sync::Arc;
use bytes::Bytes;
use core::fmt;
use core::ops::Range;
use http::header::{
    ACCEPT_RANGES, ALLOW, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_LOCATION,
    CONTENT_RANGE, CONTENT_TYPE, ETAG, LAST_MODIFIED, LOCATION, VARY, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};
use std::io::Write as _;
use std::sync::LazyLock;

/// What a response depends on in the request, beside its path (RFC 9110, section 12.5.5).
#[derive(Clone, Copy, Debug)]
pub(super) struct Vary {
    pub(super) accept: bool,
    pub(super) accept_encoding: bool,
    /// Besides `Accept-Encoding`.
    pub(super) dictionary: bool,
}

impl Vary {
    #[cfg(feature = "live")]
    pub(super) const NONE: Self = Vary { accept: false, accept_encoding: false, dictionary: false };

    const fn value(self) -> Option<HeaderValue> {
        let fields = match (self.accept, self.accept_encoding, self.dictionary) {
            (false, false, false) => return None,
            (false, true, false) => "Accept-Encoding",
            (true, false, false) => "Accept",
            (true, true, false) => "Accept, Accept-Encoding",
            (false, _, true) => "Accept-Encoding, Available-Dictionary",
            (true, _, true) => "Accept, Accept-Encoding, Available-Dictionary",
        };
        Some(HeaderValue::from_static(fields))
    }
}

/// Enough for what a response has usually: the map doubles its room when it must grow.
const MANY: usize = 12;
const FEW: usize = 6;

/// A representation, and what answers say of it. Each is asked for only where it is needed.
pub(super) trait Content {
    /// The asset's name.
    fn name(&self) -> &str;
    /// The value of `Content-Type`.
    fn content_type(&self) -> Cow<'static, str>;
    fn coding(&self) -> Coding;
    /// The number of coded bytes.
    fn len(&self) -> usize;
    /// All coded bytes. They are shared, not copied.
    fn whole(&self) -> Body;
    /// Some of them. The range is in bounds.
    fn part(&self, range: Range<usize>) -> Piece;
    /// The number of bytes, in decimal.
    fn content_length(&self) -> Cow<'static, str>;
    /// With its quotes, and with `W/` before them where it is weak.
    fn etag(&self) -> Cow<'static, str>;
    /// Seconds since 1970.
    fn last_modified(&self) -> Option<u64>;
    /// The same, as an HTTP date.
    fn last_modified_http(&self) -> Option<&'static str>;
    /// The value of `Use-As-Dictionary`, for an answer that can be one.
    fn use_as_dictionary(&self) -> Option<String> {
        None
    }
    /// The fields that `make` makes for `outline`, which may be kept where the content never changes.
    fn fields(&self, _: Outline, make: impl FnOnce() -> HeaderMap) -> HeaderMap {
        make()
    }
}

/// A representation that the program has. Nothing of it is copied.
pub(super) struct Baked {
    asset: Asset,
    representation: Representation,
    /// Where a file has the bytes.
    #[cfg(feature = "files")]
    file: Option<Arc<OpenFile>>,
}

impl Baked {
    /// An error where the bytes are in a file, and that has changed or cannot be read.
    #[inline]
    pub(super) fn new(asset: Asset, representation: Representation) -> std::io::Result<Self> {
        Ok(Baked {
            asset,
            representation,
            #[cfg(feature = "files")]
            file: match representation.open() {
                None => None,
                Some(Ok((file, version))) => Some(Arc::new(OpenFile::new(file, version))),
                Some(Err(error)) => return Err(error),
            },
        })
    }
}

impl Content for Baked {
    fn name(&self) -> &str {
        self.asset.name()
    }

    fn content_type(&self) -> Cow<'static, str> {
        self.asset.content_type().into()
    }

    fn coding(&self) -> Coding {
        self.representation.coding()
    }

    fn len(&self) -> usize {
        self.representation.len()
    }

    fn whole(&self) -> Body {
        #[cfg(feature = "files")]
        if self.file.is_some() {
            return Body::from_piece(self.part(0..self.len()));
        }
        Bytes::from_static(self.representation.bytes()).into()
    }

    fn part(&self, range: Range<usize>) -> Piece {
        #[cfg(feature = "files")]
        if let Some(file) = &self.file {
            return Piece::File(FilePart::new(file, range.start as u64..range.end as u64));
        }
        let whole = self.representation.bytes();
        Piece::Bytes(Bytes::from_static(whole.get(range).unwrap_or_default()))
    }

    fn content_length(&self) -> Cow<'static, str> {
        self.representation.content_length().into()
    }

    fn etag(&self) -> Cow<'static, str> {
        self.representation.etag().into()
    }

    fn last_modified(&self) -> Option<u64> {
        self.asset.last_modified()
    }

    fn last_modified_http(&self) -> Option<&'static str> {
        self.asset.last_modified_http()
    }

    fn use_as_dictionary(&self) -> Option<String> {
        Some(use_as_dictionary(self.asset.name()))
    }

    fn fields(&self, outline: Outline, make: impl FnOnce() -> HeaderMap) -> HeaderMap {
        ready::fields(self.asset, self.representation, outline, make)
    }
}

/// A representation that was selected, and what its answers have in common.
pub(super) struct Answer<'a, C> {
    pub(super) content: C,
    pub(super) caching: Caching,
    /// Where the bytes have a URL of their own.
    pub(super) content_location: Option<&'static str>,
    pub(super) vary: Vary,
    /// Whether clients may use the content as a dictionary.
    pub(super) is_dictionary: bool,
    pub(super) extra: &'a Extra,
}

impl<C: Content> Answer<'_, C> {
    /// 200.
    #[inline]
    pub(super) fn whole(&self) -> Response<Body> {
        let headers = self.fields(AnswerKind::Whole, || {
            let mut headers = self.of_content();
            set_text(&mut headers, CONTENT_LENGTH, self.content.content_length());
            set_text(&mut headers, CONTENT_TYPE, self.content.content_type());
            // A part is none, and a 304 changes nothing of what the client has.
            if self.is_dictionary
                && let Some(value) = self.content.use_as_dictionary()
            {
                set_string(&mut headers, USE_AS_DICTIONARY, value);
            }
            headers
        });
        self.finish(StatusCode::OK, headers, Scope::Content, self.content.whole())
    }

    /// 206 with one range (RFC 9110, section 15.3.7.1).
    pub(super) fn part(&self, range: Range<usize>) -> Response<Body> {
        let mut headers = self.fields(AnswerKind::Part, || {
            let mut headers = self.of_content();
            set_text(&mut headers, CONTENT_TYPE, self.content.content_type());
            // To be replaced, so that there is room for them.
            set(&mut headers, CONTENT_RANGE, const { HeaderValue::from_static("") });
            set(&mut headers, CONTENT_LENGTH, const { HeaderValue::from_static("") });
            headers
        });
        let (first, last) = (range.start, range.end - 1);
        let of = numbers(format_args!("bytes {first}-{last}/{}", self.content.len()));
        set(&mut headers, CONTENT_RANGE, of);
        set(&mut headers, CONTENT_LENGTH, numbers(format_args!("{}", range.len())));
        let body = Body::from_piece(self.content.part(range));
        self.finish(StatusCode::PARTIAL_CONTENT, headers, Scope::Content, body)
    }

    /// 206 with several ranges (RFC 9110, section 15.3.7.2).
    pub(super) fn parts(&self, ranges: &Several) -> Response<Body> {
        let mut headers = self.of_content();
        set_text(&mut headers, CONTENT_TYPE, self.content.content_type());
        let status = StatusCode::PARTIAL_CONTENT;
        let mut response = self.finish(status, headers, Scope::Content, Body::empty());
        // The type that the whole would have is that of each part.
        let part_type = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let ByteRanges { content_type, body } =
            ByteRanges::new(&self.content, ranges, part_type.unwrap_or_default());
        let headers = response.headers_mut();
        set(headers, CONTENT_LENGTH, HeaderValue::from(body.len()));
        set_string(headers, CONTENT_TYPE, content_type);
        *response.body_mut() = body;
        response
    }

    /// 304 (RFC 9110, section 15.4.5).
    pub(super) fn not_modified(&self) -> Response<Body> {
        let headers = self.fields(AnswerKind::NotModified, || self.metadata(FEW));
        self.finish(StatusCode::NOT_MODIFIED, headers, Scope::NoContent, Body::empty())
    }

    /// 412 (RFC 9110, section 15.5.13).
    pub(super) fn precondition_failed(&self) -> Response<Body> {
        varying(error(StatusCode::PRECONDITION_FAILED), self.vary)
    }

    /// 416 (RFC 9110, section 15.5.17).
    pub(super) fn range_not_satisfiable(&self) -> Response<Body> {
        let mut response = error(StatusCode::RANGE_NOT_SATISFIABLE);
        let length = numbers(format_args!("bytes */{}", self.content.len()));
        set(response.headers_mut(), CONTENT_RANGE, length);
        varying(response, self.vary)
    }

    fn fields(&self, kind: AnswerKind, make: impl FnOnce() -> HeaderMap) -> HeaderMap {
        let outline = Outline {
            kind,
            caching: self.caching,
            by_accept: self.vary.accept,
            is_dictionary: self.is_dictionary,
        };
        self.content.fields(outline, make)
    }

    /// The fields of an answer with content, whole or in parts.
    fn of_content(&self) -> HeaderMap {
        let mut headers = self.metadata(MANY);
        let ranges = match self.content.coding() {
            Coding::Delta => const { HeaderValue::from_static("none") },
            _ => const { HeaderValue::from_static("bytes") },
        };
        set(&mut headers, ACCEPT_RANGES, ranges);
        set(&mut headers, X_CONTENT_TYPE_OPTIONS, const { HeaderValue::from_static("nosniff") });
        let coding = match self.content.coding() {
            Coding::Identity => None,
            Coding::Gzip => Some(const { HeaderValue::from_static("gzip") }),
            Coding::Brotli => Some(const { HeaderValue::from_static("br") }),
            Coding::Zstd => Some(const { HeaderValue::from_static("zstd") }),
            Coding::Delta => Some(const { HeaderValue::from_static("dcz") }),
        };
        if let Some(coding) = coding {
            set(&mut headers, CONTENT_ENCODING, coding);
        }
        if let Some(date) = self.content.last_modified_http() {
            set_text(&mut headers, LAST_MODIFIED, date.into());
        }
        headers
    }

    /// The fields that a 304 repeats.
    fn metadata(&self, capacity: usize) -> HeaderMap {
        let mut headers = HeaderMap::try_with_capacity(capacity).unwrap_or_default();
        set(&mut headers, CACHE_CONTROL, self.caching.value());
        set_text(&mut headers, ETAG, self.content.etag());
        if let Some(url) = self.content_location {
            set_text(&mut headers, CONTENT_LOCATION, url.into());
        }
        if let Some(vary) = self.vary.value() {
            set(&mut headers, VARY, vary);
        }
        headers
    }

    #[inline]
    fn finish(
        &self,
        status: StatusCode,
        mut headers: HeaderMap,
        scope: Scope,
        body: Body,
    ) -> Response<Body> {
        if !self.extra.is_empty() {
            let can_be_stored = self.caching != Caching::Never;
            self.extra.apply(self.content.name(), scope, can_be_stored, &mut headers);
        }
        response(status, headers, body)
    }
}

/// 404.
pub(super) fn not_found() -> Response<Body> {
    error(StatusCode::NOT_FOUND)
}

/// 500, for a file that has changed or cannot be read.
pub(super) fn unreadable(name: &str, error: &std::io::Error) -> Response<Body> {
    explained(StatusCode::INTERNAL_SERVER_ERROR, format!("`{name}` cannot be read: {error}\n"))
}

/// An error with a line of text that says what to do about it.
pub(super) fn explained(status: StatusCode, why: String) -> Response<Body> {
    let mut response = error(status);
    let headers = response.headers_mut();
    let text = const { HeaderValue::from_static("text/plain; charset=utf-8") };
    set(headers, CONTENT_TYPE, text);
    set(headers, X_CONTENT_TYPE_OPTIONS, const { HeaderValue::from_static("nosniff") });
    set(headers, CONTENT_LENGTH, HeaderValue::from(why.len()));
    *response.body_mut() = Bytes::from(why).into();
    response
}

/// 405, with what is allowed (RFC 9110, section 15.5.6).
pub(super) fn method_not_allowed() -> Response<Body> {
    let mut response = error(StatusCode::METHOD_NOT_ALLOWED);
    set(response.headers_mut(), ALLOW, ALLOWED);
    response
}

/// 406 (RFC 9110, section 15.5.7).
pub(super) fn not_acceptable(vary: Vary) -> Response<Body> {
    varying(error(StatusCode::NOT_ACCEPTABLE), vary)
}

/// 204, with what is allowed (RFC 9110, section 9.3.7). It has no length (section 8.6).
pub(super) fn options() -> Response<Body> {
    let mut headers = HeaderMap::try_with_capacity(FEW).unwrap_or_default();
    set(&mut headers, ALLOW, ALLOWED);
    set(&mut headers, CACHE_CONTROL, Caching::Never.value());
    response(StatusCode::NO_CONTENT, headers, Body::empty())
}

/// 307: the next request has the same method (RFC 9110, section 15.4.8) and query. A query that could
/// not stand in a field is left out.
pub(super) fn redirect(url: Cow<'static, str>, query: Option<&str>) -> Response<Body> {
    let query = query.filter(|query| query.bytes().all(|byte| byte.is_ascii_graphic()));
    let url = match query {
        Some(query) => format!("{url}?{query}").into(),
        None => url,
    };
    let mut response = error(StatusCode::TEMPORARY_REDIRECT);
    set_text(response.headers_mut(), LOCATION, url);
    response
}

const ALLOWED: HeaderValue = HeaderValue::from_static("GET, HEAD, OPTIONS");

/// An answer without content that may not be stored. Without `no-store` caches could keep some of
/// them, such as a 404 or 405 (RFC 9110, section 15.1).
fn error(status: StatusCode) -> Response<Body> {
    static FIELDS: LazyLock<HeaderMap> = LazyLock::new(|| {
        let length = const { HeaderValue::from_static("0") };
        [(CACHE_CONTROL, Caching::Never.value()), (CONTENT_LENGTH, length)].into_iter().collect()
    });
    response(status, FIELDS.clone(), Body::empty())
}

fn varying(mut response: Response<Body>, vary: Vary) -> Response<Body> {
    if let Some(vary) = vary.value() {
        set(response.headers_mut(), VARY, vary);
    }
    response
}

#[inline]
fn response(status: StatusCode, headers: HeaderMap, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}

/// Sets a field to text, which is checked but not copied. It is visible ASCII: names are encoded, and
/// types and tags are made of nothing else.
fn set_text(headers: &mut HeaderMap, name: HeaderName, value: Cow<'static, str>) {
    let value = match value {
        Cow::Borrowed(value) => Bytes::from_static(value.as_bytes()),
        Cow::Owned(value) => Bytes::from(value),
    };
    let value = HeaderValue::from_maybe_shared(value);
    debug_assert!(value.is_ok(), "{name} is visible ASCII");
    if let Ok(value) = value
        && !value.is_empty()
    {
        set(headers, name, value);
    }
}

/// A value of at most three numbers and a few words. It is allocated once, at its length.
fn numbers(text: fmt::Arguments<'_>) -> HeaderValue {
    let mut buffer = [0; 80];
    let mut rest = &mut buffer[..];
    // There is room for three numbers of 20 digits.
    let _ = rest.write_fmt(text);
    let length = 80 - rest.len();
    HeaderValue::from_bytes(buffer.get(..length).unwrap_or_default())
        .unwrap_or(const { HeaderValue::from_static("") })
}

fn set_string(headers: &mut HeaderMap, name: HeaderName, value: String) {
    let value = HeaderValue::try_from(value);
    debug_assert!(value.is_ok(), "{name} is visible ASCII");
    if let Ok(value) = value {
        set(headers, name, value);
    }
}

fn set(headers: &mut HeaderMap, name: HeaderName, value: HeaderValue) {
    // A map takes 32,768 fields.
    let _ = headers.try_insert(name, value);
}

//! A bundle for most tests, and requests to it.

#![allow(dead_code, unused_imports, reason = "no test uses all of it")]

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response, StatusCode};
use stamped::http::{Body, Handler};
use stamped::{Assets, Coding};
pub(crate) use stamped_test_support::{File, MODIFIED, bundle, bundle_with_versions};
use std::sync::LazyLock;

/// The seconds before and after [`MODIFIED`].
pub(crate) const SECOND_BEFORE: &str = "Sat, 16 Jan 2016 07:35:48 GMT";
pub(crate) const SECOND_AFTER: &str = "Sat, 16 Jan 2016 07:35:50 GMT";

pub(crate) const FOR_EVER: &str = "max-age=31536000, immutable";

pub(crate) const CSS: &str = "body { color: teal; background: silver; margin: 0 auto; }";
pub(crate) const DIGITS: &str = "0123456789";

/// The bundle of most tests.
pub(crate) fn sample() -> Assets {
    static SAMPLE: LazyLock<Assets> = LazyLock::new(make_sample);
    *SAMPLE
}

fn make_sample() -> Assets {
    bundle(
        "/static",
        vec![
            // In three codings, with a date. The bytes need not be what they say they are.
            File::stamped("css/style.css", "text/css; charset=utf-8", "1452929749", CSS)
                .coded(Coding::Gzip, b"\x1f\x8bgzip of style")
                .coded(Coding::Brotli, b"\xffbr of style")
                .modified(),
            // In one, without a date.
            File::stamped("img/dot.png", "image/png", "00000000000000000042", b"\x89PNG dot"),
            File::stamped("js/digits.js", "text/javascript; charset=utf-8", "7", DIGITS),
            File::stamped("empty.txt", "text/plain; charset=utf-8", "1", ""),
            File::plain("robots.txt", "text/plain; charset=utf-8", "User-agent: *\n"),
            File::plain("build/app-3f2a.js", "text/javascript; charset=utf-8", "app()")
                .prestamped(),
            File::stamped("video.mp4", "video/mp4", "9", "").without_contents(),
            File::plain("index.html", "text/html; charset=utf-8", "<title>root</title>"),
            File::plain("docs/index.html", "text/html; charset=utf-8", "<title>docs</title>")
                .coded(Coding::Gzip, b"\x1f\x8bdocs"),
        ],
    )
}

/// A request by method, path and header fields.
pub(crate) fn request(method: Method, path: &str, headers: &[(&str, &str)]) -> Request<()> {
    let mut builder = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        builder = builder.header(*name, *value);
    }
    builder.body(()).unwrap()
}

/// A response whose body is in one piece.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    pub(crate) fn of(response: Response<Body>) -> Self {
        let (parts, body) = response.into_parts();
        Answer { status: parts.status, headers: parts.headers, body: body.into_bytes() }
    }

    /// The only line of a field.
    #[track_caller]
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.get_all(name).iter();
        let value = values.next().map(|value| value.to_str().unwrap());
        assert!(values.next().is_none(), "{name} twice: {self:?}");
        value
    }

    /// Nobody may keep it.
    #[track_caller]
    pub(crate) fn has_no_store(self) -> Self {
        assert_eq!(self.field("cache-control"), Some("no-store"), "{self:?}");
        self
    }

    #[track_caller]
    pub(crate) fn has_status(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{self:?}");
        self
    }

    #[track_caller]
    pub(crate) fn has(self, name: &str, value: &str) -> Self {
        assert_eq!(self.field(name), Some(value), "{name}: {self:?}");
        self
    }

    #[track_caller]
    pub(crate) fn has_no(self, name: &str) -> Self {
        assert_eq!(self.field(name), None, "{name}: {self:?}");
        self
    }

    #[track_caller]
    pub(crate) fn has_body(self, body: impl AsRef<[u8]>) -> Self {
        assert_eq!(self.body, body.as_ref(), "{self:?}");
        self
    }
}

/// What a handler answers.
pub(crate) fn ask(
    handler: &Handler,
    method: Method,
    path: &str,
    headers: &[(&str, &str)],
) -> Answer {
    Answer::of(handler.respond(&request(method, path, headers)))
}

/// What a handler for the sample answers to `GET`.
pub(crate) fn get(path: &str, headers: &[(&str, &str)]) -> Answer {
    ask(&Handler::new(&sample()), Method::GET, path, headers)
}

/// The tag of a representation of the sample.
pub(crate) fn etag(name: &str, coding: Coding) -> &'static str {
    let asset = sample().get(name).unwrap();
    let found = asset.representations().find(|one| one.coding() == coding);
    found.unwrap().etag()
}

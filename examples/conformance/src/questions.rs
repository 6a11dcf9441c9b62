//! What is asked.

use crate::assets::{ASSETS, asset, url};
use stamped::{Asset, Coding};
use std::iter;

/// A request, and what it should get.
#[derive(Clone, Debug)]
pub struct Question {
    /// What it is about; its row in the table.
    pub name: &'static str,
    /// The method.
    pub method: &'static str,
    /// The target as it stands in the request line.
    pub target: String,
    /// The fields, but for those that every request has.
    pub fields: Vec<(&'static str, String)>,
    /// The content, where there is some.
    pub content: &'static str,
    /// What it should get.
    pub expected: Expected,
}

/// What a request should get.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expected {
    /// What the handler answers, which has this status and at least these fields.
    Asset(u16, Vec<(&'static str, String)>),
    /// A page of the program.
    Page,
    /// What the framework says of any path that it does not know.
    Missing,
}

impl Question {
    fn new(name: &'static str, method: &'static str, target: impl Into<String>) -> Self {
        let target = target.into();
        Question { name, method, target, fields: vec![], content: "", expected: Expected::Missing }
    }

    fn get(name: &'static str, target: impl Into<String>) -> Self {
        Question::new(name, "GET", target)
    }

    fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.fields.push((name, value.into()));
        self
    }

    fn content(mut self, content: &'static str) -> Self {
        self.content = content;
        self.with("Content-Length", content.len().to_string())
    }

    fn gets(mut self, status: u16, fields: &[(&'static str, &str)]) -> Self {
        let fields = fields.iter().map(|&(name, value)| (name, value.to_owned())).collect();
        self.expected = Expected::Asset(status, fields);
        self
    }

    fn gets_page(mut self) -> Self {
        self.expected = Expected::Page;
        self
    }
}

const IMMUTABLE: (&str, &str) = ("cache-control", "max-age=31536000, immutable");
const NO_CACHE: (&str, &str) = ("cache-control", "no-cache");
const NO_STORE: (&str, &str) = ("cache-control", "no-store");
const ALLOW: (&str, &str) = ("allow", "GET, HEAD, OPTIONS");

fn etag(asset: Asset, coding: Coding) -> &'static str {
    let mut representations = asset.representations();
    representations.find(|r| r.coding() == coding).map_or("", |r| r.etag())
}

/// All of them.
#[must_use]
pub fn questions() -> Vec<Question> {
    iter::empty()
        .chain(paths())
        .chain(methods())
        .chain(conditions())
        .chain(ranges())
        .chain(encodings())
        .chain(odd_paths())
        .collect()
}

fn paths() -> Vec<Question> {
    let style = asset!("css/style.css");
    let text = ("content-type", "text/css; charset=utf-8");
    let nosniff = ("x-content-type-options", "nosniff");
    vec![
        Question::get("exact", style.url()).gets(
            200,
            &[IMMUTABLE, text, nosniff, ("etag", style.etag()), ("accept-ranges", "bytes")],
        ),
        Question::get("exact, module", url!("js/app.js"))
            .gets(200, &[IMMUTABLE, ("content-type", "text/javascript; charset=utf-8")]),
        Question::get("exact, binary", url!("font/tiny.woff2"))
            .gets(200, &[IMMUTABLE, ("content-type", "font/woff2"), ("content-length", "1260")]),
        Question::get("exact, picture", url!("img/dot.png"))
            .gets(200, &[IMMUTABLE, ("content-type", "image/png")]),
        Question::get("exact, empty", url!("empty.txt"))
            .gets(200, &[IMMUTABLE, ("content-length", "0")]),
        Question::get("exact, large", url!("words.txt"))
            .gets(200, &[IMMUTABLE, ("content-length", "1000000"), ("vary", "Accept-Encoding")]),
        Question::get("exact, with a query", format!("{}?v=1&w=%20", style.url()))
            .gets(200, &[IMMUTABLE]),
        Question::get("plain", "/static/css/style.css").gets(200, &[NO_CACHE, text]),
        Question::get("plain, never stamped", "/static/robots.txt").gets(200, &[NO_CACHE]),
        Question::get("at the root of the site", "/robots.txt").gets(200, &[NO_CACHE]),
        Question::new("at the root of the site, POST", "POST", "/robots.txt")
            .content("a=1")
            .gets(405, &[ALLOW, NO_STORE]),
        Question::get("stale", "/static/css/style.1.css")
            .gets(200, &[NO_STORE, ("content-location", style.url())]),
        Question::get("unknown", "/static/css/no.css"),
        Question::get("unknown, stamped", "/static/css/no.1452929749.css"),
        Question::get("unknown, elsewhere", "/no"),
        Question::get("the mount", "/static"),
        Question::get("the mount, as a folder", "/static/"),
        Question::get("a page", "/").gets_page(),
    ]
}

fn methods() -> Vec<Question> {
    let style = asset!("css/style.css");
    let length =
        ("content-length", style.representations().next().map_or("", |r| r.content_length()));
    vec![
        Question::new("HEAD", "HEAD", style.url()).gets(200, &[IMMUTABLE, length]),
        Question::new("HEAD, large", "HEAD", url!("words.txt"))
            .gets(200, &[("content-length", "1000000")]),
        Question::new("HEAD, empty", "HEAD", url!("empty.txt"))
            .gets(200, &[("content-length", "0")]),
        Question::new("HEAD, Range", "HEAD", style.url())
            .with("Range", "bytes=0-3")
            .gets(200, &[length]),
        Question::new("HEAD, Accept-Encoding", "HEAD", url!("words.txt"))
            .with("Accept-Encoding", "br")
            .gets(200, &[("content-encoding", "br")]),
        Question::new("HEAD, If-None-Match", "HEAD", style.url())
            .with("If-None-Match", style.etag())
            .gets(304, &[IMMUTABLE, ("etag", style.etag())]),
        Question::new("HEAD, a page", "HEAD", "/").gets_page(),
        Question::new("OPTIONS", "OPTIONS", style.url()).gets(204, &[ALLOW]),
        Question::new("POST", "POST", style.url()).content("a=1").gets(405, &[ALLOW, NO_STORE]),
        Question::new("POST, a form", "POST", style.url())
            .with("Content-Type", "application/x-www-form-urlencoded")
            .content("_method=get")
            .gets(405, &[ALLOW, NO_STORE]),
        Question::new("PUT", "PUT", style.url()).content("x").gets(405, &[ALLOW, NO_STORE]),
        Question::new("DELETE", "DELETE", style.url()).gets(405, &[ALLOW, NO_STORE]),
        Question::new("TRACE", "TRACE", style.url()).gets(405, &[ALLOW, NO_STORE]),
        Question::new("a method of one's own", "BREW", style.url()).gets(405, &[ALLOW, NO_STORE]),
    ]
}

fn conditions() -> Vec<Question> {
    let style = asset!("css/style.css");
    let words = asset!("words.txt");
    let get = |name| Question::get(name, style.url());
    let unmodified = [IMMUTABLE, ("etag", style.etag())];
    let late = "Fri, 31 Dec 9999 23:59:59 GMT";
    let early = "Thu, 01 Jan 1970 00:00:00 GMT";
    vec![
        get("If-None-Match").with("If-None-Match", style.etag()).gets(304, &unmodified),
        get("If-None-Match, a list")
            .with("If-None-Match", format!("\"x\", W/{}", style.etag()))
            .gets(304, &unmodified),
        get("If-None-Match, two lines")
            .with("If-None-Match", "\"x\"")
            .with("If-None-Match", style.etag())
            .gets(304, &unmodified),
        get("If-None-Match, *").with("If-None-Match", "*").gets(304, &unmodified),
        get("If-None-Match, another").with("If-None-Match", "\"x\"").gets(200, &[IMMUTABLE]),
        Question::get("If-None-Match, brotli", words.url())
            .with("Accept-Encoding", "br")
            .with("If-None-Match", etag(words, Coding::Brotli))
            .gets(304, &[("vary", "Accept-Encoding"), ("etag", etag(words, Coding::Brotli))]),
        get("If-Match").with("If-Match", style.etag()).gets(200, &[IMMUTABLE]),
        get("If-Match, another").with("If-Match", "\"x\"").gets(412, &[NO_STORE]),
        Question::get("If-Modified-Since", words.url())
            .with("If-Modified-Since", late)
            .gets(304, &[IMMUTABLE, ("etag", words.etag())]),
        Question::get("If-Unmodified-Since", words.url())
            .with("If-Unmodified-Since", early)
            .gets(412, &[NO_STORE]),
    ]
}

fn ranges() -> Vec<Question> {
    let words = asset!("words.txt");
    let get = |name, range: &str| Question::get(name, words.url()).with("Range", range);
    vec![
        get("Range", "bytes=1000-1999")
            .gets(206, &[("content-range", "bytes 1000-1999/1000000"), ("content-length", "1000")]),
        get("Range, to the end", "bytes=999990-")
            .gets(206, &[("content-range", "bytes 999990-999999/1000000")]),
        get("Range, a suffix", "bytes=-5")
            .gets(206, &[("content-range", "bytes 999995-999999/1000000")]),
        get("Range, several", "bytes=0-9, 100-109, -10").gets(206, &[IMMUTABLE]),
        get("Range, nothing there", "bytes=1000000-")
            .gets(416, &[NO_STORE, ("content-range", "bytes */1000000")]),
        get("Range, malformed", "bytes=9-1").gets(200, &[("content-length", "1000000")]),
        get("Range, of an encoding", "bytes=0-9")
            .with("Accept-Encoding", "gzip")
            .gets(206, &[("content-encoding", "gzip"), ("content-length", "10")]),
        get("If-Range", "bytes=0-9").with("If-Range", words.etag()).gets(206, &[]),
        get("If-Range, another", "bytes=0-9").with("If-Range", "\"x\"").gets(200, &[]),
    ]
}

fn encodings() -> Vec<Question> {
    let words = asset!("words.txt");
    let get =
        |name, accepted: &str| Question::get(name, words.url()).with("Accept-Encoding", accepted);
    let coded = |coding, name| [("etag", etag(words, coding)), ("content-encoding", name)];
    let identity = [("etag", words.etag()), ("content-length", "1000000")];
    vec![
        get("Accept-Encoding, a browser's", "gzip, deflate, br, zstd")
            .gets(200, &coded(Coding::Brotli, "br")),
        get("Accept-Encoding, gzip", "gzip").gets(200, &coded(Coding::Gzip, "gzip")),
        get("Accept-Encoding, identity", "identity").gets(200, &identity),
        get("Accept-Encoding, empty", "").gets(200, &identity),
        get("Accept-Encoding, br;q=0", "br;q=0, gzip").gets(200, &coded(Coding::Gzip, "gzip")),
        get("Accept-Encoding, none of them", "identity;q=0, br;q=0, gzip;q=0")
            .gets(406, &[NO_STORE, ("vary", "Accept-Encoding")]),
    ]
}

fn odd_paths() -> Vec<Question> {
    let elsewhere = ASSETS.get("docs/読む 此れ.txt").map_or("", Asset::url);
    vec![
        Question::get("percent-encoded name", elsewhere).gets(200, &[IMMUTABLE]),
        Question::get("percent-encoded name, lower case", elsewhere.to_ascii_lowercase())
            .gets(200, &[IMMUTABLE]),
        Question::get("percent-encoded letters", "/%73tatic/css/%73tyle%2ecss")
            .gets(200, &[NO_CACHE]),
        Question::get("..", "/static/js/../css/style.css"),
        Question::get("..%2f", "/static/js/..%2fcss/style.css"),
        Question::get("%2e%2e", "/static/js/%2e%2e/css/style.css"),
        Question::get(".", "/static/./css/style.css"),
        Question::get("//", "/static//css/style.css"),
        Question::get("// in front", "//static/css/style.css"),
        Question::get("/ behind", "/static/css/style.css/"),
        Question::get("%2f", "/static/css%2fstyle.css"),
        Question::get("%00", "/static/css/style.css%00"),
        Question::get("%25-encoded twice", "/static/css/%2573tyle.css"),
        Question::get("overlong UTF-8", "/static/css%c0%afstyle.css"),
        Question::get("no escape", "/static/css/style.css%zz"),
        Question::get("half an escape", "/static/css/style.css%2"),
        Question::get("another case", "/static/CSS/style.css"),
        Question::get("a path of 8 KiB", format!("/static/{}", "a".repeat(8 * 1024))),
    ]
}

//! Answers that are given more than once: what was put together for one must fit the next.

mod support;

use http::{HeaderName, HeaderValue, Method};
use stamped::Coding;
use stamped::http::Handler;
use support::*;

const STYLE: &str = "/static/css/style.1452929749.css";

#[track_caller]
fn assert_same(one: &Answer, other: &Answer) {
    assert_eq!(one.status, other.status, "{one:?} {other:?}");
    assert_eq!(one.headers, other.headers);
    assert_eq!(one.body, other.body);
}

/// A bundle that no request was made to.
fn fresh() -> stamped::Assets {
    let style = File::stamped("css/style.css", "text/css", "1452929749", CSS);
    let page = File::plain("index.html", "text/html", "<title>root</title>");
    bundle("/static", vec![style.coded(Coding::Brotli, b"\xffbr of style").modified(), page])
}

#[test]
fn an_answer_is_that_of_a_handler_that_never_gave_another() {
    let br = ("accept-encoding", "br");
    let html = ("accept", "text/html");
    let tag = ("if-none-match", "*");
    let requests: [(&str, &[(&str, &str)]); 14] = [
        (STYLE, &[]),
        (STYLE, &[br]),
        (STYLE, &[tag]),
        (STYLE, &[tag, br]),
        (STYLE, &[("range", "bytes=0-3")]),
        (STYLE, &[("range", "bytes=10-19")]),
        (STYLE, &[("range", "bytes=0-1,4-5")]),
        ("/static/css/style.css", &[]),
        ("/static/css/style.css", &[tag]),
        ("/static/css/style.1.css", &[]),
        ("/static/css/style.1.css", &[br]),
        ("/static/index.html", &[]),
        ("/static/page", &[html]),
        ("/static/page", &[html, tag]),
    ];
    let shared = Handler::new(&fresh()).fallback("index.html");
    let name = HeaderName::from_static("x-more");
    let more = shared.clone().header("**", name, HeaderValue::from_static("more")).unwrap();
    for _ in 0..2 {
        for (path, headers) in requests {
            let expected =
                ask(&Handler::new(&fresh()).fallback("index.html"), Method::GET, path, headers);
            assert!(expected.status.is_success() || expected.status == 304, "{expected:?}");
            ask(&more, Method::GET, path, headers).has("x-more", "more");
            assert_same(&ask(&shared, Method::GET, path, headers), &expected);
        }
    }
}

#[test]
fn more_answers_than_are_kept_are_told_apart() {
    let files = |content: &str| {
        let file = |number: usize| {
            let name = format!("{number}.txt").leak();
            let file = File::plain(name, "text/plain", content.repeat(number));
            file.coded(Coding::Brotli, format!("br {content} {number}"))
        };
        bundle("/static", (0..1000).map(file).collect())
    };
    // Alike but for the contents.
    let bundles = [files("a"), files("bb")];
    for _ in 0..2 {
        for assets in bundles {
            let handler = Handler::new(&assets);
            for asset in assets.iter() {
                let path = format!("/static/{}", asset.name());
                for representation in asset.representations() {
                    let accepted = match representation.coding() {
                        Coding::Identity => "identity",
                        coding => coding.token(),
                    };
                    ask(&handler, Method::GET, &path, &[("accept-encoding", accepted)])
                        .has_status(200)
                        .has("content-length", representation.content_length())
                        .has("etag", representation.etag())
                        .has_body(representation.bytes());
                }
                ask(&handler, Method::GET, &path, &[("if-none-match", "*")])
                    .has_status(304)
                    .has("etag", asset.etag())
                    .has_no("content-length");
            }
        }
    }
}

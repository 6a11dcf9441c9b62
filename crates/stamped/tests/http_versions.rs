//! Earlier versions: how requests for them are answered.

mod support;

use http::Method;
use stamped::http::{Handler, Stale};
use stamped::{Assets, Coding, Resolved};
use std::sync::LazyLock;
use support::*;

const GZIP: &[u8] = b"\x1f\x8bgzip of the old style";

/// `style.css` was `2` and `1` before it was `3`; `gone.js` and a bundler's file are no assets any more.
fn versions() -> Assets {
    static VERSIONS: LazyLock<Assets> = LazyLock::new(|| {
        let css = "text/css; charset=utf-8";
        let js = "text/javascript; charset=utf-8";
        bundle_with_versions(
            "/static",
            vec![
                File::stamped("css/style.css", css, "3", CSS).coded(Coding::Brotli, b"\xffbr"),
                File::stamped("old.css", css, "9", ""),
                File::plain("index.html", "text/html", ""),
            ],
            vec![
                File::plain("app-1a2b.js", js, "bundled()").prestamped(),
                File::stamped("css/style.css", css, "2", "").only_coded(Coding::Gzip, GZIP),
                File::stamped("css/style.css", "text/css", "1", "body { color: red }"),
                File::stamped("gone.js", js, "7", DIGITS),
                File::stamped("图 %.css", css, "4", "x"),
            ],
        )
    });
    *VERSIONS
}

fn ask_with(stale: Stale, method: Method, path: &str, headers: &[(&str, &str)]) -> Answer {
    ask(&Handler::new(&versions()).stale(stale), method, path, headers)
}

fn get(path: &str, headers: &[(&str, &str)]) -> Answer {
    ask_with(Stale::Current, Method::GET, path, headers)
}

#[test]
fn an_earlier_version_is_immutable_with_its_own_bytes_and_type() {
    get("/static/css/style.1.css", &[("accept-encoding", "gzip, br")])
        .has_status(200)
        .has("cache-control", FOR_EVER)
        .has("content-type", "text/css")
        .has("content-length", "19")
        .has_no("vary")
        .has_no("content-location")
        .has_no("content-encoding")
        .has_body("body { color: red }");
    get("/static/css/style.3.css", &[]).has("cache-control", FOR_EVER).has_body(CSS);
    for (path, body) in [
        ("/static/gone.7.js", DIGITS),
        ("/static/app-1a2b.js", "bundled()"),
        ("/static/%E5%9B%BE%20%25.4.css", "x"),
    ] {
        get(path, &[]).has_status(200).has("cache-control", FOR_EVER).has_body(body);
    }
}

#[test]
fn one_that_is_kept_in_gzip_goes_to_all_that_do_not_refuse_gzip() {
    const PATH: &str = "/static/css/style.2.css";
    for accepted in [
        &[][..],
        &[("accept-encoding", "gzip, deflate, br, zstd")],
        &[("accept-encoding", "x-gzip;q=0.1")],
        &[("accept-encoding", "*")],
    ] {
        get(PATH, accepted)
            .has_status(200)
            .has("cache-control", FOR_EVER)
            .has("content-encoding", "gzip")
            .has("content-length", &GZIP.len().to_string())
            .has("vary", "Accept-Encoding")
            .has_body(GZIP);
    }
    for refused in ["identity", "gzip;q=0", "br", "*;q=0, identity", ""] {
        let headers = [("accept-encoding", refused)];
        let answer = get(PATH, &headers).has_status(200).has_no_store();
        answer.has("content-location", "/static/css/style.3.css");
        ask_with(Stale::NotFound, Method::GET, PATH, &headers).has_status(404).has_no_store();
        let answer = ask_with(Stale::Redirect, Method::GET, PATH, &headers).has_status(307);
        answer.has("location", "/static/css/style.3.css").has_no_store();
    }
}

#[test]
fn head_ranges_and_conditions_are_those_of_any_asset() {
    let whole = get("/static/gone.7.js", &[]);
    let tag = whole.field("etag").unwrap().to_owned();
    let head = ask_with(Stale::Current, Method::HEAD, "/static/gone.7.js", &[]);
    head.has_status(200).has("content-length", "10").has("etag", &tag).has_body("");
    get("/static/gone.7.js", &[("range", "bytes=2-4")])
        .has_status(206)
        .has("content-range", "bytes 2-4/10")
        .has_body("234");
    get("/static/gone.7.js", &[("if-none-match", &tag)])
        .has_status(304)
        .has("cache-control", FOR_EVER);
    get("/static/gone.7.js", &[("if-match", "\"other\"")]).has_status(412).has_no_store();
    let gzip = [("range", "bytes=0-1")];
    get("/static/css/style.2.css", &gzip).has_status(206).has_body(&GZIP[..2]);
    ask_with(Stale::Current, Method::POST, "/static/gone.7.js", &[]).has_status(405);
}

#[test]
fn other_stamps_are_as_if_nothing_were_kept() {
    get("/static/css/style.4.css", &[]).has_status(200).has_no_store().has_body(CSS);
    for path in [
        "/static/gone.js",
        "/static/gone.8.js",
        "/static/app-1a2c.js",
        "/static/css/style.1",
        "/static/css/style.2.css/",
        "/static/css/style.02.css.map",
    ] {
        get(path, &[]).has_status(404).has_no_store();
    }
    // The stamp of another name.
    get("/static/old.7.css", &[]).has_status(200).has_no_store();
    assert!(versions().iter().all(|asset| asset.is_current()));
    assert_eq!(versions().len(), 3);
}

#[test]
fn handles_to_versions_know_their_place() {
    let current = versions().get("css/style.css").unwrap();
    let stamps: Vec<_> = current.versions().map(|version| version.stamp().unwrap()).collect();
    assert_eq!(stamps, ["2", "1"]);
    let Resolved::Exact(second) = versions().resolve("/static/css/style.2.css") else { panic!() };
    assert!(!second.is_current() && second != current);
    assert_eq!((second.name(), second.bytes(), second.etag()), ("css/style.css", &b""[..], ""));
    assert!(second.versions().map(|version| version.stamp().unwrap()).eq(["1"]));
    assert_eq!(versions().get("old.css").unwrap().versions().count(), 0);
}

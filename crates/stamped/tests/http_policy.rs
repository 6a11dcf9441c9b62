//! What the user of a handler can choose.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may fail")]

mod support;

use http::header::{self, HeaderName};
use http::{HeaderValue, Method};
use stamped::http::{Handler, Head, Preload, Stale, preload_links};
use stamped::{Assets, Coding};
use support::*;

const STYLE: &str = "/static/css/style.1452929749.css";
const HTML: (&str, &str) = ("accept", "text/html,application/xhtml+xml,*/*;q=0.8");

fn handler() -> Handler {
    Handler::new(&sample())
}

fn get_from(handler: &Handler, path: &str, headers: &[(&str, &str)]) -> Answer {
    ask(handler, Method::GET, path, headers)
}

#[test]
fn the_defaults_are_constant() {
    const ASSETS: Assets = Assets::new(&stamped::Data::EMPTY);
    static HANDLER: Handler = Handler::new(&ASSETS).stale(Stale::NotFound).cors(true);
    get_from(&HANDLER, "/", &[HTML]).has_status(404).has_no_store();
}

// Pages.

#[test]
fn without_an_index_a_folder_is_unknown() {
    for path in ["/static/docs/", "/static/docs", "/static/"] {
        get_from(&handler(), path, &[HTML]).has_status(404);
    }
}

#[test]
fn the_path_of_a_folder_gets_its_index() {
    let handler = handler().index("index.html");
    for path in ["/static/docs/", "/static/d%6fcs/", "/static/docs/?page=2"] {
        get_from(&handler, path, &[])
            .has_status(200)
            .has("cache-control", "no-cache")
            .has("content-type", "text/html; charset=utf-8")
            .has("vary", "Accept-Encoding")
            .has_body("<title>docs</title>");
    }
    get_from(&handler, "/static/", &[]).has_no("vary").has_body("<title>root</title>");
}

#[test]
fn an_index_takes_conditions_codings_and_methods_as_any_asset() {
    let handler = handler().index("index.html");
    let path = "/static/docs/";
    get_from(&handler, path, &[("accept-encoding", "gzip")]).has("content-encoding", "gzip");
    get_from(&handler, path, &[("if-none-match", etag("docs/index.html", Coding::Identity))])
        .has_status(304)
        .has("cache-control", "no-cache");
    get_from(&handler, path, &[("range", "bytes=0-6")]).has_status(206).has_body("<title>");
    ask(&handler, Method::POST, path, &[]).has_status(405);
    ask(&handler, Method::OPTIONS, path, &[]).has_status(204);
}

#[test]
fn a_folder_without_its_slash_is_redirected() {
    let handler = handler().index("index.html");
    for (path, url) in [("/static/docs", "/static/docs/"), ("/static", "/static/")] {
        get_from(&handler, path, &[]).has_status(307).has_no_store().has("location", url);
    }
    let root = Handler::new(&bundle("", vec![File::plain("a b/i.html", "text/html", "")]));
    let root = root.index("i.html");
    get_from(&root, "/a%20b", &[]).has_status(307).has("location", "/a%20b/");
    get_from(&root, "/a%20b?page=2&q=%c3%a9", &[]).has("location", "/a%20b/?page=2&q=%c3%a9");
    // A head may come from a server that checks less.
    let headers = http::HeaderMap::new();
    let head = Head::new(&Method::GET, "/a%20b", &headers).with_query(Some("a b\r\nx: y"));
    Answer::of(root.respond(head)).has_status(307).has("location", "/a%20b/");
    get_from(&root, "/a%20b/", &[]).has_status(200);
}

#[test]
fn a_folder_without_an_index_is_unknown() {
    let handler = handler().index("index.html");
    for path in [
        "/static/css/",
        "/static/css",
        "/static/none/",
        "/static//",
        "/static/docs//",
        "/static/./docs/",
        "/static/css/../docs/",
        "/static/docs%2f",
        "/static/docs/%00",
        "/staticdocs/",
        "/docs/",
        "//",
        "/",
        STYLE.trim_end_matches("css"),
    ] {
        get_from(&handler, path, &[HTML]).has_status(404).has_no_store();
    }
}

#[test]
fn a_stamped_index_is_asked_for_again_under_its_folder() {
    let files = vec![File::stamped("a/index.html", "text/html", "5", "x")];
    let handler = Handler::new(&bundle("/s", files)).index("index.html");
    get_from(&handler, "/s/a/", &[]).has_status(200).has("cache-control", "no-cache");
    get_from(&handler, "/s/a", &[]).has_status(307).has("location", "/s/a/");
}

#[test]
fn unknown_paths_of_pages_get_the_fallback() {
    let handler = handler().fallback("index.html");
    for path in ["/", "/users/7", "/users/", "/static/users", "/v1.2/users", "/caf%C3%A9"] {
        for method in [Method::GET, Method::HEAD] {
            ask(&handler, method, path, &[HTML])
                .has_status(200)
                .has("cache-control", "no-cache")
                .has("vary", "Accept")
                .has("content-type", "text/html; charset=utf-8")
                .has("content-length", "19");
        }
    }
    let docs = handler.clone().fallback("docs/index.html");
    get_from(&docs, "/users", &[HTML]).has("vary", "Accept, Accept-Encoding");
    get_from(&docs, "/users", &[HTML, ("if-none-match", "*")])
        .has_status(304)
        .has("vary", "Accept, Accept-Encoding");
    get_from(&docs, "/users", &[HTML, ("accept-encoding", "*;q=0")])
        .has_status(406)
        .has("vary", "Accept, Accept-Encoding");
}

#[test]
fn what_looks_like_an_asset_never_gets_the_fallback() {
    let handler = handler().fallback("index.html").index("index.html");
    for path in [
        "/static/css/none.1452929749.css",
        "/static/none.css",
        "/none%2Ejs",
        "/LICENSE.42",
        "/none.css/",
        "/.env",
        "/a/../b",
        "/a/%2e%2e/b",
        "/a//b",
        "/a%2fb",
        "/a%00",
        "/a%5cb",
        "/a%c0%af",
        "/a%zz",
    ] {
        get_from(&handler, path, &[HTML]).has_status(404).has_no_store();
    }
    let stale = handler.stale(Stale::NotFound);
    get_from(&stale, "/static/css/style.1.css", &[HTML]).has_status(404);
}

#[test]
fn only_who_asks_for_html_gets_the_fallback() {
    let handler = handler().fallback("index.html");
    for headers in [&[][..], &[("accept", "*/*")], &[("accept", "application/json")]] {
        get_from(&handler, "/users", headers).has_status(404).has_no_store();
        assert!(handler.try_respond(&request(Method::GET, "/users", headers)).is_none());
    }
    for method in [Method::POST, Method::OPTIONS, Method::DELETE] {
        ask(&handler, method, "/users", &[HTML]).has_status(404);
    }
}

#[test]
fn a_fallback_below_a_prefix_leaves_the_rest_of_the_site_alone() {
    let handler = handler()
        .fallback_below("/app", "index.html")
        .fallback_below("/app/docs/", "docs/index.html")
        .fallback_below("/app/none", "none.html");
    let html = [("accept", "text/html,*/*;q=0.8")];
    for (path, body) in [
        ("/app", "<title>root</title>"),
        ("/app/", "<title>root</title>"),
        ("/app/users/7", "<title>root</title>"),
        ("/%61pp/users", "<title>root</title>"),
        ("/app/docs", "<title>docs</title>"),
        ("/app/docs/a", "<title>docs</title>"),
        ("/app/docsabc", "<title>root</title>"),
        // No asset has that name.
        ("/app/none/a", "<title>root</title>"),
    ] {
        ask(&handler, Method::GET, path, &html)
            .has_status(200)
            .has("cache-control", "no-cache")
            .has("vary", if body.contains("docs") { "Accept, Accept-Encoding" } else { "Accept" })
            .has_body(body);
    }
    for path in ["/apples", "/", "/other", "/app/main.js", "/app/x/style.1400000000.css", "/App"] {
        assert!(handler.try_respond(&request(Method::GET, path, &html)).is_none(), "{path}");
    }
    for path in ["/static/none", "/static/app", "/static/app/users"] {
        ask(&handler, Method::GET, path, &html).has_status(404).has_no_store();
    }
}

#[test]
fn a_fallback_that_is_no_asset_changes_nothing() {
    for name in ["none.html", "video.mp4"] {
        let handler = handler().fallback(name);
        get_from(&handler, "/users", &[HTML]).has_status(404);
        assert!(handler.try_respond(&request(Method::GET, "/users", &[HTML])).is_none());
    }
}

// Other origins.

#[test]
fn other_origins_are_not_allowed_by_default() {
    let origin = ("origin", "https://example.org");
    get_from(&handler(), STYLE, &[origin]).has_no("access-control-allow-origin");
    ask(&handler(), Method::OPTIONS, STYLE, &[origin, ("access-control-request-method", "GET")])
        .has_no("access-control-allow-origin")
        .has_no("access-control-allow-methods");
}

#[test]
fn other_origins_may_read_every_answer_where_they_are_allowed() {
    let handler = handler().cors(true);
    for (path, headers, status) in [
        (STYLE, &[][..], 200),
        (STYLE, &[("range", "bytes=0-1")], 206),
        (STYLE, &[("if-none-match", "*")], 304),
        (STYLE, &[("if-match", "\"x\"")], 412),
        ("/static/none", &[], 404),
    ] {
        get_from(&handler, path, headers)
            .has_status(status)
            .has("access-control-allow-origin", "*")
            .has("access-control-expose-headers", "*")
            .has_no("access-control-allow-credentials");
    }
    let redirect = handler.stale(Stale::Redirect);
    get_from(&redirect, "/static/css/style.1.css", &[])
        .has_status(307)
        .has("access-control-allow-origin", "*");
}

#[test]
fn a_preflight_request_is_told_what_it_may_do() {
    let preflight = [
        ("origin", "https://example.org"),
        ("access-control-request-method", "GET"),
        ("access-control-request-headers", "range, if-range"),
    ];
    ask(&handler().cors(true), Method::OPTIONS, STYLE, &preflight)
        .has_status(204)
        .has_no_store()
        .has("access-control-allow-origin", "*")
        .has("access-control-allow-methods", "GET, HEAD")
        .has("access-control-allow-headers", "*")
        .has("access-control-max-age", "86400");
    ask(&handler().cors(true), Method::OPTIONS, STYLE, &[]).has_no("access-control-allow-methods");
}

// Further fields.

fn with(pattern: &str, name: HeaderName, value: &'static str) -> Handler {
    handler().header(pattern, name, HeaderValue::from_static(value)).unwrap()
}

#[test]
fn fields_are_added_where_the_pattern_matches() {
    let name = HeaderName::from_static("timing-allow-origin");
    let handler = with("css/**", name, "*");
    for headers in [&[][..], &[("range", "bytes=0-1")], &[("if-none-match", "*")]] {
        get_from(&handler, STYLE, headers).has("timing-allow-origin", "*");
        get_from(&handler, "/static/robots.txt", headers).has_no("timing-allow-origin");
    }
    for (path, headers) in [(STYLE, &[("if-match", "\"x\"")]), ("/static/css/none", &[HTML])] {
        get_from(&handler, path, headers).has_no("timing-allow-origin");
    }
}

#[test]
fn a_later_rule_replaces_an_earlier_one() {
    let handler = with("*", header::LINK, "<a>")
        .header("*.txt", header::LINK, HeaderValue::from_static("<b>"))
        .unwrap();
    get_from(&handler, "/static/robots.txt", &[]).has("link", "<b>");
    get_from(&handler, STYLE, &[]).has("link", "<a>");
}

#[test]
fn the_caching_of_a_plain_name_can_be_chosen() {
    let handler = with("/robots.txt", header::CACHE_CONTROL, "max-age=60");
    for headers in [&[][..], &[("if-none-match", "*")]] {
        get_from(&handler, "/static/robots.txt", headers).has("cache-control", "max-age=60");
    }
    get_from(&handler, "/static/index.html", &[]).has("cache-control", "no-cache");
}

#[test]
fn the_caching_of_a_stale_stamp_cannot_be_chosen() {
    let handler = with("**", header::CACHE_CONTROL, FOR_EVER);
    get_from(&handler, "/static/css/style.1.css", &[]).has_status(200).has_no_store();
    get_from(&handler, STYLE, &[("range", "bytes=999-")]).has_status(416).has_no_store();
}

#[test]
fn what_is_true_of_the_bytes_cannot_be_chosen() {
    for name in [
        "accept-ranges",
        "connection",
        "content-encoding",
        "content-length",
        "content-range",
        "etag",
        "last-modified",
        "transfer-encoding",
    ] {
        let field = HeaderName::from_static(name);
        let rule = handler().header("**", field, HeaderValue::from_static("x")).unwrap_err();
        assert!(
            rule.to_string().starts_with(&format!("the header field `{name}` cannot be chosen"))
        );
    }
}

#[test]
fn a_pattern_that_cannot_be_read_is_refused() {
    let rule = handler().header("img/[a.png", header::LINK, HeaderValue::from_static("x"));
    let message = rule.unwrap_err().to_string();
    assert!(message.starts_with("`img/[a.png` is not a pattern of asset names: `[`"), "{message}");
}

#[test]
fn a_page_can_be_named_when_the_program_runs() {
    let name = String::from("index.html");
    let handler = handler().index(name.clone()).fallback(name);
    get_from(&handler, "/static/docs/", &[HTML]).has_body("<title>docs</title>");
    get_from(&handler, "/users", &[HTML]).has_body("<title>root</title>");
}

#[test]
fn vary_only_grows() {
    let handler = with("**", header::VARY, "Origin");
    let answer = get_from(&handler, STYLE, &[]);
    let values: Vec<_> = answer.headers.get_all("vary").iter().collect();
    assert_eq!(values, ["Accept-Encoding", "Origin"]);
}

#[test]
fn the_content_type_of_an_asset_and_of_its_parts_can_be_chosen() {
    let handler = with("*.js", header::CONTENT_TYPE, "text/x");
    let path = "/static/js/digits.7.js";
    get_from(&handler, path, &[]).has("content-type", "text/x");
    get_from(&handler, path, &[("range", "bytes=0-1")]).has("content-type", "text/x");
    get_from(&handler, path, &[("if-none-match", "*")]).has_no("content-type");
    let several = get_from(&handler, path, &[("range", "bytes=0-1,3-4")]);
    assert!(several.field("content-type").unwrap().starts_with("multipart/byteranges; boundary="));
    let parts = std::str::from_utf8(&several.body).unwrap().matches("Content-Type: text/x\r\n");
    assert_eq!(parts.count(), 2);
}

// Hints.

fn graph() -> Assets {
    let script = |name| File::stamped(name, "text/javascript; charset=utf-8", "1", name);
    let module = |name| script(name).module();
    let style = |name| File::stamped(name, "text/css; charset=utf-8", "2", name);
    bundle(
        "/static",
        vec![
            module("js/app.js").refers_to(&["js/a.js", "js/b.js", "js/app.js.map", "js/x.wasm"]),
            module("js/a.js").refers_to(&["js/b.js"]),
            // A cycle is legal.
            module("js/b.js").refers_to(&["js/app.js"]),
            script("js/classic.js"),
            module("js/one.mjs"),
            File::stamped("js/app.js.map", "application/json", "1", "{}"),
            File::stamped("js/x.wasm", "application/wasm", "1", "\0asm"),
            style("css/page.css").refers_to(&[
                "css/base.css",
                "font/f.woff2",
                "font/f.woff",
                "img/a.svg",
            ]),
            style("css/base.css").refers_to(&["img/a.svg"]),
            File::stamped("font/f.woff2", "font/woff2", "3", "f2"),
            File::stamped("font/f.woff", "font/woff", "3", "f"),
            File::stamped("img/a.svg", "image/svg+xml; charset=utf-8", "4", "<svg/>"),
        ],
    )
}

fn hints(name: &str) -> Vec<String> {
    preload_links(graph().get(name).unwrap()).map(|preload| preload.to_string()).collect()
}

#[test]
fn a_style_sheet_needs_sheets_fonts_and_images() {
    assert_eq!(
        hints("css/page.css"),
        [
            "</static/css/page.2.css>; rel=preload; as=style",
            "</static/css/base.2.css>; rel=preload; as=style",
            "</static/font/f.3.woff2>; rel=preload; as=font; type=\"font/woff2\"; crossorigin",
            "</static/img/a.4.svg>; rel=preload; as=image",
        ]
    );
}

#[test]
fn a_module_needs_its_imports_once() {
    assert_eq!(
        hints("js/app.js"),
        [
            "</static/js/app.1.js>; rel=modulepreload",
            "</static/js/a.1.js>; rel=modulepreload",
            "</static/js/b.1.js>; rel=modulepreload",
            "</static/js/x.1.wasm>; rel=preload; as=fetch; crossorigin",
        ]
    );
}

#[test]
fn a_script_that_is_no_module_is_preloaded_as_a_script() {
    assert_eq!(hints("js/classic.js"), ["</static/js/classic.1.js>; rel=preload; as=script"]);
    assert_eq!(hints("js/one.mjs"), ["</static/js/one.1.mjs>; rel=modulepreload"]);
    assert!(hints("js/app.js.map").is_empty());
}

#[test]
fn integrity_is_for_style_sheets_and_scripts() {
    let values: Vec<_> = preload_links(graph().get("css/page.css").unwrap())
        .map(Preload::with_integrity)
        .map(Preload::to_header_value)
        .collect();
    assert_eq!(
        values[0],
        "</static/css/page.2.css>; rel=preload; as=style; integrity=\"sha384-x\""
    );
    assert_eq!(values[3], "</static/img/a.4.svg>; rel=preload; as=image");
}

//! What requests are answered with: the rows of RFC 9110, one test each.

mod support;

use http::{Method, Request};
use stamped::http::{Handler, Head, Stale};
use stamped::{Assets, Coding, Resolved};
use support::*;

const STYLE: &str = "/static/css/style.1452929749.css";
const PNG: &str = "/static/img/dot.00000000000000000042.png";
const DIGITS_URL: &str = "/static/js/digits.7.js";

fn head(path: &str, headers: &[(&str, &str)]) -> Answer {
    ask(&Handler::new(&sample()), Method::HEAD, path, headers)
}

fn stale(stale: Stale, method: Method, headers: &[(&str, &str)]) -> Answer {
    ask(&Handler::new(&sample()).stale(stale), method, "/static/css/style.1.css", headers)
}

#[test]
fn an_exact_stamped_path_is_immutable() {
    let answer = get(STYLE, &[])
        .has_status(200)
        .has("cache-control", FOR_EVER)
        .has("content-type", "text/css; charset=utf-8")
        .has("content-length", &CSS.len().to_string())
        .has("etag", etag("css/style.css", Coding::Identity))
        .has("vary", "Accept-Encoding")
        .has("accept-ranges", "bytes")
        .has("x-content-type-options", "nosniff")
        .has("last-modified", MODIFIED.1)
        .has_body(CSS);
    assert_eq!(answer.headers.len(), 8, "{answer:?}");
}

#[test]
fn an_asset_in_one_coding_without_a_date_has_neither_vary_nor_last_modified() {
    let answer = get(PNG, &[("accept-encoding", "gzip")]).has_status(200);
    let answer = answer.has_no("vary").has_no("last-modified").has_no("content-encoding");
    assert_eq!(answer.headers.len(), 6, "{answer:?}");
}

#[test]
fn a_plain_name_is_asked_for_again_each_time() {
    for path in ["/static/css/style.css", "/static/robots.txt"] {
        get(path, &[]).has_status(200).has("cache-control", "no-cache").has_no("content-location");
    }
    get("/static/css/style.css", &[]).has("etag", etag("css/style.css", Coding::Identity));
}

#[test]
fn a_bundlers_stamp_is_immutable() {
    get("/static/build/app-3f2a.js", &[]).has_status(200).has("cache-control", FOR_EVER);
}

#[test]
fn a_stale_stamp_is_never_immutable() {
    for policy in [Stale::Current, Stale::NotFound, Stale::Redirect] {
        for method in [Method::GET, Method::HEAD, Method::OPTIONS, Method::POST] {
            for headers in [
                &[][..],
                &[("range", "bytes=0-1")],
                &[("range", "bytes=0-1,3-4")],
                &[("range", "bytes=999-")],
                &[("if-none-match", "*")],
                &[("if-match", "\"x\"")],
                &[("accept-encoding", "*;q=0")],
            ] {
                stale(policy, method.clone(), headers).has_no_store();
            }
        }
    }
}

#[test]
fn a_stale_stamp_gets_the_current_bytes_and_their_url() {
    assert_eq!(Stale::default(), Stale::Current);
    get("/static/css/style.1.css", &[])
        .has_status(200)
        .has_no_store()
        .has("content-location", STYLE)
        .has_body(CSS);
}

#[test]
fn a_stale_stamp_is_not_found_by_choice() {
    stale(Stale::NotFound, Method::GET, &[]).has_status(404).has_no_store().has_body("");
    for method in [Method::POST, Method::OPTIONS] {
        stale(Stale::NotFound, method, &[]).has_status(404);
    }
}

#[test]
fn a_stale_stamp_is_redirected_by_choice() {
    for method in [Method::GET, Method::HEAD] {
        stale(Stale::Redirect, method, &[])
            .has_status(307)
            .has_no_store()
            .has("location", STYLE)
            .has("content-length", "0")
            .has_body("");
    }
    stale(Stale::Redirect, Method::POST, &[]).has_status(405);
}

#[test]
fn a_304_for_a_stale_stamp_says_where_the_bytes_are() {
    let tag = etag("css/style.css", Coding::Identity);
    stale(Stale::Current, Method::GET, &[("if-none-match", tag)])
        .has_status(304)
        .has_no_store()
        .has("content-location", STYLE);
}

#[test]
fn an_unknown_path_is_not_found_and_not_stored() {
    for method in [Method::GET, Method::HEAD, Method::OPTIONS, Method::POST] {
        ask(&Handler::new(&sample()), method, "/static/none.css", &[("if-none-match", "*")])
            .has_status(404)
            .has_no_store()
            .has("content-length", "0")
            .has_no("vary")
            .has_body("");
    }
}

#[test]
fn only_what_is_not_below_the_mount_is_handed_back() {
    let handler = Handler::new(&sample());
    let long = format!("/static/{}", "a".repeat(9000));
    for path in [
        "/static/none.css",
        "/%73tatic/none",
        "/static/",
        "/static/robots.1.txt",
        "/static/%",
        &long,
    ] {
        for method in [Method::GET, Method::HEAD, Method::POST] {
            let response = handler.try_respond(&request(method, path, &[]));
            Answer::of(response.expect(path)).has_status(404).has_no_store().has_body("");
        }
    }
    for path in ["/other", "*", "/", "/static", "/statics/none.css", "//static/none", "/robots.txt"]
    {
        assert!(handler.try_respond(&request(Method::GET, path, &[])).is_none(), "{path}");
    }
}

#[test]
fn where_others_answer_too_every_unknown_path_is_handed_back() {
    let root = bundle("", vec![File::stamped("a.css", "text/css", "7", "a")]);
    for (handler, paths) in [
        (Handler::new(&root), ["/none.css", "/a.css/", "/static/a.css"]),
        (Handler::new(&sample()).share_mount(true), ["/static/none.css", "/static/", "/about"]),
    ] {
        for path in paths {
            assert!(handler.try_respond(&request(Method::GET, path, &[])).is_none(), "{path}");
        }
    }
    let handler = Handler::new(&sample()).share_mount(true);
    let known = request(Method::DELETE, STYLE, &[]);
    assert_eq!(handler.try_respond(&known).unwrap().status(), 405);
    let stale = request(Method::GET, "/static/css/style.1.css", &[]);
    let handler = handler.stale(Stale::NotFound);
    assert_eq!(handler.try_respond(&stale).unwrap().status(), 404);
}

/// Files at the top of the folder, one of them with a stamp, one below a folder.
fn with_files_at_root(mount: &str) -> Assets {
    let text = "text/plain; charset=utf-8";
    bundle(
        mount,
        vec![
            File::plain("robots.txt", text, "robots").at_root(),
            File::stamped("icon 1.svg", "image/svg+xml", "7", "icon").at_root(),
            File::plain(".well-known/security.txt", text, "contact").at_root(),
            File::plain("docs/robots.txt", text, "no robots"),
            File::stamped("a.css", "text/css", "7", "a"),
        ],
    )
}

#[test]
fn a_file_of_the_root_is_answered_there_too_and_never_kept() {
    let assets = with_files_at_root("/static");
    let handler = Handler::new(&assets);
    for (path, body) in [
        ("/robots.txt", "robots"),
        ("/static/robots.txt", "robots"),
        ("/icon%201.svg", "icon"),
        ("/.well-known/security%2etxt", "contact"),
    ] {
        ask(&handler, Method::GET, path, &[])
            .has_status(200)
            .has("cache-control", "no-cache")
            .has_body(body);
        let name = path.trim_start_matches("/static").trim_start_matches('/');
        let name = name.replace("%20", " ").replace("%2e", ".");
        assert_eq!(assets.resolve(path), Resolved::Plain(assets.get(&name).unwrap()));
    }
    ask(&handler, Method::POST, "/robots.txt", &[]).has_status(405).has_no_store();
    for path in
        ["/a.css", "/a.7.css", "/icon%201.7.svg", "/docs/robots.txt", "/Robots.txt", "//robots.txt"]
    {
        assert_eq!(assets.resolve(path), Resolved::Unknown, "{path}");
        assert!(handler.try_respond(&request(Method::GET, path, &[])).is_none(), "{path}");
    }
    // The URL stays the one below the mount.
    assert_eq!(assets.url("robots.txt"), Some("/static/robots.txt"));
    assert_eq!(assets.iter().filter(|asset| asset.is_at_root()).count(), 3);
}

#[test]
fn a_handler_that_is_nested_takes_paths_without_the_mount() {
    for mount in ["/static", "/app/v1.0/as+sets*"] {
        let assets = with_files_at_root(mount);
        let handler = Handler::new(&assets).nested(true).stale(Stale::Redirect);
        for (path, status, caching) in [
            ("/a.7.css", 200, FOR_EVER),
            ("/a.css", 200, "no-cache"),
            ("/robots.txt", 200, "no-cache"),
            ("/none.css", 404, "no-store"),
            ("/static/a.css", 404, "no-store"),
            ("/", 404, "no-store"),
        ] {
            let response = handler.try_respond(&request(Method::GET, path, &[])).expect(path);
            Answer::of(response).has_status(status).has("cache-control", caching);
        }
        let url = assets.url("a.css").unwrap();
        ask(&handler, Method::GET, "/a.1.css", &[]).has_status(307).has("location", url);
    }
}

#[test]
fn a_path_that_a_router_has_cut_gets_an_answer_that_says_so() {
    let handler = Handler::new(&with_files_at_root("/static"));
    for path in ["/a.css", "/a.7.css", "/a.1.css", "/docs/robots.txt"] {
        let answer = ask(&handler, Method::GET, path, &[]).has_status(404).has_no_store();
        let said = String::from_utf8(answer.body.to_vec()).unwrap();
        assert!(
            said.contains(&format!("/static{path}")) && said.contains("nested(true)"),
            "{said}"
        );
        ask(&handler, Method::HEAD, path, &[]).has_status(404).has_body("");
    }
    for path in ["/none.css", "/static/none.css", "/static/static/a.css", "*", "/"] {
        ask(&handler, Method::GET, path, &[]).has_status(404).has_no_store().has_body("");
    }
}

#[test]
fn an_asset_whose_contents_are_elsewhere_is_unknown() {
    get("/static/video.9.mp4", &[]).has_status(404).has_no_store();
    let request = request(Method::GET, "/static/video.9.mp4", &[]);
    assert!(Handler::new(&sample()).try_respond(&request).is_none());
}

#[test]
fn all_forms_of_a_request_are_answered_alike() {
    let handler = Handler::new(&sample());
    let (parts, ()) = request(Method::GET, STYLE, &[("range", "bytes=0-3")]).into_parts();
    let expected = "body";
    let (method, uri, headers) = (&parts.method, &parts.uri, &parts.headers);
    let answers = [
        handler.respond((method, uri, headers)),
        handler.respond(&parts),
        handler.respond(&Request::from_parts(parts.clone(), "body")),
        handler.try_respond(Head::new(method, uri.path(), headers)).unwrap(),
    ];
    for answer in answers {
        Answer::of(answer).has_status(206).has_body(expected);
    }
}

#[test]
fn head_is_get_without_the_body() {
    for (path, headers) in [
        (STYLE, &[][..]),
        (STYLE, &[("accept-encoding", "br")]),
        ("/static/css/style.css", &[("if-none-match", "*")]),
        ("/static/css/style.css", &[("if-match", "\"x\"")]),
        ("/static/css/style.1.css", &[]),
        ("/static/none", &[]),
        (PNG, &[("accept-encoding", "identity;q=0")]),
    ] {
        let (get, head) = (get(path, headers), head(path, headers));
        assert_eq!((get.status, &get.headers), (head.status, &head.headers), "{path}");
        assert_eq!(head.body, "");
    }
}

#[test]
fn head_ignores_range() {
    for range in ["bytes=0-1", "bytes=0-1,3-4", "bytes=999-"] {
        head(STYLE, &[("range", range)])
            .has_status(200)
            .has("content-length", &CSS.len().to_string())
            .has_no("content-range");
    }
}

#[test]
fn options_says_what_is_allowed() {
    for path in [STYLE, "/static/css/style.css", "/static/css/style.1.css"] {
        ask(&Handler::new(&sample()), Method::OPTIONS, path, &[("if-match", "\"x\"")])
            .has_status(204)
            .has_no_store()
            .has("allow", "GET, HEAD, OPTIONS")
            .has_no("content-length")
            .has_no("access-control-allow-methods")
            .has_body("");
    }
}

#[test]
fn any_other_method_is_not_allowed() {
    for method in ["POST", "PUT", "DELETE", "PATCH", "TRACE", "CONNECT", "PROPFIND", "get"] {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        ask(&Handler::new(&sample()), method, STYLE, &[("if-none-match", "*")])
            .has_status(405)
            .has_no_store()
            .has("allow", "GET, HEAD, OPTIONS");
    }
}

#[test]
fn the_query_is_ignored() {
    get(&format!("{STYLE}?v=2"), &[]).has_status(200).has("cache-control", FOR_EVER);
}

#[test]
fn a_path_is_decoded_once_and_not_normalised() {
    get("/static/css/%73tyle%2e1452929749.css", &[]).has_status(200).has("cache-control", FOR_EVER);
    for path in [
        "/static/css/../css/style.css",
        "/static/./css/style.css",
        "/static//css/style.css",
        "//static/css/style.css",
        "/static/css%2fstyle.css",
        "/static/css%5cstyle.css",
        "/static/css/style.css%00",
        "/static/css/style%c0%ae.css",
        "/static/css/%zzstyle.css",
        "/static/css/style.css%",
        "/static/css/%2573tyle.css",
        "/static/css/style.css/",
        "/static/css/STYLE.css",
        "/static/css",
        "/static/",
        "/static",
        "/",
    ] {
        get(path, &[]).has_status(404).has_no_store();
    }
}

// RFC 9110, section 13.2.2, step by step.

#[test]
fn if_match_with_another_tag_fails() {
    for field in ["\"x\"", "", "x", "\"x\", \"y\"", "W/*"] {
        get(STYLE, &[("if-match", field)])
            .has_status(412)
            .has_no_store()
            .has_no("etag")
            .has("vary", "Accept-Encoding")
            .has_body("");
    }
}

#[test]
fn if_match_with_the_tag_or_a_star_holds() {
    let tag = etag("css/style.css", Coding::Identity);
    for field in [tag, "*", &format!("\"x\", {tag}")] {
        get(STYLE, &[("if-match", field)]).has_status(200);
    }
    get(STYLE, &[("if-match", "\"x\""), ("if-match", tag)]).has_status(200);
}

#[test]
fn if_match_compares_strongly() {
    let weak = format!("W/{}", etag("css/style.css", Coding::Identity));
    get(STYLE, &[("if-match", &weak)]).has_status(412);
}

#[test]
fn if_match_is_about_the_representation_that_was_selected() {
    let brotli = etag("css/style.css", Coding::Brotli);
    get(STYLE, &[("if-match", brotli)]).has_status(412);
    get(STYLE, &[("if-match", brotli), ("accept-encoding", "br")]).has_status(200);
}

#[test]
fn if_unmodified_since_an_earlier_date_fails() {
    get(STYLE, &[("if-unmodified-since", SECOND_BEFORE)]).has_status(412).has_no_store();
    for date in [MODIFIED.1, SECOND_AFTER] {
        get(STYLE, &[("if-unmodified-since", date)]).has_status(200);
    }
}

#[test]
fn if_unmodified_since_is_not_looked_at_beside_if_match() {
    get(STYLE, &[("if-match", "*"), ("if-unmodified-since", SECOND_BEFORE)]).has_status(200);
}

#[test]
fn if_unmodified_since_is_ignored_where_no_date_is_known_or_sent() {
    get(PNG, &[("if-unmodified-since", SECOND_BEFORE)]).has_status(200);
    for date in ["yesterday", "", "0", &format!("{SECOND_BEFORE}, {SECOND_BEFORE}")] {
        get(STYLE, &[("if-unmodified-since", date)]).has_status(200);
    }
    let twice = [("if-unmodified-since", SECOND_BEFORE); 2];
    get(STYLE, &twice).has_status(200);
}

#[test]
fn if_none_match_with_the_tag_or_a_star_gives_304() {
    let tag = etag("css/style.css", Coding::Identity);
    for field in [tag, "*", &format!("W/{tag}"), &format!("\"x\" , W/\"y\",{tag}")] {
        let answer = get(STYLE, &[("if-none-match", field)])
            .has_status(304)
            .has("etag", tag)
            .has("cache-control", FOR_EVER)
            .has("vary", "Accept-Encoding")
            .has_body("");
        assert_eq!(answer.headers.len(), 3, "{answer:?}");
    }
    get(STYLE, &[("if-none-match", "\"x\""), ("if-none-match", tag)]).has_status(304);
}

#[test]
fn if_none_match_with_another_tag_gives_200() {
    for field in ["\"x\"", "", "x", "\"*\"", "W/"] {
        get(STYLE, &[("if-none-match", field)]).has_status(200);
    }
}

#[test]
fn if_none_match_is_about_the_representation_that_was_selected() {
    let brotli = etag("css/style.css", Coding::Brotli);
    get(STYLE, &[("if-none-match", brotli)]).has_status(200);
    get(STYLE, &[("if-none-match", brotli), ("accept-encoding", "br")])
        .has_status(304)
        .has("etag", brotli)
        .has_no("content-encoding");
}

#[test]
fn if_match_goes_before_if_none_match() {
    get(STYLE, &[("if-match", "\"x\""), ("if-none-match", "*")]).has_status(412);
    get(STYLE, &[("if-match", "*"), ("if-none-match", "*")]).has_status(304);
}

#[test]
fn if_modified_since_the_date_gives_304() {
    get(STYLE, &[("if-modified-since", MODIFIED.1)]).has_status(304).has("cache-control", FOR_EVER);
}

#[test]
fn a_later_if_modified_since_date_gives_304() {
    get(STYLE, &[("if-modified-since", SECOND_AFTER)]).has_status(304);
}

#[test]
fn an_earlier_if_modified_since_date_gives_200() {
    get(STYLE, &[("if-modified-since", SECOND_BEFORE)]).has_status(200);
}

#[test]
fn dates_are_read_in_all_three_formats() {
    for date in ["Saturday, 16-Jan-16 07:35:49 GMT", "Sat Jan 16 07:35:49 2016"] {
        get(STYLE, &[("if-modified-since", date)]).has_status(304);
    }
    for date in ["Saturday, 16-Jan-16 07:35:48 GMT", "Sat Jan 16 07:35:48 2016"] {
        get(STYLE, &[("if-modified-since", date)]).has_status(200);
    }
}

#[test]
fn if_modified_since_is_not_looked_at_beside_if_none_match() {
    get(STYLE, &[("if-none-match", "\"x\""), ("if-modified-since", SECOND_AFTER)]).has_status(200);
    get(STYLE, &[("if-none-match", ""), ("if-modified-since", SECOND_AFTER)]).has_status(200);
}

#[test]
fn if_modified_since_is_ignored_where_no_date_is_known_or_sent() {
    get(PNG, &[("if-modified-since", SECOND_AFTER)]).has_status(200);
    let two = format!("{SECOND_AFTER}, {SECOND_AFTER}");
    for date in ["tomorrow", "", "Sat, 99 Jan 2016 07:35:49 GMT", "9999999999", &two] {
        get(STYLE, &[("if-modified-since", date)]).has_status(200);
    }
    get(STYLE, &[("if-modified-since", SECOND_AFTER); 2]).has_status(200);
}

#[test]
fn conditions_go_before_ranges() {
    get(STYLE, &[("if-none-match", "*"), ("range", "bytes=999-")]).has_status(304);
    get(STYLE, &[("if-match", "\"x\""), ("range", "bytes=0-1")]).has_status(412);
}

#[test]
fn what_is_not_acceptable_goes_before_conditions() {
    get(PNG, &[("if-none-match", "*"), ("accept-encoding", "*;q=0")]).has_status(406);
}

#[test]
fn if_range_with_the_tag_or_the_date_gives_the_range() {
    for validator in [etag("css/style.css", Coding::Identity), MODIFIED.1] {
        get(STYLE, &[("range", "bytes=0-3"), ("if-range", validator)])
            .has_status(206)
            .has_body("body");
    }
}

#[test]
fn if_range_with_anything_else_gives_the_whole() {
    let tag = etag("css/style.css", Coding::Identity);
    let (weak, list) = (format!("W/{tag}"), format!("{tag}, {tag}"));
    let other = etag("css/style.css", Coding::Brotli);
    for validator in [&weak, &list, other, "\"x\"", "*", "", "x", SECOND_BEFORE, SECOND_AFTER] {
        for range in ["bytes=0-3", "bytes=0-1,4-5", "bytes=999-"] {
            get(STYLE, &[("range", range), ("if-range", validator)])
                .has_status(200)
                .has_no("content-range")
                .has_body(CSS);
        }
    }
    let twice = [("range", "bytes=0-3"), ("if-range", tag), ("if-range", tag)];
    get(STYLE, &twice).has_status(200);
    get(PNG, &[("range", "bytes=0-3"), ("if-range", MODIFIED.1)]).has_status(200);
}

#[test]
fn if_range_without_range_is_ignored() {
    get(STYLE, &[("if-range", "\"x\"")]).has_status(200);
}

// RFC 9110, section 14.2.

#[test]
fn one_range_gives_that_part() {
    for (range, part, of) in [
        ("bytes=0-3", "0123", "bytes 0-3/10"),
        ("bytes=9-9", "9", "bytes 9-9/10"),
        ("bytes=4-", "456789", "bytes 4-9/10"),
        ("Bytes=0-", DIGITS, "bytes 0-9/10"),
        ("bytes=-2", "89", "bytes 8-9/10"),
    ] {
        get(DIGITS_URL, &[("range", range)])
            .has_status(206)
            .has("content-range", of)
            .has("content-length", &part.len().to_string())
            .has("content-type", "text/javascript; charset=utf-8")
            .has("cache-control", FOR_EVER)
            .has("etag", etag("js/digits.js", Coding::Identity))
            .has("accept-ranges", "bytes")
            .has("x-content-type-options", "nosniff")
            .has_no("vary")
            .has_body(part);
    }
}

#[test]
fn the_end_of_a_range_is_clamped() {
    for range in ["bytes=7-99", "bytes=7-99999999999999999999999999"] {
        get(DIGITS_URL, &[("range", range)])
            .has_status(206)
            .has("content-range", "bytes 7-9/10")
            .has_body("789");
    }
}

#[test]
fn a_suffix_longer_than_the_file_gives_the_whole_as_a_part() {
    for range in ["bytes=-10", "bytes=-11", "bytes=-99999999999999999999999999"] {
        get(DIGITS_URL, &[("range", range)])
            .has_status(206)
            .has("content-range", "bytes 0-9/10")
            .has_body(DIGITS);
    }
}

#[test]
fn a_range_is_of_the_representation_that_was_selected() {
    let brotli = b"\xffbr of style";
    get(STYLE, &[("range", "bytes=1-4"), ("accept-encoding", "br")])
        .has_status(206)
        .has("content-range", &format!("bytes 1-4/{}", brotli.len()))
        .has("content-encoding", "br")
        .has("etag", etag("css/style.css", Coding::Brotli))
        .has("vary", "Accept-Encoding")
        .has_body("br o");
}

#[test]
fn several_ranges_give_several_parts() {
    let tag = etag("js/digits.js", Coding::Identity);
    let boundary = format!("stamped-{}", tag.replace(['"', '-'], ""));
    let head = format!("--{boundary}\r\nContent-Type: text/javascript; charset=utf-8\r\n");
    let answer = get(DIGITS_URL, &[("range", "bytes=0-1, 4-5,-1")])
        .has_status(206)
        .has("content-type", &format!("multipart/byteranges; boundary={boundary}"))
        .has("cache-control", FOR_EVER)
        .has("etag", tag)
        .has_no("content-range")
        .has_body(format!(
            "{head}Content-Range: bytes 0-1/10\r\n\r\n01\r\n\
             {head}Content-Range: bytes 4-5/10\r\n\r\n45\r\n\
             {head}Content-Range: bytes 9-9/10\r\n\r\n9\r\n\
             --{boundary}--\r\n"
        ));
    let length = answer.body.len().to_string();
    answer.has("content-length", &length);
}

#[test]
fn no_answer_copies_the_bytes_of_an_asset() {
    let assets = sample();
    let handler = Handler::new(&assets);
    let bytes = assets.get("js/digits.js").unwrap().bytes().as_ptr();
    let chunks = |range| {
        let request = request(Method::GET, DIGITS_URL, &[("range", range)]);
        handler.respond(&request).into_body().into_iter().collect::<Vec<_>>()
    };
    assert_eq!(chunks("")[0].as_ptr(), bytes);
    assert_eq!(chunks("bytes=0-4")[0].as_ptr(), bytes);
    let several = chunks("bytes=0-1,4-5");
    assert_eq!(several.len(), 5);
    assert_eq!((several[1].as_ptr(), several[3].as_ptr()), (bytes, bytes.wrapping_add(4)));
}

#[test]
fn ranges_that_do_not_exist_are_left_out_of_several() {
    get(DIGITS_URL, &[("range", "bytes=2-3,100-")])
        .has_status(206)
        .has("content-range", "bytes 2-3/10")
        .has_body("23");
}

#[test]
fn ranges_that_overlap_or_do_not_ascend_give_the_whole() {
    for range in ["bytes=0-5,5-6", "bytes=5-6,0-1", "bytes=0-,-1", "bytes=0-0,0-0"] {
        get(DIGITS_URL, &[("range", range)]).has_status(200).has_body(DIGITS);
    }
}

#[test]
fn eight_ranges_give_parts_and_nine_the_whole() {
    let eight = "bytes=0-0,1-1,2-2,3-3,4-4,5-5,6-6,7-7";
    get(DIGITS_URL, &[("range", eight)]).has_status(206).has_no("content-range");
    get(DIGITS_URL, &[("range", &format!("{eight},8-8"))]).has_status(200).has_body(DIGITS);
}

#[test]
fn several_ranges_of_a_coding_give_the_whole() {
    get(STYLE, &[("range", "bytes=0-1,3-4"), ("accept-encoding", "br")])
        .has_status(200)
        .has("content-encoding", "br")
        .has_body(b"\xffbr of style");
}

#[test]
fn a_range_that_does_not_exist_is_not_satisfiable() {
    for range in ["bytes=10-", "bytes=999999-", "bytes=-0", "bytes=10-11,-0"] {
        get(DIGITS_URL, &[("range", range)])
            .has_status(416)
            .has_no_store()
            .has("content-range", "bytes */10")
            .has("content-length", "0")
            .has_no("vary")
            .has_body("");
    }
    get(STYLE, &[("range", "bytes=999-")]).has_status(416).has("vary", "Accept-Encoding");
}

#[test]
fn no_range_of_an_empty_file_is_satisfiable() {
    get("/static/empty.1.txt", &[]).has_status(200).has("content-length", "0");
    for range in ["bytes=0-", "bytes=-1", "bytes=0-0,1-1"] {
        get("/static/empty.1.txt", &[("range", range)])
            .has_status(416)
            .has("content-range", "bytes */0");
    }
}

#[test]
fn a_malformed_range_or_another_unit_gives_the_whole() {
    for range in ["bytes=5-2", "bytes=abc", "bytes", "", "foo=0-1", "bytes=", "bytes:0-1", "0-1"] {
        get(DIGITS_URL, &[("range", range)]).has_status(200).has_body(DIGITS);
    }
    get(DIGITS_URL, &[("range", "bytes=0-1"), ("range", "bytes=2-3")]).has_status(200);
}

// RFC 9110, section 12.5.3.

#[track_caller]
fn style_is_coded(accept: &[&str], coding: Coding) {
    let headers: Vec<_> = accept.iter().map(|value| ("accept-encoding", *value)).collect();
    let answer = get(STYLE, &headers)
        .has_status(200)
        .has("vary", "Accept-Encoding")
        .has("etag", etag("css/style.css", coding));
    let expected = Some(coding.token()).filter(|_| coding != Coding::Identity);
    assert_eq!(answer.field("content-encoding"), expected, "{accept:?}");
    let length = answer.body.len().to_string();
    answer.has("content-length", &length);
}

#[test]
fn without_accept_encoding_the_file_is_sent_as_it_is() {
    style_is_coded(&[], Coding::Identity);
    style_is_coded(&[""], Coding::Identity);
    style_is_coded(&["deflate, compress;q=0.5"], Coding::Identity);
}

#[test]
fn the_coding_with_the_highest_weight_is_sent() {
    style_is_coded(&["gzip"], Coding::Gzip);
    style_is_coded(&["br;q=0.1"], Coding::Brotli);
    style_is_coded(&["gzip;q=0.9, br;q=0.8"], Coding::Gzip);
    style_is_coded(&["gzip;q=0.001, br;q=0.002"], Coding::Brotli);
    style_is_coded(&["gzip;q=0.5, identity"], Coding::Identity);
    style_is_coded(&["identity;q=0.5, gzip;q=0.6"], Coding::Gzip);
}

#[test]
fn codings_of_equal_weight_go_by_size() {
    style_is_coded(&["gzip, deflate, br, zstd"], Coding::Brotli);
    style_is_coded(&["gzip, identity"], Coding::Gzip);
    style_is_coded(&["identity, br;q=1.0"], Coding::Brotli);
    let large = File::stamped("a.txt", "text/plain", "1", "a").coded(Coding::Gzip, "larger");
    let handler = Handler::new(&bundle("", vec![large]));
    let answer = ask(&handler, Method::GET, "/a.1.txt", &[("accept-encoding", "gzip, identity")]);
    answer.has_no("content-encoding").has("vary", "Accept-Encoding");
}

#[test]
fn weight_zero_excludes() {
    style_is_coded(&["gzip, br;q=0"], Coding::Gzip);
    style_is_coded(&["*, br;q=0.0"], Coding::Gzip);
    style_is_coded(&["br;q=0.000, gzip;q=0"], Coding::Identity);
}

#[test]
fn a_star_covers_what_is_not_listed() {
    style_is_coded(&["*"], Coding::Brotli);
    style_is_coded(&["br;q=0.1, *;q=0.5"], Coding::Gzip);
    style_is_coded(&["gzip;q=0.3, *;q=0"], Coding::Gzip);
    style_is_coded(&["identity, *;q=0"], Coding::Identity);
}

#[test]
fn codings_are_known_in_any_case_and_by_their_old_name() {
    style_is_coded(&["GZIP"], Coding::Gzip);
    style_is_coded(&["x-gzip"], Coding::Gzip);
    style_is_coded(&["X-GZip;Q=0.5, identity;q=0.4"], Coding::Gzip);
    style_is_coded(&["Br"], Coding::Brotli);
}

#[test]
fn a_malformed_member_is_passed_over() {
    for member in
        ["br;q=2", "br;q=x", "br;q=", "br;", "br;q=0.1234", "br;q=-1", "br q=1", "br;x=1", "b r"]
    {
        style_is_coded(&[&format!("{member}, gzip;q=0.5")], Coding::Gzip);
    }
    style_is_coded(&[",, ;q=1, gzip ; q=0.5 ,"], Coding::Gzip);
}

#[test]
fn of_a_coding_that_is_listed_twice_the_higher_weight_counts() {
    style_is_coded(&["gzip;q=0.5, br;q=0.3, gzip;q=0.1"], Coding::Gzip);
    style_is_coded(&["gzip;q=0.1, br;q=0.3", "x-gzip;q=0.5"], Coding::Gzip);
    style_is_coded(&["gzip;q=0.5, br;q=0.3, gzip;q=x"], Coding::Gzip);
}

#[test]
fn several_lines_are_one_list() {
    style_is_coded(&["gzip;q=0.5", "br;q=0.4"], Coding::Gzip);
    style_is_coded(&["*;q=0.1", "gzip", "br;q=0"], Coding::Gzip);
}

#[test]
fn nothing_acceptable_is_406_and_not_stored() {
    for (path, accept) in [
        (STYLE, "*;q=0"),
        (STYLE, "identity;q=0"),
        (STYLE, "deflate, *;q=0"),
        (STYLE, "identity;q=0, br;q=0, gzip;q=0"),
        (PNG, "identity;q=0"),
        (PNG, "br, *;q=0"),
    ] {
        get(path, &[("accept-encoding", accept)])
            .has_status(406)
            .has_no_store()
            .has("vary", "Accept-Encoding")
            .has("content-length", "0")
            .has_body("");
    }
}

#[test]
fn the_identity_is_acceptable_unless_it_is_excluded() {
    get(PNG, &[("accept-encoding", "br")]).has_status(200);
    get(PNG, &[("accept-encoding", "*;q=0, identity;q=0.1")]).has_status(200);
    get(STYLE, &[("accept-encoding", "identity;q=0, gzip")]).has("content-encoding", "gzip");
}

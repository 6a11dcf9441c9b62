//! Deltas: each rule of RFC 9842 that concerns a server, by its section.
//!
//! The bytes of the dictionaries and deltas are not real here; `stamped-build` has tests with real ones.

mod support;

use http::Method;
use stamped::http::{Handler, Stale};
use stamped::{Assets, Coding};
use std::sync::LazyLock;
use support::*;

/// The hashes of the versions 1 and 2 of `css/style.css`, as bytes and as clients send them.
const FIRST: ([u8; 32], &str) = ([0; 32], ":AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=:");
const SECOND: ([u8; 32], &str) = ([0xff; 32], "://////////////////////////////////////////8=:");
const UNKNOWN: &str = ":pZGm1Av0IEBKARczz7exkNYsZb8LzaMrV7J32a2fFG4=:";

const FROM_FIRST: &[u8] = b"\x5e\x2a\x4d\x18 from 1";
const FROM_SECOND: &[u8] = b"\x5e\x2a\x4d\x18 from 2";
const BROTLI: &[u8] = b"\xffbrotli of the third style";

const STYLE: &str = "/static/css/style.3.css";
const CHROME: &str = "gzip, deflate, br, zstd, dcb, dcz";
const VARY: &str = "Accept-Encoding, Available-Dictionary";

/// `css/style.css` was `2` and `1` before it was `3`, and has a delta from both.
fn deltas() -> Assets {
    static DELTAS: LazyLock<Assets> = LazyLock::new(|| {
        let css = "text/css; charset=utf-8";
        let js = "text/javascript; charset=utf-8";
        bundle_with_versions(
            "/static",
            vec![
                File::stamped("css/style.css", css, "3", CSS)
                    .coded(Coding::Brotli, BROTLI)
                    .delta(FIRST.0, FROM_FIRST)
                    .delta(SECOND.0, FROM_SECOND),
                File::stamped("new.js", js, "3", DIGITS).coded(Coding::Gzip, b"\x1f\x8bx"),
                File::stamped("o*d/a+b:c {1} \"图\".min.js", js, "9", DIGITS),
                File::plain("build/app-3f2a.js", js, "app()").prestamped(),
                File::plain("index.html", "text/html", "<title>"),
            ],
            vec![
                File::stamped("css/style.css", css, "2", "body { color: red }"),
                File::plain("build/app-1111.js", js, "old()").prestamped(),
            ],
        )
    });
    *DELTAS
}

fn answer(method: Method, path: &str, headers: &[(&str, &str)]) -> Answer {
    ask(&Handler::new(&deltas()), method, path, headers)
}

fn get(path: &str, headers: &[(&str, &str)]) -> Answer {
    answer(Method::GET, path, headers)
}

/// A client with a dictionary asks for the style sheet.
fn with(dictionary: &str, accepted: &str) -> Answer {
    get(STYLE, &[("available-dictionary", dictionary), ("accept-encoding", accepted)])
}

/// The answer is the delta for clients with the second version.
#[track_caller]
fn is_delta(answer: Answer) -> Answer {
    answer.has_status(200).has("content-encoding", "dcz").has("vary", VARY).has_body(FROM_SECOND)
}

#[track_caller]
fn is_brotli(answer: Answer) -> Answer {
    answer.has_status(200).has("content-encoding", "br").has("vary", VARY).has_body(BROTLI)
}

#[test]
fn rfc_9842_2_1_an_exact_stamped_answer_is_a_dictionary_for_the_next_stamp() {
    get(STYLE, &[]).has("use-as-dictionary", r#"match="style.*.css""#);
    get("/static/new.3.js", &[]).has("use-as-dictionary", r#"match="new.*.js""#);
    // Before there was any delta of it, and as an earlier version.
    get("/static/css/style.2.css", &[]).has("use-as-dictionary", r#"match="style.*.css""#);
    // Also the answer that is itself a delta: its content is the current one.
    is_delta(with(SECOND.1, CHROME)).has("use-as-dictionary", r#"match="style.*.css""#);
}

#[test]
fn rfc_9842_2_1_1_the_pattern_has_no_groups_and_no_other_wildcards() {
    let path = "/static/o*d/a+b:c%20%7B1%7D%20%22%E5%9B%BE%22.9.min.js";
    let pattern = r#"match="a\\+b\\:c%20%7B1%7D%20%22%E5%9B%BE%22.*.min.js""#;
    get(path, &[]).has_status(200).has("use-as-dictionary", pattern);
}

#[test]
fn rfc_9842_2_1_2_nothing_else_is_said_of_a_dictionary() {
    let answer = get(STYLE, &[]);
    let value = answer.field("use-as-dictionary").unwrap();
    for part in ["match-dest", "id=", "type", ",", ";"] {
        assert!(!value.contains(part), "{value}");
    }
}

#[test]
fn rfc_9842_2_1_what_may_change_or_may_not_be_stored_is_no_dictionary() {
    for path in [
        "/static/css/style.css",
        "/static/css/style.9.css",
        "/static/index.html",
        "/static/build/app-3f2a.js",
        "/static/build/app-1111.js",
    ] {
        let request = [("available-dictionary", SECOND.1), ("accept-encoding", "dcz, identity")];
        let answer = get(path, &request).has_status(200).has_no("use-as-dictionary");
        assert_ne!(answer.field("content-encoding"), Some("dcz"), "{path}");
        assert!(!answer.field("vary").unwrap_or_default().contains("Dictionary"), "{path}");
    }
    let redirect = ask(
        &Handler::new(&deltas()).stale(Stale::Redirect),
        Method::GET,
        "/static/css/style.9.css",
        &[],
    );
    redirect.has_status(307).has_no("use-as-dictionary");
}

#[test]
fn rfc_9842_2_1_a_part_and_a_304_are_no_dictionaries() {
    get(STYLE, &[("range", "bytes=0-1")]).has_status(206).has_no("use-as-dictionary");
    get(STYLE, &[("if-none-match", "*")]).has_status(304).has_no("use-as-dictionary");
}

#[test]
fn rfc_9842_2_2_the_delta_is_that_for_the_hash_in_the_request() {
    is_delta(with(SECOND.1, CHROME));
    with(FIRST.1, CHROME).has("content-encoding", "dcz").has_body(FROM_FIRST);
    is_brotli(with(UNKNOWN, CHROME));
    // Of another asset, there is no delta from these bytes.
    let request = [("available-dictionary", SECOND.1), ("accept-encoding", CHROME)];
    get("/static/new.3.js", &request)
        .has("content-encoding", "gzip")
        .has("vary", "Accept-Encoding");
}

#[test]
fn rfc_9842_2_2_what_is_not_one_hash_names_no_dictionary() {
    let cut = SECOND.1.trim_end_matches(":");
    for other in ["", "?1", ":AA==:", cut, &format!("{}, {}", SECOND.1, FIRST.1)] {
        is_brotli(with(other, CHROME));
    }
    is_brotli(get(
        STYLE,
        &[
            ("available-dictionary", SECOND.1),
            ("available-dictionary", SECOND.1),
            ("accept-encoding", CHROME),
        ],
    ));
}

#[test]
fn rfc_9842_2_3_the_id_of_a_dictionary_proves_nothing() {
    let id = ("dictionary-id", "\"style.2\"");
    is_brotli(get(STYLE, &[id, ("accept-encoding", CHROME)]));
    is_brotli(get(STYLE, &[id, ("available-dictionary", UNKNOWN), ("accept-encoding", CHROME)]));
}

#[test]
fn rfc_9842_6_1_a_delta_is_sent_only_where_its_coding_is_named() {
    for accepted in ["dcz", "DCZ;q=1.0", "br;q=0.5, dcz;q=0.6", "dcz, *;q=0", "dcz, identity;q=0"] {
        is_delta(with(SECOND.1, accepted));
    }
    for accepted in [
        "gzip, deflate, br, zstd",
        "*, br",
        "dcb, br",
        "dcz;q=0, br",
        "br, dcz;q=0.9",
        "br, dcz;q=x",
    ] {
        is_brotli(with(SECOND.1, accepted));
    }
    get(STYLE, &[("available-dictionary", SECOND.1)])
        .has_status(200)
        .has_no("content-encoding")
        .has("vary", VARY)
        .has_body(CSS);
    with(UNKNOWN, "dcz, identity;q=0").has_status(406).has("vary", VARY).has_no_store();
}

#[test]
fn rfc_9842_6_2_every_variant_says_what_it_varies_on() {
    let conditional = [("if-none-match", "*")];
    for request in [&[][..], &[("range", "bytes=0-1")], &conditional, &[("if-match", "\"x\"")]] {
        get(STYLE, request).has("vary", VARY);
        answer(Method::HEAD, STYLE, request).has("vary", VARY);
    }
    get(STYLE, &[("range", "bytes=999-")]).has_status(416).has("vary", VARY);
    // What has no delta does not depend on dictionaries.
    get("/static/new.3.js", &[]).has("vary", "Accept-Encoding");
}

#[test]
fn rfc_9842_6_2_each_delta_has_a_tag_of_its_own() {
    let tag = |answer: &Answer| answer.field("etag").unwrap().to_owned();
    let (first, second) = (with(FIRST.1, CHROME), with(SECOND.1, CHROME));
    let tags = [tag(&first), tag(&second), tag(&get(STYLE, &[])), tag(&with("", CHROME))];
    for (at, one) in tags.iter().enumerate() {
        assert!(one.starts_with('"') && !tags[..at].contains(one), "{tags:?}");
    }
    let again = |tag: &str, field| {
        let dictionary = ("available-dictionary", SECOND.1);
        get(STYLE, &[dictionary, ("accept-encoding", CHROME), (field, tag)])
    };
    again(&tags[1], "if-none-match").has_status(304).has("etag", &tags[1]).has("vary", VARY);
    is_delta(again(&tags[0], "if-none-match"));
    again(&tags[2], "if-match").has_status(412).has("vary", VARY);
    is_delta(again(&tags[1], "if-match"));
}

#[test]
fn a_delta_is_not_sent_in_parts() {
    let dictionary = ("available-dictionary", SECOND.1);
    let request = [dictionary, ("accept-encoding", CHROME), ("range", "bytes=0-3")];
    get(STYLE, &request)
        .has_status(206)
        .has("content-encoding", "br")
        .has("vary", VARY)
        .has_body(&BROTLI[..4]);
    let delta = is_delta(with(SECOND.1, CHROME)).has("accept-ranges", "none");
    let tag = delta.field("etag").unwrap();
    // Who has a part of the delta gets the whole of something else.
    is_brotli(get(
        STYLE,
        &[dictionary, ("accept-encoding", CHROME), ("range", "bytes=4-"), ("if-range", tag)],
    ));
}

#[test]
fn head_has_the_fields_of_the_delta() {
    let request = [("available-dictionary", SECOND.1), ("accept-encoding", CHROME)];
    let mut head = answer(Method::HEAD, STYLE, &request);
    assert!(head.body.is_empty());
    let get = is_delta(get(STYLE, &request)).has("cache-control", FOR_EVER);
    head.body = get.body.clone();
    assert_eq!(head.headers, get.headers);
    head.has("content-length", &FROM_SECOND.len().to_string())
        .has("content-type", "text/css; charset=utf-8");
}

#[test]
fn rfc_9842_9_3_2_a_page_that_may_not_read_the_answer_gets_no_delta() {
    let origin = ("origin", "https://shop.example");
    let ask_from = |cors, fetch: &[(&str, &str)]| {
        let request = [("available-dictionary", SECOND.1), ("accept-encoding", CHROME)];
        let request: Vec<_> = request.iter().chain(fetch).copied().collect();
        ask(&Handler::new(&deltas()).cors(cors), Method::GET, STYLE, &request)
    };
    let from = |site, mode| [("sec-fetch-site", site), ("sec-fetch-mode", mode), origin];
    is_delta(ask_from(false, &from("same-origin", "no-cors")));
    is_delta(ask_from(false, &from("none", "navigate")));
    is_delta(ask_from(false, &from("cross-site", "same-origin")));
    is_delta(ask_from(true, &from("cross-site", "cors"))).has("access-control-allow-origin", "*");
    is_brotli(ask_from(true, &from("cross-site", "cors")[..2]));
    is_brotli(ask_from(false, &from("cross-site", "cors")));
    is_brotli(ask_from(true, &from("same-site", "no-cors")));
    is_brotli(ask_from(true, &from("cross-site", "websocket")));
}

#[test]
fn with_deltas_off_the_answers_are_those_of_a_bundle_without_them() {
    let off = Handler::new(&deltas()).deltas(false);
    // First the others, whose fields are kept.
    is_delta(with(SECOND.1, CHROME));
    get("/static/new.3.js", &[("accept-encoding", "gzip")]).has_status(200);
    for path in [STYLE, "/static/new.3.js", "/static/css/style.2.css"] {
        let request = [("available-dictionary", SECOND.1), ("accept-encoding", CHROME)];
        let answer = ask(&off, Method::GET, path, &request).has_no("use-as-dictionary");
        assert_ne!(answer.field("content-encoding"), Some("dcz"));
        assert!(!answer.field("vary").unwrap_or_default().contains("Dictionary"));
    }
    // A bundle that offers no dictionaries.
    let plain = ask(&Handler::new(&sample()), Method::GET, "/static/js/digits.7.js", &[]);
    plain.has_status(200).has_no("use-as-dictionary").has_no("vary");
}

#[test]
fn a_handle_finds_the_delta_for_each_dictionary() {
    let style = deltas().get("css/style.css").unwrap();
    assert_eq!(style.delta(&FIRST.0).unwrap().bytes(), FROM_FIRST);
    assert_eq!(style.delta(&SECOND.0).unwrap().coding(), Coding::Delta);
    assert_eq!(style.delta(&[1; 32]), None);
    assert!(style.representations().all(|one| one.coding() != Coding::Delta));
    for asset in deltas().iter().filter(|asset| asset.name() != "css/style.css") {
        assert_eq!((asset.delta(&FIRST.0), asset.delta(&SECOND.0)), (None, None));
    }
}

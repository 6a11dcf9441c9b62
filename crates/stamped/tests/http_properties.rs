//! What holds for every request, whatever is in it.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may fail")]

mod support;

use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use stamped::http::{Handler, Head, Stale};
use stamped::{Assets, Coding, Representation, Resolved};
use std::sync::LazyLock;
use support::*;

static ASSETS: LazyLock<Assets> = LazyLock::new(sample);

fn methods() -> impl Strategy<Value = Method> {
    prop_oneof![
        6 => Just(Method::GET),
        2 => Just(Method::HEAD),
        1 => Just(Method::OPTIONS),
        1 => Just(Method::POST),
        1 => "[A-Za-z!#$%&'*+.^_`|~-]{1,12}".prop_map(|name| Method::from_bytes(name.as_bytes()).unwrap()),
    ]
}

fn paths() -> impl Strategy<Value = String> {
    let known = [
        "/static/css/style.1452929749.css",
        "/static/css/style.css",
        "/static/css/style.1.css",
        "/static/js/digits.7.js",
        "/static/js/digits.js",
        "/static/img/dot.42.png",
        "/static/img/dot.00000000000000000042.png",
        "/static/empty.1.txt",
        "/static/robots.txt",
        "/static/robots.1.txt",
        "/static/build/app-3f2a.js",
        "/static/video.9.mp4",
        "/static/docs/",
        "/static/docs",
        "/static/",
        "/static",
        "/users/7",
        "/",
        "*",
        "",
    ];
    prop_oneof![
        8 => select(known.to_vec()).prop_map(str::to_owned),
        1 => ".{0,40}",
        1 => "/static/[a-z0-9./%]{0,40}",
        1 => vec(select(&["/", "static", "css", ".", "..", "%2e", "%2f", "style", "1", "%", "%00"][..]), 0..12)
            .prop_map(|parts| parts.concat()),
    ]
}

/// Values that mean something, next to any bytes.
fn fields() -> impl Strategy<Value = (HeaderName, HeaderValue)> {
    let mut tags: Vec<String> = ["*", "\"x\"", "W/\"x\"", ""].map(str::to_owned).to_vec();
    for asset in *ASSETS {
        for one in asset.representations() {
            tags.extend([one.etag().to_owned(), format!("W/{}", one.etag())]);
        }
    }
    let dates = [SECOND_BEFORE, MODIFIED.1, SECOND_AFTER, "Sat Jan 16 07:35:49 2016", "tomorrow"];
    let tag_list = vec(select(tags), 1..3).prop_map(|tags| tags.join(", "));
    let date = select(dates.to_vec()).prop_map(str::to_owned);
    let ranges = vec("[0-9]{0,2}-[0-9]{0,2}|[0-9]{1,25}-", 1..10)
        .prop_map(|specs| format!("bytes={}", specs.join(",")));
    let codings = vec("(gzip|br|x-gzip|zstd|identity|\\*|deflate)(;q=(0|1|0\\.[0-9]{1,4}))?", 0..5)
        .prop_map(|members| members.join(", "));
    let accept = select(&["text/html", "*/*", "text/html;q=0"][..]).prop_map(str::to_owned);
    let meaningful = |name: HeaderName, value: BoxedStrategy<String>| {
        value.prop_map(move |value| (name.clone(), HeaderValue::try_from(value).unwrap()))
    };
    let names = [
        header::IF_MATCH,
        header::IF_NONE_MATCH,
        header::IF_MODIFIED_SINCE,
        header::IF_UNMODIFIED_SINCE,
        header::IF_RANGE,
        header::RANGE,
        header::ACCEPT_ENCODING,
        header::ACCEPT,
        header::ACCESS_CONTROL_REQUEST_METHOD,
    ];
    let any = (select(names.to_vec()), vec(any::<u8>(), 0..40))
        .prop_filter_map("a byte that no field has", |(name, bytes)| {
            Some((name, HeaderValue::from_bytes(&bytes).ok()?))
        });
    prop_oneof![
        1 => meaningful(header::IF_MATCH, tag_list.clone().boxed()),
        2 => meaningful(header::IF_NONE_MATCH, tag_list.clone().boxed()),
        1 => meaningful(header::IF_RANGE, tag_list.boxed()),
        1 => meaningful(header::IF_RANGE, date.clone().boxed()),
        2 => meaningful(header::IF_MODIFIED_SINCE, date.clone().boxed()),
        1 => meaningful(header::IF_UNMODIFIED_SINCE, date.boxed()),
        6 => meaningful(header::RANGE, ranges.boxed()),
        4 => meaningful(header::ACCEPT_ENCODING, codings.boxed()),
        2 => meaningful(header::ACCEPT, accept.boxed()),
        2 => any,
    ]
}

fn header_maps() -> impl Strategy<Value = HeaderMap> {
    vec(fields(), 0..5).prop_map(|fields| {
        let mut headers = HeaderMap::new();
        for (name, value) in fields {
            headers.append(name, value);
        }
        headers
    })
}

fn handlers() -> impl Strategy<Value = Handler> {
    let stale = select(&[Stale::Current, Stale::NotFound, Stale::Redirect][..]);
    (stale, any::<[bool; 4]>()).prop_map(|(stale, [cors, index, fallback, rule])| {
        let mut handler = Handler::new(&ASSETS).stale(stale).cors(cors);
        if index {
            handler = handler.index("index.html");
        }
        if fallback {
            handler = handler.fallback("index.html");
        }
        if rule {
            let value = HeaderValue::from_static(FOR_EVER);
            handler = handler.header("css/*", header::CACHE_CONTROL, value).unwrap();
        }
        handler
    })
}

/// The representation whose tag an answer has.
fn tagged(answer: &Answer) -> Option<Representation> {
    let etag = answer.field("etag")?;
    let all = ASSETS.iter().flat_map(|asset| asset.representations());
    all.into_iter().find(|one| one.etag() == etag)
}

/// The ranges that a body says it has, with its bytes for each.
fn parts(answer: &Answer) -> Vec<(String, Vec<u8>)> {
    if let Some(range) = answer.field("content-range") {
        return vec![(range.to_owned(), answer.body.to_vec())];
    }
    let boundary = answer.field("content-type").unwrap();
    let boundary = boundary.strip_prefix("multipart/byteranges; boundary=").unwrap();
    let delimiter = format!("\r\n--{boundary}");
    // The text of the sample is UTF-8 wherever it is asked for in several ranges.
    let body = format!("\r\n{}", String::from_utf8_lossy(&answer.body));
    let mut pieces: Vec<_> = body.split(&delimiter).skip(1).collect();
    assert_eq!(pieces.pop(), Some("--\r\n"));
    let part = |piece: &str| {
        let (head, bytes) = piece.split_once("\r\n\r\n").unwrap();
        let range = head.split("\r\n").find_map(|line| line.strip_prefix("Content-Range: "));
        (range.unwrap().to_owned(), bytes.as_bytes().to_vec())
    };
    pieces.into_iter().map(part).collect()
}

fn check(handler: &Handler, method: &Method, path: &str, headers: &HeaderMap) {
    let head = Head::new(method, path, headers);
    let response = handler.try_respond(head);
    let is_handed_back = response.is_none();
    let answer = Answer::of(response.unwrap_or_else(|| handler.respond(head)));
    assert!(!is_handed_back || answer.status == 404, "{answer:?}");

    let status = answer.status.as_u16();
    let caching = answer.field("cache-control").expect("always set");
    let is_good = matches!(status, 200 | 206 | 304);
    assert!(is_good || matches!(status, 204 | 307 | 404 | 405 | 406 | 412 | 416), "{answer:?}");

    // Caching.
    assert!(!(caching.contains("no-store") && caching.contains("immutable")));
    if !is_good {
        assert_eq!(caching, "no-store", "{answer:?}");
    }
    if matches!(ASSETS.resolve(path), Resolved::Stale(_)) {
        assert_eq!(caching, "no-store", "{answer:?}");
    }

    // The length, and that bodies are bounded.
    let length = answer.field("content-length").map(|length| length.parse::<usize>().unwrap());
    assert_eq!(length.is_some(), !matches!(status, 204 | 304), "{answer:?}");
    if method == Method::HEAD {
        assert!(answer.body.is_empty() && status != 206 && status != 416, "{answer:?}");
    } else {
        assert_eq!(length.unwrap_or(0), answer.body.len(), "{answer:?}");
    }
    assert!(matches!(status, 200 | 206) || answer.body.is_empty(), "{answer:?}");
    assert!(answer.body.len() < 2048 && answer.headers.len() < 16);

    // The representation.
    let representation = tagged(&answer);
    assert_eq!(representation.is_some(), is_good, "{answer:?}");
    if let Some(one) = representation {
        let coding = answer.field("content-encoding").unwrap_or("identity");
        assert!(status == 304 || coding == one.coding().token(), "{answer:?}");
        let owner =
            ASSETS.iter().find(|asset| asset.representations().any(|r| r.etag() == one.etag()));
        let varies = owner.unwrap().representations().len() > 1;
        let vary = answer.field("vary").unwrap_or_default();
        assert_eq!(vary.contains("Accept-Encoding"), varies, "{answer:?}");
        match status {
            200 if method == Method::GET => assert_eq!(answer.body, one.bytes()),
            206 => {
                let parts = parts(&answer);
                assert!((1..=8).contains(&parts.len()));
                for (range, bytes) in parts {
                    let (range, total) =
                        range.strip_prefix("bytes ").unwrap().split_once('/').unwrap();
                    let (first, last) = range.split_once('-').unwrap();
                    let (first, last): (usize, usize) =
                        (first.parse().unwrap(), last.parse().unwrap());
                    assert_eq!(total, one.content_length());
                    assert_eq!(bytes, &one.bytes()[first..=last], "{answer:?}");
                }
            }
            _ => {}
        }
    }
    if matches!(status, 204 | 307 | 404 | 405) {
        assert!(!answer.headers.contains_key("vary"), "{answer:?}");
    }

    // Conditions: what must have been in the request.
    if status == 304 {
        let none_match: Vec<_> = headers.get_all(header::IF_NONE_MATCH).iter().collect();
        let names = |value: &&HeaderValue| {
            let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
            value.trim() == "*" || value.contains(representation.unwrap().etag())
        };
        let since = headers.get(header::IF_MODIFIED_SINCE).map(HeaderValue::as_bytes);
        let is_later = [MODIFIED.1, SECOND_AFTER, "Sat Jan 16 07:35:49 2016"]
            .iter()
            .any(|date| since == Some(date.as_bytes()));
        assert!(
            if none_match.is_empty() { is_later } else { none_match.iter().any(names) },
            "{answer:?}"
        );
    }
    for (status_of, field) in
        [(206, header::RANGE), (416, header::RANGE), (406, header::ACCEPT_ENCODING)]
    {
        assert!(status != status_of || headers.contains_key(&field), "{answer:?}");
    }
    if status == 412 {
        let either = [header::IF_MATCH, header::IF_UNMODIFIED_SINCE];
        assert!(either.iter().any(|field| headers.contains_key(field)), "{answer:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2048, ..ProptestConfig::default() })]

    #[test]
    fn every_answer_is_sound(
        handler in handlers(), method in methods(), path in paths(), headers in header_maps(),
    ) {
        check(&handler, &method, &path, &headers);
    }

    #[test]
    fn ranges_in_order_are_answered_with_the_slices(
        path in select(vec!["/static/css/style.css", "/static/js/digits.7.js", "/static/robots.txt"]),
        bounds in proptest::collection::btree_set(0_usize..80, 2..20),
    ) {
        let bounds: Vec<usize> = bounds.into_iter().collect();
        let specs: Vec<String> =
            bounds.chunks_exact(2).map(|ends| format!("{}-{}", ends[0], ends[1])).collect();
        let mut headers = HeaderMap::new();
        let value = HeaderValue::try_from(format!("bytes={}", specs.join(","))).unwrap();
        headers.insert(header::RANGE, value);
        let handler = Handler::new(&ASSETS);
        check(&handler, &Method::GET, path, &headers);

        let answer = Answer::of(handler.respond(Head::new(&Method::GET, path, &headers)));
        let length = tagged(&answer).map(|one| one.bytes().len());
        let expected = match length {
            None => 416,
            _ if specs.len() > 8 => 200,
            _ => 206,
        };
        prop_assert_eq!(answer.status, expected);
        if let (206, Some(length)) = (expected, length) {
            let exist = bounds.chunks_exact(2).filter(|ends| ends[0] < length).count();
            prop_assert_eq!(parts(&answer).len(), exist);
        }
    }

    #[test]
    fn head_is_answered_as_get_without_ranges(
        handler in handlers(), path in paths(), mut headers in header_maps(),
    ) {
        headers.remove(header::RANGE);
        let get = Answer::of(handler.respond(Head::new(&Method::GET, &path, &headers)));
        let head = Answer::of(handler.respond(Head::new(&Method::HEAD, &path, &headers)));
        prop_assert_eq!((get.status, get.headers), (head.status, head.headers));
    }

    #[test]
    fn the_coding_is_the_one_that_is_liked_best(
        weights in proptest::array::uniform3(proptest::option::of(0_u16..=1000)),
    ) {
        let asset = ASSETS.get("css/style.css").unwrap();
        let tokens = ["identity", "gzip", "br"];
        let members: Vec<_> = tokens
            .iter()
            .zip(weights)
            .filter_map(|(token, weight)| {
                weight.map(|w| format!("{token};q={}.{:03}", w / 1000, w % 1000))
            })
            .collect();
        // The identity is liked least where it is not listed; a coding is not acceptable then.
        let [identity, gzip, brotli] = weights;
        let rank = |one: Representation| match one.coding() {
            Coding::Identity => identity.map_or(Some(0), |weight| Some(weight).filter(|&w| w > 0)),
            Coding::Gzip => gzip.filter(|&w| w > 0),
            _ => brotli.filter(|&w| w > 0),
        };
        let best = asset
            .representations()
            .filter_map(|one| Some((rank(one)?, std::cmp::Reverse(one.bytes().len()), one.coding())))
            .max_by_key(|&(rank, size, _)| (rank, size));
        let answer = get("/static/css/style.css", &[("accept-encoding", &members.join(","))]);
        match best {
            Some((_, _, coding)) => {
                prop_assert_eq!(answer.field("etag"), Some(etag("css/style.css", coding)));
            }
            None => prop_assert_eq!(answer.status, 406),
        }
    }
}

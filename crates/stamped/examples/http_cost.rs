//! What an answer costs, from a request's head to a response: prints nanoseconds.
//!
//! `cargo run --release -p stamped --example http_cost`

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Response, Uri, header};
use stamped::hash::hash;
use stamped::http::Handler;
use stamped::index::{Area, AssetEntry, RepresentationEntry, TooLarge, Writer};
use stamped::{Addressing, Assets, Coding, Data, Map};
use std::hint::black_box;
use std::time::Instant;

/// What every request of a browser has.
const BROWSER: [(&str, &str); 9] = [
    ("host", "localhost:8080"),
    ("connection", "keep-alive"),
    ("user-agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"),
    ("accept", "text/css,*/*;q=0.1"),
    ("sec-fetch-site", "same-origin"),
    ("sec-fetch-mode", "no-cors"),
    ("sec-fetch-dest", "style"),
    ("referer", "http://localhost:8080/"),
    ("accept-language", "en-GB,en;q=0.9"),
];

/// Many short rounds: most of them are over before the machine does something else.
const ROUNDS: usize = 2001;
const PER_ROUND: u32 = 200;

fn main() -> Result<(), TooLarge> {
    let handler = Handler::new(&assets()?);
    let codings = ("accept-encoding", "gzip, deflate, br, zstd");
    let stamped = "/static/css/style.1452929749.css";
    let tag = ("if-none-match", "\"AAAAAAAAAAAAAAAAAAAAAA-br\"");
    let since = ("if-modified-since", "Sat, 16 Jan 2016 07:35:50 GMT");
    for (what, path, headers) in [
        ("200, no Accept-Encoding", stamped, &[][..]),
        ("200, br of three codings", stamped, &[codings]),
        ("200, one coding", "/static/img/a.1452929749.png", &[codings]),
        ("200, stale stamp", "/static/css/style.1.css", &[codings]),
        ("304, by tag", stamped, &[codings, tag]),
        ("304, by date", stamped, &[codings, since]),
        ("206, one range", stamped, &[("range", "bytes=1000-1999")]),
        ("206, two ranges", stamped, &[("range", "bytes=0-99,200-299")]),
        ("404", "/static/css/none.css", &[codings]),
    ] {
        let uri = Uri::from_static(path);
        let headers: HeaderMap = BROWSER
            .iter()
            .chain(headers)
            .map(|&(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
            .collect();
        let response = handler.respond((&Method::GET, &uri, &headers));
        let (middle, best) = measure(|| {
            let head = black_box((&Method::GET, &uri, &headers));
            black_box(handler.respond(head));
        });
        let fields = response.headers().len();
        println!("{what:26} {middle:4.0} ns (best {best:4.0}), {fields} header fields");
        assert!(response.headers().contains_key(header::CACHE_CONTROL));
    }
    let (middle, best) = measure(|| {
        black_box(seven_fields());
    });
    println!("{:26} {middle:4.0} ns (best {best:4.0})", "seven fields, nothing else");
    Ok(())
}

/// The middle and the best of several rounds, in nanoseconds.
fn measure(mut answer: impl FnMut()) -> (f64, f64) {
    let mut rounds: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let start = Instant::now();
            (0..PER_ROUND).for_each(|_| answer());
            start.elapsed().as_secs_f64() * 1e9 / f64::from(PER_ROUND)
        })
        .collect();
    rounds.sort_by(f64::total_cmp);
    (rounds[ROUNDS / 2], rounds[0])
}

/// What it takes to make seven fields anew, and to find nothing out before.
fn seven_fields() -> Response<Bytes> {
    let mut response = Response::new(Bytes::from_static(&[b' '; 1024]));
    let headers = response.headers_mut();
    headers.reserve(7);
    for (name, value) in [
        (header::CACHE_CONTROL, "max-age=31536000, immutable"),
        (header::ETAG, "\"AAAAAAAAAAAAAAAAAAAAAA\""),
        (header::VARY, "Accept-Encoding"),
        (header::ACCEPT_RANGES, "bytes"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CONTENT_LENGTH, "1024"),
        (header::CONTENT_TYPE, "text/css; charset=utf-8"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

/// A style sheet in three codings and a picture in one.
fn assets() -> Result<Assets, TooLarge> {
    let bytes = &[b' '; 10_240];
    let identity = RepresentationEntry {
        coding: Coding::Identity,
        area: Area::Binary,
        offset: 0,
        length: 10_240,
        etag: "\"AAAAAAAAAAAAAAAAAAAAAA\"",
    };
    let coded = |coding, length, etag| RepresentationEntry { coding, length, etag, ..identity };
    let representations = [
        identity,
        coded(Coding::Brotli, 2048, "\"AAAAAAAAAAAAAAAAAAAAAA-br\""),
        coded(Coding::Gzip, 2560, "\"AAAAAAAAAAAAAAAAAAAAAA-gzip\""),
    ];
    let style = AssetEntry {
        name: "css/style.css",
        path: "css/style.1452929749.css",
        url: "/static/css/style.1452929749.css",
        stamp: "1452929749",
        addressing: Addressing::Stamped,
        at_root: false,
        module: false,
        dimensions: None,
        content_type: "text/css; charset=utf-8",
        integrity: "",
        modified: Some((1_452_929_749, "Sat, 16 Jan 2016 07:35:49 GMT")),
        representations: &representations,
        references: &[],
    };
    let picture = AssetEntry {
        name: "img/a.png",
        path: "img/a.1452929749.png",
        url: "/static/img/a.1452929749.png",
        content_type: "image/png",
        representations: &representations[..1],
        ..style
    };
    let mut writer = Writer::default();
    let mut pairs = Vec::new();
    for (entry, id) in [style, picture].iter().zip(0..) {
        writer.push(entry)?;
        pairs.push((hash(0, entry.name.as_bytes()), id));
    }
    pairs.sort_unstable();
    let (index, strings) = writer.finish("/static", 0, "")?;
    Ok(Assets::new(Box::leak(Box::new(Data::new(
        index.leak(),
        strings.leak(),
        (stamped::Text::new(""), bytes),
        Map::Sorted(pairs.leak()),
    )))))
}

//! What the targets share: a small bundle, and what must hold for every input.

use http::header::CONTENT_LENGTH;
use http::{HeaderMap, Method, StatusCode};
use stamped::Assets;
use stamped::http::{Handler, Head};
use stamped_build::{Pipeline, Stamp};
use stamped_scan::{Scanner, replace, segment};
use std::sync::OnceLock;

/// Scans a file, replaces the file name of every reference, and scans the result.
///
/// # Panics
///
/// If the second scan finds other references than the first, or other names than the new one.
pub fn scan(scanner: Scanner, source: &[u8]) {
    const NAME: &str = "x.1.js";
    let before = scanner.scan(source);
    let edits: Vec<_> = before
        .references
        .iter()
        .map(|one| (one.segment.clone(), segment(one.context, NAME)))
        .collect();
    let renamed = replace(source, &edits);
    let after = scanner.scan(&renamed);
    assert_eq!(before.references.len(), after.references.len(), "{}", renamed.escape_ascii());
    for (before, after) in before.references.iter().zip(&after.references) {
        assert_eq!((before.kind, before.context), (after.kind, after.context));
        let path = after.url.split(['?', '#']).next().unwrap_or_default();
        assert_eq!(path.rsplit('/').next(), Some(NAME), "{}", renamed.escape_ascii());
    }
}

/// A bundle with all sorts of names and types.
pub fn assets() -> Assets {
    static ASSETS: OnceLock<Assets> = OnceLock::new();
    *ASSETS.get_or_init(|| {
        let files: [(&str, &[u8]); 7] = [
            ("css/style.css", b"a { b: url(../img/a.png) }".repeat(100).leak()),
            ("img/a.png", b"\x89PNG\r\n\x1A\n"),
            ("js/app.min.js", b"import './b.js'"),
            ("js/b.js", b""),
            ("résumé (1).txt", b"text"),
            ("index.html", b"<p>"),
            ("LICENSE", b"MIT"),
        ];
        let pipeline = Pipeline::new("no such folder").allow_missing(true).mount("/static");
        let pipeline =
            files.iter().fold(pipeline.stamp(Stamp::Fixed(7)), |pipeline, (name, bytes)| {
                pipeline.file(*name, *bytes)
            });
        let bundle = pipeline.process().expect("a bundle");
        bundle.leak().expect("a bundle of less than 4 GiB")
    })
}

/// Answers a request.
///
/// # Panics
///
/// If the handler answers with an unexpected status, or with a length that is not that of the body.
pub fn respond(method: &Method, path: &str, headers: &HeaderMap) {
    static HANDLER: OnceLock<Handler> = OnceLock::new();
    let handler = HANDLER.get_or_init(|| Handler::new(&assets()).index("index.html"));
    let response = handler.respond(Head::new(method, path, headers));
    let status = response.status();
    assert!(
        matches!(status.as_u16(), 200 | 206 | 304 | 404 | 405 | 406 | 412 | 416),
        "{method} {path} is answered {status}"
    );
    let length = response.headers().get(CONTENT_LENGTH).cloned();
    let body = response.into_body().into_bytes();
    if *method == Method::GET && status != StatusCode::NOT_MODIFIED {
        let length = length.expect("a length").to_str().expect("digits").parse();
        assert_eq!(length, Ok(body.len()), "{method} {path}");
    } else if *method == Method::HEAD {
        assert!(body.is_empty());
    }
}

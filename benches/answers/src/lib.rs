//! The contestants: `stamped` and others serve the same three files.

use axum::Router;
use axum::body::Body;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode, header};
use stamped::http::Handler;
use std::path::Path;
use std::{fs, io};
use tower_http::services::ServeDir;

pub mod assets {
    stamped::include_assets!();
}

/// The files as they are before anybody bakes them.
pub const FILES: &str = concat!(env!("OUT_DIR"), "/files");

#[derive(rust_embed::RustEmbed)]
#[folder = "$OUT_DIR/files"]
struct Embedded;

pub fn handler() -> Handler {
    Handler::new(&assets::ASSETS)
}

/// A stamped handler as axum's fallback, which axum boxes.
pub fn axum_fallback() -> Router {
    Router::new().fallback_service(handler())
}

/// A stamped handler in front of the routes of axum.
pub fn axum_layer() -> Router {
    Router::new().fallback(StatusCode::NOT_FOUND).layer(handler().into_layer())
}

/// The way of rust-embed's own example for axum.
pub fn rust_embed() -> Router {
    Router::new().fallback(async |request: Request<Body>| {
        let name = request.uri().path().trim_start_matches("/static/");
        let Some(file) = Embedded::get(name) else {
            return Response::builder().status(StatusCode::NOT_FOUND).body(Body::empty()).unwrap();
        };
        let mime = mime_guess::from_path(name).first_or_octet_stream();
        let body = match file.data {
            std::borrow::Cow::Borrowed(bytes) => Body::from(bytes),
            std::borrow::Cow::Owned(bytes) => Body::from(bytes),
        };
        Response::builder().header(header::CONTENT_TYPE, mime.as_ref()).body(body).unwrap()
    })
}

pub fn memory_serve() -> Router {
    let files = memory_serve::load!()
        .enable_brotli(true)
        .enable_gzip(true)
        .cache_control(memory_serve::CacheControl::Long);
    Router::new().nest("/static", files.into_router())
}

/// Over a folder that [`export`] has written.
pub fn serve_dir(folder: &Path) -> Router {
    let files = ServeDir::new(folder.join("static")).precompressed_br().precompressed_gzip();
    Router::new().nest_service("/static", files)
}

/// Over a folder that [`export`] has written.
pub fn actix_files(folder: &Path) -> actix_files::Files {
    actix_files::Files::new("/static", folder.join("static")).try_compressed()
}

/// A handler that finds nothing out: it knows the answer to every request before it has seen one,
/// and its only work is to put the same header fields into a new map.
pub fn bare(name: &str) -> impl Fn() -> Response<Bytes> + Clone + use<> {
    let asset = assets::ASSETS.get(name).expect("a file that the build script has made");
    let request = Request::get(asset.url()).body(()).expect("a URL");
    let (head, body) = handler().respond(&request).into_parts();
    bare_as(&head.headers, head.status, body.into_bytes())
}

/// The same for a response that has these fields.
///
/// It reads as one would write it by hand: a line for each field, so that the compiler knows all
/// names, and values that are only cloned.
pub fn bare_as(
    fields: &HeaderMap,
    status: StatusCode,
    body: Bytes,
) -> impl Fn() -> Response<Bytes> + Clone + use<> {
    let count = fields.len();
    let value = |name| {
        let text: &'static str = fields.get(&name)?.to_str().ok()?.to_owned().leak();
        Some(HeaderValue::from_static(text))
    };
    let cache_control = value(header::CACHE_CONTROL);
    let etag = value(header::ETAG);
    let vary = value(header::VARY);
    let accept_ranges = value(header::ACCEPT_RANGES);
    let no_sniff = value(header::X_CONTENT_TYPE_OPTIONS);
    let coding = value(header::CONTENT_ENCODING);
    let modified = value(header::LAST_MODIFIED);
    let range = value(header::CONTENT_RANGE);
    let length = value(header::CONTENT_LENGTH);
    let kind = value(header::CONTENT_TYPE);
    move || {
        let mut response = Response::new(body.clone());
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.reserve(count);
        cache_control.clone().map(|value| headers.insert(header::CACHE_CONTROL, value));
        etag.clone().map(|value| headers.insert(header::ETAG, value));
        vary.clone().map(|value| headers.insert(header::VARY, value));
        accept_ranges.clone().map(|value| headers.insert(header::ACCEPT_RANGES, value));
        no_sniff.clone().map(|value| headers.insert(header::X_CONTENT_TYPE_OPTIONS, value));
        coding.clone().map(|value| headers.insert(header::CONTENT_ENCODING, value));
        modified.clone().map(|value| headers.insert(header::LAST_MODIFIED, value));
        range.clone().map(|value| headers.insert(header::CONTENT_RANGE, value));
        length.clone().map(|value| headers.insert(header::CONTENT_LENGTH, value));
        kind.clone().map(|value| headers.insert(header::CONTENT_TYPE, value));
        debug_assert_eq!(headers.len(), count);
        response
    }
}

/// Writes what is baked as a file server wants it: below `static`, under stamped and under plain
/// names, with the codings beside them.
pub fn export(folder: &Path) -> io::Result<()> {
    let folder = folder.join("static");
    fs::create_dir_all(&folder)?;
    for asset in assets::ASSETS.iter() {
        for one in asset.representations() {
            let extension = match one.coding() {
                stamped::Coding::Brotli => ".br",
                stamped::Coding::Gzip => ".gz",
                _ => "",
            };
            for name in [asset.name(), asset.path()] {
                fs::write(folder.join(format!("{name}{extension}")), one.bytes())?;
            }
        }
    }
    Ok(())
}

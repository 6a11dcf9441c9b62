//! From the head of a request to the head and body of its response, in nanoseconds, beside other
//! crates that embed assets: all in one process, in turns, the median of many rounds.
//!
//!     cargo run --release --manifest-path benches/Cargo.toml -p answers

use axum::Router;
use axum::body::Body;
use figures::Table;
use http::{HeaderValue, Request, Response, StatusCode, header};
use std::hint::black_box;
use std::time::Instant;
use tower::ServiceExt;

mod assets {
    stamped::include_assets!();
}

#[derive(rust_embed::RustEmbed)]
#[folder = "../../assets"]
struct Embedded;

/// The way of rust-embed's own example for axum, with the tag that its metadata makes possible.
async fn rust_embed_answer(request: Request<Body>) -> Response<Body> {
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
}

const ROUNDS: usize = 31;
const REQUESTS: usize = 20_000;

fn request(path: &str) -> Request<Body> {
    let mut request = Request::new(Body::empty());
    *request.uri_mut() = path.parse().unwrap();
    for (name, value) in [
        (header::HOST, "localhost"),
        (header::ACCEPT, "text/css,*/*;q=0.1"),
        (header::ACCEPT_ENCODING, "gzip, deflate, br, zstd"),
        (header::USER_AGENT, "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36"),
    ] {
        request.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    request
}

/// Nanoseconds per request, the making of the request left out.
fn round(answer: &mut dyn FnMut(Request<Body>) -> (StatusCode, usize), path: &str) -> f64 {
    let requests: Vec<_> = (0..REQUESTS).map(|_| request(path)).collect();
    let start = Instant::now();
    for request in requests {
        let (status, _) = black_box(answer(black_box(request)));
        assert_eq!(status, StatusCode::OK);
    }
    start.elapsed().as_secs_f64() * 1e9 / REQUESTS as f64
}

type Answer = Box<dyn FnMut(Request<Body>) -> (StatusCode, usize)>;

fn router(router: Router) -> Answer {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    Box::new(move |request| {
        let response = runtime.block_on(router.clone().oneshot(request)).unwrap();
        (response.status(), response.headers().len())
    })
}

fn main() {
    let handler = stamped::http::Handler::new(&assets::ASSETS);
    let service = handler.clone();
    let stamped_fallback = Router::new().fallback(move |request: Request<Body>| {
        let response = service.respond_to(&request);
        async move { response }
    });
    let memory_serve = memory_serve::load!().into_router();
    let exact = assets::url!("css/page.css");
    let mut contestants: Vec<(&str, &str, Answer)> = vec![
        (
            "stamped, Handler",
            exact,
            Box::new(move |request| {
                let response = handler.respond_to(&request);
                (response.status(), response.headers().len())
            }),
        ),
        ("stamped, fallback of an axum router", exact, router(stamped_fallback)),
        (
            "rust-embed, fallback of an axum router",
            "/static/css/page.css",
            router(Router::new().fallback(rust_embed_answer)),
        ),
        ("memory-serve, its axum router", "/css/page.css", router(memory_serve)),
    ];
    let columns: Vec<String> = vec!["ns".to_owned(), "header fields".to_owned()];
    let fields: Vec<usize> =
        contestants.iter_mut().map(|(_, path, answer)| answer(request(path)).1).collect();
    let names: Vec<&str> = contestants.iter().map(|(name, ..)| *name).collect();
    let mut measured: Vec<Box<dyn FnMut() -> f64>> = contestants
        .into_iter()
        .map(|(_, path, mut answer)| -> Box<dyn FnMut() -> f64> {
            Box::new(move || round(&mut answer, path))
        })
        .collect();
    let medians = figures::medians(ROUNDS, &mut measured);
    let mut table = Table::new("answers/head", "From a request to its response", "ns", &columns);
    for ((name, time), fields) in names.iter().zip(medians).zip(fields) {
        table.row(name, [Some(time), Some(fields as f64)]);
    }
    table.print();
}

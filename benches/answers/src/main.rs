//! Measures the time from the head of a request to the head and body of its response, in nanoseconds, beside
//! other crates that serve files. All run in one process and in turns, and the median of many rounds counts.
//!
//!     cargo run --release --manifest-path benches/Cargo.toml -p answers
//!
//! No body is read, so the time that ServeDir and actix-files need to read from the disk is not counted. The
//! time includes dropping requests and responses. A contestant has no number in a column if its answer has
//! another status or coding.

use actix_web::dev::ServiceResponse;
use axum::Router;
use axum::body::Body;
use figures::Table;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, header};
use std::cell::RefCell;
use std::hint::black_box;
use std::path::Path;
use std::rc::Rc;
use std::time::{Duration, Instant};
use tower::ServiceExt;

const ROUNDS: usize = 15;
/// Few enough to stay in the cache of the processor, as a request does that was just parsed.
const BATCH: usize = 32;
const BATCHES: usize = 100;
/// For those that ask the disk.
const FEW_BATCHES: usize = 5;

const NAME: &str = "10k.css";

/// The header fields that every request of a browser has, except `Accept-Encoding`.
const BROWSER: [(HeaderName, &str); 8] = [
    (header::HOST, "localhost:8080"),
    (header::CONNECTION, "keep-alive"),
    (header::USER_AGENT, "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"),
    (header::ACCEPT, "text/css,*/*;q=0.1"),
    (header::ACCEPT_LANGUAGE, "en-GB,en;q=0.9"),
    (header::REFERER, "http://localhost:8080/"),
    (HeaderName::from_static("sec-fetch-mode"), "no-cors"),
    (HeaderName::from_static("sec-fetch-dest"), "style"),
];

/// One column of the table.
struct Situation {
    what: &'static str,
    method: Method,
    path: String,
    field: Option<(HeaderName, HeaderValue)>,
    expected: StatusCode,
    coding: Option<&'static str>,
}

impl Situation {
    fn request(&self) -> Request<Body> {
        let mut request = Request::new(Body::empty());
        *request.method_mut() = self.method.clone();
        *request.uri_mut() = self.path.parse().unwrap();
        request.headers_mut().reserve(BROWSER.len() + 1);
        for (name, value) in BROWSER {
            request.headers_mut().insert(name, HeaderValue::from_static(value));
        }
        if let Some((name, value)) = &self.field {
            request.headers_mut().insert(name, value.clone());
        }
        request
    }

    /// Whether the answer is the expected one.
    fn is_met(&self, status: StatusCode, headers: &HeaderMap) -> bool {
        let coding = headers.get(header::CONTENT_ENCODING).map(HeaderValue::as_bytes);
        status == self.expected && coding == self.coding.map(str::as_bytes)
    }
}

/// The situations for a contestant that has the tag `etag`, and stamps or not.
fn situations(is_stamped: bool, etag: Option<HeaderValue>) -> Vec<Option<Situation>> {
    let url = stamped_url();
    let plain = format!("/static/{NAME}");
    let usual = if is_stamped { url.clone() } else { plain.clone() };
    let situation = |what, path: &str, expected| Situation {
        what,
        method: Method::GET,
        path: path.to_owned(),
        field: None,
        expected,
        coding: None,
    };
    vec![
        is_stamped.then(|| situation("200, stamped", &url, StatusCode::OK)),
        Some(situation("200, plain", &plain, StatusCode::OK)),
        etag.map(|etag| Situation {
            field: Some((header::IF_NONE_MATCH, etag)),
            ..situation("304", &usual, StatusCode::NOT_MODIFIED)
        }),
        Some(situation("404", "/static/none.css", StatusCode::NOT_FOUND)),
        Some(Situation {
            field: Some((header::RANGE, HeaderValue::from_static("bytes=1000-1999"))),
            ..situation("206", &usual, StatusCode::PARTIAL_CONTENT)
        }),
        Some(Situation { method: Method::HEAD, ..situation("HEAD", &usual, StatusCode::OK) }),
        Some(Situation {
            field: Some((
                header::ACCEPT_ENCODING,
                HeaderValue::from_static("gzip, deflate, br, zstd"),
            )),
            coding: Some("br"),
            ..situation("200, brotli", &usual, StatusCode::OK)
        }),
    ]
}

fn stamped_url() -> String {
    answers::assets::ASSETS.url(NAME).unwrap().to_owned()
}

/// Answers a batch of requests. What it gets ready before, it does not count.
trait Contestant {
    /// One answer, looked at.
    fn look(&mut self, situation: &Situation) -> (StatusCode, HeaderMap);
    /// The time for a batch.
    fn batch(&mut self, situation: &Situation) -> Duration;
    /// How many batches make a round.
    fn batches(&self) -> usize {
        BATCHES
    }
}

/// A function from request to response.
struct Direct<F>(F);

impl<F: FnMut(Request<Body>) -> Response<B>, B> Contestant for Direct<F> {
    fn look(&mut self, situation: &Situation) -> (StatusCode, HeaderMap) {
        let (head, _) = (self.0)(situation.request()).into_parts();
        (head.status, head.headers)
    }

    fn batch(&mut self, situation: &Situation) -> Duration {
        let requests: Vec<_> = (0..BATCH).map(|_| situation.request()).collect();
        let start = Instant::now();
        for request in requests {
            black_box((self.0)(black_box(request)));
        }
        start.elapsed()
    }
}

/// A handler that knows the situation beforehand.
struct Bare(stamped::http::Handler);

impl Contestant for Bare {
    fn look(&mut self, situation: &Situation) -> (StatusCode, HeaderMap) {
        let (head, _) = self.0.respond(&situation.request()).into_parts();
        (head.status, head.headers)
    }

    fn batch(&mut self, situation: &Situation) -> Duration {
        let (head, body) = self.0.respond(&situation.request()).into_parts();
        let answer = answers::bare_as(&head.headers, head.status, body.into_bytes());
        Direct(|_: Request<Body>| answer()).batch(situation)
    }
}

/// A router of axum.
struct Routed {
    router: Router,
    runtime: tokio::runtime::Runtime,
    batches: usize,
}

impl Routed {
    fn new(router: Router, batches: usize) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        Routed { router, runtime, batches }
    }
}

impl Contestant for Routed {
    fn look(&mut self, situation: &Situation) -> (StatusCode, HeaderMap) {
        let answer = self.router.clone().oneshot(situation.request());
        let (head, _) = self.runtime.block_on(answer).unwrap().into_parts();
        (head.status, head.headers)
    }

    fn batch(&mut self, situation: &Situation) -> Duration {
        let requests: Vec<_> = (0..BATCH).map(|_| situation.request()).collect();
        self.runtime.block_on(async {
            let start = Instant::now();
            for request in requests {
                black_box(self.router.clone().oneshot(black_box(request)).await.unwrap());
            }
            start.elapsed()
        })
    }

    fn batches(&self) -> usize {
        self.batches
    }
}

/// An application of actix-web.
struct Actix<S> {
    service: S,
    system: Rc<RefCell<actix_web::rt::SystemRunner>>,
    batches: usize,
}

fn actix_request(situation: &Situation) -> actix_http::Request {
    let mut request = actix_web::test::TestRequest::with_uri(&situation.path)
        .method(situation.method.as_str().parse().unwrap());
    for (name, value) in situation.request().headers() {
        request = request.insert_header((name.as_str(), value.as_bytes()));
    }
    request.to_request()
}

impl<S, B> Contestant for Actix<S>
where
    S: actix_web::dev::Service<
            actix_http::Request,
            Response = ServiceResponse<B>,
            Error = actix_web::Error,
        >,
{
    fn look(&mut self, situation: &Situation) -> (StatusCode, HeaderMap) {
        let answer = self.service.call(actix_request(situation));
        let response = self.system.borrow().block_on(answer).unwrap();
        let status = StatusCode::from_u16(response.status().as_u16()).unwrap();
        let fields = response.headers().iter().map(|(name, value)| {
            let name: HeaderName = name.as_str().parse().unwrap();
            (name, HeaderValue::from_bytes(value.as_bytes()).unwrap())
        });
        (status, fields.collect())
    }

    fn batch(&mut self, situation: &Situation) -> Duration {
        let requests: Vec<_> = (0..BATCH).map(|_| actix_request(situation)).collect();
        self.system.borrow().block_on(async {
            let start = Instant::now();
            for request in requests {
                black_box(self.service.call(black_box(request)).await.unwrap());
            }
            start.elapsed()
        })
    }

    fn batches(&self) -> usize {
        self.batches
    }
}

fn contestants(folder: &Path) -> Vec<(&'static str, bool, Box<dyn Contestant>)> {
    let handler = answers::handler();
    let system = Rc::new(RefCell::new(actix_web::rt::System::new()));
    let actix = |service| system.borrow().block_on(actix_web::test::init_service(service));
    let actix_stamped = actix(actix_web::App::new().service(answers::handler()));
    let actix_files = system.borrow().block_on(actix_web::test::init_service(
        actix_web::App::new().service(answers::actix_files(folder)),
    ));
    vec![
        ("bare hyper handler, the same fields", true, Box::new(Bare(handler.clone()))),
        (
            "stamped, Handler",
            true,
            Box::new(Direct(move |request: Request<Body>| handler.respond(&request))),
        ),
        (
            "stamped, layer of an axum router",
            true,
            Box::new(Routed::new(answers::axum_layer(), BATCHES)),
        ),
        (
            "stamped, fallback of an axum router",
            true,
            Box::new(Routed::new(answers::axum_fallback(), BATCHES)),
        ),
        (
            "stamped, service of actix-web",
            true,
            Box::new(Actix { service: actix_stamped, system: system.clone(), batches: BATCHES }),
        ),
        (
            "rust-embed, fallback of an axum router",
            false,
            Box::new(Routed::new(answers::rust_embed(), BATCHES)),
        ),
        (
            "memory-serve, its axum router",
            false,
            Box::new(Routed::new(answers::memory_serve(), BATCHES)),
        ),
        (
            "tower-http ServeDir, in an axum router",
            false,
            Box::new(Routed::new(answers::serve_dir(folder), FEW_BATCHES)),
        ),
        (
            "actix-files",
            false,
            Box::new(Actix { service: actix_files, system, batches: FEW_BATCHES }),
        ),
    ]
}

fn main() -> std::io::Result<()> {
    let folder = Path::new(answers::FILES).with_file_name("served");
    answers::export(&folder)?;
    let columns: Vec<&str> = situations(true, Some(HeaderValue::from_static("\"\"")))
        .iter()
        .flatten()
        .map(|situation| situation.what)
        .collect();
    let contestants: Vec<_> = contestants(&folder)
        .into_iter()
        .map(|(name, is_stamped, mut contestant)| {
            let plain = situations(is_stamped, None).swap_remove(1).unwrap();
            let (_, fields) = contestant.look(&plain);
            let situations: Vec<_> = situations(is_stamped, fields.get(header::ETAG).cloned())
                .into_iter()
                .map(|situation| {
                    situation.filter(|one| {
                        let (status, fields) = contestant.look(one);
                        one.is_met(status, &fields)
                    })
                })
                .collect();
            (name, situations, RefCell::new(contestant), fields.len())
        })
        .collect();
    let mut measured: Vec<Box<dyn FnMut() -> f64 + '_>> = Vec::new();
    for (_, situations, contestant, _) in &contestants {
        for situation in situations.iter().flatten() {
            measured.push(Box::new(move || {
                let mut contestant = contestant.borrow_mut();
                let mut times: Vec<f64> = (0..contestant.batches())
                    .map(|_| contestant.batch(situation).as_secs_f64() * 1e9 / BATCH as f64)
                    .collect();
                // Not the sum: now and then the machine does something else.
                figures::median(&mut times)
            }));
        }
    }
    let mut medians = figures::medians(ROUNDS, &mut measured).into_iter();
    let title = "From a request to its response";
    let mut table = Table::new("answers/head", title, "ns", &columns);
    let mut counts = Table::new("answers/fields", "Header fields of a 200", "", &["fields"]);
    for (name, situations, _, fields) in &contestants {
        table.row(
            name,
            situations.iter().map(|situation| situation.as_ref().and_then(|_| medians.next())),
        );
        counts.row(name, [Some(*fields as f64)]);
    }
    table.print();
    counts.print();
    Ok(())
}

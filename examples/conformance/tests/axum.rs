//! How a handler gets into a program of axum, and what can go wrong there.

mod assets {
    stamped::include_assets!();
}
use assets::{ASSETS, url};

use axum::Router;
use axum::routing::get;
use conformance::{Reply, ask};
use stamped::http::Handler;
use std::panic::{AssertUnwindSafe, catch_unwind};
use tokio::runtime::Runtime;

/// A program that runs until it is dropped.
struct Server {
    _runtime: Runtime,
    address: String,
}

impl Server {
    fn start(router: Router) -> Self {
        let runtime = Runtime::new().unwrap();
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap().to_string();
        runtime.spawn(async { axum::serve(listener, router).await });
        Server { _runtime: runtime, address }
    }

    fn get(&self, path: &str) -> Reply {
        ask(&self.address, "GET", path, "Accept: text/html\r\n", "").unwrap()
    }

    /// Status, `Cache-Control` and the beginning of the body.
    #[track_caller]
    fn has(&self, path: &str, status: u16, caching: Option<&str>, body: &str) {
        let reply = self.get(path);
        let got = String::from_utf8_lossy(&reply.body);
        assert_eq!(
            (reply.status, reply.field("cache-control")),
            (status, caching),
            "{path}: {got}"
        );
        assert!(got.contains(body), "{path}: {got}");
    }
}

const IMMUTABLE: Option<&str> = Some("max-age=31536000, immutable");
const NO_CACHE: Option<&str> = Some("no-cache");
const NO_STORE: Option<&str> = Some("no-store");
const PAGE: &str = "the page for all";

/// What a program without the handler has: a page, and another one for all unknown paths.
fn program() -> Router {
    Router::new().route("/about", get(|| async { "about" }))
}

fn handler() -> Handler {
    Handler::new(&ASSETS)
}

#[test]
fn no_order_of_calls_lets_the_fallback_answer_for_an_asset() {
    let page = || async { PAGE };
    for router in [
        program().merge(handler().into_router()).fallback(page),
        program().fallback(page).merge(handler().into_router()),
        Router::new().merge(handler().into_router()).merge(program()).fallback(page),
        // The layer is around the whole only if it is the last.
        program().fallback(page).layer(handler().into_layer()),
    ] {
        let server = Server::start(router);
        server.has(url!("css/style.css"), 200, IMMUTABLE, "");
        server.has("/static/css/style.css", 200, NO_CACHE, "");
        server.has("/static/css/style.1.css", 200, NO_STORE, "");
        server.has("/robots.txt", 200, NO_CACHE, "");
        for path in ["/static/css/no.css", "/static/no", "/static/", "/static//css/style.css"] {
            server.has(path, 404, NO_STORE, "");
        }
        server.has("/about", 200, None, "about");
        server.has("/anything", 200, None, PAGE);
        server.has("/humans.txt", 200, None, PAGE);
    }
}

#[test]
fn routes_of_the_program_below_the_mount_go_first() {
    let uploads = get(|| async { "an upload" });
    let router = program().route("/static/uploads/{id}", uploads);
    let server = Server::start(router.merge(handler().into_router()));
    server.has("/static/uploads/7", 200, None, "an upload");
    server.has("/static/uploads/7/8", 404, NO_STORE, "");
    server.has(url!("css/style.css"), 200, IMMUTABLE, "");
    server.has("/no", 404, None, "");
}

#[test]
fn a_router_with_state_or_a_prefix_takes_it_too() {
    let inner = Router::<u8>::new().merge(handler().into_router());
    let router = Router::new().nest("/shop", inner).merge(handler().into_router());
    let server = Server::start(router.with_state(7));
    server.has(url!("css/style.css"), 200, IMMUTABLE, "");
    server.has(concat!("/shop", url!("css/style.css")), 200, IMMUTABLE, "");
    server.has("/shop/static/no.css", 404, NO_STORE, "");
}

#[test]
fn a_page_for_unknown_paths_stays_below_its_prefix() {
    let single = handler().fallback_below("/app", "docs/page.html");
    let router = program().route("/app/api", get(|| async { "api" })).fallback(|| async { PAGE });
    let server = Server::start(router.merge(single.into_router()));
    for path in ["/app", "/app/", "/app/users/7"] {
        server.has(path, 200, NO_CACHE, "<title>one page</title>");
    }
    server.has("/app/api", 200, None, "api");
    server.has("/app/gone.js", 404, NO_STORE, "");
    server.has("/static/gone", 404, NO_STORE, "");
    server.has("/apples", 200, None, PAGE);
}

#[test]
fn what_cannot_work_is_a_panic_at_the_start() {
    let is_refused = |build: &dyn Fn() -> Router| catch_unwind(AssertUnwindSafe(build)).is_err();
    let page = || async { PAGE };
    assert!(is_refused(&|| {
        let all = handler().fallback("docs/page.html").into_router();
        Router::new().fallback(page).merge(all)
    }));
    assert!(is_refused(&|| {
        Router::new().route("/robots.txt", get(page)).merge(handler().into_router())
    }));
    assert!(!is_refused(&|| program().fallback(page).merge(handler().into_router())));
}

#[test]
fn a_nested_service_says_what_is_wrong_or_is_told_that_the_mount_is_gone() {
    let server = Server::start(program().nest_service("/static", handler()));
    for path in [url!("css/style.css"), "/static/css/style.css"] {
        server.has(path, 404, NO_STORE, "nested(true)");
    }
    server.has("/static/no.css", 404, NO_STORE, "");

    let server = Server::start(program().nest_service("/static", handler().nested(true)));
    server.has(url!("css/style.css"), 200, IMMUTABLE, "");
    server.has("/static/css/style.css", 200, NO_CACHE, "");
    server.has("/static/no.css", 404, NO_STORE, "");
    // Only below the mount.
    server.has("/css/style.css", 404, None, "");
    server.has("/about", 200, None, "about");
}

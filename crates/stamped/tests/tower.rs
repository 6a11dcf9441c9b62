//! A handler as a service of tower.

mod support;

use bytes::Bytes;
use http::{Request, Response};
use http_body::{Body as _, Frame, SizeHint};
use stamped::http::{Body, Handler};
use std::cell::Cell;
use std::convert::Infallible;
use std::future::Future;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};
use support::*;
use tower_layer::Layer as _;
use tower_service::Service;

const STYLE: &str = "/static/css/style.1452929749.css";

/// A body of a request that must not be read.
struct Unread;

impl http_body::Body for Unread {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        panic!("the body of a request is read");
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(7)
    }
}

/// The rest of a program. Its answer is there at the second look.
#[derive(Clone, Copy)]
struct Program {
    is_ready: bool,
}

const PROGRAM: Program = Program { is_ready: true };

impl Service<Request<Unread>> for Program {
    type Response = Response<Body>;
    type Error = &'static str;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, &'static str>>>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), &'static str>> {
        if self.is_ready { Poll::Ready(Ok(())) } else { Poll::Pending }
    }

    fn call(&mut self, request: Request<Unread>) -> Self::Future {
        assert_eq!(request.body().size_hint().exact(), Some(7));
        let path = request.uri().path().to_owned();
        let was_polled = Cell::new(false);
        Box::pin(std::future::poll_fn(move |_| {
            if !was_polled.replace(true) {
                return Poll::Pending;
            }
            Poll::Ready(match &*path {
                "/error" => Err("an error of the program"),
                _ => Ok(Response::new(Body::from(Bytes::from(format!("page {path}"))))),
            })
        }))
    }
}

/// What a future comes to, and how often one had to look.
fn finished<F: Future>(future: F) -> (F::Output, u32) {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    for looks in 1..10 {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return (output, looks);
        }
    }
    panic!("the future never ends");
}

fn bytes<B: http_body::Body<Data = Bytes>>(body: B) -> Vec<u8> {
    let mut body = pin!(body);
    let mut bytes = Vec::new();
    let mut context = Context::from_waker(Waker::noop());
    let length = body.size_hint().exact();
    while let Poll::Ready(Some(Ok(frame))) = body.as_mut().poll_frame(&mut context) {
        bytes.extend(frame.into_data().unwrap());
    }
    assert!(body.is_end_stream());
    assert_eq!(length, Some(bytes.len() as u64));
    bytes
}

fn get_unread(path: &str) -> Request<Unread> {
    Request::get(path).body(Unread).unwrap()
}

#[test]
fn a_handler_is_a_service_that_answers_at_once_and_reads_no_body() {
    let mut service = Handler::new(&sample());
    for (path, status) in [(STYLE, 200), ("/static/no", 404), ("/about", 404)] {
        let (response, looks) = finished(service.call(get_unread(path)));
        let Ok(response) = response;
        assert_eq!((response.status().as_u16(), looks), (status, 1), "{path}");
    }
}

#[test]
fn what_is_not_below_the_mount_goes_on_to_the_program_as_it_came() {
    let mut service = Handler::new(&sample()).or(PROGRAM);
    let (response, looks) = finished(service.call(get_unread(STYLE)));
    assert_eq!((bytes(response.unwrap().into_body()), looks), (CSS.into(), 1));

    let (response, looks) = finished(service.call(get_unread("/no/static/?v=1")));
    assert_eq!((bytes(response.unwrap().into_body()), looks), (b"page /no/static/".into(), 2));

    let (response, _) = finished(service.call(get_unread("/error")));
    assert_eq!(response.map(drop), Err("an error of the program"));
}

/// Or a page that the program sends for all unknown paths would stand for an asset.
#[test]
fn no_page_of_the_program_stands_for_a_missing_asset() {
    for path in ["/static/no", "/static/no.css", "/static/css/", "/%73tatic/no"] {
        let mut service = Handler::new(&sample()).into_layer().layer(PROGRAM);
        let response = finished(service.call(get_unread(path))).0.unwrap();
        let cache = &response.headers()["cache-control"];
        assert_eq!(
            (response.status().as_u16(), cache.as_bytes()),
            (404, &b"no-store"[..]),
            "{path}"
        );

        let mut service = Handler::new(&sample()).share_mount(true).or(PROGRAM);
        let (response, _) = finished(service.call(get_unread(path)));
        assert_eq!(bytes(response.unwrap().into_body()), format!("page {path}").as_bytes());
    }
}

#[test]
fn a_layer_does_the_same() {
    let mut service = Handler::new(&sample()).into_layer().layer(PROGRAM);
    let (response, _) = finished(service.call(get_unread(STYLE)));
    assert_eq!(response.unwrap().headers()["cache-control"], FOR_EVER);
    let (response, _) = finished(service.call(get_unread("/about")));
    assert_eq!(bytes(response.unwrap().into_body()), b"page /about");
}

#[test]
fn it_is_ready_when_the_program_is() {
    let mut context = Context::from_waker(Waker::noop());
    for is_ready in [true, false] {
        let mut service = Handler::new(&sample()).or(Program { is_ready });
        assert_eq!(service.poll_ready(&mut context).is_ready(), is_ready);
    }
}

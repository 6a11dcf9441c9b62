//! Assets in a program on plain hyper, without a framework.

mod assets {
    stamped::include_assets!();
}
use assets::{ASSETS, url};

use hyper::{Request, Response, StatusCode, body::Incoming, header, service::service_fn};
use stamped::http::{Body, Handler};
use std::convert::Infallible;

static HANDLER: Handler = Handler::new(&ASSETS);

const PAGE: &str = concat!(
    "<!DOCTYPE html><title>hyper</title><link rel=stylesheet href='",
    url!("css/style.css"),
    "'>",
    "<script type=module src='",
    url!("js/app.js"),
    "'></script><h1>hyper</h1>",
);

fn answer(request: &Request<Incoming>) -> Response<Body> {
    if let Some(response) = HANDLER.try_respond(request) {
        return response;
    }
    let (status, content) = match request.uri().path() {
        "/" => (StatusCode::OK, PAGE),
        _ => (StatusCode::NOT_FOUND, "<!DOCTYPE html><title>404</title><h1>Not found</h1>"),
    };
    let mut response =
        Response::new(Body::from(hyper::body::Bytes::from_static(content.as_bytes())));
    *response.status_mut() = status;
    let html = header::HeaderValue::from_static("text/html; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, html);
    response
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:8080".to_owned());
    let listener = tokio::net::TcpListener::bind(address).await?;
    println!("http://{}/", listener.local_addr()?);
    loop {
        let (stream, _) = listener.accept().await?;
        let service = service_fn(async |request| Ok::<_, Infallible>(answer(&request)));
        let connection = hyper::server::conn::http1::Builder::new()
            .serve_connection(hyper_util::rt::TokioIo::new(stream), service);
        tokio::spawn(connection);
    }
}

//! A page that works without a network, by a service worker.

mod assets {
    stamped::include_assets!();
}
use assets::ASSETS;

use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::{Router, routing::get};
use stamped::http::Handler;

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let files = ASSETS.precache("*.{html,css,js,svg}").map_err(std::io::Error::other)?;
    let worker = format!("const files = {files};\n{}", include_str!("worker.js"));
    let headers = [(CONTENT_TYPE, "text/javascript; charset=utf-8"), (CACHE_CONTROL, "no-cache")];
    let router = Router::new()
        .route("/worker.js", get(async move || (headers, worker)))
        .merge(Handler::new(&ASSETS).index("index.html").into_router());

    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:8080".to_owned());
    let listener = tokio::net::TcpListener::bind(address).await?;
    println!("http://{}/", listener.local_addr()?);
    axum::serve(listener, router).await
}

//! Assets in a warp program, with pages by askama.

mod assets {
    stamped::include_assets!();
}
use assets::{ASSETS, asset};

use askama::Template;
use hyper_util::{rt::TokioIo, service::TowerToHyperService};
use stamped::{Asset, http::Handler};
use warp::{Filter, http::StatusCode};

#[derive(Template)]
#[template(path = "page.html")]
struct Page {
    style: Asset,
    script: Asset,
}

fn page() -> Result<impl warp::Reply, StatusCode> {
    let page = Page { style: asset!("css/style.css"), script: asset!("js/app.js") };
    page.render().map(warp::reply::html).map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    // The filters as a service, with the handler in front of them.
    let filters = warp::path::end().map(page);
    let service = TowerToHyperService::new(Handler::new(&ASSETS).or(warp::service(filters)));

    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:8080".to_owned());
    let listener = tokio::net::TcpListener::bind(address).await?;
    println!("http://{}/", listener.local_addr()?);
    loop {
        let (stream, _) = listener.accept().await?;
        let connection = hyper::server::conn::http1::Builder::new()
            .serve_connection(TokioIo::new(stream), service.clone());
        tokio::spawn(connection);
    }
}

//! Assets in a salvo program.

mod assets {
    stamped::include_assets!();
}
use assets::{ASSETS, url};

use salvo::http::ReqBody;
use salvo::prelude::*;

#[handler]
async fn page() -> Text<&'static str> {
    Text::Html(concat!(
        "<!DOCTYPE html><title>salvo</title>",
        "<link rel=stylesheet href='",
        url!("css/style.css"),
        "'><h1>salvo</h1>",
    ))
}

#[tokio::main]
async fn main() {
    // The service takes requests with any body, so somebody must say which.
    let assets = || {
        let service = stamped::http::Handler::new(&ASSETS);
        TowerServiceCompat::<ReqBody, _, _, _>::compat(service)
    };
    let mut router =
        Router::new().get(page).push(Router::with_path("static/{**path}").goal(assets()));
    // Files such as robots.txt, which belong at the root of the site too.
    for asset in ASSETS.iter().filter(|asset| asset.is_at_root()) {
        router = router.push(Router::with_path(asset.name()).goal(assets()));
    }

    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:8080".to_owned());
    let acceptor = TcpListener::new(address).bind().await;
    if let Ok(address) = acceptor.inner().local_addr() {
        println!("http://{address}/");
    }
    Server::new(acceptor).serve(router).await;
}

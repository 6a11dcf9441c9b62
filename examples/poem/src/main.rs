//! Assets in a poem program.

mod assets {
    stamped::include_assets!();
}
use assets::{ASSETS, url};

use poem::listener::{Acceptor as _, Listener as _, TcpListener};
use poem::{Route, endpoint::TowerCompatExt as _, get, handler, web::Html};
use stamped::http::Handler;

#[handler]
fn page() -> Html<&'static str> {
    Html(concat!(
        "<!DOCTYPE html><title>poem</title>",
        "<link rel=stylesheet href='",
        url!("css/style.css"),
        "'><h1>poem</h1>",
    ))
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    // The path must be whole, so the prefix is not stripped.
    let route = Route::new()
        .at("/", get(page))
        .nest_no_strip(ASSETS.mount(), Handler::new(&ASSETS).compat());

    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:8080".to_owned());
    let acceptor = TcpListener::bind(address).into_acceptor().await?;
    if let Some(address) = acceptor.local_addr().iter().find_map(|a| a.as_socket_addr()) {
        println!("http://{address}/");
    }
    poem::Server::new_with_acceptor(acceptor).run(route).await
}

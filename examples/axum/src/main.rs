//! Assets in an axum program, with pages by maud.

mod assets {
    stamped::include_assets!();
}
use assets::{ASSETS, asset, url};

use axum::{Router, routing::get};
use maud::{DOCTYPE, Markup, html};
use stamped::http::Handler;

async fn page() -> Markup {
    html! {
        (DOCTYPE)
        title { "axum" }
        link rel="stylesheet" href=(url!("css/style.css"));
        script type="module" src=(asset!("js/app.js")) integrity=(asset!("js/app.js").integrity()) {}
        h1 { "axum" }
    }
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let router = Router::new().route("/", get(page)).merge(Handler::new(&ASSETS).into_router());

    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:8080".to_owned());
    let listener = tokio::net::TcpListener::bind(address).await?;
    println!("http://{}/", listener.local_addr()?);
    axum::serve(listener, router).await
}

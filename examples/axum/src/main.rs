//! Assets in an axum program, with pages by maud.

mod assets {
    stamped::include_assets!();
}
use assets::{ASSETS, asset, url};

use axum::{Router, extract::State, routing::get};
use maud::{DOCTYPE, Markup, html};
use stamped::http::Handler;

async fn page(State(handler): State<Handler>) -> Markup {
    // Known to the compiler, or in live mode as it is now.
    let script = handler.assets().get("js/app.js").unwrap_or(asset!("js/app.js"));
    html! {
        (DOCTYPE)
        title { "axum" }
        link rel="stylesheet" href=(url!("css/style.css"));
        script type="module" src=(script) integrity=(script.integrity()) {}
        h1 { "axum" }
    }
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let mut handler = Handler::new(&ASSETS);
    if std::env::var_os("LIVE").is_some() {
        handler = handler.live();
    }
    let router = Router::new()
        .route("/", get(page))
        .with_state(handler.clone())
        .merge(handler.clone().into_router())
        .layer(handler.into_layer());

    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:8080".to_owned());
    let listener = tokio::net::TcpListener::bind(address).await?;
    println!("http://{}/", listener.local_addr()?);
    axum::serve(listener, router).await
}

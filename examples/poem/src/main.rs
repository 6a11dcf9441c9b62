//! Assets in a poem program, with pages by minijinja.

mod assets {
    stamped::include_assets!();
}
use assets::ASSETS;

use minijinja::Environment;
use poem::listener::{Acceptor as _, Listener as _, TcpListener};
use poem::web::{Data, Html};
use poem::{EndpointExt as _, Route, endpoint::TowerCompatExt as _, get, handler};
use stamped::http::Handler;

#[handler]
fn page(Data(templates): Data<&Environment<'static>>) -> poem::Result<Html<String>> {
    let page = templates.get_template("page.html").and_then(|page| page.render(()));
    Ok(Html(page.map_err(poem::error::InternalServerError)?))
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let mut templates = Environment::new();
    stamped::minijinja::functions(&ASSETS).add_to(&mut templates);
    let added = templates.add_template("page.html", include_str!("../templates/page.html"));
    added.map_err(std::io::Error::other)?;

    // The path must be whole, so the prefix is not stripped.
    let mut route = Route::new()
        .at("/", get(page))
        .nest_no_strip(ASSETS.mount(), Handler::new(&ASSETS).compat());
    // Files such as robots.txt, which belong at the root of the site too.
    for asset in ASSETS.iter().filter(|asset| asset.is_at_root()) {
        route = route.at(format!("/{}", asset.name()), Handler::new(&ASSETS).compat());
    }
    let route = route.data(templates);

    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:8080".to_owned());
    let acceptor = TcpListener::bind(address).into_acceptor().await?;
    if let Some(address) = acceptor.local_addr().iter().find_map(|a| a.as_socket_addr()) {
        println!("http://{address}/");
    }
    poem::Server::new_with_acceptor(acceptor).run(route).await
}

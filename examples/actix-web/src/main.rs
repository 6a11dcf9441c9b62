//! Assets in an actix-web program, with pages by tera.

mod assets {
    stamped::include_assets!();
}
use assets::{ASSETS, url};

use actix_web::{App, HttpServer, Responder, web};
use stamped::http::Handler;

async fn page() -> impl Responder {
    web::Html::new(concat!(
        "<!DOCTYPE html><title>actix-web</title><link rel=stylesheet href='",
        url!("css/style.css"),
        "'>"
    ))
}

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    // The handler takes what is an asset's; all else goes on to the services behind it.
    let server = HttpServer::new(|| {
        App::new().service(Handler::new(&ASSETS)).route("/", web::get().to(page))
    });

    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:8080".to_owned());
    let server = server.bind(address)?;
    for address in server.addrs() {
        println!("http://{address}/");
    }
    server.run().await
}

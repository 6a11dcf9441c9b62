//! Assets in a Rocket program.

mod assets {
    stamped::include_assets!();
}
use assets::{ASSETS, url};

use rocket::{fairing::AdHoc, get, response::content::RawHtml, routes};
use stamped::http::Handler;
use std::net::SocketAddr;

#[get("/")]
fn page() -> RawHtml<&'static str> {
    RawHtml(concat!(
        "<!DOCTYPE html><title>Rocket</title><link rel=stylesheet href='",
        url!("css/style.css"),
        "'>"
    ))
}

#[rocket::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:8080".to_owned());
    let address: SocketAddr = address.parse()?;
    let config = rocket::Config {
        address: address.ip(),
        port: address.port(),
        log_level: rocket::config::LogLevel::Critical,
        ..rocket::Config::default()
    };
    // The routes of the program go first; what they do not know may be an asset.
    rocket::custom(config)
        .mount("/", routes![page])
        .mount("/", Handler::new(&ASSETS))
        .attach(AdHoc::on_liftoff("address", |rocket| {
            let config = rocket.config();
            println!("http://{}/", SocketAddr::new(config.address, config.port));
            Box::pin(async {})
        }))
        .launch()
        .await?;
    Ok(())
}

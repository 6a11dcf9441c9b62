//! Assets in an actix-web program, with pages by tera.

mod assets {
    stamped::include_assets!();
}
use assets::ASSETS;

use actix_web::{App, HttpServer, error::ErrorInternalServerError, web};
use stamped::http::Handler;
use tera::Tera;

async fn page(templates: web::Data<Tera>) -> actix_web::Result<web::Html> {
    let page = templates.render("page.html", &tera::Context::new());
    Ok(web::Html::new(page.map_err(ErrorInternalServerError)?))
}

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    let mut templates = Tera::default();
    stamped::tera::functions(&ASSETS).add_to(&mut templates);
    let added = templates.add_raw_template("page.html", include_str!("../templates/page.html"));
    added.map_err(std::io::Error::other)?;
    let templates = web::Data::new(templates);

    // The handler takes what is an asset's; all else goes on to the services behind it.
    let server = HttpServer::new(move || {
        App::new()
            .app_data(templates.clone())
            .service(Handler::new(&ASSETS))
            .route("/", web::get().to(page))
    });

    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:8080".to_owned());
    let server = server.bind(address)?;
    for address in server.addrs() {
        println!("http://{address}/");
    }
    server.run().await
}

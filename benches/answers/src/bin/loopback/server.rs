//! The servers that are built from crates.

use axum::Router;
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::{Body, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use std::convert::Infallible;
use std::error::Error;
use std::io;
use std::net::TcpListener;
use std::path::Path;

/// Runs the server of a name over a folder, both arguments, until it is ended. Prints its port.
pub fn run(mut arguments: impl Iterator<Item = String>) -> Result<(), Box<dyn Error>> {
    let (name, folder) = arguments.next().zip(arguments.next()).ok_or("no server or folder")?;
    let folder = Path::new(&folder);
    let listener = TcpListener::bind(("127.0.0.1", 0))?;
    listener.set_nonblocking(true)?;
    println!("{}", listener.local_addr()?.port());
    match name.as_str() {
        "actix-files" => return Ok(actix(listener, folder)?),
        "actix-stamped" => return Ok(actix_stamped(listener)?),
        _ => {}
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::from_std(listener)?;
        match name.as_str() {
            "stamped" => {
                let handler = answers::handler();
                hyper(listener, move |request| handler.respond(&request)).await?;
            }
            "bare" => {
                let files = ["1k.css", "10k.css", "1m.css"].map(answers::bare);
                // One byte selects the file, because this does not measure the lookup.
                hyper(listener, move |request| {
                    let [small, middle, large] = &files;
                    let name = request.uri().path().as_bytes();
                    let response = match name.get("/static/1".len()) {
                        Some(b'k') => small(),
                        Some(b'0') => middle(),
                        _ => large(),
                    };
                    response.map(Full::new)
                })
                .await?;
            }
            "axum-fallback" => axum(listener, answers::axum_fallback()).await?,
            "axum-layer" => axum(listener, answers::axum_layer()).await?,
            "rust-embed" => axum(listener, answers::rust_embed()).await?,
            "memory-serve" => axum(listener, answers::memory_serve()).await?,
            "serve-dir" => axum(listener, answers::serve_dir(folder)).await?,
            name => return Err(format!("there is no server called {name}").into()),
        }
        Ok(())
    })
}

async fn hyper<F, B>(listener: tokio::net::TcpListener, answer: F) -> io::Result<()>
where
    F: Fn(Request<Incoming>) -> Response<B> + Clone + Send + 'static,
    B: Body<Data = Bytes, Error = Infallible> + Send + 'static,
{
    loop {
        let (stream, _) = listener.accept().await?;
        let answer = answer.clone();
        tokio::spawn(async move {
            let service = service_fn(move |request| {
                let response = answer(request);
                async move { Ok::<_, Infallible>(response) }
            });
            // A client may close the connection; that is not an error.
            let _ = hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}

async fn axum(listener: tokio::net::TcpListener, router: Router) -> io::Result<()> {
    axum::serve(listener, router).await
}

fn actix(listener: TcpListener, folder: &Path) -> io::Result<()> {
    let folder = folder.to_owned();
    let server = actix_web::HttpServer::new(move || {
        actix_web::App::new().service(answers::actix_files(&folder))
    });
    let server = server.workers(1).listen(listener)?.run();
    actix_web::rt::System::new().block_on(server)
}

fn actix_stamped(listener: TcpListener) -> io::Result<()> {
    let server = actix_web::HttpServer::new(|| actix_web::App::new().service(answers::handler()));
    let server = server.workers(1).listen(listener)?.run();
    actix_web::rt::System::new().block_on(server)
}

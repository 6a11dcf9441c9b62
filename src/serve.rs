//! `stamped serve`: a server for a folder, or for the pages in this program.

mod page;

use crate::options;
use clap::{Arg, ArgAction, ArgMatches, Command};
use http::{HeaderValue, Method, Request, Response, header};
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use page::assets::ASSETS;
use stamped::http::{Body, Handler};
use std::convert::Infallible;
use std::net::SocketAddr;
use std::task::Poll;
use std::time::Duration;
use tokio::net::TcpListener;

const DEFAULT_ADDRESS: &str = "127.0.0.1:8080";

/// How long open requests may take once the server is told to stop.
const GRACE: Duration = Duration::from_secs(5);

pub(crate) fn command() -> Command {
    let about = "Serves a folder under stamped URLs; without one, the pages in this program";
    options::add(Command::new("serve").about(about))
        .mut_arg("dir", |dir| dir.required(false))
        .arg(
            Arg::new("listen")
                .long("listen")
                .value_name("ADDR")
                .default_value(DEFAULT_ADDRESS)
                .help("Address and port to listen on; port 0 picks a free one"),
        )
        .arg(
            Arg::new("live")
                .long("live")
                .action(ArgAction::SetTrue)
                .requires("dir")
                .help("Read the folder anew on each request, for development"),
        )
}

/// Serves until it is told to stop.
pub(crate) fn run(arguments: &ArgMatches) -> Result<(), String> {
    // Without a subcommand there are no arguments at all.
    let text = |name| arguments.try_get_one::<String>(name).ok().flatten();
    let address = text("listen").map_or(DEFAULT_ADDRESS, String::as_str);
    let site = match text("dir") {
        Some(folder) => Site::Folder(folder_handler(folder, arguments)?),
        None => Site::OwnPages,
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| format!("no threads to serve with: {error}"))?;
    runtime.block_on(serve(address, site))
}

/// What is served.
#[derive(Clone)]
enum Site {
    OwnPages,
    Folder(Handler),
}

/// Answers for the assets in a folder. In live mode nothing is encoded, so that it starts at once.
fn folder_handler(folder: &str, arguments: &ArgMatches) -> Result<Handler, String> {
    let live = arguments.get_flag("live");
    let bundle = options::bundle(arguments, !live)?;
    let assets = bundle.leak().map_err(|error| error.to_string())?;
    let handler = Handler::new(&assets).index("index.html");
    Ok(if live { handler.live(folder) } else { handler })
}

async fn serve(address: &str, site: Site) -> Result<(), String> {
    let cannot_listen = |error: std::io::Error| {
        format!("cannot listen on {address}: {error}; choose another with `--listen 127.0.0.1:0`")
    };
    let listener = TcpListener::bind(address).await.map_err(cannot_listen)?;
    let local: SocketAddr = listener.local_addr().map_err(cannot_listen)?;
    println!("http://{local}/");

    let connections = GracefulShutdown::new();
    let mut stop = std::pin::pin!(stop_signal());
    loop {
        let accepted = std::future::poll_fn(|context| match stop.as_mut().poll(context) {
            Poll::Ready(()) => Poll::Ready(None),
            Poll::Pending => listener.poll_accept(context).map(Some),
        });
        match accepted.await {
            Some(Ok((stream, _))) => {
                let site = site.clone();
                let answer = service_fn(move |request| std::future::ready(answer(&site, &request)));
                let connection = http1::Builder::new()
                    .timer(TokioTimer::new())
                    .serve_connection(TokioIo::new(stream), answer);
                let connection = connections.watch(connection);
                // What goes wrong on a connection is its client's business.
                tokio::spawn(async move { connection.await.ok() });
            }
            // A connection that was given up, or no file handle left: neither ends the server.
            Some(Err(_)) => tokio::time::sleep(Duration::from_millis(10)).await,
            None => break,
        }
    }
    tokio::time::timeout(GRACE, connections.shutdown()).await.ok();
    Ok(())
}

fn answer(site: &Site, request: &Request<Incoming>) -> Result<Response<Body>, Infallible> {
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
    Ok(match site {
        Site::Folder(handler) => handler.respond_to(request),
        Site::OwnPages if request.uri().path() == "/" && is_read => page(),
        Site::OwnPages => Handler::new(&ASSETS).respond_to(request),
    })
}

fn page() -> Response<Body> {
    let mut response = Response::new(Body::from(Bytes::from(page::html())));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}

/// Ends when the process is asked to stop.
#[cfg(unix)]
async fn stop_signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let signals = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()));
    let (Ok(mut interrupt), Ok(mut terminate)) = signals else {
        return std::future::pending().await;
    };
    std::future::poll_fn(|context| {
        let stopped =
            interrupt.poll_recv(context).is_ready() || terminate.poll_recv(context).is_ready();
        if stopped { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
}

/// Ends when the process is asked to stop.
#[cfg(not(unix))]
async fn stop_signal() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}

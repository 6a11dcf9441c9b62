//! `stamped serve`: a server for a folder, or for the pages in this program.

mod listen;
mod log;

use crate::build::say;
use crate::options;
use crate::report::page;
use clap::{Arg, ArgAction, ArgMatches, Command};
use http::{HeaderValue, Method, Request, Response, header};
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use stamped::http::{Body, Handler};
use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;
use std::task::Poll;
use std::time::Duration;
use tokio::net::TcpListener;

const DEFAULT_ADDRESS: &str = "127.0.0.1:8080";

/// How long the head of a request may take to arrive. A connection without a request may stay open for
/// as long.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long open requests may take once the server is told to stop.
const GRACE: Duration = Duration::from_secs(5);

const ABOUT: &str = "Serves a folder under stamped URLs; without one, the pages in this program";

const LONG_ABOUT: &str = "\
Serves a folder under stamped URLs; without one, the pages in this program.

Prints the URL of the server, and answers as `stamped::http::Handler` does in a program: the stamped \
path of an asset may be cached for a year, its plain name is to be asked for again, another stamp is \
never cached. A path that ends in a slash gets the index.html there. Ctrl-C ends it.";

const EXAMPLES: &str = "\
Examples:
  stamped serve site --mount / --open
  stamped serve assets --live --listen 127.0.0.1:0
  stamped serve site --mount / --log 2>access.log";

pub(crate) fn command() -> Command {
    options::add(Command::new("serve").about(ABOUT).long_about(LONG_ABOUT))
        .after_long_help(EXAMPLES)
        .mut_arg("dir", |dir| dir.required(false))
        .arg(
            Arg::new("listen")
                .long("listen")
                .value_name("ADDR")
                .default_value(DEFAULT_ADDRESS)
                .value_parser(listen::address)
                .help("Address and port to listen on; port 0 picks a free one"),
        )
        .arg(
            Arg::new("live")
                .long("live")
                .action(ArgAction::SetTrue)
                .requires("dir")
                .help("Read the folder anew on each request, for development")
                .long_help(
                    "Read the folder anew on each request, for development: edits and new files show \
                     at once, whatever the stamp in the URL, and nothing is stored. Files are sent as \
                     they lie there, without encodings",
                ),
        )
        .arg(
            Arg::new("open")
                .long("open")
                .action(ArgAction::SetTrue)
                .help("Open the URL in the browser"),
        )
        .arg(
            Arg::new("log")
                .long("log")
                .action(ArgAction::SetTrue)
                .help("Tell each request on stderr, in the combined log format"),
        )
}

/// Serves until it is told to stop.
pub(crate) fn run(arguments: &ArgMatches) -> Result<(), String> {
    // Without a subcommand there are no arguments at all.
    let flag = |name| arguments.try_get_one::<bool>(name).is_ok_and(|flag| flag == Some(&true));
    let address = arguments.try_get_one::<String>("listen").ok().flatten();
    let address = address.map_or(DEFAULT_ADDRESS, String::as_str);
    let wishes = Wishes { open: flag("open"), log: flag("log"), quiet: flag("quiet") };
    let folder = match arguments.try_get_one::<PathBuf>("dir") {
        Ok(Some(_)) => Some(options::folder(arguments)?),
        _ => None,
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| format!("no threads to serve with: {error}"))?;
    // Before the folder is compressed, which may take minutes.
    let listener = runtime.block_on(listen::listen(address))?;
    let site = match folder {
        Some(folder) => Site::Folder(folder_handler(folder, arguments)?),
        None => Site::OwnPages,
    };
    runtime.block_on(serve(listener, wishes, site))
}

/// What was asked of the server.
struct Wishes {
    open: bool,
    log: bool,
    quiet: bool,
}

/// What is served.
#[derive(Clone)]
enum Site {
    OwnPages,
    Folder(Handler),
}

/// Answers for the assets in a folder. In live mode nothing is encoded, so that it starts at once.
fn folder_handler(folder: PathBuf, arguments: &ArgMatches) -> Result<Handler, String> {
    let live = arguments.get_flag("live");
    let bundle = options::bundle(arguments, !live)?;
    let assets = bundle.leak().map_err(|error| error.to_string())?;
    let handler = Handler::new(&assets).index("index.html");
    Ok(if live { handler.live(folder) } else { handler })
}

async fn serve(listener: TcpListener, wishes: Wishes, site: Site) -> Result<(), String> {
    let local = listener
        .local_addr()
        .map_err(|error| format!("cannot tell the address of the server: {error}"))?;
    say(&format!("http://{local}/\n"))?;
    if wishes.open {
        open_in_browser(reachable(local), wishes.quiet);
    }

    let connections = GracefulShutdown::new();
    let mut stop = std::pin::pin!(stop_signal());
    loop {
        let accepted = std::future::poll_fn(|context| match stop.as_mut().poll(context) {
            Poll::Ready(()) => Poll::Ready(None),
            Poll::Pending => listener.poll_accept(context).map(Some),
        });
        match accepted.await {
            Some(Ok((stream, client))) => {
                let site = site.clone();
                let answer = service_fn(move |request| {
                    let response = answer(&site, &request);
                    if wishes.log {
                        log::write(client, &request, &response);
                    }
                    std::future::ready(Ok::<_, Infallible>(response))
                });
                let connection = http1::Builder::new()
                    .timer(TokioTimer::new())
                    .header_read_timeout(PATIENCE)
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

fn answer(site: &Site, request: &Request<Incoming>) -> Response<Body> {
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
    match site {
        Site::Folder(handler) => handler.respond(request),
        Site::OwnPages if request.uri().path() == "/" && is_read => page(),
        Site::OwnPages => Handler::new(&page::assets::ASSETS).respond(request),
    }
}

fn page() -> Response<Body> {
    let mut response = Response::new(Body::from(Bytes::from(page::served())));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}

/// The address under which this machine reaches the server: one that stands for all is no place to go.
fn reachable(mut local: SocketAddr) -> SocketAddr {
    match local.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => local.set_ip(Ipv4Addr::LOCALHOST.into()),
        IpAddr::V6(ip) if ip.is_unspecified() => local.set_ip(Ipv6Addr::LOCALHOST.into()),
        _ => {}
    }
    local
}

/// Opens the server's page. That may take as long as the browser runs, so nobody waits for it.
fn open_in_browser(server: SocketAddr, quiet: bool) {
    let url = format!("http://{server}/");
    std::thread::spawn(move || {
        if let Err(error) = open::that(&url) {
            let warning = format!("{url} cannot be opened in a browser: {error}; open it by hand");
            options::warn(&[warning], quiet);
        }
    });
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

//! `stamped serve`: a server for a folder, or for the pages in this program.

mod listen;
mod log;

use crate::options::Options;
use crate::report::page;
use crate::{folder, output, words};
use clap::{Args, ValueHint};
use http::{HeaderValue, Method, Request, Response, header};
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use stamped::http::{Body, Handler};
use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::task::Poll;
use std::time::Duration;
use tokio::net::TcpListener;

const DEFAULT_ADDRESS: &str = "127.0.0.1:8080";

/// How long the head of a request may take to arrive. A connection without a request may stay open for
/// as long.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long open requests may take after the signal to stop.
const GRACE: Duration = Duration::from_secs(5);

const EXAMPLES: &str = "\
Examples:
  stamped serve site --mount / --open
  stamped serve assets --live --listen 127.0.0.1:0
  stamped serve site --mount / --log 2>access.log";

/// Serves a folder under stamped URLs; without one, the pages in this program
///
/// Prints the URL of the server, and answers as `stamped::http::Handler` does in a program: caches may
/// keep the stamped path of an asset for a year, must ask again for its plain name, and never keep the
/// answer to another stamp. A path that ends in a slash gets the index.html there. Ctrl-C stops the
/// server.
#[derive(Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Serve {
    /// The folder with the assets
    #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
    dir: Option<PathBuf>,

    #[command(flatten)]
    options: Options,

    /// Listen on this address and port; port 0 picks a free one
    #[arg(long, value_name = "ADDR", default_value = DEFAULT_ADDRESS, value_parser = listen::address)]
    listen: String,

    /// Read the folder again on each request, for development
    ///
    /// Edits and new files show at once, whatever the stamp in the URL, and browsers store nothing.
    /// Files are sent as they are on the disk, without encodings.
    #[arg(long, requires = "dir")]
    live: bool,

    /// Open the URL in the browser
    #[arg(long)]
    open: bool,

    /// Log each request to stderr, in the combined log format
    #[arg(long)]
    log: bool,
}

impl Serve {
    pub(crate) fn run(&self) -> Result<(), String> {
        let wishes = Wishes { open: self.open, log: self.log, quiet: self.options.naming.quiet };
        let Some(dir) = &self.dir else {
            return start(&self.listen, "--listen", wishes, || Ok(Site::OwnPages));
        };
        folder::existing(dir)?;
        start(&self.listen, "--listen", wishes, || self.handler(dir).map(Site::Folder))
    }

    /// A handler for the folder. Live mode encodes nothing, so it starts at once.
    fn handler(&self, dir: &Path) -> Result<Handler, String> {
        let bundle = self.options.bundle(dir, !self.live)?;
        let assets = bundle.leak().map_err(|error| words::error(&error))?;
        let handler = Handler::new(&assets).index("index.html");
        Ok(if self.live { handler.live(folder::existing(dir)?) } else { handler })
    }
}

/// Serves the pages in this program, as `stamped` does without a command.
pub(crate) fn own_pages() -> Result<(), String> {
    let wishes = Wishes { open: false, log: false, quiet: false };
    start(DEFAULT_ADDRESS, "stamped serve --listen", wishes, || Ok(Site::OwnPages))
}

/// Serves until the process receives a signal to stop. `option` chooses another address.
fn start(
    address: &str,
    option: &str,
    wishes: Wishes,
    site: impl FnOnce() -> Result<Site, String>,
) -> Result<(), String> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| format!("cannot start threads to serve with: {error}"))?;
    // Before the folder is compressed, which may take minutes.
    let listener = runtime.block_on(listen::listen(address, option))?;
    runtime.block_on(serve(listener, wishes, site()?))
}

/// What the options ask for, besides the site.
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

async fn serve(listener: TcpListener, wishes: Wishes, site: Site) -> Result<(), String> {
    let local = listener
        .local_addr()
        .map_err(|error| format!("cannot read the address of the server: {error}"))?;
    output::print(&format!("http://{local}/\n"))?;
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
                // An error ends this connection only.
                tokio::spawn(async move { connection.await.ok() });
            }
            // A connection that the client gave up, or no file handle left: neither ends the server.
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

/// The address at which a browser on this machine reaches the server: the loopback address if it
/// listens on all.
fn reachable(mut local: SocketAddr) -> SocketAddr {
    match local.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => local.set_ip(Ipv4Addr::LOCALHOST.into()),
        IpAddr::V6(ip) if ip.is_unspecified() => local.set_ip(Ipv6Addr::LOCALHOST.into()),
        _ => {}
    }
    local
}

/// Opens the server's page. The command that opens a browser may run as long as the browser, so this
/// does not wait for it.
fn open_in_browser(server: SocketAddr, quiet: bool) {
    let url = format!("http://{server}/");
    std::thread::spawn(move || {
        if let Err(error) = open::that(&url)
            && !quiet
        {
            output::note(&format!(
                "warning: {url} cannot be opened in a browser: {error}; open it by hand"
            ));
        }
    });
}

/// Completes when the process receives a signal to stop.
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

/// Completes when the process receives a signal to stop.
#[cfg(not(unix))]
async fn stop_signal() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}

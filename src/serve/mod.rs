//! `stamped serve`: a server for a folder, or for the pages in this program.

mod hosts;
mod limit;
mod listen;
mod live;
mod log;
mod socket;

use crate::options::Options;
use crate::report::page;
use crate::stop::{self, unless};
use crate::{folder, output, words};
use clap::{Args, ValueHint};
use hosts::Hosts;
use http::{HeaderValue, Method, Request, Response, StatusCode, header};
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use live::Live;
use log::Log;
use socket::Socket;
use stamped::http::{Body, Handler};
use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

const DEFAULT_ADDRESS: &str = "127.0.0.1:8080";

/// How long a client may stall, in seconds.
const DEFAULT_TIMEOUT: u64 = 30;

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

    /// Show each change of a file at once, in open pages too, for development
    ///
    /// When a file is saved, the whole folder is made anew with all other options, in a fraction of a
    /// second; only encodings are left out, and browsers store nothing. Open pages take in style sheets
    /// and pictures in place, and load themselves again for anything else. An error lies over the page
    /// until it is mended; the last good version is answered meanwhile. Only local names are answered:
    /// localhost, IP addresses, the host of --listen, and those of --allow-host. Where the system does
    /// not tell of changes, as in some containers and network folders, STAMPED_POLL=500 looks at all
    /// files every 500 milliseconds.
    #[arg(long, requires = "dir")]
    live: bool,

    /// Answer requests for this host too in live mode, as behind a proxy; may be repeated
    #[arg(long, value_name = "NAME", requires = "live")]
    allow_host: Vec<String>,

    /// Close a connection once its client stalls for so many seconds
    ///
    /// That is: it takes no byte of an answer, or its request is not complete.
    #[arg(long, value_name = "SECONDS", default_value_t = DEFAULT_TIMEOUT,
          value_parser = clap::value_parser!(u64).range(1..=86_400))]
    timeout: u64,

    /// Open the URL in the browser
    #[arg(long)]
    open: bool,

    /// Log each request to stderr, in the combined log format
    ///
    /// Lines that are not read in time are left out, and counted, so that the log never holds up the
    /// answers.
    #[arg(long)]
    log: bool,
}

impl Serve {
    pub(crate) fn run(&self) -> Result<(), String> {
        let wishes = Wishes {
            open: self.open,
            log: self.log,
            quiet: self.options.naming.quiet,
            patience: Duration::from_secs(self.timeout),
        };
        let Some(dir) = &self.dir else {
            return start(&self.listen, "--listen", wishes, || Ok(Site::own_pages()));
        };
        if self.live
            && let Some(place) = live::place()
        {
            return self.options.write_live(dir, &place);
        }
        folder::existing(dir)?;
        start(&self.listen, "--listen", wishes, || self.site(dir))
    }

    /// The folder as a site.
    fn site(&self, dir: &Path) -> Result<Site, String> {
        let (pages, hosts) = match self.live {
            true => {
                let live = Live::start(folder::existing(dir)?, self.options.cache()?)?;
                (Pages::Live(live), Hosts::Local(self.hosts()))
            }
            false => {
                let bundle = self.options.bundle(dir, true)?;
                let assets = bundle.leak_on_disk().map_err(|error| words::error(&error))?;
                (Pages::Folder(with_pages(Handler::new(&assets))), Hosts::All)
            }
        };
        // A file may be open as long as the connection on which it is sent.
        Ok(Site { pages, hosts, descriptors: 2 })
    }

    /// The hosts that were named.
    fn hosts(&self) -> Vec<String> {
        let listen = self.listen.rsplit_once(':').map(|(host, _)| host.to_owned());
        self.allow_host.iter().cloned().chain(listen).collect()
    }
}

/// Serves the pages in this program, as `stamped` does without a command.
pub(crate) fn own_pages() -> Result<(), String> {
    let patience = Duration::from_secs(DEFAULT_TIMEOUT);
    let wishes = Wishes { open: false, log: false, quiet: false, patience };
    start(DEFAULT_ADDRESS, "stamped serve --listen", wishes, || Ok(Site::own_pages()))
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
    /// How long a client may stall.
    patience: Duration,
}

/// What is served.
#[derive(Clone)]
struct Site {
    pages: Pages,
    hosts: Hosts,
    /// How many descriptors a connection may need.
    descriptors: u64,
}

#[derive(Clone)]
enum Pages {
    Own,
    Folder(Handler),
    Live(Live),
}

/// A handler that answers for the path of a folder with the page there.
fn with_pages(handler: Handler) -> Handler {
    handler.index("index.html")
}

impl Site {
    const fn own_pages() -> Self {
        Site { pages: Pages::Own, hosts: Hosts::All, descriptors: 1 }
    }
}

async fn serve(listener: TcpListener, wishes: Wishes, site: Site) -> Result<(), String> {
    let local = listener
        .local_addr()
        .map_err(|error| format!("cannot read the address of the server: {error}"))?;
    output::print(&format!("http://{local}/\n"))?;
    if wishes.open {
        open_in_browser(reachable(local), wishes.quiet);
    }

    let log = wishes.log.then(Log::start);
    let connections = GracefulShutdown::new();
    let places = Arc::new(Semaphore::new(limit::connections(site.descriptors)));
    let mut stop = std::pin::pin!(stop::signal());
    // The semaphore is never closed.
    while let Some(Ok(place)) = unless(stop.as_mut(), Arc::clone(&places).acquire_owned()).await {
        match unless(stop.as_mut(), listener.accept()).await {
            Some(Ok((stream, client))) => {
                let connection = answer_all(
                    stream,
                    client,
                    site.clone(),
                    log.clone(),
                    wishes.patience,
                    &connections,
                );
                tokio::spawn(async move {
                    connection.await;
                    drop(place);
                });
            }
            // A connection that the client gave up, or no descriptor left: neither ends the server.
            Some(Err(_)) => tokio::time::sleep(Duration::from_millis(10)).await,
            None => break,
        }
    }
    // At once, so that new clients do not wait for a server that ends.
    drop(listener);
    if let Pages::Live(live) = &site.pages {
        live.end();
    }
    tokio::time::timeout(GRACE, connections.shutdown()).await.ok();
    if let Some(log) = log {
        log.flush();
    }
    Ok(())
}

/// Answers the requests on a connection.
fn answer_all(
    stream: TcpStream,
    client: SocketAddr,
    site: Site,
    log: Option<Log>,
    patience: Duration,
    connections: &GracefulShutdown,
) -> impl Future<Output = ()> + use<> {
    let socket = Socket::new(stream, patience);
    let status = socket.status();
    let requests = log.clone();
    let service = service_fn(move |request| {
        let response = answer(&site, &request);
        if let Some(log) = &requests {
            log.answered(client, &request, &response);
        }
        std::future::ready(Ok::<_, Infallible>(response))
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(patience)
        .serve_connection(TokioIo::new(socket), service);
    let connection = connections.watch(connection);
    async move {
        // An error ends this connection only. Where it is one of the request, hyper has answered.
        if let Err(error) = connection.await
            && error.is_parse()
            && let (Some(log), Some(status)) = (log, status.get())
        {
            log.refused(client, status);
        }
    }
}

fn answer(site: &Site, request: &Request<Incoming>) -> Response<Body> {
    if let Some(refusal) = site.hosts.refusal(request) {
        return refusal;
    }
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD);
    match &site.pages {
        _ if request.method() == Method::OPTIONS && request.uri() == "*" => options(),
        Pages::Folder(handler) => handler.respond(request),
        Pages::Live(live) => live.respond(request),
        Pages::Own if request.uri().path() == "/" && is_read => page(),
        Pages::Own => Handler::new(&page::assets::ASSETS).respond(request),
    }
}

/// What the server as a whole can do (RFC 9110, section 9.3.7).
fn options() -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    let headers = response.headers_mut();
    headers.insert(header::ALLOW, HeaderValue::from_static("GET, HEAD, OPTIONS"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
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

//! A program with pages, in live mode.

use super::Project;
use super::server::{Server, free_port};
use std::process::Command;

/// Answers `/list` with the names and URLs of all assets, assets, and every other path with a page; some
/// are special.
const MAIN: &str = r##"
mod assets { stamped::include_assets!(); }
mod more { stamped::include_assets!("more"); }

use hyper::body::{Body, Bytes, Frame, Incoming, SizeHint};
use hyper::header::HeaderMap;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use stamped::http::Handler;
use std::convert::Infallible;
use std::future::{Ready, ready};
use std::pin::Pin;
use std::task::{Context, Poll};
use tower_service::Service;

/// What a page consists of. Without a length, the server sends it in chunks.
struct Page { bytes: Option<Bytes>, has_length: bool }

impl Body for Page {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.bytes.take().map(|bytes| Ok(Frame::data(bytes))))
    }

    fn size_hint(&self) -> SizeHint {
        match self.has_length {
            true => SizeHint::with_exact(self.bytes.as_ref().map_or(0, |bytes| bytes.len() as u64)),
            false => SizeHint::new(),
        }
    }
}

#[derive(Clone)]
struct Pages(Handler, Handler);

impl Service<Request<Incoming>> for Pages {
    type Response = Response<Page>;
    type Error = Infallible;
    type Future = Ready<Result<Response<Page>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Incoming>) -> Self::Future {
        let path = request.uri().path();
        let asked = |name: &str| request.headers().get(name).is_some();
        let assets = self.0.assets();
        let url = |name| assets.url_for(name);
        let page = format!(
            "<!doctype html><title>done</title><link rel=icon href=data:,><link rel=stylesheet href={}>\
             <link rel=stylesheet href={}><script type=module src={}></script><p>text<img src={}>",
            url("css/page.css"), url("css/sass.css"), url("js/page.js"), url("img/one.svg"),
        );
        let mut status = 200;
        let mut fields = HeaderMap::new();
        let mut field = |name: &'static str, value: &'static str| drop(fields.insert(name, value.parse().unwrap()));
        field("content-type", "text/html; charset=utf-8");
        field("content-security-policy", "default-src 'self'; img-src 'self' data:");
        let bytes = match path {
            "/list" => assets.iter().map(|one| format!("{} {}\n", one.name(), one.url())).collect::<String>().into(),
            "/short" => "no head, no end<p".into(),
            "/bytes" => {
                field("content-type", "text/html");
                b"<p>\xfc\xff\x80".into()
            }
            "/wide" => {
                field("content-type", "text/html; charset=UTF-16LE");
                "<p>".encode_utf16().flat_map(u16::to_le_bytes).collect()
            }
            "/json" => {
                field("content-type", "application/json");
                "{}".into()
            }
            // Not really, but nobody looks.
            "/compressed" => {
                field("content-encoding", "gzip");
                vec![31, 139]
            }
            "/compressible" if asked("accept-encoding") => {
                field("content-encoding", "gzip");
                vec![31, 139]
            }
            "/known" => {
                field("etag", "\"one\"");
                field("last-modified", "Thu, 01 Jan 2015 00:00:00 GMT");
                if asked("if-none-match") || asked("if-modified-since") { status = 304 }
                "<p>".into()
            }
            "/kept" => {
                field("cache-control", "max-age=600");
                page.into()
            }
            // As if a cache that nobody knows of had it. Not `async`: the script at the end, which is current, would
            // sometimes run first, and then this one does nothing.
            "/frozen" => format!("<script src=/static/.stamped/live.js?since=1-1.1></script>{page}").into(),
            "/two" => format!("{page}<link rel=stylesheet href={}>", self.1.assets().url_for("more.css")).into(),
            "/nonce" => {
                field(
                    "content-security-policy",
                    "default-src 'none'; script-src 'nonce-abc' 'strict-dynamic'; style-src 'nonce-abc'; \
                     img-src 'self' data:; connect-src 'self'; worker-src 'self'",
                );
                let page = page.replace("<link rel=stylesheet", "<link nonce=abc rel=stylesheet");
                let page = page.replace("<script", "<script nonce=abc");
                format!("{page}{}", self.0.live_tag().nonce("abc")).into()
            }
            "/tag" => format!("{page}{}", self.0.live_tag()).into(),
            _ => Vec::from(page),
        };
        let bytes = (status == 200 && request.method() != "HEAD").then(|| bytes.into());
        let mut response = Response::new(Page { bytes, has_length: path != "/chunked" });
        *response.status_mut() = status.try_into().unwrap();
        *response.headers_mut() = fields;
        ready(Ok(response))
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let handler = |assets| {
        let handler = Handler::new(assets);
        if std::env::var_os("LIVE").is_some() { handler.live() } else { handler }
    };
    let (handler, more) = (handler(&assets::ASSETS), handler(&more::ASSETS));
    let service = handler.clone().or(more.clone().or(Pages(handler, more)));
    let port: u16 = std::env::args().nth(1).unwrap().parse().unwrap();
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await.unwrap();
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        let service = service.clone();
        let answers = hyper::service::service_fn(move |request| service.clone().call(request));
        let connection = hyper::server::conn::http1::Builder::new();
        tokio::spawn(connection.serve_connection(TokioIo::new(stream), answers));
    }
}
"##;

/// Makes `name.css` of `name.scss` and a partial, or of the one file that it names, unless the word `broken` is in it;
/// and a module.
const BUILD: &str = r#"
    let version = std::fs::read_to_string("version.txt").unwrap();
    println!("cargo::rerun-if-changed=version.txt");
    stamped_build::Pipeline::new("assets")
        .file("js/version.js", format!("export default {:?};", version.trim()))
        .exclude("_*.scss")
        .transform("*.scss", |draft| {
            let color = std::fs::read_to_string("assets/css/_color.scss")?;
            let text = std::str::from_utf8(draft.bytes())?.to_owned();
            if text.contains("broken") {
                return Err("line 1: this is not Sass".into());
            }
            draft.set_name(draft.name().replace(".scss", ".css"));
            if let Some(file) = text.strip_prefix("@use ") {
                let bytes = draft.read(file)?;
                draft.set_bytes(bytes);
                return Ok(());
            }
            draft.set_bytes(text.replace("$color", color.trim()));
            Ok(())
        })
        .bake()?;
    stamped_build::Pipeline::new("more").mount("/more").bundle_name("more").bake()
"#;

/// The program, not built yet, with the files that its page names.
pub(crate) fn project(name: &str) -> Project {
    let project = Project::new(name);
    let crates = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("crates");
    project.manifest(
        &format!(
            "stamped = {{ path = {:?}, features = [\"live\", \"tower\"] }}
hyper = {{ version = \"1\", features = [\"http1\", \"server\"] }}
hyper-util = {{ version = \"0.1\", features = [\"http1\", \"tokio\", \"server\"] }}
tokio = {{ version = \"1\", features = [\"macros\", \"net\", \"rt\"] }}
tower-service = \"0.3\"
",
            crates.join("stamped")
        ),
        "",
    );
    project.build_script(BUILD);
    project.write("src/main.rs", MAIN);
    project.write("version.txt", "one");
    project.write("more/more.css", "img { color: rgb(1, 1, 1) }");
    project.write("assets/css/page.css", "@import 'base.css'; body { color: rgb(1, 1, 1) }");
    project.write("assets/css/base.css", "p { background: url(../img/one.svg) }");
    project.write("assets/css/sass.scss", "p { border-color: $color }");
    project.write("assets/css/_color.scss", "rgb(0, 128, 0)");
    project.write("assets/js/page.js", "import v from './version.js'; window.version = v;");
    let picture = "<svg xmlns='http://www.w3.org/2000/svg' width='8' height='8'></svg>";
    project.write("assets/img/one.svg", picture);
    project
}

/// Starts the program that was built.
pub(crate) fn start(project: &Project, is_live: bool, port: u16) -> Server {
    let log = project.root().join(if is_live { "live.log" } else { "built.log" });
    let mut command = Command::new(project.program("debug"));
    command.arg(port.to_string());
    if is_live {
        command.env("LIVE", "1");
    }
    Server::start(port, &mut command, &log)
}

/// The same, at a free port.
pub(crate) fn start_anywhere(project: &Project, is_live: bool) -> Server {
    start(project, is_live, free_port())
}

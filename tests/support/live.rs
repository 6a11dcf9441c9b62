//! A program with pages, in live mode.

use super::Project;
use super::server::{Server, free_port};
use std::process::Command;

/// Answers `/` with a page, `/list` with the names and URLs of all assets, and the rest with assets.
const MAIN: &str = r##"
mod assets { stamped::include_assets!(); }

use hyper::body::{Bytes, Incoming};
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use stamped::http::{Body, Handler};
use std::convert::Infallible;
use std::future::{Ready, ready};
use std::task::{Context, Poll};
use tower_service::Service;

#[derive(Clone)]
struct Pages(Handler);

impl Service<Request<Incoming>> for Pages {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Ready<Result<Response<Body>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Incoming>) -> Self::Future {
        let assets = self.0.assets();
        let url = |name| assets.url_for(name);
        let text = match request.uri().path() {
            "/list" => assets.iter().map(|one| format!("{} {}\n", one.name(), one.url())).collect(),
            _ => format!(
                "<!doctype html><title>done</title><link rel=icon href=data:,><link rel=stylesheet href={}>\
                 <link rel=stylesheet href={}><script type=module src={}></script><p>text<img src={}>",
                url("css/page.css"), url("css/sass.css"), url("js/page.js"), url("img/one.svg"),
            ),
        };
        let response = Response::builder()
            .header("content-type", "text/html; charset=utf-8")
            .header("content-security-policy", "default-src 'self'; img-src 'self' data:")
            .body(Body::from(Bytes::from(text)))
            .unwrap();
        ready(Ok(response))
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let mut handler = Handler::new(&assets::ASSETS);
    if std::env::var_os("LIVE").is_some() {
        handler = handler.live();
    }
    let service = handler.clone().or(Pages(handler));
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

/// Makes `name.css` of `name.scss`, unless the word `broken` is in it, and a script with the time of day.
const BUILD: &str = r#"
    let version = std::fs::read_to_string("version.txt").unwrap();
    println!("cargo::rerun-if-changed=version.txt");
    stamped_build::Pipeline::new("assets")
        .file("js/version.js", format!("export default {:?};", version.trim()))
        .transform("*.scss", |draft| {
            let text = std::str::from_utf8(draft.bytes())?.to_owned();
            if text.contains("broken") {
                return Err("line 1: this is not Sass".into());
            }
            draft.set_name(draft.name().replace(".scss", ".css"));
            draft.set_bytes(text.replace("$color", "rgb(0, 128, 0)"));
            Ok(())
        })
        .bake()
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
    project.write("assets/css/page.css", "@import 'base.css'; body { color: rgb(1, 1, 1) }");
    project.write("assets/css/base.css", "p { background: url(../img/one.svg) }");
    project.write("assets/css/sass.scss", "p { border-color: $color }");
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

//! Opens pages with real packages in a real browser. `tests/run` fetches both and runs this test.

mod support;

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use support::{Project, browser};

/// The packages with their pages, as a build script bakes them. monaco-editor imports style sheets as
/// bundlers do, but a browser needs the type in the import.
const BUILD_SCRIPT: &str = r#"
    let packages = std::env::var("STAMPED_PACKAGES").unwrap();
    stamped_build::Pipeline::new("assets")
        .root_at("bootstrap", format!("{packages}/bootstrap/dist"))
        .root_at("fontawesome", format!("{packages}/fortawesome-fontawesome-free"))
        .root_at("monaco", format!("{packages}/monaco-editor"))
        .markup("/*.html")
        .transform("monaco/esm/**/*.js", |draft| {
            let text = std::str::from_utf8(draft.bytes())?;
            let typed: Vec<String> = text
                .lines()
                .map(|line| match line.strip_prefix("import '").and_then(|rest| rest.strip_suffix(".css';")) {
                    Some(path) => format!("import '{path}.css' with {{ type: 'css' }};"),
                    None => line.to_owned(),
                })
                .collect();
            draft.set_bytes(typed.join("\n"));
            Ok(())
        })
        .bake()"#;

/// A server with one thread per connection.
const SERVER: &str = r#"
mod assets { stamped::include_assets!(); }

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};

static STAMPED: AtomicUsize = AtomicUsize::new(0);

fn main() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    println!("http://{}", listener.local_addr().unwrap());
    for stream in listener.incoming().flatten() {
        std::thread::spawn(move || while answer(&stream).is_some() {});
    }
}

fn answer(mut stream: &TcpStream) -> Option<()> {
    let mut lines = BufReader::new(stream).lines().map_while(Result::ok);
    let line = lines.next()?;
    let mut words = line.split(' ');
    let mut request = http::Request::builder().method(words.next()?).uri(words.next()?);
    for line in lines.take_while(|line| !line.is_empty()) {
        let (name, value) = line.split_once(": ")?;
        request = request.header(name, value);
    }
    let request = request.body(()).ok()?;
    if request.uri().path() == "/count" {
        let count = STAMPED.load(Ordering::Relaxed).to_string();
        write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{count}", count.len()).ok()?;
        return Some(());
    }
    if matches!(assets::ASSETS.resolve(request.uri().path()), stamped::Resolved::Exact(_)) {
        STAMPED.fetch_add(1, Ordering::Relaxed);
    }
    let response = stamped::http::Handler::new(&assets::ASSETS).respond(&request);
    let mut head = format!("HTTP/1.1 {}\r\n", response.status());
    for (name, value) in response.headers() {
        head += &format!("{name}: {}\r\n", value.to_str().ok()?);
    }
    stream.write_all((head + "\r\n").as_bytes()).ok()?;
    stream.write_all(&response.into_body().into_bytes()).ok()
}
"#;

const PAGES: &[(&str, &str)] = &[
    (
        "bootstrap.html",
        r#"<!doctype html><title>-</title><link rel=icon href="data:,">
<link rel=stylesheet href=bootstrap/css/bootstrap.min.css>
<input type=checkbox class=form-check-input checked><button class="btn btn-primary">Button</button>
<select class=form-select></select><button class=btn-close></button><div class="carousel-control-next-icon"></div>
<script src=bootstrap/js/bootstrap.bundle.min.js></script>
<script>document.title = typeof bootstrap.Modal === "function" ? "done" : "no bootstrap"</script>"#,
    ),
    (
        "fontawesome.html",
        r#"<!doctype html><title>-</title><link rel=icon href="data:,">
<link rel=stylesheet href=fontawesome/css/all.min.css>
<h1><i class="fa-solid fa-stamp"></i> <i class="fa-regular fa-clock"></i> <i class="fa-brands fa-rust"></i></h1>
<script>document.fonts.ready.then(() => { document.title = document.fonts.size > 2 ? "done" : "no fonts" })</script>"#,
    ),
    (
        "monaco.html",
        r#"<!doctype html><title>-</title><link rel=icon href="data:,">
<link rel=stylesheet href=monaco/min/vs/editor/editor.main.css>
<div id=editor style="height: 20em"></div>
<script>
  self.MonacoEnvironment = { getWorker: () => new Worker(URL.createObjectURL(new Blob([""]))) };
</script>
<script type=module src=start.js></script>"#,
    ),
    (
        "start.js",
        "import * as monaco from './monaco/esm/vs/editor/editor.main.js';\n\
         const editor = monaco.editor.create(document.getElementById('editor'), { value: 'fn main() {}', language: 'rust' });\n\
         setTimeout(() => { document.title = editor.getValue() === 'fn main() {}' ? 'done' : 'no editor' }, 1000);\n",
    ),
];

#[test]
#[ignore = "needs Chromium, playwright-core, and the packages that tests/fetch-packages fetches, in STAMPED_PACKAGES"]
fn a_browser_finds_every_reference_stamped_and_asks_for_nothing_twice() {
    let project = Project::new("browser");
    let features = "features = [\"http\"]";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("crates/stamped");
    project.manifest(&format!("http = \"1\"\nstamped = {{ path = {path:?}, {features} }}"), "");
    project.build_script(BUILD_SCRIPT);
    project.write("src/main.rs", SERVER);
    for (name, text) in PAGES {
        project.write(&format!("assets/{name}"), text);
    }
    let output = project.cargo(&["build"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));

    let mut server = Command::new(project.program("debug")).stdout(Stdio::piped()).spawn().unwrap();
    let mut base = String::new();
    BufReader::new(server.stdout.take().unwrap()).read_line(&mut base).unwrap();
    let pages = PAGES.iter().map(|(name, _)| name).filter(|name| name.ends_with(".html"));
    let crawl = browser::script("crawl.mjs")
        .arg(base.trim())
        .args(pages.map(|name| format!("/static/{name}")))
        .output();
    server.kill().unwrap();
    server.wait().unwrap();
    let crawl = crawl.unwrap();
    print!("{}", String::from_utf8_lossy(&crawl.stdout));
    assert!(crawl.status.success(), "{}", String::from_utf8_lossy(&crawl.stderr));
}

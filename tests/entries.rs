//! Programs that embed what bundlers have made, in a real browser: pages that are nothing but the tags of
//! an entry point. `tests/run` has the bundlers build the sites in `tests/sites`.

#![cfg(unix)]

mod support;

use stamped_test_support::Dir;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};
use support::Project;
use support::browser::Browser;
use support::server::{Server, free_port};

/// Answers `/page/BUNDLE/NONCE/ENTRY` with the tags of an entry point, and everything else with the
/// assets of all bundles.
const MAIN: &str = r##"
mod react { stamped::include_assets!("react"); }
mod vue { stamped::include_assets!("vue"); }
mod svelte { stamped::include_assets!("svelte"); }
mod webpack { stamped::include_assets!("webpack"); }
mod esbuild { stamped::include_assets!("esbuild"); }

use hyper::body::Bytes;
use hyper::{Request, Response, body::Incoming};
use hyper_util::rt::TokioIo;
use stamped::http::{Body, Handler};

// The macro knows the names.
const _: stamped::Entry = vue::entry!("src/main.ts");

fn answer(request: &Request<Incoming>) -> Response<Body> {
    let bundles = [
        ("react", &react::ASSETS), ("vue", &vue::ASSETS), ("svelte", &svelte::ASSETS),
        ("webpack", &webpack::ASSETS), ("esbuild", &esbuild::ASSETS),
    ];
    let path = request.uri().path();
    let Some(page) = path.strip_prefix("/page/") else {
        let of = |(name, _): &&(&str, _)| path[1..].starts_with(&format!("{name}/"));
        // Vite has built the page by React for the root of a site.
        let (_, assets) = bundles.iter().find(of).unwrap_or(&bundles[0]);
        return Handler::new(assets).respond(request);
    };
    let mut parts = page.splitn(3, '/');
    let (bundle, nonce, entry) = (parts.next().unwrap(), parts.next().unwrap(), parts.next().unwrap());
    let assets = bundles.iter().find(|(name, _)| *name == bundle).unwrap().1;
    let tags = assets.entry(entry).expect(entry).tags().nonce(nonce);
    // Without a `publicPath`, scripts of esbuild name pictures relative to the page.
    let base = if bundle == "esbuild" { "<base href=/esbuild/>" } else { "" };
    Response::builder()
        .header("content-type", "text/html; charset=utf-8")
        .header("content-security-policy", format!(
            "script-src 'nonce-{nonce}' 'strict-dynamic'; style-src 'self' 'nonce-{nonce}'; base-uri 'self'"
        ))
        .body(Body::from(Bytes::from(format!(
            "<!doctype html><html><head>{base}<title>-</title><link rel=icon href=data:,>{tags}</head>\
             <body><div id=root></div></body></html>"
        ))))
        .unwrap()
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let port: u16 = std::env::args().nth(1).unwrap().parse().unwrap();
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await.unwrap();
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        let service = hyper::service::service_fn(|request| {
            std::future::ready(Ok::<_, std::convert::Infallible>(answer(&request)))
        });
        tokio::spawn(hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service));
    }
}
"##;

/// Bakes each site under the mount that it was built for.
fn build_script(sites: &Path) -> String {
    let bake = |bundle: &str, mount: &str, folder: &str, by: &str| {
        format!(
            "stamped_build::Pipeline::new({:?}).mount({mount:?}).bundle_name({bundle:?})\
             .exclude(\"*.html\").bundled_by(stamped_build::Bundler::{by}).bake()",
            sites.join(folder)
        )
    };
    [
        bake("react", "/", "react/dist", "Vite"),
        bake("vue", "/vue", "vue/dist", "Vite"),
        bake("svelte", "/svelte", "svelte/dist", "Vite"),
        bake("webpack", "/webpack", "bundled/dist/webpack", "Webpack"),
        bake("esbuild", "/esbuild", "bundled/dist/esbuild", "Esbuild"),
    ]
    .join("?;\n")
}

/// What each resource of a page was, how often it was loaded, and whether an element checks its bytes.
const LOADED: &str = "JSON.stringify({
    paths: performance.getEntriesByType('resource').map(one => new URL(one.name).pathname),
    failed: performance.getEntriesByType('resource').filter(one => one.responseStatus >= 400).map(one => one.name),
    unchecked: [...document.head.querySelectorAll('script[src], link[rel=stylesheet][nonce], link[rel=modulepreload][nonce]')]
        .filter(one => !one.integrity).map(one => one.outerHTML),
})";

#[test]
#[ignore = "needs Chromium, playwright-core, and the sites that tests/sites/build builds, in STAMPED_SITES"]
fn the_tags_of_an_entry_point_are_all_that_a_page_needs() {
    let sites = std::env::var_os("STAMPED_SITES").expect("STAMPED_SITES is set");
    let project = Project::new("entries");
    let stamped = Path::new(env!("CARGO_MANIFEST_DIR")).join("crates/stamped");
    project.manifest(
        &format!(
            "stamped = {{ path = {stamped:?}, features = [\"http\"] }}\n\
             hyper = {{ version = \"1\", features = [\"http1\", \"server\"] }}\n\
             hyper-util = {{ version = \"0.1\", features = [\"http1\", \"tokio\", \"server\"] }}\n\
             tokio = {{ version = \"1\", features = [\"macros\", \"net\", \"rt\"] }}\n"
        ),
        "",
    );
    project.build_script(&build_script(Path::new(&sites)));
    project.write("src/main.rs", MAIN);
    let built = project.cargo(&["build"]);
    let said = String::from_utf8_lossy(&built.stderr).into_owned();
    assert!(built.status.success(), "{said}");
    assert!(!said.contains("warning"), "{said}");

    let folder = Dir::new();
    let port = free_port();
    let mut command = Command::new(project.program("debug"));
    command.arg(port.to_string());
    let _server = Server::start(port, &mut command, &folder.join("log"));
    let mut browser = Browser::start(&folder.join("profile"));
    for (bundle, entry, kept) in [
        ("react", "index.html", true),
        ("vue", "src/main.ts", true),
        ("vue", "src/other.ts", true),
        ("svelte", "src/main.js", true),
        ("webpack", "main", true),
        ("esbuild", "src/main.js", true),
    ] {
        let url = format!("http://127.0.0.1:{port}/page/{bundle}/abc123/{entry}");
        let (title, messages) = browser.open(1, &url);
        assert_eq!((title.as_str(), &messages[..]), ("done", &[][..]), "{bundle} {entry}");
        let loaded: serde_json::Value = serde_json::from_str(&browser.run(1, LOADED).0).unwrap();
        let list =
            |key: &str| -> Vec<String> { serde_json::from_value(loaded[key].clone()).unwrap() };
        assert_eq!(list("failed"), [""; 0], "{bundle} {entry}");
        assert_eq!(list("unchecked"), [""; 0], "{bundle} {entry}");
        let mut paths = list("paths");
        println!("{bundle} {entry}: {paths:#?}");
        assert!(!kept || paths.iter().all(|path| stamped::name::unstamp(path).is_none()));
        let all = paths.len();
        paths.sort();
        paths.dedup();
        assert_eq!(paths.len(), all, "{bundle} {entry} loads a file twice: {paths:#?}");
    }
}

/// Answers `/` with the tags of an entry point of Vite, and everything else with assets, in live mode.
const LIVE_MAIN: &str = r##"
mod assets { stamped::include_assets!(); }

use stamped::http::Handler;
use std::io::{BufRead, BufReader, Write};

fn answer(handler: &Handler, path: &str) -> (u16, String, Vec<u8>) {
    if path != "/" {
        let response = handler.respond(&http::Request::get(path).body(()).unwrap());
        let kind = response.headers()["content-type"].to_str().unwrap().to_owned();
        return (response.status().as_u16(), kind, response.into_body().into_bytes().to_vec());
    }
    let assets = handler.assets();
    let tags = assets.entry("src/main.ts").unwrap().tags().nonce("abc123");
    let page = format!(
        "<!doctype html><title>-</title><link rel=icon href=data:,>{tags}<div id=root></div>"
    );
    (200, "text/html; charset=utf-8".into(), page.into())
}

fn main() {
    let handler = Handler::new(&assets::ASSETS).live();
    let port: u16 = std::env::args().nth(1).unwrap().parse().unwrap();
    for stream in std::net::TcpListener::bind(("127.0.0.1", port)).unwrap().incoming() {
        let (mut stream, handler) = (stream.unwrap(), handler.clone());
        std::thread::spawn(move || {
            let lines = BufReader::new(stream.try_clone().unwrap()).lines();
            let head: Vec<String> =
                lines.map_while(Result::ok).take_while(|line| !line.is_empty()).collect();
            let Some(path) = head.first().and_then(|line| line.split(' ').nth(1)) else { return };
            let (status, kind, body) = answer(&handler, path);
            let policy = "script-src 'nonce-abc123' 'strict-dynamic'";
            let _ = write!(
                stream,
                "HTTP/1.1 {status} -\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n\
                 Content-Security-Policy: {policy}\r\nConnection: close\r\n\r\n",
                body.len()
            );
            let _ = stream.write_all(&body);
        });
    }
}
"##;

/// A framework with replacement of its own.
struct Framework {
    /// Its site.
    name: &'static str,
    entry: &'static str,
    plugin: &'static str,
    /// What is edited.
    component: &'static str,
}

/// A copy of a site, whose files can be edited, with the packages that were installed for it. Builds its script without
/// a page.
fn copy(site: &Path, framework: &Framework, to: &Dir) {
    let Framework { entry, plugin, .. } = framework;
    for file in fs::read_dir(site.join("src")).unwrap() {
        let file = file.unwrap();
        to.write(Path::new("site/src").join(file.file_name()), fs::read(file.path()).unwrap());
    }
    to.symlink(site.join("node_modules"), "site/node_modules");
    // The packages lie elsewhere, and so does what Vite makes of them.
    to.write(
        "site/vite.config.js",
        format!(
            r#"import plugin from "{plugin}";
            export default {{
                base: "./",
                plugins: [plugin()],
                cacheDir: "../cache",
                server: {{ fs: {{ strict: false }} }},
                build: {{ manifest: true, rollupOptions: {{ input: "{entry}" }} }},
            }};"#
        ),
    );
    let built = vite(to).arg("build").output().unwrap();
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
}

/// Vite in the copy of a site.
fn vite(dir: &Dir) -> Command {
    let mut vite = Command::new("node");
    vite.arg("node_modules/vite/bin/vite.js").current_dir(dir.join("site"));
    vite
}

#[track_caller]
fn becomes(browser: &mut Browser, script: &str, expected: &str) {
    let start = Instant::now();
    let mut last = String::new();
    while start.elapsed() < Duration::from_secs(30) {
        last = browser.run(1, script).0;
        if last == expected {
            return;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("`{script}` is `{last}` and not `{expected}`: {:#?}", browser.heard());
}

#[test]
#[ignore = "needs Chromium, playwright-core, and the sites that tests/sites/build builds, in STAMPED_SITES"]
fn in_live_mode_the_development_server_of_vite_replaces_what_is_edited() {
    for framework in [
        Framework {
            name: "vue",
            entry: "src/main.ts",
            plugin: "@vitejs/plugin-vue",
            component: "src/Later.vue",
        },
        // Its modules need a preamble.
        Framework {
            name: "react",
            entry: "src/main.jsx",
            plugin: "@vitejs/plugin-react",
            component: "src/Later.jsx",
        },
    ] {
        println!("{}", framework.name);
        is_replaced(&framework);
    }
}

fn is_replaced(framework: &Framework) {
    let sites = std::env::var_os("STAMPED_SITES").expect("STAMPED_SITES is set");
    let dir = Dir::new();
    copy(&Path::new(&sites).join(framework.name), framework, &dir);
    let project = Project::new("entries-live");
    let stamped = Path::new(env!("CARGO_MANIFEST_DIR")).join("crates/stamped");
    project.manifest(
        &format!(
            "stamped = {{ path = {stamped:?}, features = [\"live\", \"tower\"] }}\nhttp = \"1\"\n"
        ),
        "",
    );
    project.build_script(&format!(
        "stamped_build::Pipeline::new({:?}).mount(\"/static\")\
         .bundled_by(stamped_build::Bundler::Vite).bake()",
        dir.join("site/dist")
    ));
    project.write("src/main.rs", LIVE_MAIN.replace("src/main.ts", framework.entry));
    let built = project.cargo(&["build"]);
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));

    let (port, vite_port) = (free_port(), free_port());
    let vite_url = format!("http://127.0.0.1:{vite_port}");
    let mut command = Command::new(project.program("debug"));
    command.arg(port.to_string()).env("VITE_DEV_SERVER", &vite_url);
    let _server = Server::start(port, &mut command, &dir.join("program.log"));
    let mut browser = Browser::start(&dir.join("profile"));
    let url = format!("http://127.0.0.1:{port}/");
    let heading = "document.querySelector('h1')?.textContent";
    let by_vite = "String(document.querySelectorAll(`script[src$='/@vite/client'][nonce]`).length)";
    let integrity = "String(document.querySelectorAll('[integrity]').length > 0)";

    // As it was built, while there is no server.
    assert_eq!(browser.open(1, &url).0, "done");
    becomes(&mut browser, heading, "done");
    assert_eq!(
        (browser.run(1, by_vite).0, browser.run(1, integrity).0),
        ("0".into(), "true".into())
    );
    assert_eq!(browser.heard(), [""; 0]);

    let mut vite = vite(&dir);
    vite.args(["--host", "127.0.0.1", "--strictPort", "--port"]).arg(vite_port.to_string());
    let vite = Server::start(vite_port, &mut vite, &dir.join("vite.log"));
    // The program looks twice in a second.
    std::thread::sleep(Duration::from_secs(1));
    browser.open(1, &url);
    becomes(&mut browser, heading, "done");
    assert_eq!(
        (browser.run(1, by_vite).0, browser.run(1, integrity).0),
        ("1".into(), "false".into())
    );
    browser.run(1, "window.mark = 'kept'");
    let path = Path::new("site").join(framework.component);
    let component = fs::read_to_string(dir.join(&path)).unwrap();
    dir.write(&path, component.replace("<h1>", "<h1>edited, "));
    becomes(&mut browser, heading, "edited, done");
    assert_eq!(browser.run(1, "window.mark").0, "kept");

    drop(vite);
    std::thread::sleep(Duration::from_secs(1));
    browser.open(1, &url);
    becomes(&mut browser, heading, "done");
    assert_eq!(browser.run(1, by_vite).0, "0");
    let log = fs::read_to_string(dir.join("program.log")).unwrap();
    assert_eq!(log.matches("there is no development server of Vite").count(), 2, "{log}");
}

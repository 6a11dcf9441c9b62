//! Programs that embed what bundlers have made, in a real browser: pages that are nothing but the tags of
//! an entry point. `tests/run` has the bundlers build the sites in `tests/sites`.

#![cfg(unix)]

mod support;

use stamped_test_support::Dir;
use std::path::Path;
use std::process::Command;
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

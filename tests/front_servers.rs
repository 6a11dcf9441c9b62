//! Runs the rules of `stamped config` in the servers that they are for. `tests/run` installs the servers and
//! runs this test.
//!
//! One table lists the requests and their expected answers. Beside it, a list for each server has the answers
//! that differ. `docs/front-servers.md` documents the same differences.

#![cfg(unix)]

mod support;

use serde_json::json;
use stamped_build::{Addressing, Encoding, NEVER_STAMPED, Pipeline, References, Stamp};
use stamped_test_support::Dir;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;
use support::nginx;
use support::server::{Server, free_port};

const STAMP: u64 = 1_452_929_749;

/// A name with what is special to some server: in its strings, variables, patterns and globs.
const HARD: &str = "css/50% {1} $x ${y} \"q\" 'r' `t` [a] (b) *+? #h ~ ^| <&> %{Z} 漢字 é.css";

/// The same for what is rewritten to a file in a content coding.
const HARD_CODED: &str = "css/50% $1 %1 %{REQUEST_URI} ${y} \"q\" 'r' [a] *+ & #h 漢字.css";

const BACKSLASH: &str = r"css/back\slash\\.css";

/// The same for a file that is at the root of the site too.
const HARD_AT_ROOT: &str = ".well-known/50% $1 %1 ${y} \"q\" 'r' `t` [a] *+ & #h 漢字.txt";

/// The files, as (name, contents).
fn files() -> Vec<(&'static str, Vec<u8>)> {
    let sheet = ".a { color: rebeccapurple; background: url(../img/a.png) }\n".repeat(100);
    vec![
        (HARD_AT_ROOT, b"well known".to_vec()),
        ("LICENSE", b"Do as you like.".to_vec()),
        (HARD, b"hard {}".to_vec()),
        (BACKSLASH, b"back {}".to_vec()),
        (HARD_CODED, sheet.clone().into_bytes()),
        ("css/latin.css", b"/* caf\xe9 */".to_vec()),
        ("css/lib.css", b"lib {}".to_vec()),
        ("css/report.2024.css", b"report {}".to_vec()),
        ("css/old.1111111111.css", b"looks stamped {}".to_vec()),
        ("css/style.css", sheet.clone().into_bytes()),
        ("data/log.gz", b"\x1f\x8b".to_vec()),
        ("data/notes.", b"notes".to_vec()),
        ("dist/app-1a2b3c4d.js", b"export {}".to_vec()),
        ("docs/index.html", b"<!doctype html><title>docs</title>".to_vec()),
        ("font/a.woff2", b"wOF2\0\xff".to_vec()),
        ("img/a.png", b"\x89PNG\r\n".to_vec()),
        ("js/app.mjs", sheet.replace('.', "//").into_bytes()),
        ("js/app.mjs.map", b"{\"version\":3}".to_vec()),
        ("js/a.wasm", b"\0asm\x01\0\0\0".to_vec()),
        ("robots.txt", b"User-agent: *".to_vec()),
        ("sitemap.xml", sheet.into_bytes()),
    ]
}

/// A folder for one test.
fn folder(name: &str) -> Dir {
    Dir::at(Path::new(env!("CARGO_TARGET_TMPDIR")).join("front-servers").join(name))
}

fn write(path: &Path, bytes: impl AsRef<[u8]>) {
    // A file that changed in this very second might change again; Apache then makes weak tags.
    stamped_test_support::write_at(STAMP, path, bytes);
}

/// The files as they are, and others in the folder that are not assets.
fn plain_folder(folder: &Path) {
    for (name, bytes) in files() {
        write(&folder.join(name), bytes);
    }
    write(&folder.join(".env"), "SECRET=1");
}

fn pipeline(folder: &Path) -> Pipeline {
    Pipeline::new(folder)
        .plain(NEVER_STAMPED.iter().map(|&pattern| pattern.to_owned()))
        .stamp(Stamp::Fixed(STAMP))
        .prestamped("dist/*-????????.js")
        .references(References::Leave)
}

/// A folder as `stamped build` writes it.
fn exported_folder(folder: &Path) {
    exported_under(folder, "/static");
}

fn exported_under(folder: &Path, mount: &str) {
    let plain = folder.with_extension("plain");
    for (name, bytes) in files() {
        write(&plain.join(name), bytes);
    }
    let encodings = [Encoding::brotli(), Encoding::gzip()];
    let bundle = pipeline(&plain).mount(mount).encodings(encodings).process().unwrap();
    let tree = if mount == "/" { "root" } else { mount.trim_start_matches('/') };
    let mut assets = serde_json::Map::new();
    for asset in bundle.assets() {
        let mut encodings = BTreeMap::new();
        for path in [asset.name(), asset.path()] {
            let file = folder.join(tree).join(path);
            write(&file, asset.bytes().unwrap());
            for (coding, bytes) in asset.encodings() {
                let (coding, ending) = match coding.token() {
                    "br" => ("br", ".br"),
                    _ => ("gzip", ".gz"),
                };
                let mut neighbour = file.as_os_str().to_owned();
                neighbour.push(ending);
                write(Path::new(&neighbour), bytes);
                encodings.insert(coding, bytes.len());
            }
        }
        let mut about = json!({
            "path": asset.path(), "url": asset.url(), "stamp": asset.stamp(),
            "type": asset.content_type(), "size": asset.size(), "encodings": encodings,
            "integrity": asset.integrity(), "references": [],
        });
        if asset.addressing() == Addressing::Prestamped {
            about["prestamped"] = true.into();
        }
        if asset.is_at_root() {
            about["at_root"] = true.into();
        }
        assets.insert(asset.name().to_owned(), about);
    }
    let earlier = |path: &str, url: &str| {
        write(&folder.join(tree).join(path), "earlier {}");
        json!({
            "name": "css/lib.css", "path": path, "url": url, "stamp": "1300000000",
            "type": "text/css; charset=utf-8", "size": 10, "integrity": "sha384-", "encodings": {},
            "references": [], "retired": 1400000000,
        })
    };
    let path = "css/lib.1300000000.css";
    let retired = [
        earlier(path, &format!("{}/{path}", bundle.mount())),
        earlier("css/lib.1200000000.css", "/before/css/lib.1200000000.css"),
    ];
    let manifest = json!({ "version": 1, "mount": mount, "assets": assets, "retired": retired });
    write(&folder.join("manifest.json"), manifest.to_string());
}

fn config(arguments: &[&str], folder: &Path, out: &Path) -> (bool, String) {
    let output = stamped_test_support::stamped(env!("CARGO_BIN_EXE_stamped"))
        .arg("config")
        .args(arguments)
        .arg(folder)
        .arg("--out")
        .arg(out)
        .output()
        .unwrap();
    (output.status.success(), String::from_utf8(output.stderr).unwrap())
}

fn configured(arguments: &[&str], folder: &Path, out: &Path) {
    let (worked, said) = config(arguments, folder, out);
    assert!(worked && said.is_empty(), "{said}");
}

/// A request, and what the answer should be.
struct Case {
    what: &'static str,
    method: &'static str,
    path: String,
    fields: String,
    wanted: &'static str,
    /// The name of the file that the body should be, in the coding that the answer names.
    body: Option<&'static str>,
}

fn stamped(name: &str) -> String {
    let (stem, suffix) = stamped::name::split(name);
    format!("/static/{}", stamped::percent::Encoded(&format!("{stem}.{STAMP}{suffix}")))
}

fn plain(name: &str) -> String {
    format!("/static/{}", stamped::percent::Encoded(name))
}

const CSS: &str = "200 forever text/css; charset=utf-8 -";
const CSS_PLAIN: &str = "200 no-cache text/css; charset=utf-8 -";
const GONE: &str = "404 no-store";

fn table(encoded: bool) -> Vec<Case> {
    let mut cases = Vec::new();
    let mut case = |what, method, path: String, fields: &str, wanted, body| {
        cases.push(Case { what, method, path, fields: fields.to_owned(), wanted, body });
    };
    let style = stamped("css/style.css");
    let style_type = match encoded {
        true => "200 forever text/css; charset=utf-8 - vary",
        false => CSS,
    };
    let mut get = |what, path: String, wanted, name| {
        case(what, "GET", path, "", wanted, Some(name));
    };
    get("exact", style.clone(), style_type, "css/style.css");
    get("exact, query", format!("{style}?v=1"), style_type, "css/style.css");
    get("exact, hard name", stamped(HARD), CSS, HARD);
    get("exact, backslash", stamped(BACKSLASH), CSS, BACKSLASH);
    get("exact, like a stamp", stamped("css/report.2024.css"), CSS, "css/report.2024.css");
    get("exact, not UTF-8", stamped("css/latin.css"), "200 forever text/css -", "css/latin.css");
    get("exact, no dot", stamped("LICENSE"), "200 forever text/plain; charset=utf-8 -", "LICENSE");
    let mjs = match encoded {
        true => "200 forever text/javascript; charset=utf-8 - vary",
        false => "200 forever text/javascript; charset=utf-8 -",
    };
    get("exact, .mjs", stamped("js/app.mjs"), mjs, "js/app.mjs");
    get(
        "exact, .map",
        stamped("js/app.mjs.map"),
        "200 forever application/json -",
        "js/app.mjs.map",
    );
    get("exact, .wasm", stamped("js/a.wasm"), "200 forever application/wasm -", "js/a.wasm");
    get("exact, .woff2", stamped("font/a.woff2"), "200 forever font/woff2 -", "font/a.woff2");
    get("exact, .gz", stamped("data/log.gz"), "200 forever application/gzip -", "data/log.gz");
    get("plain, .gz", plain("data/log.gz"), "200 no-cache application/gzip -", "data/log.gz");
    let notes = "200 forever application/octet-stream -";
    get("exact, ends in a dot", stamped("data/notes."), notes, "data/notes.");
    let notes = "200 no-cache application/octet-stream -";
    get("plain, ends in a dot", plain("data/notes."), notes, "data/notes.");
    get("exact, .png", stamped("img/a.png"), "200 forever image/png -", "img/a.png");
    get(
        "prestamped",
        plain("dist/app-1a2b3c4d.js"),
        "200 forever text/javascript; charset=utf-8 -",
        "dist/app-1a2b3c4d.js",
    );
    get("plain", plain("css/lib.css"), CSS_PLAIN, "css/lib.css");
    get("plain, hard name", plain(HARD), CSS_PLAIN, HARD);
    get("plain, like a stamp", plain("css/report.2024.css"), CSS_PLAIN, "css/report.2024.css");
    get(
        "plain, just like one",
        plain("css/old.1111111111.css"),
        CSS_PLAIN,
        "css/old.1111111111.css",
    );
    get("plain, no dot", plain("LICENSE"), "200 no-cache text/plain; charset=utf-8 -", "LICENSE");
    get(
        "never stamped",
        plain("robots.txt"),
        "200 no-cache text/plain; charset=utf-8 -",
        "robots.txt",
    );
    get(
        "page",
        plain("docs/index.html"),
        "200 no-cache text/html; charset=utf-8 -",
        "docs/index.html",
    );

    let text_plain = "200 no-cache text/plain; charset=utf-8 -";
    get("at the root", "/robots.txt".to_owned(), text_plain, "robots.txt");
    get("at the root, encoded", "/%72obots.txt?v=1".to_owned(), text_plain, "robots.txt");
    let hard = format!("/{}", stamped::percent::Encoded(HARD_AT_ROOT));
    get("at the root, hard name", hard, text_plain, HARD_AT_ROOT);
    let sitemap = match encoded {
        true => "200 no-cache application/xml; charset=utf-8 - vary",
        false => "200 no-cache application/xml; charset=utf-8 -",
    };
    get("at the root, .xml", "/sitemap.xml".to_owned(), sitemap, "sitemap.xml");

    for (what, path) in [
        ("stale", "/static/css/style.1400000000.css".to_owned()),
        ("stale, of the same number", format!("/static/css/style.0{STAMP}.css")),
        ("stamp twice", format!("/static/css/style.{STAMP}.{STAMP}.css")),
        ("digits that are no stamp", "/static/css/lib.1.2.3.css".to_owned()),
        ("stamp of a plain asset", stamped("robots.txt")),
        ("unknown", "/static/css/none.css".to_owned()),
        ("other case", format!("/static/CSS/style.{STAMP}.css")),
        ("other case, plain", "/static/css/Lib.css".to_owned()),
        ("dot file", "/static/.env".to_owned()),
        ("folder", "/static/css".to_owned()),
        ("folder with a slash", "/static/css/".to_owned()),
        ("folder with an index", "/static/docs/".to_owned()),
        ("file with a slash", "/static/css/lib.css/".to_owned()),
        ("mount", "/static/".to_owned()),
        ("coded neighbour", format!("{style}.br")),
        ("coded neighbour, plain", "/static/css/style.css.gz".to_owned()),
        ("doubled slash", "/static//css/lib.css".to_owned()),
        ("doubled slash, like a stamp", "/static/css//old.1111111111.css".to_owned()),
        ("dots", "/static/js/../css/lib.css".to_owned()),
        ("encoded slash", "/static/css%2flib.css".to_owned()),
    ] {
        case(what, "GET", path, "", GONE, None);
    }
    case("DELETE, unknown", "DELETE", "/static/none".to_owned(), "", GONE, None);

    let not_allowed = "405 no-store GET, HEAD, OPTIONS";
    for (what, method) in [("POST", "POST"), ("DELETE", "DELETE"), ("PUT", "PUT")] {
        case(what, method, style.clone(), "Content-Length: 0\r\n", not_allowed, None);
    }
    case("OPTIONS", "OPTIONS", style.clone(), "", "204 no-store GET, HEAD, OPTIONS", None);
    case("HEAD", "HEAD", style.clone(), "", style_type, Some(""));
    case("HEAD, range", "HEAD", style.clone(), "Range: bytes=0-4\r\n", style_type, Some(""));

    case("at the root, POST", "POST", "/robots.txt".to_owned(), "", not_allowed, None);
    case("at the root, HEAD", "HEAD", "/robots.txt".to_owned(), "", text_plain, Some(""));
    let any = "If-None-Match: *\r\n";
    case("at the root, 304", "GET", "/robots.txt".to_owned(), any, "304 no-cache", None);

    let range = |range: &str| format!("Range: bytes={range}\r\n");
    case("range", "GET", style.clone(), &range("0-4"), "206 forever bytes 0-4/5900", None);
    case(
        "range, end",
        "GET",
        style.clone(),
        &range("-5"),
        "206 forever bytes 5895-5899/5900",
        None,
    );
    case("range, outside", "GET", style.clone(), &range("9999-"), "416 no-store", None);
    case("range, other unit", "GET", style.clone(), "Range: foo=0-4\r\n", style_type, None);
    case("If-None-Match: *", "GET", style.clone(), "If-None-Match: *\r\n", "304 forever", None);
    case(
        "If-None-Match, other",
        "GET",
        style.clone(),
        "If-None-Match: \"x\"\r\n",
        style_type,
        None,
    );
    let old = "If-Modified-Since: Thu, 01 Jan 1970 00:00:01 GMT\r\n";
    let both = format!("If-None-Match: *\r\n{old}");
    case("If-None-Match, old date", "GET", style.clone(), &both, "304 forever", None);
    let later = "If-Modified-Since: Fri, 01 Jan 2021 00:00:00 GMT\r\n";
    case("If-Modified-Since, later", "GET", style.clone(), later, "304 forever", None);
    case("If-Match, other", "GET", style.clone(), "If-Match: \"x\"\r\n", "412 no-store", None);

    if encoded {
        let br = "200 forever text/css; charset=utf-8 br vary";
        let gzip = "200 forever text/css; charset=utf-8 gzip vary";
        let none = "200 forever text/css; charset=utf-8 - vary";
        for (what, accepted, wanted) in [
            ("gzip, br", "gzip, br", br),
            ("gzip", "gzip", gzip),
            ("br refused", "br;q=0, gzip", gzip),
            ("gzip preferred", "gzip;q=1, br;q=0.5", gzip),
            ("any", "*", br),
            ("identity", "identity", none),
        ] {
            let fields = format!("Accept-Encoding: {accepted}\r\n");
            case(what, "GET", style.clone(), &fields, wanted, Some("css/style.css"));
        }
        let all = "Accept-Encoding: gzip, br\r\n";
        case("no neighbours", "GET", stamped("img/a.png"), all, "200 forever image/png -", None);
        let mjs = "200 forever text/javascript; charset=utf-8 br vary";
        case("br, module", "GET", stamped("js/app.mjs"), all, mjs, Some("js/app.mjs"));
        let hard = stamped(HARD_CODED);
        case("br, hard name", "GET", hard.clone(), all, br, Some(HARD_CODED));
        let only = "Accept-Encoding: gzip\r\n";
        case("gzip, hard name", "GET", hard, only, gzip, Some(HARD_CODED));
        let map = "200 no-cache application/xml; charset=utf-8 gzip vary";
        case(
            "at the root, gzip",
            "GET",
            "/sitemap.xml".to_owned(),
            "Accept-Encoding: gzip\r\n",
            map,
            Some("sitemap.xml"),
        );
        let plain_br = "200 no-cache text/css; charset=utf-8 br vary";
        case("br, plain", "GET", plain("css/style.css"), all, plain_br, None);
    }
    cases
}

/// Sends all requests. `otherwise` has the answers of this server that are known to differ.
fn check(server: &Server, encoded: Option<&Path>, otherwise: &[(&str, &str)]) {
    let files: BTreeMap<&str, Vec<u8>> = files().into_iter().collect();
    let mut wrong = String::new();
    let cases = table(encoded.is_some());
    for (what, _) in otherwise {
        assert!(cases.iter().any(|case| case.what == *what), "no case {what}");
    }
    for case in cases {
        let answer = server.ask(case.method, &case.path, &case.fields);
        let known = otherwise.iter().find(|(what, _)| *what == case.what);
        let wanted = known.map_or(case.wanted, |&(_, instead)| instead);
        let summary = answer.summary();
        if summary != wanted {
            let _ = writeln!(
                wrong,
                "{}: {} {}\n  wanted {wanted}\n  is     {summary}",
                case.what, case.method, case.path
            );
            continue;
        }
        let Some(name) = case.body.filter(|_| answer.status == 200) else { continue };
        let ending = match &*answer.field("content-encoding") {
            "br" => ".br",
            "gzip" => ".gz",
            _ => "",
        };
        let body = match (name, ending, encoded) {
            ("", ..) => Vec::new(),
            (name, "", _) | (name, _, None) => files[name].clone(),
            (name, ending, Some(folder)) => {
                fs::read(folder.join("static").join(format!("{name}{ending}"))).unwrap()
            }
        };
        if answer.body != body {
            let _ = writeln!(wrong, "{}: other bytes", case.what);
        }
    }

    // The tag of an answer is its own, and comes back.
    let style = stamped("css/style.css");
    let mut tags = Vec::new();
    for accepted in ["identity", "gzip"] {
        let fields = format!("Accept-Encoding: {accepted}\r\n");
        let tag = server.ask("GET", &style, &fields).field("etag");
        let again = server.ask("GET", &style, &format!("{fields}If-None-Match: \"x\", {tag}\r\n"));
        if again.summary() != "304 forever" || !tag.starts_with('"') {
            let _ = writeln!(wrong, "the tag {tag} of {accepted}: {}", again.summary());
        }
        tags.push(tag);
    }
    if encoded.is_some() && tags[0] == tags[1] {
        let _ = writeln!(wrong, "one tag for two codings: {}", tags[0]);
    }
    let head = server.ask("HEAD", &style, "");
    if head.field("content-length") != "5900" || head.field("x-content-type-options") != "nosniff" {
        let _ = writeln!(wrong, "HEAD: {:?}", head.fields);
    }
    // All else at the root is the rest of the site.
    for path in [
        "/LICENSE",
        "/sitemap.xml.gz",
        "/robots.txt/",
        "/robots.txt/x",
        "/Robots.txt",
        "/img/a.png",
    ] {
        let answer = server.ask("GET", path, "");
        if answer.status == 200 && answer.body != b"other" {
            let _ = writeln!(wrong, "{path}: {}", answer.summary());
        }
    }
    // This path is not below the mount, and not there either.
    let manifest = server.ask("GET", "/static/%2e%2e/manifest.json", "").body;
    assert!(!String::from_utf8_lossy(&manifest).contains("version"));
    assert!(wrong.is_empty(), "\n{wrong}");
}

fn nginx(folder: &Path, conf: &Path) -> (u16, PathBuf) {
    let port = free_port();
    let rules = fs::read_to_string(conf.join("server.conf")).unwrap();
    let others = match rules.contains("location \"/\" {") {
        true => "",
        false => "location ~ \\.css$ { return 418; }\nlocation / { return 200 other; }",
    };
    let conf = conf.display();
    // Rules that sites often have, and with which ours must work.
    let http = format!(
        "gzip on;\nexpires 1h;\ninclude {conf}/http.conf;\n\
         server {{\nlisten 127.0.0.1:{port};\nerror_page 404 405 /oops.html;\n\
         include {conf}/server.conf;\n{others}\n}}\n"
    );
    (port, nginx::configure(folder, &http))
}

fn start_nginx(folder: &Path, conf: &Path) -> Server {
    let (port, path) = nginx(folder, conf);
    Server::start(port, &mut nginx::command(folder, &path), &folder.join("log"))
}

/// How nginx differs, whatever the rules.
const NGINX: &[(&str, &str)] = &[
    // It makes paths normal before anything looks at them.
    ("doubled slash", CSS_PLAIN),
    ("doubled slash, like a stamp", CSS_PLAIN),
    ("dots", CSS_PLAIN),
    ("encoded slash", CSS_PLAIN),
    ("POST", "405 no-store GET, HEAD"),
    ("DELETE", "405 no-store GET, HEAD"),
    ("PUT", "405 no-store GET, HEAD"),
    ("OPTIONS", "405 no-store GET, HEAD"),
    ("at the root, POST", "405 no-store GET, HEAD"),
    ("HEAD, range", "206 forever bytes 0-4/5900"),
    ("range, outside", "416 forever"),
    ("If-Match, other", "412 -"),
];

const NGINX_PLAIN: &[(&str, &str)] = &[("If-None-Match, old date", CSS)];

const NGINX_EXPORTED: &[(&str, &str)] = &[
    ("If-None-Match, old date", "200 forever text/css; charset=utf-8 - vary"),
    ("gzip preferred", "200 forever text/css; charset=utf-8 br vary"),
    ("any", "200 forever text/css; charset=utf-8 - vary"),
];

#[test]
#[ignore = "needs nginx; tests/run installs it"]
fn nginx_serves_files_in_their_places() {
    let folder = folder("nginx-plain");
    let (assets, conf) = (folder.join("assets"), folder.join("conf"));
    plain_folder(&assets);
    let arguments =
        ["nginx", "--stamp", "1452929749", "--prestamped", "dist/*-????????.js", "--quiet"];
    configured(&arguments, &assets, &conf);
    let server = start_nginx(&folder, &conf);
    check(&server, None, &[NGINX, NGINX_PLAIN].concat());
    assert_eq!(server.ask("GET", "/", "").body, b"other");
}

#[test]
#[ignore = "needs nginx with brotli_static; tests/run installs it"]
fn nginx_serves_an_exported_folder() {
    let folder = folder("nginx-exported");
    let (out, conf) = (folder.join("out"), folder.join("conf"));
    exported_folder(&out);
    configured(&["nginx", "--encodings", "br,gzip"], &out, &conf);
    let server = start_nginx(&folder, &conf);
    check(&server, Some(&out), &[NGINX, NGINX_EXPORTED].concat());
    keeps_versions(&server);
    // This one is of another mount.
    assert_eq!(server.ask("GET", "/static/css/lib.1200000000.css", "").summary(), GONE);
}

#[test]
#[ignore = "needs nginx, Caddy and Apache; tests/run installs them"]
fn one_command_writes_files_and_rules_and_says_what_comes_next() {
    type Start = fn(&Path, &Path) -> Server;
    let servers: [(&str, Start); 3] =
        [("nginx", start_nginx), ("caddy", start_caddy), ("apache", start_apache)];
    for (server, start) in servers {
        let folder = folder(&format!("build-{server}"));
        let (assets, out) = (folder.join("assets"), folder.join("-out"));
        plain_folder(&assets);
        // Twice: the rules in the output are not in the way of the next build.
        for _ in 0..2 {
            let output = stamped_test_support::stamped(env!("CARGO_BIN_EXE_stamped"))
                .args(["build", "--stamp", "1452929749", "--quiet", "--config", server])
                .args(["--out=-out", "--"])
                .arg(&assets)
                .current_dir(folder.path())
                .env_remove("CARGO_MANIFEST_DIR")
                .output()
                .unwrap();
            let said = String::from_utf8(output.stdout).unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            let include = format!("{}/", out.join("config").display());
            assert!(said.contains(&include) && said.contains("After each build"), "{said}");
        }
        let server = start(&folder, &out.join("config"));
        assert_eq!(server.ask("GET", &stamped("css/lib.css"), "").summary(), CSS);
        assert_eq!(server.ask("GET", "/robots.txt", "").body, b"User-agent: *");
        assert_ne!(server.ask("GET", "/config/server.conf", "").status, 500);
    }
}

#[test]
#[ignore = "needs nginx; tests/run installs it"]
fn a_site_with_rules_for_the_root_leaves_them_out() {
    let folder = folder("nginx-own-root");
    let (out, conf) = (folder.join("out"), folder.join("conf"));
    exported_folder(&out);
    configured(&["nginx", "--no-root-files"], &out, &conf);
    let server = start_nginx(&folder, &conf);
    assert_eq!(server.ask("GET", "/robots.txt", "").body, b"other");
    assert_eq!(server.ask("GET", &plain("robots.txt"), "").body, b"User-agent: *");
    for server in ["caddy", "apache"] {
        configured(&[server, "--no-root-files"], &out, &conf);
    }
    for file in ["site.caddy", "vhost.conf"] {
        assert!(!fs::read_to_string(conf.join(file)).unwrap().contains("robots"), "{file}");
    }
}

#[test]
#[ignore = "needs nginx; tests/run installs it"]
fn nginx_tells_names_apart_that_differ_in_case_alone() {
    let folder = folder("nginx-case");
    let (assets, conf) = (folder.join("assets"), folder.join("conf"));
    for name in ["a.css", "A.css", "B.css", "Deep/a.css", "deep/a.css"] {
        write(&assets.join(name), name);
    }
    configured(&["nginx", "--stamp", "1452929749"], &assets, &conf);
    let server = start_nginx(&folder, &conf);
    for name in ["a.css", "A.css", "B.css", "Deep/a.css", "deep/a.css"] {
        for path in [stamped(name), plain(name)] {
            assert_eq!(server.ask("GET", &path, "").body, name.as_bytes(), "{path}");
        }
    }
    for name in ["b.css", "DEEP/a.css", "deep/A.css"] {
        for path in [stamped(name), plain(name)] {
            assert_eq!(server.ask("GET", &path, "").summary(), GONE, "{path}");
        }
    }
}

#[test]
#[ignore = "needs nginx; tests/run installs it"]
fn nginx_loads_many_files_with_long_names_without_a_warning() {
    for (count, width) in [(20_000, 40), (3_000, 200), (1, 1)] {
        let folder = folder(&format!("nginx-{count}"));
        let (assets, conf) = (folder.join("assets"), folder.join("conf"));
        let name = |number: usize| format!("{:02}/module-{number:0width$}.chunk.js", number % 100);
        for number in 0..count {
            write(&assets.join(name(number)), number.to_string());
        }
        configured(&["nginx", "--stamp", "1452929749"], &assets, &conf);
        let (port, main) = nginx(&folder, &conf);
        let start = Instant::now();
        let output = nginx::command(&folder, &main).arg("-t").output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && !said.contains("[warn]"), "{said}");
        println!("{count} files: nginx -t in {:.2?}", start.elapsed());

        let mut command = nginx::command(&folder, &main);
        let server = Server::start(port, &mut command, &folder.join("log"));
        let last = server.ask("GET", &stamped(&name(count - 1)), "");
        assert_eq!(last.body, (count - 1).to_string().as_bytes());
        assert_eq!(last.field("cache-control"), "max-age=31536000, immutable");
    }
}

/// An earlier version that is kept still has its own bytes.
fn keeps_versions(server: &Server) {
    let answer = server.ask("GET", "/static/css/lib.1300000000.css", "");
    assert_eq!((answer.summary().as_str(), &*answer.body), (CSS, &b"earlier {}"[..]));
}

fn start_caddy(folder: &Path, conf: &Path) -> Server {
    let port = free_port();
    let main = format!(
        "{{\n\tadmin off\n\tauto_https off\n}}\n\
         http://127.0.0.1:{port}, http://localhost:{port} {{\n\timport {}/site.caddy\n\trespond other\n}}\n",
        conf.display()
    );
    let path = folder.join("Caddyfile");
    fs::write(&path, main).unwrap();
    let mut command = Command::new("caddy");
    command.args(["run", "--adapter", "caddyfile", "--config"]).arg(path);
    command.env("HOME", folder).env("XDG_DATA_HOME", folder).env("XDG_CONFIG_HOME", folder);
    Server::start(port, &mut command, &folder.join("log"))
}

/// How Caddy 2.6 differs, whatever the rules.
const CADDY: &[(&str, &str)] = &[
    ("doubled slash", CSS_PLAIN),
    ("doubled slash, like a stamp", CSS_PLAIN),
    ("dots", CSS_PLAIN),
    ("encoded slash", CSS_PLAIN),
    ("range, outside", "416 forever"),
    ("If-Match, other", "412 forever"),
    ("any", "200 forever text/css; charset=utf-8 - vary"),
    // It takes the name for a pattern, and escapes all in it but this.
    ("exact, backslash", GONE),
];

#[test]
#[ignore = "needs Caddy; tests/run installs it"]
fn caddy_serves_an_exported_folder() {
    let folder = folder("caddy");
    let (out, conf) = (folder.join("out"), folder.join("conf"));
    exported_folder(&out);
    configured(&["caddy"], &out, &conf);
    let server = start_caddy(&folder, &conf);
    check(&server, Some(&out), CADDY);
    keeps_versions(&server);
    assert_eq!(server.ask("GET", "/", "").body, b"other");
}

fn start_apache(folder: &Path, conf: &Path) -> Server {
    let port = free_port();
    let modules: String = [
        "mpm_event",
        "authz_core",
        "alias",
        "dir",
        "mime",
        "headers",
        "rewrite",
        "env",
        "filter",
        "deflate",
        "autoindex",
        "negotiation",
    ]
    .iter()
    .map(|name| format!("LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so\n"))
    .collect();
    // Rules of Debian's own configuration, with which ours must work.
    let main = format!(
        "{modules}ServerRoot {0}\nServerName localhost\nPidFile {0}/pid\nErrorLog {0}/error.log\n\
         Mutex file:{0}\nUser www-data\nGroup www-data\nListen 127.0.0.1:{port}\n\
         TypesConfig /etc/mime.types\nAddLanguage br .br\nAddEncoding x-gzip .gz\n\
         AddDefaultCharset ISO-8859-1\nAddOutputFilterByType DEFLATE text/css\n\
         DirectoryIndex index.html\n\
         <Directory />\n    Options Indexes MultiViews\n    Require all denied\n</Directory>\n\
         <VirtualHost *:{port}>\nErrorDocument 404 /oops.html\nInclude {1}/vhost.conf\n</VirtualHost>\n",
        folder.display(),
        conf.display()
    );
    let path = folder.join("apache.conf");
    fs::write(&path, main).unwrap();
    let mut command = Command::new("apache2");
    command.arg("-DFOREGROUND").arg("-f").arg(path);
    Server::start(port, &mut command, &folder.join("log"))
}

/// How Apache differs, whatever the rules.
const APACHE: &[(&str, &str)] = &[
    ("doubled slash", CSS_PLAIN),
    ("doubled slash, like a stamp", CSS_PLAIN),
    ("dots", CSS_PLAIN),
    ("encoded slash", "404 -"),
    // With a second field of its own, which is empty.
    ("POST", "405 no-store GET, HEAD, OPTIONS, "),
    ("DELETE", "405 no-store GET, HEAD, OPTIONS, "),
    ("PUT", "405 no-store GET, HEAD, OPTIONS, "),
    ("at the root, POST", "405 no-store GET, HEAD, OPTIONS, "),
    ("gzip preferred", "200 forever text/css; charset=utf-8 br vary"),
    ("any", "200 forever text/css; charset=utf-8 - vary"),
];

#[test]
#[ignore = "needs Apache; tests/run installs it"]
fn apache_serves_an_exported_folder() {
    let folder = folder("apache");
    let (out, conf) = (folder.join("out"), folder.join("conf"));
    exported_folder(&out);
    configured(&["apache"], &out, &conf);
    let server = start_apache(&folder, &conf);
    check(&server, Some(&out), APACHE);
    keeps_versions(&server);
}

#[test]
#[ignore = "needs nginx, Caddy and Apache; tests/run installs them"]
fn assets_lie_at_the_root_or_deep_below_it() {
    type Start = fn(&Path, &Path) -> Server;
    let servers: [(&str, Start); 3] =
        [("nginx", start_nginx), ("caddy", start_caddy), ("apache", start_apache)];
    for (server, start) in servers {
        for (name, mount) in [("root", "/"), ("deep", "/app/v1.0/as+sets*")] {
            let folder = folder(&format!("{server}-{name}"));
            let (out, conf) = (folder.join("out"), folder.join("conf"));
            exported_under(&out, mount);
            configured(&[server], &out, &conf);
            let server = start(&folder, &conf);
            let at = |path: String| path.replacen("/static", mount.trim_end_matches('/'), 1);
            for (path, wanted) in [
                (at(stamped("css/lib.css")), CSS),
                (at(plain("css/lib.css")), CSS_PLAIN),
                (at(stamped(HARD)), CSS),
                (at("/static/css/lib.1.css".to_owned()), GONE),
                (at("/static/manifest.json".to_owned()), GONE),
            ] {
                assert_eq!(server.ask("GET", &path, "").summary(), wanted, "{mount} {path}");
            }
        }
    }
}

#[test]
#[ignore = "needs nginx; tests/run installs it"]
fn a_load_balancer_finds_the_version_that_is_asked_for() {
    let folder = folder("rolling");
    let mut http = String::from("map_hash_bucket_size 256;\n");
    let mut servers = String::new();
    let ports = [free_port(), free_port(), free_port()];
    for (version, port) in ["old", "new"].into_iter().zip(ports) {
        let (assets, conf) = (folder.join(version), folder.join(format!("{version}-conf")));
        write(&assets.join("a.css"), version);
        let stamp = if version == "old" { "1" } else { "2" };
        let arguments = ["nginx", "--stamp", stamp, "--name", version, "--no-hash-sizes"];
        configured(&arguments, &assets, &conf);
        http += &format!("include {}/http.conf;\n", conf.display());
        servers += &format!(
            "server {{ listen 127.0.0.1:{port}; include {}/server.conf; }}\n",
            conf.display()
        );
    }
    let [old, new, balancer] = ports;
    servers += &format!(
        "upstream all {{ server 127.0.0.1:{old} max_fails=0; server 127.0.0.1:{new} max_fails=0; }}\n\
         server {{ listen 127.0.0.1:{balancer}; expires off;\n\
         location / {{ proxy_pass http://all;\n\
         proxy_next_upstream error timeout http_404; }} }}\n"
    );
    let conf = folder.join("conf");
    write(&conf.join("http.conf"), http + &servers);
    write(&conf.join("server.conf"), "");
    let mut server = start_nginx(&folder, &conf);
    for (port, version, other) in [(old, "old", "/static/a.2.css"), (new, "new", "/static/a.1.css")]
    {
        server.port = port;
        assert_eq!(server.ask("GET", other, "").summary(), GONE, "{version}");
    }
    server.port = balancer;
    for _ in 0..4 {
        for (path, bytes) in [("/static/a.1.css", "old"), ("/static/a.2.css", "new")] {
            let answer = server.ask("GET", path, "");
            assert_eq!((answer.summary().as_str(), &*answer.body), (CSS, bytes.as_bytes()));
        }
        assert_eq!(server.ask("GET", "/static/a.3.css", "").summary(), GONE);
    }
}

#[test]
fn the_same_files_give_the_same_rules_and_leave_them_alone() {
    let folder = folder("same");
    let (assets, conf) = (folder.join("assets"), folder.join("conf"));
    plain_folder(&assets);
    let arguments = [
        &["nginx", "--stamp", "content", "--root", "/srv/assets", "--name", "shop_1"][..],
        &["--bundler-names", "keep"],
    ]
    .concat();
    let rules = |name: &str| fs::read_to_string(conf.join(name)).unwrap();
    let time = |name: &str| fs::metadata(conf.join(name)).unwrap().modified().unwrap();
    let mut seen = Vec::new();
    for _ in 0..2 {
        configured(&arguments, &assets, &conf);
        let both = ["http.conf", "server.conf"].map(|name| (rules(name), time(name)));
        assert!(both[0].0.contains("map $uri $shop_1_forever"), "{}", both[0].0);
        assert!(both[1].0.contains("root \"/srv/assets\";"), "{}", both[1].0);
        seen.push(both);
    }
    assert_eq!(seen[0], seen[1]);
    assert_eq!(fs::read_dir(&conf).unwrap().count(), 2);
    configured(&[&arguments[..], &["--no-hash-sizes"]].concat(), &assets, &conf);
    assert!(!rules("http.conf").contains("\nmap_hash"));
}

/// Its values go into the rules, so that one could add rules of its own.
#[test]
fn a_manifest_with_values_that_no_export_writes_is_refused() {
    let folder = folder("edited-manifest");
    let out = folder.join("conf");
    for (from, to) in [
        (r#""mount":"/static""#, r#""mount":"/static\"\nInclude /etc/passwd\n#""#),
        (r#""type":"text/css; charset=utf-8""#, r#""type":"text/css\"\nInclude /etc/passwd\n#""#),
        (r#""type":"text/css; charset=utf-8""#, r#""type":"text/css; } location /x { alias /; }""#),
        (r#""type":"text/css; charset=utf-8""#, r#""type":"text/$host""#),
        (r#""type":"text/css; charset=utf-8""#, r#""type":"""#),
    ] {
        exported_folder(&folder);
        let path = folder.join("manifest.json");
        let manifest = fs::read_to_string(&path).unwrap();
        assert!(manifest.contains(from), "{manifest}");
        fs::write(&path, manifest.replacen(from, to, 1)).unwrap();
        for server in ["nginx", "caddy", "apache"] {
            let (worked, said) = config(&[server], &folder, &out);
            assert!(!worked && said.contains("is damaged"), "{server}, {to}: {said}");
        }
    }
    assert!(!out.exists());
}

#[test]
fn a_wildcard_in_the_path_opens_no_other_folder() {
    let folder = folder("wild*card");
    exported_under(&folder, "/st*");
    let out = folder.join("conf");
    configured(&["apache"], &folder, &out);
    let rules = fs::read_to_string(out.join("vhost.conf")).unwrap();
    assert!(rules.contains("wild[*]card/st[*]\">"), "{rules}");
}

#[test]
fn what_cannot_be_is_said_with_the_way_out() {
    let folder = folder("wrong");
    let (assets, out, conf) = (folder.join("assets"), folder.join("out"), folder.join("conf"));
    plain_folder(&assets);
    exported_folder(&out);
    for (arguments, folder, words) in [
        (&["nginx", "--markup", "*.html"][..], &assets, "stamped build"),
        (&["nginx", "--mount", "/x"], &out, "`--mount` is decided"),
        (&["nginx", "--name", "a b"], &assets, "lower-case letters"),
        (&["nginx"], &folder.join("none"), "there is no folder"),
        (&["caddy"], &assets, "write them with `stamped build`"),
        (&["apache"], &assets, "write them with `stamped build`"),
        (&["caddy", "--root", "/srv/${x}"], &out, "another path with `--root`"),
        (&["apache", "--root", "/srv/a\"b"], &out, "another path with `--root`"),
    ] {
        let (worked, said) = config(arguments, folder, &conf);
        assert!(!worked && said.contains(words), "{said}");
    }
    assert!(!conf.exists());
}

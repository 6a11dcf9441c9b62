//! Earlier versions, from end to end: recorded by the command and by `cargo build`, answered by programs
//! behind a cache.

mod support;

use flate2::read::GzDecoder;
use serde_json::Value;
use stamped_build::{Bundle, Encoding, Pipeline, Stamp, Versions};
use stamped_test_support::Dir;
use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Output;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use support::Project;

/// A folder of assets that the command builds, records and builds again.
struct Site(Dir);

impl Site {
    fn new() -> Self {
        Site(Dir::new())
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let mut command = stamped_test_support::stamped(env!("CARGO_BIN_EXE_stamped"));
        command.args(arguments).current_dir(self.0.path()).env_remove("CARGO_MANIFEST_DIR");
        command.env_remove("SOURCE_DATE_EPOCH").env_remove("STAMPED_CACHE");
        command.output().unwrap()
    }

    #[track_caller]
    fn stamped(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    #[track_caller]
    fn json(&self, arguments: &[&str]) -> Value {
        serde_json::from_str(&self.stamped(arguments)).unwrap()
    }

    #[track_caller]
    fn fails(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stdout));
        String::from_utf8(output.stderr).unwrap()
    }

    fn manifest(&self, folder: &str) -> Value {
        let json = fs::read(self.0.join(folder).join("manifest.json")).unwrap();
        serde_json::from_slice(&json).unwrap()
    }
}

const BUILD: [&str; 6] = ["build", "assets", "--stamp", "content", "--quiet", "--out"];

#[test]
fn an_exported_folder_is_recorded_and_the_next_export_keeps_its_versions() {
    let site = Site::new();
    let text = "a { background: url(b.svg) }\n".repeat(50);
    site.0.write("assets/a.css", &text);
    site.0.write("assets/b.svg", "<svg/>");
    site.0.write("assets/robots.txt", "");
    site.stamped(&[&BUILD[..], &["one"]].concat());
    let said = site.stamped(&["record", "one"]);
    assert_eq!(
        said,
        "versions: 2 stamped assets, 2 of them new; earlier versions: 0 kept (0 bytes), 0 removed\n"
    );
    let first = site.manifest("one")["assets"].clone();
    let path = |name: &str| first[name]["path"].as_str().unwrap().to_owned();

    site.0.write("assets/b.svg", "<svg></svg>");
    // A fresh container: nothing is left of the first export.
    site.stamped(&[&BUILD[..], &["two", "--versions", "versions"]].concat());
    let retired = site.manifest("two")["retired"].clone();
    let names: Vec<&str> =
        retired.as_array().unwrap().iter().map(|one| one["path"].as_str().unwrap()).collect();
    assert_eq!(names, [path("a.css"), path("b.svg")]);
    assert_eq!(retired[0]["uses"][0], path("b.svg"));
    for name in ["a.css", "b.svg"] {
        let of = |folder: &str| fs::read(site.0.join(folder).join("static").join(path(name)));
        assert_eq!(of("two").unwrap(), of("one").unwrap());
    }
    let gzip = fs::read(site.0.join("two/static").join(path("a.css") + ".gz")).unwrap();
    assert_eq!(retired[0]["encodings"]["gzip"], gzip.len());
    // The second export over itself finds everything in its place.
    let again = [&BUILD[..], &["two", "--versions", "versions", "--json"]].concat();
    assert_eq!(site.json(&again)["written"], 0);

    let report =
        site.json(&["report", "assets", "--stamp", "content", "--versions", "versions", "--json"]);
    assert_eq!(report["versions"]["kept"], 2);
    assert!(report["versions"]["size"].as_u64().unwrap() < text.len() as u64, "{report}");
    let table = site.stamped(&["report", "assets", "--stamp", "content", "--versions", "versions"]);
    assert!(table.contains("2 earlier versions: "), "{table}");
}

#[test]
fn what_cannot_be_recorded_is_said_with_the_way_out() {
    let site = Site::new();
    assert!(site.fails(&["record", "nowhere"]).contains("no folder `nowhere`"));
    site.0.write("plain/a.css", "");
    assert!(site.fails(&["record", "plain"]).contains("manifest.json"));
    if !cfg!(feature = "record-url") {
        let said = site.fails(&["record", "https://example.com/manifest.json"]);
        assert!(said.contains("--features record-url"), "{said}");
    }
}

#[test]
fn versions_are_listed_checked_and_removed() {
    let site = Site::new();
    site.0.write("assets/a.css", "@import 'b.css';");
    site.0.write("assets/b.css", "one");
    for text in ["one", "two"] {
        site.0.write("assets/b.css", text);
        site.stamped(&[&BUILD[..], &["out", "--keep", "0", "--keep-for", "0s"]].concat());
        site.stamped(&["record", "out", "--into", "kept", "--keep-for", "0s"]);
    }
    let list = site.json(&["versions", "list", "--folder", "kept", "--json"]);
    let rows = list.as_array().unwrap();
    let names: Vec<_> = rows.iter().map(|row| row["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["a.css", "a.css", "b.css", "b.css"]);
    assert!(rows[0]["retired"].is_null() && rows[1]["retired"].is_u64());
    let text = site.stamped(&["versions", "list", "--folder", "kept"]);
    assert_eq!(text.matches("last release").count(), 2, "{text}");
    assert_eq!(
        site.stamped(&["versions", "check", "--folder", "kept"]),
        "kept: all versions are whole\n"
    );

    let old = rows[3]["path"].as_str().unwrap();
    let file = site.0.join("kept/static").join(old);
    fs::write(&file, "oNe").unwrap();
    site.0.write("kept/static/stray.css", "");
    let said = site.fails(&["versions", "check", "--folder", "kept"]);
    assert!(said.contains(old) && said.contains("stray.css"), "{said}");
    let said = site.fails(&[&BUILD[..], &["fresh", "--versions", "kept"]].concat());
    assert!(said.contains(old) && said.contains("`stamped versions remove`"), "{said}");
    let said = site.fails(&["versions", "remove", "nothing.css", "--folder", "kept"]);
    assert!(said.contains("has no version `nothing.css`"), "{said}");

    let removed = site.json(&["versions", "remove", old, "--folder", "kept", "--json"]);
    assert_eq!(
        (&removed["removed"][0], removed["dependent"].as_array().unwrap().len()),
        (&rows[3]["path"], 1)
    );
    assert!(!file.exists());
    site.stamped(&["versions", "check", "--folder", "kept"]);
    site.stamped(&[&BUILD[..], &["fresh", "--versions", "kept"]].concat());
}

/// Serves the files in a folder, and counts the requests.
#[cfg(feature = "record-url")]
fn serve_files(folder: std::path::PathBuf) -> (u16, Arc<std::sync::Mutex<Vec<String>>>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let asked = Arc::new(std::sync::Mutex::new(Vec::new()));
    let record = Arc::clone(&asked);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Some((path, _)) = request(stream.as_ref().unwrap()) else { continue };
            let file = fs::read(folder.join(path.trim_start_matches('/')));
            record.lock().unwrap().push(path);
            let status = if file.is_ok() { "200 OK" } else { "404 Not Found" };
            let body = file.unwrap_or_default();
            answer(stream.unwrap(), status, &[("content-length", &body.len().to_string())], &body);
        }
    });
    (port, asked)
}

/// The path and the fields of a request.
fn request(mut stream: &TcpStream) -> Option<(String, Vec<(String, String)>)> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        if stream.read(&mut byte).ok()? == 0 {
            return None;
        }
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).unwrap();
    let mut lines = head.split("\r\n");
    let path = lines.next()?.split(' ').nth(1)?.to_owned();
    let fields = lines.filter_map(|line| line.split_once(": "));
    Some((path, fields.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()))
}

fn answer(mut stream: TcpStream, status: &str, fields: &[(&str, &str)], body: &[u8]) {
    let fields: String =
        fields.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let head = format!("HTTP/1.1 {status}\r\nconnection: close\r\n{fields}\r\n");
    // The client may have gone.
    let _ = stream.write_all(&[head.as_bytes(), body].concat());
}

#[cfg(feature = "record-url")]
#[test]
fn what_is_deployed_is_recorded_by_its_manifest_and_nothing_is_loaded_twice() {
    let site = Site::new();
    site.0.write("assets/a.css", "one");
    site.0.write("assets/图 1.svg", "<svg/>");
    site.stamped(&[&BUILD[..], &["out"]].concat());
    let (port, asked) = serve_files(site.0.join("out"));
    let url = format!("http://127.0.0.1:{port}/manifest.json");
    // A name in a URL is percent-encoded, and a file is not.
    let manifest = site.manifest("out");
    let svg = &manifest["assets"]["图 1.svg"];
    let (path, svg_url) = (svg["path"].as_str().unwrap(), svg["url"].as_str().unwrap());
    site.0.write(format!("out{svg_url}"), "<svg/>");
    site.stamped(&["record", &url]);
    assert_eq!(fs::read(site.0.join("versions/static").join(path)).unwrap(), b"<svg/>");
    assert_eq!(asked.lock().unwrap().len(), 3);
    assert_eq!(site.json(&["record", &url, "--json"])["added"], 0);
    assert_eq!(asked.lock().unwrap().len(), 4);

    site.0.write("assets/a.css", "two");
    site.stamped(&[&BUILD[..], &["out"]].concat());
    let new = site.manifest("out")["assets"]["a.css"]["url"].as_str().unwrap().to_owned();
    site.0.write(format!("out{new}"), "not two");
    let before = fs::read(site.0.join("versions/manifest.json")).unwrap();
    let said = site.fails(&["record", &url]);
    assert!(said.contains(&new) && said.contains("nothing was recorded"), "{said}");
    assert_eq!(fs::read(site.0.join("versions/manifest.json")).unwrap(), before);
    let said = site.fails(&["record", &format!("http://127.0.0.1:{port}/none.json")]);
    assert!(said.contains("404") && said.contains("none.json"), "{said}");
    assert!(site.fails(&["record", "ftp://host/x"]).contains("neither a folder nor a URL"));
}

const MAIN: &str = r#"
mod assets { stamped::include_assets!(); }
use assets::ASSETS;

fn main() {
    for asset in ASSETS {
        println!("{} {}", asset.name(), asset.url());
        for version in asset.versions() {
            assert_eq!(ASSETS.resolve(version.url()), stamped::Resolved::Exact(version));
            println!("before {} {:?}", version.url(), version.text());
        }
    }
}
"#;

#[test]
fn cargo_build_records_when_asked_and_answers_for_what_was_recorded() {
    let mut project = Project::new("recorded").build_features(&["versions"]);
    project.set_environment("STAMPED_RECORD", "0");
    project.build_script("stamped_build::Pipeline::new(\"assets\").versions(\"versions\").bake()");
    project.write("src/main.rs", MAIN);
    project.write_at(1_452_929_749, "assets/a.css", "one");
    assert_eq!(project.run(), "a.css /static/a.1452929749.css\n");
    assert!(!project.path("versions").exists());

    project.set_environment("STAMPED_RECORD", "1");
    let output = project.cargo(&["run"]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("recorded in `versions`: 1 stamped assets, 1 of them new"), "{said}");
    assert_eq!(fs::read(project.path("versions/static/a.1452929749.css")).unwrap(), b"one");
    let path = project.path("versions/manifest.json");
    let manifest = || fs::read(&path).unwrap();
    let recorded = manifest();

    project.set_environment("STAMPED_RECORD", "0");
    project.write_at(1_452_929_750, "assets/a.css", "two");
    let two = "a.css /static/a.1452929750.css\nbefore /static/a.1452929749.css Some(\"one\")\n";
    assert_eq!(project.run(), two);
    let runs = project.runs();
    assert_eq!(
        (project.run(), project.runs(), manifest()),
        (two.to_owned(), runs, recorded.clone())
    );

    // What others put into the folder is noticed, and damage is an error.
    project.write("versions/static/a.1452929749.css", "ONE");
    let said = project.fails("build");
    assert!(said.contains("a.1452929749.css` is damaged: it has other bytes"), "{said}");
    project.write("versions/static/a.1452929749.css", "one");
    assert_eq!(project.run(), two);

    // Recording and baking are one: the same build without it makes the same program.
    project.set_environment("STAMPED_RECORD", "1");
    let output = project.cargo(&["run"]);
    assert_eq!(String::from_utf8(output.stdout).unwrap(), two);
    project.set_environment("STAMPED_RECORD", "0");
    assert_eq!(project.run(), two);
    assert_ne!(manifest(), recorded);
}

/// A program with a bundle, as a server of its own.
struct Program {
    port: u16,
    answers: Arc<AtomicUsize>,
}

impl Program {
    fn start(bundle: &Bundle, stale: stamped::http::Stale) -> Self {
        let handler = stamped::http::Handler::new(&bundle.leak().unwrap()).stale(stale);
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let answers = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&answers);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let stream = stream.unwrap();
                let Some((path, fields)) = request(&stream) else { continue };
                count.fetch_add(1, Ordering::Relaxed);
                let mut request = http::Request::builder().uri(path);
                for (name, value) in &fields {
                    request = request.header(name, value);
                }
                let (head, body) = handler.respond(&request.body(()).unwrap()).into_parts();
                let fields: Vec<(&str, &str)> = (head.headers.iter())
                    .map(|(name, value)| (name.as_str(), value.to_str().unwrap()))
                    .collect();
                answer(stream, head.status.as_str(), &fields, &body.into_bytes());
            }
        });
        Program { port, answers }
    }
}

/// Three releases of the pages of this repository, one after the other recorded.
fn releases(dir: &Dir) -> Vec<Bundle> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets");
    for folder in ["css", "img", "js"] {
        for file in fs::read_dir(source.join(folder)).unwrap() {
            let file = file.unwrap();
            let name = format!("assets/{folder}/{}", file.file_name().to_str().unwrap());
            dir.write(name, fs::read(file.path()).unwrap());
        }
    }
    let change = |name: &str, more: &str| {
        let path = dir.join(format!("assets/{name}"));
        fs::write(&path, fs::read_to_string(&path).unwrap() + more).unwrap();
    };
    let versions = Versions::new(dir.join("versions"));
    let encodings = || [Encoding::brotli().level(5), Encoding::gzip()];
    let mut releases = Vec::new();
    for release in 0..3 {
        match release {
            1 => {
                change("js/dom.js", "\nexport const added = 1;\n");
                change("img/stamp.svg", "<!-- second -->");
                fs::remove_file(dir.join("assets/css/types.css")).unwrap();
            }
            2 => {
                change("css/page.css", "\n.third { color: red }\n");
                change("js/dom.js", "\nexport const more = 2;\n");
            }
            _ => {}
        }
        let pipeline = Pipeline::new(dir.join("assets")).stamp(Stamp::Content);
        let bundle = pipeline.encodings(encodings()).versions(versions.clone()).process().unwrap();
        versions.record_bundle(&bundle).unwrap();
        releases.push(bundle);
    }
    releases
}

/// The identity of an answer's body.
fn decoded(answer: &support::server::Answer) -> Vec<u8> {
    let mut decoded = Vec::new();
    match &*answer.field("content-encoding") {
        "gzip" => GzDecoder::new(&*answer.body).read_to_end(&mut decoded).unwrap(),
        "br" => brotli_decompressor::Decompressor::new(&*answer.body, 4096)
            .read_to_end(&mut decoded)
            .unwrap(),
        _ => answer.body.as_slice().read_to_end(&mut decoded).unwrap(),
    };
    decoded
}

/// Two programs of neighbouring releases behind nginx with a cache, and pages of three releases that ask
/// for their assets in any order.
#[cfg(unix)]
#[test]
#[ignore = "needs nginx; tests/run installs it"]
fn a_cache_before_programs_of_two_releases_never_holds_wrong_bytes() {
    use stamped::http::Stale;
    use support::nginx;
    use support::server::{Server, free_port};

    let dir = Dir::new();
    let releases = releases(&dir);
    let mut wanted: Vec<(usize, String, Vec<u8>)> = Vec::new();
    for (release, bundle) in releases.iter().enumerate() {
        for asset in bundle.assets() {
            wanted.push((release, asset.url().to_owned(), asset.bytes().unwrap().into_owned()));
        }
    }
    // With `NotFound`, the balancer asks the other program, which has it.
    for (stale, next) in [(Stale::NotFound, " http_404"), (Stale::Current, "")] {
        let old = Program::start(&releases[1], stale);
        let new = Program::start(&releases[2], stale);
        let folder = dir.mkdirp(format!("nginx{}", next.len()));
        let port = free_port();
        let http = format!(
            "proxy_cache_path {}/cache keys_zone=all:1m;\n\
             upstream all {{ server 127.0.0.1:{} max_fails=0; server 127.0.0.1:{} max_fails=0; }}\n\
             server {{ listen 127.0.0.1:{port};\nlocation / {{ proxy_pass http://all;\n\
             proxy_cache all;\nproxy_next_upstream error timeout{next};\n\
             add_header x-cache $upstream_cache_status always; }} }}\n",
            folder.display(),
            old.port,
            new.port
        );
        let conf = nginx::configure(&folder, &http);
        let server = Server::start(port, &mut nginx::command(&folder, &conf), &folder.join("log"));

        let clients = [
            "",
            "Accept-Encoding: gzip, deflate, br, zstd\r\n",
            "Accept-Encoding: gzip\r\n",
            "Accept-Encoding: identity\r\n",
        ];
        let (mut wrong, mut misses, mut hits) = (Vec::new(), Vec::new(), 0);
        let mut random: u64 = 42;
        for number in 0..4 * wanted.len() * 4 {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let (release, url, bytes) = &wanted[(random >> 33) as usize % wanted.len()];
            let client = clients[(random >> 20) as usize % clients.len()];
            let answer = server.ask("GET", url, client);
            let is_right = answer.status == 200 && decoded(&answer) == *bytes;
            let is_stored = answer.field("cache-control") != "no-store";
            hits += usize::from(answer.field("x-cache") == "HIT");
            if is_stored && !is_right {
                wrong.push(format!("{number}: {url} {client}: {}", answer.summary()));
            }
            // Only a client that refuses gzip may miss a version; and, where no balancer looks
            // further, one that asks the older program for the newer release.
            let may_miss = client.contains("identity") || *release == 2 && next.is_empty();
            if !is_right && !may_miss {
                misses.push(format!("{number}: {url} {client}: {}", answer.summary()));
            }
        }
        assert!(wrong.is_empty() && misses.is_empty(), "{wrong:#?} {misses:#?}");
        assert!(hits > wanted.len(), "the cache was not used: {hits}");

        // Everything that the cache holds, without the programs' help.
        let before = old.answers.load(Ordering::Relaxed) + new.answers.load(Ordering::Relaxed);
        assert!(before < 4 * wanted.len() * 4);
        let mut held = 0;
        for (_, url, bytes) in &wanted {
            for client in clients {
                let answer = server.ask("GET", url, client);
                if answer.field("x-cache") == "HIT" {
                    held += 1;
                    assert_eq!(decoded(&answer), *bytes, "{url} {client}");
                }
            }
        }
        assert!(held > wanted.len(), "{held}");
    }
}

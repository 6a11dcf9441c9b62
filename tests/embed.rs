//! Builds one program in each way to embed contents, and compares what it answers.

mod support;

use std::fs;
use support::Project;

const BUILD: &str =
    "stamped_build::Pipeline::new(\"assets\").embed(stamped_build::Embed::EMBED).bake()";

/// Asks for every asset in every way, and prints the answers.
const ASK: &str = r#"
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use stamped::http::Handler;

mod assets { stamped::include_assets!(); }
use assets::ASSETS;

fn main() {
    let handler = Handler::new(&ASSETS);
    for asset in ASSETS {
        println!("{} {:?} {}", asset.name(), asset.text().map(str::len), asset.integrity());
        let stamped = asset.url().to_owned();
        let plain = format!("/static/{}", asset.name().replace(' ', "%20").replace('\u{56fe}', "%E5%9B%BE"));
        let stale = asset.stamp().map_or(plain.clone(), |stamp| stamped.replace(stamp, "1"));
        for url in [stamped.clone(), plain, stale, format!("{stamped}x"), format!("/{}", asset.name().replace(|c: char| !c.is_ascii() || c == ' ', ""))] {
            for method in ["GET", "HEAD", "OPTIONS", "POST"] {
                ask(&handler, method, &url, &[]);
            }
            for coding in ["gzip", "br", "gzip, br", "*;q=0", "identity;q=0, gzip"] {
                ask(&handler, "GET", &url, &[("accept-encoding", coding)]);
            }
            for range in ["bytes=0-0", "bytes=-5", "bytes=2-", "bytes=0-1,4-9", "bytes=99999999-", "lines=1"] {
                ask(&handler, "GET", &url, &[("range", range)]);
            }
            for (field, value) in [("if-none-match", asset.etag()), ("if-match", asset.etag()), ("if-match", "\"x\"")] {
                ask(&handler, "GET", &url, &[(field, value)]);
            }
            if let Some(date) = asset.last_modified_http() {
                ask(&handler, "GET", &url, &[("if-modified-since", date)]);
                ask(&handler, "GET", &url, &[("range", "bytes=1-2"), ("if-range", date)]);
            }
        }
    }
}

fn ask(handler: &Handler, method: &str, url: &str, fields: &[(&str, &str)]) {
    let mut request = http::Request::builder().method(method).uri(url);
    for (name, value) in fields {
        request = request.header(*name, *value);
    }
    let (parts, body) = handler.respond(&request.body(()).unwrap()).into_parts();
    let bytes = body.into_bytes();
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    println!("{method} {url} {fields:?}: {} {:?} {} {:x}", parts.status, parts.headers, bytes.len(), hasher.finish());
}
"#;

#[test]
fn a_program_answers_the_same_however_its_contents_are_embedded() {
    let project = Project::new("embed");
    let crates = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("crates");
    project.manifest(
        &format!(
            "http = \"1\"\nstamped = {{ path = {:?}, features = [\"http\"] }}\n",
            crates.join("stamped")
        ),
        "",
    );
    project.write("src/main.rs", ASK);
    let write = |name: &str, bytes: &[u8]| {
        project.write_at(1_452_929_749, &format!("assets/{name}"), bytes);
    };
    write("css/style.css", b"a { background: url(../img/a.png) }");
    write("css/latin1.css", b"/* caf\xe9 */");
    write("css/empty.css", b"");
    write("js/app.js", "import './lib.js'; // words that compress\n".repeat(900).as_bytes());
    write("js/lib.js", b"export {};");
    write("js/copy.js", b"export {};");
    write("\u{56fe} 1.txt", "\u{56fe}".repeat(50).as_bytes());
    write("index.html", b"<link rel=stylesheet href=css/style.css>");
    write("robots.txt", b"User-agent: *\n");
    let random = |seed: u32, length: usize| -> Vec<u8> {
        let mut state = seed;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        };
        std::iter::repeat_with(&mut next).take(length).collect()
    };
    write("img/a.png", &random(1, 70_000));
    write("img/b.png", &random(2, 250_000));

    let folder = |file: &str| project.generated(file);
    for profile in [&["run"][..], &["run", "--release"]] {
        let answers: Vec<String> = ["Include", "Linked", "Auto"]
            .into_iter()
            .map(|embed| {
                project.build_script(&BUILD.replace("EMBED", embed));
                let output = project.cargo(profile);
                let said = String::from_utf8_lossy(&output.stderr);
                assert!(output.status.success(), "{embed}: {said}");
                // So large a bundle is for the linker, where it can be.
                let code = fs::read_to_string(folder("assets.rs")).unwrap();
                assert_eq!(code.contains("__linked!"), embed != "Include", "{embed}");
                String::from_utf8(output.stdout).unwrap()
            })
            .collect();
        let [included, linked, auto] = &*answers else { unreachable!() };
        assert!(included.lines().count() > 1_000, "{included}");
        assert!(included == linked && linked == auto, "{profile:?}: the answers differ");
    }

    fs::remove_file(project.path("assets/img/b.png")).unwrap();
    assert_eq!(project.cargo(&["build"]).status.code(), Some(0));
    let code = fs::read_to_string(folder("assets.rs")).unwrap();
    assert!(code.contains("include_str!") && !code.contains("__linked!"), "{code}");
    assert!(folder("assets.text").is_file());
}

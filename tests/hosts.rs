//! The rules of `stamped config hosts`, as the parsers of Netlify read them.

use serde_json::Value;
use stamped::http::Handler;
use stamped_test_support::Dir;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A folder with the file names of real trees, and some that are hard to write down.
fn assets() -> Dir {
    let assets = Dir::at(Path::new(env!("CARGO_TARGET_TMPDIR")).join("hosts"));
    for name in [
        "index.html",
        "robots.txt",
        "favicon.ico",
        "site.webmanifest",
        "css/style.css",
        "js/app.min.js",
        "js/app.min.js.map",
        "js/worker.mjs",
        "fonts/a.woff2",
        "data/words.json",
        "wasm/a.wasm",
        "img/photo.avif",
        "LICENSE",
        "a b/图 1 (copy) [2] 'x' & #3%20+~!$,;=@.svg",
    ] {
        assets.write_at(1_452_929_749, format!("assets/{name}"), name);
    }
    assets
}

/// Runs the command.
#[track_caller]
fn stamped(arguments: &[&Path]) {
    let mut command = stamped_test_support::stamped(env!("CARGO_BIN_EXE_stamped"));
    let output = command.args(arguments).env_remove("SOURCE_DATE_EPOCH").output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
#[ignore = "needs the packages that tests/hosts/fetch-packages fetches, in STAMPED_HOSTS"]
fn netlify_answers_each_path_with_the_headers_of_our_own_answers() {
    let packages = PathBuf::from(std::env::var_os("STAMPED_HOSTS").expect("STAMPED_HOSTS is set"));
    let dir = assets();
    let (out, site) = (dir.join("out"), dir.join("site"));
    let word = Path::new;
    stamped(&[word("build"), &dir.join("assets"), word("--out"), &out, word("--quiet")]);
    stamped(&[word("publish"), &out, &site]);
    stamped(&[word("config"), word("hosts"), &site, word("--out"), &site]);

    let pipeline = stamped_build::Pipeline::new(dir.join("assets")).encodings([]);
    let assets = pipeline.process().unwrap().leak().unwrap();
    let handler = Handler::new(&assets);
    let mut paths: Vec<String> = assets
        .iter()
        .flat_map(|asset| {
            let plain = stamped::percent::Encoded(asset.name()).to_string();
            let at_root = asset.is_at_root().then(|| format!("/{plain}"));
            [Some(asset.url().to_owned()), Some(format!("/static/{plain}")), at_root]
        })
        .flatten()
        .collect();
    // Another version's.
    paths.push("/static/css/style.7.css".to_owned());

    let mut node = Command::new("node");
    node.arg(packages.join("netlify.mjs")).arg(&site);
    let mut node = node.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    node.stdin.take().unwrap().write_all(&serde_json::to_vec(&paths).unwrap()).unwrap();
    let output = node.wait_with_output().unwrap();
    let answers: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(answers.len(), paths.len());
    for (path, answer) in paths.iter().zip(answers) {
        let expected = handler.respond(&http::Request::get(path).body(()).unwrap());
        let field = |name: &str| {
            expected.headers().get(name).map(|value| Value::from(value.to_str().unwrap()))
        };
        if path.ends_with("style.7.css") {
            // Ours is the current version, which no cache keeps; theirs is a 404 without rules.
            assert_eq!(
                (&answer["status"], &answer["headers"]),
                (&404.into(), &serde_json::json!({}))
            );
            continue;
        }
        assert_eq!(answer["status"], expected.status().as_u16(), "{path}");
        for name in ["cache-control", "content-type", "x-content-type-options"] {
            assert_eq!(Some(&answer["headers"][name]), field(name).as_ref(), "{path}: {name}");
        }
    }
}

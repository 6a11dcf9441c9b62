//! Whole sites in a real browser, as `stamped serve` serves them. `tests/run` has the tools build those
//! in `tests/sites`.

mod support;

use stamped_test_support::Dir;
use std::path::{Path, PathBuf};
use std::process::Command;
use support::browser::Browser;
use support::server::{Server, free_port};

/// The folder in which `tests/sites/build` built the site of this name.
fn built(name: &str) -> PathBuf {
    let sites = std::env::var_os("STAMPED_SITES").expect("STAMPED_SITES is set");
    Path::new(&sites).join(name).join("dist")
}

/// Every file that the page at `path` of this site loaded, once it has the title `done`.
#[track_caller]
fn loaded(site: &Path, path: &str, options: &[&str]) -> Vec<String> {
    let folder = Dir::new();
    let port = free_port();
    let mut command = Command::new(env!("CARGO_BIN_EXE_stamped"));
    command.arg("serve").arg(site).args(["--mount", "/", "--encodings", "none", "--quiet"]);
    command.args(["--listen", &format!("127.0.0.1:{port}")]).args(options);
    let _server = Server::start(port, &mut command, &folder.join("log"));
    let mut browser = Browser::start(&folder.join("profile"));
    let (title, messages) = browser.open(1, &format!("http://127.0.0.1:{port}{path}"));
    assert_eq!((title.as_str(), &messages[..]), ("done", &[][..]));
    let (names, _) = browser.run(
        1,
        "performance.getEntriesByType('resource').map(one => new URL(one.name).pathname).join('\\n')",
    );
    names.lines().map(str::to_owned).collect()
}

/// Whether a path has a stamp in it.
fn is_stamped(path: &str) -> bool {
    stamped::name::unstamp(path).is_some_and(|parts| parts.stamp.len() >= 10)
}

#[test]
#[ignore = "needs Chromium, playwright-core, and the sites that tests/sites/build builds, in STAMPED_SITES"]
fn a_page_by_react_and_vite_loads_each_module_once_and_stamped() {
    let stamp = ["--bundler-names", "stamp"];
    let files = loaded(&built("react"), "/index.html", &stamp);
    assert!(files.len() >= 4 && files.iter().all(|file| is_stamped(file)), "{files:#?}");
    let mut different = files.clone();
    different.sort();
    different.dedup();
    assert_eq!(different.len(), files.len(), "{files:#?}");

    // Left as it is, the page loads all modules by their own names.
    let files = loaded(
        &built("react"),
        "/index.html",
        &["--bundler-names", "stamp", "--verbatim", "*.html"],
    );
    let scripts: Vec<_> = files.iter().filter(|file| file.ends_with(".js")).collect();
    assert!(scripts.iter().any(|file| !is_stamped(file)), "{scripts:#?}");
}

#[test]
#[ignore = "needs Chromium, playwright-core, and the sites that tests/sites/build builds, in STAMPED_SITES"]
fn pages_by_bundlers_load_what_these_have_stamped_by_the_names_that_it_has() {
    for (site, by) in
        [("react", ""), ("bundled", "vite"), ("bundled", "webpack"), ("bundled", "esbuild")]
    {
        let folder = built(site).join(by);
        let files = loaded(&folder, "/index.html", &["--bundler-names", "keep"]);
        assert!(files.len() >= 4 && !files.iter().any(|file| is_stamped(file)), "{files:#?}");
        for file in &files {
            let url = Command::new(env!("CARGO_BIN_EXE_stamped"))
                .args(["report", "--json", "--mount", "/", "--encodings", "none", "--quiet"])
                .arg(&folder)
                .output()
                .unwrap();
            let report: serde_json::Value = serde_json::from_slice(&url.stdout).unwrap();
            let asset = report["assets"].as_array().unwrap().iter().find(|it| it["url"] == **file);
            assert_eq!(asset.unwrap()["unstamped"], "a bundler has stamped it", "{file}");
        }
    }
}

#[test]
#[ignore = "needs Chromium and playwright-core"]
fn a_module_is_evaluated_once_however_it_is_named() {
    const STATE: &str =
        "globalThis.evaluated = (globalThis.evaluated ?? 0) + 1; export const x = 1;";
    const END: &str = "document.title = evaluated === 1 ? 'done' : `evaluated ${evaluated} times`;";
    for (what, page, main) in [
        ("plainly", "", "import './state.js'; await import('./lazy.js');"),
        (
            "by a sum",
            "",
            "const n = 'state'; await import('./' + n + '.js'); await import('./lazy.js');",
        ),
        (
            "by the prefix of an import map",
            r#"<script type=importmap>{"imports":{"deep/":"./"}}</script>"#,
            "import 'deep/state.js'; await import('./lazy.js');",
        ),
        (
            "by an import map",
            r#"<script type=importmap>{"imports":{"state":"./state.js"}}</script>"#,
            "import 'state'; await import('./lazy.js');",
        ),
        ("by a base", "<base href='/js/'>", "import '../state.js'; await import('../lazy.js');"),
    ] {
        let site = Dir::new();
        let source = if what == "by a base" { "main.js" } else { "js/main.js" };
        let main = main.replace("'./", if what == "by a base" { "'./" } else { "'../" });
        site.write("state.js", STATE);
        site.write("lazy.js", "import { x } from './state.js'; export { x };");
        site.write("js/main.js", format!("{main}\n{END}"));
        site.write(
            "index.html",
            format!(
                "<!doctype html><title>-</title>{page}<link rel=icon href='data:,'>\
                 <script type=module src={source}></script>"
            ),
        );
        println!("{what}");
        loaded(site.path(), "/index.html", &[]);
    }
}

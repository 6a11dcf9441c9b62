//! Checks with the real rust-analyzer what an editor shows in a program with assets.

mod support;

use stamped_test_support::is_installed;
use std::process::Command;
use support::Project;

/// What rust-analyzer finds wrong in the package: where each is, and what it says.
fn diagnostics(project: &Project) -> Vec<String> {
    // Its own target folder, because it runs the build script itself.
    let output = Command::new("rust-analyzer")
        .arg("diagnostics")
        .arg(project.path("."))
        .env("CARGO_TARGET_DIR", project.root().join("target"))
        .env("CARGO_NET_OFFLINE", "true")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(said.contains("diagnostic scan complete"), "{said}");
    said.split(['\n', '\r'])
        .filter_map(|line| line.split_once("at crate editor, file ").map(|(_, found)| found.trim()))
        .map(str::to_owned)
        .collect()
}

#[test]
#[ignore = "needs rust-analyzer; tests/run installs it"]
fn an_editor_shows_a_misspelt_name_and_nothing_else() {
    if !is_installed("rust-analyzer --version") {
        return;
    }
    let project = Project::new("editor");
    project.write("assets/css/style.css", "a{}");
    project.write("assets/img/logo.svg", "<svg/>");
    let program = "\
mod assets { stamped::include_assets!(); }
use assets::{ASSETS, asset, url};

const LOGO: stamped::Asset = asset!(\"img/logo.svg\");

fn main() {
    let link: &str = concat!(\"<link rel=stylesheet href=\", url!(\"css/style.css\"), \">\");
    println!(\"{link} {LOGO} {:?}\", ASSETS.url(\"css/style.css\"));
    println!(\"{:?}\", LOGO.content_type().strip_prefix(\"image/\"));
}
";
    project.write("src/main.rs", program);
    assert_eq!(diagnostics(&project), [] as [String; 0]);

    // Lines are counted from zero.
    project.write(
        "src/main.rs",
        program.replace("asset!(\"img/logo.svg\")", "asset!(\"img/loge.svg\")"),
    );
    let found = diagnostics(&project);
    let named = found.iter().find(|found| found.contains("no asset is named `img/loge.svg`"));
    assert!(named.is_some_and(|found| found.contains("line: 3")), "{found:?}");
}

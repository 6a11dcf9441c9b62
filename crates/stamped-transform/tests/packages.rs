//! Compiles and minifies real packages. `tests/run` of the workspace fetches them and runs this test.

#![cfg(all(feature = "command", feature = "css", feature = "js", feature = "sass", unix))]

use lightningcss::stylesheet::{MinifyOptions, ParserOptions, PrinterOptions, StyleSheet};
use lightningcss::targets::{Browsers, Targets};
use stamped_build::{Bundle, Pipeline};
use stamped_transform::{command, css, js, sass};
use std::fs;
use std::path::PathBuf;

fn packages() -> PathBuf {
    std::env::var_os("STAMPED_SOURCES").expect("STAMPED_SOURCES is set").into()
}

fn text(bundle: &Bundle, name: &str) -> String {
    String::from_utf8(bundle.get(name).unwrap().bytes().unwrap().into_owned()).unwrap()
}

/// The rules of a style sheet, each written in one way, with the prefixes that old browsers need.
fn rules(css: &str) -> String {
    let browsers = Browsers {
        chrome: Some(60 << 16),
        firefox: Some(60 << 16),
        safari: Some(12 << 16),
        ios_saf: Some(12 << 16),
        ..Browsers::default()
    };
    let targets = Targets::from(browsers);
    let mut sheet = StyleSheet::parse(css, ParserOptions::default()).unwrap();
    // One file has the licence before `@charset`, where it counts as a comment of the file, and one behind.
    sheet.license_comments.clear();
    sheet.minify(MinifyOptions { targets, ..MinifyOptions::default() }).unwrap();
    sheet.to_css(PrinterOptions { targets, ..PrinterOptions::default() }).unwrap().code
}

/// Released files have more for old browsers, which another program has added: declarations with prefixes, and rules for
/// selectors that have one.
#[track_caller]
fn assert_same_rules(made: &str, released: &str) {
    let (made, released) = (rules(made), rules(released));
    let mut lines = released.lines();
    let missing = made.lines().find(|line| !lines.any(|released| released == *line));
    assert_eq!(missing, None, "this is not in the released file, or not in this order");
    let selectors = |css: &str| -> Vec<String> {
        let is_for_all = |line: &&str| {
            line.ends_with('{')
                && !["-moz-", "-webkit-", ":lang("].iter().any(|one| line.contains(one))
        };
        css.lines().filter(is_for_all).map(str::to_owned).collect()
    };
    assert_eq!(selectors(&made), selectors(&released));
}

#[test]
#[ignore = "needs the packages that tests/fetch-packages fetches, in STAMPED_SOURCES"]
fn the_sass_of_bootstrap_becomes_the_css_that_it_releases() {
    let packages = packages();
    let bundle = Pipeline::new(packages.join("bootstrap/scss"))
        .include("/{bootstrap,bootstrap-grid}.scss")
        // White space in custom properties counts, and the released files are not minified.
        .transform_with(sass().minify(false))
        .process()
        .unwrap();
    for (name, released) in [
        ("bootstrap.css", "bootstrap/dist/css/bootstrap.css"),
        ("bootstrap-grid.css", "bootstrap/dist/css/bootstrap-grid.css"),
    ] {
        println!("{name}");
        assert_same_rules(
            &text(&bundle, name),
            &fs::read_to_string(packages.join(released)).unwrap(),
        );
    }
}

#[test]
#[ignore = "needs the packages that tests/fetch-packages fetches, in STAMPED_SOURCES, and `sass` in STAMPED_TOOLS"]
fn dart_sass_makes_the_css_that_bulma_releases() {
    let bulma = packages().join("bulma");
    let tools = std::env::var("STAMPED_TOOLS").expect("STAMPED_TOOLS is set");
    let program = format!("{tools}/node_modules/.bin/sass");
    let load_path = format!("--load-path={}", bulma.display());
    // As docs/transforms.md has it, but with the white space of the released file.
    let dart_sass = command("*.scss", [&program, "--stdin", "--style=expanded", &load_path])
        .rename("scss", "css")
        .reads(&bulma);
    let bundle = Pipeline::new(&bulma)
        .include("/bulma.scss")
        .exclude("_*.scss")
        .transform_with(dart_sass)
        .process()
        .unwrap();
    let released = fs::read_to_string(bulma.join("css/bulma.css")).unwrap();
    assert_same_rules(&text(&bundle, "bulma.css"), &released);
}

/// Files, and those that their packages have minified.
const MINIFIED: [(&str, &str); 8] = [
    ("bootstrap/dist/css/bootstrap.css", "bootstrap/dist/css/bootstrap.min.css"),
    ("bulma/css/bulma.css", "bulma/css/bulma.min.css"),
    ("fortawesome-fontawesome-free/css/all.css", "fortawesome-fontawesome-free/css/all.min.css"),
    ("jquery/dist/jquery.js", "jquery/dist/jquery.min.js"),
    ("bootstrap/dist/js/bootstrap.bundle.js", "bootstrap/dist/js/bootstrap.bundle.min.js"),
    ("bootstrap/dist/js/bootstrap.esm.js", "bootstrap/dist/js/bootstrap.esm.min.js"),
    ("three/build/three.core.js", "three/build/three.core.min.js"),
    ("three/build/three.module.js", "three/build/three.module.min.js"),
];

#[test]
#[ignore = "needs the packages that tests/fetch-packages fetches, in STAMPED_SOURCES"]
fn what_is_minified_is_about_as_short_as_what_packages_release() {
    let packages = packages();
    let pipeline = Pipeline::new(&packages).transform_with(css()).transform_with(js());
    let pipeline = MINIFIED.iter().fold(pipeline, |it, (name, _)| it.include(format!("/{name}")));
    let bundle = pipeline.references(stamped_build::References::Leave).process().unwrap();
    for (name, released) in MINIFIED {
        let length = |path: &str| fs::metadata(packages.join(path)).unwrap().len();
        let (source, made) = (length(name), bundle.get(name).unwrap().size());
        let released = length(released);
        println!("{name}: {source} bytes, minified {made}, by the package {released}");
        assert!(made * 100 <= released * 105, "{name}");
    }
}

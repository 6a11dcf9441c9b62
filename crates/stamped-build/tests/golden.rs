//! Compares the generated files with expected ones. If they differ, the test writes the new version there and
//! fails, so that a person can look at the change.

use stamped_build::{Embed, Pipeline, References, Stamp};
use stamped_test_support::Dir;
use std::fs;
use std::path::Path;

#[track_caller]
fn is_as_expected(name: &str, generated: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/expected").join(name);
    let expected = fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
    if generated != expected {
        stamped_test_support::write(&path, generated);
        panic!("{} was not as generated; it has been rewritten", path.display());
    }
}

fn pipeline() -> Pipeline {
    Pipeline::new("no such folder")
        .allow_missing(true)
        .stamp(Stamp::Fixed(1_452_929_749))
        .file("css/style.css", "a{}")
        .file("img/\u{56fe} \"1\".png", b"\xff".as_slice())
        .file("robots.txt", "User-agent: *\n")
}

/// Writes the bundle and returns the generated code, and the text and binary contents.
fn written(pipeline: Pipeline) -> (String, [Option<Vec<u8>>; 2]) {
    let dir = Dir::new();
    pipeline.process().unwrap().write_to(&dir).unwrap();
    let folder = dir.join("stamped");
    let contents = ["assets.text", "assets.binary"].map(|file| fs::read(folder.join(file)).ok());
    (fs::read_to_string(folder.join("assets.rs")).unwrap(), contents)
}

#[test]
fn contents_are_included() {
    let (code, contents) = written(pipeline());
    is_as_expected("assets.rs", &code);
    assert_eq!(contents, [Some(b"a{}User-agent: *\n".to_vec()), Some(b"\xff".to_vec())]);
}

#[test]
fn each_asset_is_a_constant() {
    let (code, _) = written(pipeline().embed(Embed::Nothing).constants(true));
    is_as_expected("constants.rs", &code);
}

#[test]
fn contents_are_left_out() {
    let (code, contents) = written(pipeline().embed(Embed::Nothing));
    is_as_expected("nothing.rs", &code);
    assert_eq!(contents, [Some(Vec::new()), Some(Vec::new())]);
}

/// Cargo sets the target for build scripts but not for tests, so this runs itself again.
#[test]
fn contents_are_placed_by_the_linker() {
    const AGAIN: &str = "STAMPED_TEST_LINKED";
    if std::env::var_os(AGAIN).is_none() {
        let again = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "contents_are_placed_by_the_linker"])
            .env(AGAIN, "1")
            .env("CARGO_CFG_TARGET_ARCH", "x86_64")
            .env("CARGO_CFG_TARGET_ENDIAN", "little")
            .env("CARGO_CFG_TARGET_OS", "linux")
            .env("CARGO_CFG_TARGET_POINTER_WIDTH", "64")
            .output()
            .unwrap();
        assert!(again.status.success(), "{}", String::from_utf8_lossy(&again.stdout));
        return;
    }
    let (code, contents) = written(pipeline().embed(Embed::Linked));
    is_as_expected("linked.rs", &code);
    assert_eq!(contents, [None, None]);
}

#[test]
fn an_import_map_leads_to_stamped_modules() {
    let assets = pipeline()
        .references(References::ImportMap)
        .file("js/app.js", "import './lib.js'; import './sub/a b.js';")
        .file("js/lib.js", "export {};")
        .file("js/sub/a b.js", "import '../lib.js';")
        .process()
        .unwrap()
        .leak()
        .unwrap();
    assert_eq!(assets.get("js/app.js").unwrap().text().unwrap().matches("1452929749").count(), 0);
    // One value per line, so that a person can read the change.
    let map = assets.import_map().replace("\",\"", "\",\n\"").replace('{', "{\n") + "\n";
    is_as_expected("import_map.json", &map);
}

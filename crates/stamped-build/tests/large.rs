//! Tests files that are too large to be held: all that is said of them is about the same bytes.

use stamped_build::{Encoding, Error, ErrorKind, Pipeline, Stamp};
use stamped_test_support::Dir;
use std::fs::{self, File};
use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};

/// Larger than what is held, and than a block.
const LARGE: usize = 700_000;
const TIME: u64 = 1_452_929_749;

fn noise(length: usize) -> Vec<u8> {
    let mut state = 1_u32;
    let next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()[0]
    };
    std::iter::repeat_with(next).take(length).collect()
}

fn sheet(picture: &str) -> String {
    format!("/*{}*/a{{b:url({picture})}}", "\u{56fe} ".repeat(LARGE / 4))
}

/// Writes other bytes, but leaves the length and the time as they are.
fn change_secretly(path: &Path) {
    let mut bytes = fs::read(path).unwrap();
    bytes[LARGE / 2] ^= 1;
    fs::write(path, bytes).unwrap();
    let time = UNIX_EPOCH + Duration::from_secs(TIME);
    File::options().write(true).open(path).unwrap().set_modified(time).unwrap();
}

#[test]
fn what_is_said_of_a_file_does_not_depend_on_whether_it_is_held() {
    let dir = Dir::new();
    dir.write_at(TIME, "a.png", noise(LARGE));
    dir.write_at(TIME, "a.css", sheet("a.png"));
    dir.write_at(TIME, "plain.txt", "caf\u{e9} ".repeat(LARGE / 6));
    dir.write_at(TIME, "latin1.txt", [&*vec![b'a'; LARGE], b"\xe9"].concat());
    dir.write_at(TIME, "data.json", "[1,2,3] ".repeat(LARGE / 8));
    let pipeline = || {
        let encodings = [Encoding::gzip().level(1)];
        Pipeline::new(dir.path()).stamp(Stamp::Content).encodings(encodings)
    };
    let let_go = pipeline().process().unwrap();
    // What a function may change is held.
    let held = pipeline().transform("*", |_| Ok(())).process().unwrap();
    assert_eq!(let_go.assets().len(), 5);
    for (a, b) in let_go.assets().iter().zip(held.assets()) {
        let name = a.name();
        assert_eq!((name, a.url(), a.size()), (b.name(), b.url(), b.size()));
        assert_eq!((a.integrity(), a.etag()), (b.integrity(), b.etag()), "{name}");
        assert_eq!((a.content_type(), a.last_modified()), (b.content_type(), b.last_modified()));
        assert!(a.bytes().unwrap() == b.bytes().unwrap(), "{name}");
        assert!(a.encodings().eq(b.encodings()), "{name}");
    }
    assert_eq!(let_go.get("latin1.txt").unwrap().content_type(), "text/plain");
    let rewritten = let_go.get("a.css").unwrap().bytes().unwrap();
    let picture = let_go.get("a.png").unwrap().path();
    assert!(String::from_utf8_lossy(&rewritten).ends_with(&format!("url({picture})}}")));
    let assets = let_go.leak().unwrap();
    assert!(held.differences(&assets).is_empty());
    for asset in assets {
        assert!(asset.bytes() == &*held.get(asset.name()).unwrap().bytes().unwrap(), "{asset}");
    }
}

#[test]
fn a_file_that_changes_during_the_build_is_an_error_that_names_it() {
    let dir = Dir::new();
    let made = dir.write_at(TIME, "assets/a.png", noise(LARGE));
    #[expect(clippy::type_complexity, reason = "a list of what needs the bytes")]
    let uses: &[(&str, fn(&stamped_build::Bundle, &Dir) -> Result<(), Error>)] = &[
        ("bytes", |bundle, _| bundle.get("a.png").unwrap().bytes().map(drop)),
        ("leak", |bundle, _| bundle.leak().map(drop)),
        ("write_to", |bundle, _| bundle.write_to(Dir::new())),
        #[cfg(feature = "export")]
        ("export", |bundle, dir| {
            bundle.export(&stamped_build::Export::new(dir.join("out"))).map(drop)
        }),
    ];
    for (what, uses) in uses {
        let bundle = Pipeline::new(dir.join("assets")).process().unwrap();
        uses(&bundle, &dir).unwrap_or_else(|error| panic!("{what}: {error}"));
        fs::remove_dir_all(dir.join("out")).ok();
        change_secretly(&made);
        let error = uses(&bundle, &dir).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ChangedWhileRead, "{what}");
        assert!(error.to_string().contains("a.png` changed during the build"), "{what}: {error}");
        assert!(!dir.join("out").exists(), "{what}: a trace of it is left");

        let bundle = Pipeline::new(dir.join("assets")).process().unwrap();
        fs::rename(&made, dir.join("away")).unwrap();
        let error = uses(&bundle, &dir).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unreadable, "{what}: {error}");
        fs::rename(dir.join("away"), &made).unwrap();
    }
}

/// The function runs after all files were hashed, and before they are scanned and compressed.
#[test]
fn a_file_that_changes_before_it_is_scanned_or_compressed_is_an_error() {
    let dir = Dir::new();
    dir.write_at(TIME, "hook.txt", "");
    for (name, bytes) in [("a.css", sheet("a.png")), ("a.json", "[1,2,3] ".repeat(LARGE / 8))] {
        let path = dir.write_at(TIME, name, bytes);
        let hook = path.clone();
        let error = Pipeline::new(dir.path())
            .encodings([Encoding::gzip()])
            .transform("hook.txt", move |_| {
                change_secretly(&hook);
                Ok(())
            })
            .process()
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ChangedWhileRead, "{name}");
        assert!(error.to_string().contains(name), "{error}");
        fs::remove_file(path).unwrap();
    }
}

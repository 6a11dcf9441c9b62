//! Tests encodings from the folder to the program, and the cache between builds.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests are tests")]

use stamped_build::{Bundle, Coding, Embed, Encoding, Pipeline, Progress, Stage};
use stamped_test_support::Dir;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, Mutex};

/// A package in a folder of its own.
struct Package(Dir);

impl Package {
    /// One with assets in `assets`, and a target folder as cargo makes it.
    fn new() -> Self {
        let package = Package(Dir::new());
        package.0.write("assets/css/style.css", css().as_bytes());
        package.0.write("assets/css/copy.css", css().as_bytes());
        package.0.write("assets/img/stamp.png", css().as_bytes());
        package.0.write("assets/empty.css", b"");
        package.0.write("target/CACHEDIR.TAG", b"");
        package
    }

    fn pipeline(&self) -> Pipeline {
        Pipeline::new(self.0.join("assets")).encodings([Encoding::brotli(), Encoding::gzip()])
    }

    /// Starts a build script of this package.
    fn start(&self, profile: &str, out_dir: &str, cache: Option<&Path>) -> Child {
        let out_dir = self.0.join(out_dir);
        fs::create_dir_all(&out_dir).unwrap();
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", "build_script", "--nocapture"]);
        command.env("STAMPED_TEST_BUILD_SCRIPT", "1").env("CARGO_MANIFEST_DIR", self.0.path());
        command.env("PROFILE", profile).env("OUT_DIR", &out_dir).env_remove("STAMPED_CACHE");
        command.envs(cache.map(|cache| ("STAMPED_CACHE", cache)));
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }

    fn build(&self, profile: &str, out_dir: &str, cache: Option<&Path>) -> String {
        said(self.start(profile, out_dir, cache).wait_with_output().unwrap())
    }

    /// The files below a folder of this one.
    fn files(&self, folder: &str) -> BTreeMap<PathBuf, Vec<u8>> {
        let root = self.0.join(folder);
        let entries = walkdir::WalkDir::new(&root).into_iter().filter_map(Result::ok);
        let files = entries.filter(|entry| entry.file_type().is_file());
        files
            .map(|file| {
                let name = file.path().strip_prefix(&root).unwrap().to_owned();
                (name, fs::read(file.path()).unwrap())
            })
            .collect()
    }
}

/// The instructions of a build script to cargo.
fn said(output: Output) -> String {
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    text
}

fn css() -> String {
    (0..300).map(|number| format!(".stamp-{number} {{ order: {number} }}\n")).collect()
}

fn decoded(coding: Coding, bytes: &[u8]) -> Vec<u8> {
    use std::io::Read as _;
    let mut decoded = Vec::new();
    match coding {
        Coding::Brotli => {
            brotli_decompressor::Decompressor::new(bytes, 4096).read_to_end(&mut decoded).unwrap();
        }
        Coding::Gzip => {
            flate2::read::GzDecoder::new(bytes).read_to_end(&mut decoded).unwrap();
        }
        other => panic!("{other:?}"),
    }
    decoded
}

fn encodings(bundle: &Bundle) -> Vec<(&str, Coding, &[u8])> {
    bundle
        .assets()
        .iter()
        .flat_map(|asset| asset.encodings().map(|(coding, bytes)| (asset.name(), coding, bytes)))
        .collect()
}

/// The build script of the packages above. As a test of its own it does nothing.
#[test]
fn build_script() {
    if std::env::var_os("STAMPED_TEST_BUILD_SCRIPT").is_some() {
        Pipeline::new("assets").bake().unwrap();
    }
}

#[test]
fn a_program_has_the_encodings_behind_the_identity() {
    let package = Package::new();
    let assets = package.pipeline().process().unwrap().leak().unwrap();
    let style = assets.get("css/style.css").unwrap();
    let representations: Vec<_> = style.representations().collect();
    assert_eq!(representations.len(), 3);
    assert_eq!(representations[0].coding(), Coding::Identity);
    assert_eq!(representations[0].text(), Some(&*css()));
    let tag = style.etag().trim_end_matches('"');
    for one in &representations[1..] {
        assert_eq!(decoded(one.coding(), one.bytes()), css().as_bytes());
        assert_eq!(one.etag(), format!("{tag}-{}\"", one.coding().token()));
        assert_eq!(one.content_length(), one.bytes().len().to_string());
        assert_eq!(one.text(), None);
        assert!(one.bytes().len() * 100 <= css().len() * 95);
    }
    assert!(representations[1].bytes().len() <= representations[2].bytes().len());

    let copy = assets.get("css/copy.css").unwrap();
    for (one, other) in style.representations().zip(copy.representations()) {
        assert_eq!(one.bytes().as_ptr(), other.bytes().as_ptr(), "stored once");
    }
    for name in ["img/stamp.png", "empty.css"] {
        assert_eq!(assets.get(name).unwrap().representations().len(), 1, "{name}");
    }
}

#[test]
fn without_contents_there_are_no_representations() {
    let package = Package::new();
    let bundle = package.pipeline().embed(Embed::Nothing).process().unwrap();
    assert_eq!(encodings(&bundle).len(), 4, "an export has them");
    let assets = bundle.leak().unwrap();
    assert!(assets.iter().all(|asset| asset.representations().len() == 0));
}

#[test]
fn outside_of_a_build_script_there_are_none_unless_asked_for() {
    let package = Package::new();
    let bundle = Pipeline::new(package.0.join("assets")).process().unwrap();
    assert_eq!(encodings(&bundle), []);
    let bundle = package.pipeline().encodings([]).process().unwrap();
    assert_eq!(encodings(&bundle), []);
}

#[test]
fn with_and_without_a_cache_the_bytes_are_the_same() {
    let package = Package::new();
    let cache = package.0.join("cache");
    let without = package.pipeline().process().unwrap();
    let cold = package.pipeline().cache(&cache).process().unwrap();
    let entries = package.files("cache");
    let warm = package.pipeline().cache(&cache).process().unwrap();
    assert_eq!(encodings(&without).len(), 4);
    assert_eq!(encodings(&without), encodings(&cold));
    assert_eq!(encodings(&without), encodings(&warm));
    assert_eq!(package.files("cache"), entries);
}

#[test]
fn a_release_build_stores_encodings_and_a_debug_build_none() {
    let package = Package::new();
    let out = |profile: &str| format!("target/{profile}/build/p-0123456789abcdef/out");
    for profile in ["debug", "release"] {
        let said = package.build(profile, &out(profile), None);
        assert!(said.contains("cargo::rerun-if-env-changed=STAMPED_CACHE"), "{said}");
        assert!(!said.contains("cargo::warning"), "{said}");
    }
    let debug = package.files(&out("debug"));
    let release = package.files(&out("release"));
    let binary = Path::new("stamped/assets.binary");
    assert_eq!(debug[binary], b"");
    assert_ne!(release[binary], b"");
    let text = Path::new("stamped/assets.text");
    assert_eq!(debug[text], release[text]);
    assert!(!package.files("target/stamped-cache").is_empty());
}

#[test]
fn much_work_for_a_compressor_that_is_not_optimised_is_less_thorough_with_one_warning() {
    let package = Package::new();
    let large = css().repeat(800);
    assert!(large.len() > 5_000_000);
    package.0.write("assets/large.css", large.as_bytes());
    for out in ["first/out", "second/out"] {
        let said = package.build("release", out, Some(Path::new("kept")));
        assert_eq!(said.matches("cargo::warning").count(), 1, "{said}");
        assert!(
            said.contains("brotli 9 instead of 11") && said.contains(".opt-level = 3"),
            "{said}"
        );
    }
    let [first, second] = ["first", "second"]
        .map(|out| package.files(out).remove(Path::new("out/stamped/assets.binary")));
    assert!(first.is_some() && first == second);
}

#[test]
fn clean_builds_with_one_cache_are_equal_to_the_byte() {
    let package = Package::new();
    // Relative to the package.
    let cache = Some(Path::new("kept"));
    package.build("release", "first/out", cache);
    let entries = package.files("kept");
    assert!(!entries.is_empty());
    package.build("release", "second/out", cache);
    assert_eq!(package.files("first"), package.files("second"));
    assert_eq!(package.files("kept"), entries);
    package.build("release", "third/out", Some(&package.0.join("other")));
    assert_eq!(package.files("first"), package.files("third"));
}

#[test]
fn builds_share_a_cache_while_they_run() {
    let package = Package::new();
    let cache = package.0.join("cache");
    let outs = ["a", "b", "c", "d"];
    let running: Vec<_> =
        outs.map(|out| package.start("release", out, Some(&cache))).into_iter().collect();
    for child in running {
        let said = said(child.wait_with_output().unwrap());
        assert!(!said.contains("cargo::warning"), "{said}");
    }
    for out in &outs[1..] {
        assert_eq!(package.files(outs[0]), package.files(out));
    }
}

#[test]
fn a_cache_that_cannot_be_written_is_one_warning() {
    let package = Package::new();
    package.0.write("file", b"");
    let said = package.build("release", "out", Some(Path::new("file")));
    assert_eq!(said.matches("cargo::warning").count(), 1, "{said}");
    assert!(said.contains("STAMPED_CACHE"), "{said}");
    assert_ne!(package.files("out")[Path::new("stamped/assets.binary")], b"");
}

#[test]
fn progress_goes_from_nothing_to_each_content_once_for_each_coding() {
    let package = Package::new();
    let total = 2 * css().len() as u64;
    for run in ["compressed", "from the cache"] {
        let told = Arc::new(Mutex::new(Vec::new()));
        let list = Arc::clone(&told);
        let pipeline = package.pipeline().cache(package.0.join("cache"));
        pipeline.progress(move |progress| list.lock().unwrap().push(progress)).process().unwrap();
        let told = told.lock().unwrap();
        let all = |progress: &Progress| (progress.stage, progress.total) == (Stage::Encode, total);
        assert!(told.iter().all(all), "{run}: {told:?}");
        let done: Vec<u64> = told.iter().map(|progress| progress.done).collect();
        assert_eq!(done, [0, total / 2, total], "{run}");
    }
}

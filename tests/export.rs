//! Runs `stamped build`, and checks the folder that it writes and the earlier versions that it keeps.

use base64::Engine as _;
use serde_json::Value;
use stamped_test_support::Dir;
use std::collections::BTreeSet;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, UNIX_EPOCH};

/// A folder with `assets` and, once built, `out`.
struct Site(Dir);

impl Site {
    fn new(name: &str) -> Self {
        let dir = Dir::at(Path::new(env!("CARGO_TARGET_TMPDIR")).join("export").join(name));
        dir.mkdirp("assets");
        Site(dir)
    }

    fn path(&self, path: &str) -> PathBuf {
        self.0.join(path)
    }

    fn write(&self, path: &str, bytes: impl AsRef<[u8]>) {
        self.0.write(path, bytes);
    }

    /// Writes a file of this modification time.
    fn write_at(&self, seconds: u64, path: &str, bytes: impl AsRef<[u8]>) {
        self.0.write_at(seconds, path, bytes);
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_stamped"));
        command.arg("build").arg(self.path("assets")).arg("--out").arg(self.path("out"));
        command.args(arguments).env_remove("SOURCE_DATE_EPOCH").env_remove("STAMPED_CACHE");
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// Builds, looks whether all is as the manifest says, and gives the manifest.
    #[track_caller]
    fn build(&self, arguments: &[&str]) -> Value {
        let output = self.run(arguments);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        self.check()
    }

    /// What a build says that fails, which leaves no trace.
    #[track_caller]
    fn fails(&self, arguments: &[&str]) -> String {
        let before = self.all();
        let output = self.run(arguments);
        assert_eq!(output.status.code(), Some(1));
        assert_eq!(self.all(), before);
        String::from_utf8(output.stderr).unwrap()
    }

    /// Compares every file that the manifest names with what it says of it.
    #[track_caller]
    fn check(&self) -> Value {
        let text = fs::read(self.path("out/manifest.json")).unwrap();
        let manifest: Value = serde_json::from_slice(&text).unwrap();
        assert_eq!(manifest["version"], 1);
        let tree = match manifest["mount"].as_str().unwrap() {
            "/" => "out/root".to_owned(),
            mount => format!("out{mount}"),
        };
        for (name, asset) in manifest["assets"].as_object().unwrap() {
            self.check_file(&tree, asset["path"].as_str().unwrap(), asset);
            self.check_file(&tree, name, asset);
        }
        for version in manifest["retired"].as_array().unwrap() {
            self.check_file(&tree, version["path"].as_str().unwrap(), version);
        }
        manifest
    }

    #[track_caller]
    fn check_file(&self, tree: &str, path: &str, asset: &Value) {
        let path = format!("{tree}/{path}");
        let bytes = fs::read(self.path(&path)).expect(&path);
        let digest = ring::digest::digest(&ring::digest::SHA384, &bytes);
        let digest = base64::engine::general_purpose::STANDARD.encode(digest);
        assert_eq!(asset["integrity"], format!("sha384-{digest}"), "{path}");
        assert_eq!(asset["size"], bytes.len(), "{path}");
        for (coding, length) in asset["encodings"].as_object().unwrap() {
            let extension = if coding == "gzip" { "gz" } else { coding };
            let encoded = fs::read(self.path(&format!("{path}.{extension}"))).expect(&path);
            assert_eq!(*length, encoded.len(), "{path}");
            assert_eq!(decode(coding, &encoded), bytes, "{path}");
        }
    }

    /// The paths of all files in the output.
    fn files(&self) -> BTreeSet<String> {
        fn walk(folder: &Path, prefix: &str, files: &mut BTreeSet<String>) {
            for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
                let path = format!("{prefix}{}", entry.file_name().to_str().unwrap());
                match entry.file_type().unwrap().is_dir() {
                    true => walk(&entry.path(), &format!("{path}/"), files),
                    false => drop(files.insert(path)),
                }
            }
        }
        let mut files = BTreeSet::new();
        if self.path("out").is_dir() {
            walk(&self.path("out"), "", &mut files);
        }
        files
    }

    /// The output with its bytes, and the names of what lies beside it.
    fn all(&self) -> (Vec<(String, Vec<u8>)>, BTreeSet<std::ffi::OsString>) {
        let read = |file: String| {
            let bytes = fs::read(self.path("out").join(&file)).unwrap();
            (file, bytes)
        };
        let beside = fs::read_dir(&self.0).unwrap().map(|entry| entry.unwrap().file_name());
        (self.files().into_iter().map(read).collect(), beside.collect())
    }

    fn has(&self, path: &str) -> bool {
        self.path(path).exists()
    }
}

fn decode(coding: &str, encoded: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    match coding {
        "br" => brotli_decompressor::Decompressor::new(encoded, 4096).read_to_end(&mut bytes),
        "gzip" => flate2::read::GzDecoder::new(encoded).read_to_end(&mut bytes),
        other => panic!("{other}"),
    }
    .unwrap();
    bytes
}

/// The paths of the earlier versions, as the manifest lists them.
fn retired(manifest: &Value) -> Vec<&str> {
    let retired = manifest["retired"].as_array().unwrap().iter();
    retired.map(|version| version["path"].as_str().unwrap()).collect()
}

fn long(text: &str) -> String {
    format!("/* {text} */\n").repeat(100)
}

#[test]
fn every_asset_lies_under_its_stamped_path_and_its_name_with_encodings_beside_both() {
    let site = Site::new("layout");
    site.write_at(1_452_929_749, "assets/css/style.css", long("style"));
    site.write_at(1_452_929_749, "assets/img/图 1.png", "\u{0}");
    site.write_at(1_452_929_749, "assets/空.txt", "");
    site.write_at(1_452_929_749, "assets/LICENSE", "x");
    site.write_at(1_452_929_749, "assets/robots.txt", long("robots"));
    site.write_at(1_452_929_749, "assets/dist/app-1a2b3c4d.js", long("app"));
    let manifest = site.build(&["--prestamped", "dist/*"]);
    let expected = [
        "importmap.json",
        "manifest.json",
        "static/LICENSE",
        "static/LICENSE.1452929749",
        "static/css/style.1452929749.css",
        "static/css/style.1452929749.css.br",
        "static/css/style.1452929749.css.gz",
        "static/css/style.css",
        "static/css/style.css.br",
        "static/css/style.css.gz",
        "static/dist/app-1a2b3c4d.js",
        "static/dist/app-1a2b3c4d.js.br",
        "static/dist/app-1a2b3c4d.js.gz",
        "static/img/图 1.1452929749.png",
        "static/img/图 1.png",
        "static/robots.txt",
        "static/robots.txt.br",
        "static/robots.txt.gz",
        "static/空.1452929749.txt",
        "static/空.txt",
    ];
    assert_eq!(site.files(), BTreeSet::from(expected.map(str::to_owned)));

    assert_eq!(manifest["mount"], "/static");
    let assets = &manifest["assets"];
    let style = &assets["css/style.css"];
    assert_eq!(style["path"], "css/style.1452929749.css");
    assert_eq!(style["url"], "/static/css/style.1452929749.css");
    assert_eq!(style["stamp"], "1452929749");
    assert_eq!(style["type"], "text/css; charset=utf-8");
    assert_eq!(assets["img/图 1.png"]["url"], "/static/img/%E5%9B%BE%201.1452929749.png");
    assert_eq!(assets["空.txt"]["size"], 0);
    assert!(assets["robots.txt"]["stamp"].is_null());
    assert_eq!(assets["robots.txt"].get("prestamped"), None);
    assert_eq!(assets["dist/app-1a2b3c4d.js"]["prestamped"], true);

    let text = fs::read_to_string(site.path("out/manifest.json")).unwrap();
    let names: Vec<&str> =
        text.lines().filter_map(|line| Some(line.split_once("\":{")?.0)).skip(1).collect();
    assert!(names.len() == 6 && names.is_sorted(), "{text}");
    let import_map = fs::read(site.path("out/importmap.json")).unwrap();
    assert!(serde_json::from_slice::<Value>(&import_map).unwrap()["imports"].is_object());
}

#[test]
fn references_are_rewritten_and_told() {
    let site = Site::new("references");
    site.write_at(1_452_929_749, "assets/style.css", "a{background:url(a.png)}");
    site.write_at(1_452_929_749, "assets/a.png", "x");
    let manifest = site.build(&[]);
    let style = &manifest["assets"]["style.css"];
    assert_eq!(style["references"], serde_json::json!(["a.png"]));
    let path = site.path("out/static").join(style["path"].as_str().unwrap());
    assert_eq!(fs::read_to_string(path).unwrap(), "a{background:url(a.1452929749.png)}");
}

#[test]
fn the_mount_is_a_folder_and_the_root_is_one_too() {
    let site = Site::new("mount");
    site.write_at(1_452_929_749, "assets/a.css", "a");
    assert_eq!(site.build(&["--mount", "/x/y"])["assets"]["a.css"]["url"], "/x/y/a.1452929749.css");
    assert!(site.has("out/x/y/a.css"));

    // Pages of the last build ask for what was mounted elsewhere.
    let manifest = site.run(&["--mount", "/"]);
    assert!(manifest.status.success());
    assert!(site.has("out/root/a.1452929749.css") && site.has("out/x/y/a.1452929749.css"));
    assert!(!site.has("out/x/y/a.css"));

    assert!(site.fails(&["--mount", "/manifest.json"]).contains("cannot be the mount"));
}

#[cfg(unix)]
#[test]
fn equal_files_are_hard_links_and_unchanged_ones_are_not_written_again() {
    use std::os::unix::fs::MetadataExt as _;
    let site = Site::new("links");
    site.write_at(1_452_929_749, "assets/a.css", long("a"));
    site.write_at(1_452_929_749, "assets/b.css", long("b"));
    let inode = |path: &str| fs::metadata(site.path(path)).unwrap().ino();
    site.build(&[]);
    let (a, br) = (inode("out/static/a.css"), inode("out/static/a.css.br"));
    assert_eq!(inode("out/static/a.1452929749.css"), a);
    assert_eq!(inode("out/static/a.1452929749.css.br"), br);

    site.write_at(1_452_929_750, "assets/b.css", long("c"));
    let output = site.run(&["--json"]);
    let done: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        (&done["assets"], &done["files"], &done["written"]),
        (&2.into(), &12.into(), &3.into())
    );
    assert_eq!((&done["kept"], &done["removed"]), (&1.into(), &0.into()));
    assert_eq!(done["manifest"], site.path("out/manifest.json").to_str().unwrap());
    site.check();
    assert_eq!((inode("out/static/a.css"), inode("out/static/a.css.br")), (a, br));
}

#[test]
fn files_have_the_time_of_their_asset_because_web_servers_make_tags_of_it() {
    let site = Site::new("times");
    site.write_at(1_452_929_749, "assets/a.css", long("a"));
    site.build(&[]);
    for file in ["a.css", "a.css.br", "a.1452929749.css.gz"] {
        let time = fs::metadata(site.path("out/static").join(file)).unwrap().modified().unwrap();
        assert_eq!(time, UNIX_EPOCH + Duration::from_secs(1_452_929_749), "{file}");
    }
}

#[test]
fn a_file_that_was_edited_in_the_output_is_made_anew() {
    let site = Site::new("edited");
    site.write("assets/a.css", long("a"));
    site.build(&["--stamp", "content"]);
    site.write("out/static/a.css.br", "not brotli");
    site.write("out/static/a.css", long("b"));
    site.build(&["--stamp", "content"]);
}

#[test]
fn so_many_versions_of_each_asset_are_kept() {
    let site = Site::new("keep");
    site.write_at(1, "assets/other.css", "x");
    for seconds in 101..=105 {
        site.write_at(seconds, "assets/a.css", long(&seconds.to_string()));
        site.build(&["--keep", "2", "--keep-for", "0s"]);
    }
    let manifest = site.check();
    assert_eq!(retired(&manifest), ["a.104.css", "a.103.css"]);
    assert!(site.has("out/static/a.103.css.br") && site.has("out/static/a.103.css.gz"));
    assert!(!site.has("out/static/a.102.css") && !site.has("out/static/a.102.css.br"));
    assert!(manifest["retired"][0]["retired"].as_u64().unwrap() > 1_700_000_000);

    // A version that comes back is no longer an earlier one.
    site.write_at(103, "assets/a.css", long("103"));
    let manifest = site.build(&["--keep", "2", "--keep-for", "0s"]);
    assert_eq!(manifest["assets"]["a.css"]["path"], "a.103.css");
    assert_eq!(retired(&manifest), ["a.105.css", "a.104.css"]);

    let manifest = site.build(&["--keep", "0", "--keep-for", "0s"]);
    assert_eq!(retired(&manifest), [""; 0]);
    assert!(!site.has("out/static/a.105.css") && site.has("out/static/a.103.css"));
}

#[test]
fn versions_are_kept_for_a_time_from_when_they_were_replaced() {
    let site = Site::new("keep-for");
    for seconds in 101..=104 {
        site.write_at(seconds, "assets/a.css", "a");
        site.build(&["--keep", "0", "--keep-for", "1h"]);
    }
    // Whatever their own times say, they were all replaced just now.
    assert_eq!(retired(&site.check()).len(), 3);

    // As if one had been replaced two hours ago.
    let path = site.path("out/manifest.json");
    let mut manifest = fs::read_to_string(&path).unwrap();
    let line = manifest.lines().find(|line| line.contains("a.102.css")).unwrap().to_owned();
    let (front, since) = line.rsplit_once(':').unwrap();
    let since: u64 = since.trim_end_matches(['}', ',']).parse().unwrap();
    let comma = if line.ends_with(',') { "," } else { "" };
    manifest = manifest.replace(&line, &format!("{front}:{}}}{comma}", since - 7200));
    fs::write(&path, manifest).unwrap();
    let manifest = site.build(&["--keep", "0", "--keep-for", "1h"]);
    let mut kept = retired(&manifest);
    kept.sort_unstable();
    assert_eq!(kept, ["a.101.css", "a.103.css"]);
    assert!(!site.has("out/static/a.102.css"));
}

#[test]
fn a_removed_asset_is_an_earlier_version_and_its_name_is_gone() {
    let site = Site::new("removed");
    site.write_at(101, "assets/a.css", long("a"));
    site.write_at(101, "assets/b.css", "b");
    site.write_at(101, "assets/robots.txt", "r");
    site.write_at(101, "assets/app-1.js", "1");
    site.build(&["--prestamped", "app-*"]);
    for removed in ["a.css", "robots.txt", "app-1.js"] {
        fs::remove_file(site.path("assets").join(removed)).unwrap();
    }
    site.write_at(101, "assets/app-2.js", "2");
    let manifest = site.build(&["--prestamped", "app-*"]);
    assert_eq!(retired(&manifest), ["a.101.css", "app-1.js"]);
    assert!(site.has("out/static/a.101.css.br") && !site.has("out/static/a.css"));
    assert!(!site.has("out/static/robots.txt"));

    // A bundler's names are never counted: each would be the first of its own.
    let manifest = site.build(&["--prestamped", "app-*", "--keep", "5", "--keep-for", "0s"]);
    assert_eq!(retired(&manifest), ["a.101.css"]);
}

#[test]
fn an_earlier_version_that_is_damaged_or_in_the_way_is_given_up() {
    let site = Site::new("damaged");
    for seconds in [101, 102, 103] {
        site.write_at(seconds, "assets/a.css", "a");
        site.build(&[]);
    }
    site.write("out/static/a.101.css", "b");
    site.write_at(104, "assets/a.102.css", "an asset of this name");
    let output = site.run(&["--plain", "a.102.css"]);
    assert!(output.status.success());
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("a.101.css"), "{said}");
    assert_eq!(retired(&site.check()), [""; 0]);
    assert!(!site.has("out/static/a.101.css"));
}

#[test]
fn an_asset_goes_before_an_encoding_of_another() {
    let site = Site::new("precompressed");
    site.write("assets/a.js", long("a"));
    site.write("assets/a.js.gz", "by hand");
    for _ in 0..2 {
        let output = site.run(&["--stamp", "7"]);
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(
            output.status.success() && said.contains("`static/a.7.js.gz` is an asset"),
            "{said}"
        );
        let manifest = site.check();
        assert_eq!(manifest["assets"]["a.js"]["encodings"].get("gzip"), None);
        assert!(manifest["assets"]["a.js"]["encodings"]["br"].is_u64());
        assert_eq!(fs::read(site.path("out/static/a.js.gz")).unwrap(), b"by hand");
    }
}

#[test]
fn what_others_have_put_there_stays() {
    let site = Site::new("foreign");
    site.write("assets/a.css", "a");
    site.build(&[]);
    site.write("out/.htaccess", "x");
    site.write("out/static/more/b.css", "theirs");
    site.build(&[]);
    assert_eq!(fs::read(site.path("out/.htaccess")).unwrap(), b"x");
    assert_eq!(fs::read(site.path("out/static/more/b.css")).unwrap(), b"theirs");

    site.write("assets/more/b.css", "ours");
    let said = site.fails(&[]);
    assert!(said.contains("static/more/b.css") && said.contains("move"), "{said}");
}

#[test]
fn a_folder_that_no_build_has_made_is_left_alone() {
    let site = Site::new("not-ours");
    site.write("assets/a.css", "a");
    site.write("out/thesis.txt", "years");
    assert!(site.fails(&[]).contains("choose another folder"));
    // The manifest of a web application, and something that is not JSON.
    for manifest in [r#"{"name":"App","version":2}"#, "{", r#"{"version":1}"#] {
        site.write("out/manifest.json", manifest);
        assert!(site.fails(&[]).contains("choose another folder"), "{manifest}");
    }
    // Paths that lead out of the folder.
    let asset = r#"{"path":"../../x","url":"/static/../../x","stamp":"1","type":"","size":1,
        "integrity":"","encodings":{},"references":[]}"#;
    let manifest =
        format!(r#"{{"version":1,"mount":"/static","assets":{{"x":{asset}}},"retired":[]}}"#);
    site.write("out/manifest.json", manifest);
    assert!(site.fails(&[]).contains("choose another folder"));

    fs::remove_dir_all(site.path("out")).unwrap();
    fs::create_dir(site.path("out")).unwrap();
    site.build(&[]);
}

#[test]
fn a_manifest_of_another_version_is_refused() {
    let site = Site::new("version");
    site.write("assets/a.css", "a");
    site.build(&[]);
    let path = site.path("out/manifest.json");
    let manifest = fs::read_to_string(&path).unwrap();
    fs::write(&path, manifest.replace("\"version\":1", "\"version\":2")).unwrap();
    let said = site.fails(&[]);
    assert!(said.contains("version 2") && said.contains("only version 1"), "{said}");
}

#[test]
fn the_output_and_the_assets_lie_apart() {
    let site = Site::new("apart");
    site.write("assets/a.css", "a");
    let build = |folder: &Path, out: &Path, current: &Path| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_stamped"));
        command.arg("build").arg(folder).arg("--out").arg(out).current_dir(current);
        let output = command.env_remove("CARGO_MANIFEST_DIR").output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        String::from_utf8(output.stderr).unwrap()
    };
    let (assets, root) = (site.path("assets"), &site.0);
    assert!(build(&assets, &assets.join("x/out"), root).contains("taken for assets"));
    assert!(build(&assets, &root.join("x/../assets/out"), root).contains("does not exist"));
    assert!(build(&assets, &root.join("assets/../assets/out"), root).contains("taken for assets"));
    assert!(build(&assets, &assets, root).contains("folder with the assets"));
    assert!(build(&assets, root, &assets).contains("holds the assets"));
    assert!(build(Path::new("."), Path::new("out"), &assets).contains("taken for assets"));
    fs::create_dir(site.path("empty")).unwrap();
    assert!(build(&assets, Path::new("."), &site.path("empty")).contains("working directory"));
    assert_eq!(fs::read_dir(&assets).unwrap().count(), 1);
}

#[test]
fn an_output_that_cannot_be_written_leaves_the_old_one_whole() {
    let site = Site::new("unwritable");
    site.write("assets/a.css", "a");
    site.build(&[]);
    site.write("assets/a.css", "b");
    // A file where the folder for the new output should be: permissions do not stop everybody.
    site.write(".out.stamped", "");
    assert!(site.fails(&[]).contains("cannot be written"));
    fs::remove_file(site.path(".out.stamped")).unwrap();
    site.build(&[]);
}

/// A limit on the size of files stands in for a full disk: some are written, then one cannot be.
#[cfg(target_os = "linux")]
#[test]
fn a_disk_that_is_full_leaves_the_old_output_whole() {
    let site = Site::new("full");
    site.write("assets/a.css", "a");
    site.write("assets/b.css", "b");
    site.build(&[]);
    site.write("assets/a.css", "aa");
    site.write("assets/b.css", long("b").repeat(100));
    let before = site.all();
    let output = Command::new("sh")
        .args(["-c", "trap '' XFSZ; ulimit -f 16; exec \"$@\"", "sh"])
        .arg(env!("CARGO_BIN_EXE_stamped"))
        .arg("build")
        .arg(site.path("assets"))
        .arg("--out")
        .arg(site.path("out"))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("cannot be written") && said.contains("make room"), "{said}");
    assert_eq!(site.all(), before);
    site.build(&[]);
}

/// Killed at many moments, the manifest always names what is there, and the next build goes on.
#[cfg(unix)]
#[test]
fn a_build_that_is_killed_leaves_one_output_whole() {
    let site = Site::new("killed");
    let write = |round: usize| {
        for file in 0..40 {
            site.write(&format!("assets/{file}/a.css"), long(&format!("{file} in {round}")));
        }
        // Names that do not change with what they hold.
        site.write("assets/robots.txt", round.to_string());
        site.write("assets/index.html", long(&round.to_string()));
    };
    let arguments = ["--stamp", "content", "--keep", "1", "--keep-for", "0s", "--quiet"];
    write(0);
    let began = std::time::Instant::now();
    site.build(&arguments);
    // So that the moments are spread over a whole run, on whatever machine.
    let longest = began.elapsed().as_micros() as u64;
    let (mut killed, mut random) = (0, 0x2545_f491_4f6c_dd1d_u64);
    for round in 1..=40 {
        write(round);
        random =
            random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let mut process =
            site.command(&arguments).stdout(std::process::Stdio::null()).spawn().unwrap();
        std::thread::sleep(Duration::from_micros((random >> 33) % longest));
        process.kill().unwrap();
        killed += usize::from(!process.wait().unwrap().success());
        site.check();
    }
    println!("{killed} of 40 runs were killed");
    site.build(&arguments);
    let beside = site.all().1;
    assert_eq!(beside, BTreeSet::from(["assets".into(), "out".into()]));
}

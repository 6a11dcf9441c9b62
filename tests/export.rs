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

const MEMORY: &str = "/dev/shm";

impl Drop for Site {
    fn drop(&mut self) {
        if self.0.path().starts_with(MEMORY) {
            fs::remove_dir_all(self.0.path()).ok();
        }
    }
}

impl Site {
    fn new(name: &str) -> Self {
        let dir = Dir::at(Path::new(env!("CARGO_TARGET_TMPDIR")).join("export").join(name));
        dir.mkdirp("assets");
        Site(dir)
    }

    /// One that is quick to flush, where there is a file system in memory: for tests with many runs.
    fn in_memory(name: &str) -> Self {
        let folder = Path::new(MEMORY).join(format!("stamped-{}-{name}", std::process::id()));
        if fs::create_dir(&folder).is_err() {
            return Site::new(name);
        }
        let dir = Dir::at(folder);
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
        let mut command = stamped_test_support::stamped(env!("CARGO_BIN_EXE_stamped"));
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
        self.check_in("out")
    }

    /// The same for a copy of the output.
    #[track_caller]
    fn check_in(&self, out: &str) -> Value {
        let manifest = self.check_stamped(out);
        let tree = tree(out, &manifest);
        for (name, asset) in manifest["assets"].as_object().unwrap() {
            self.check_file(&tree, name, asset);
        }
        manifest
    }

    /// The same for the files whose paths stand for their bytes.
    #[track_caller]
    fn check_stamped(&self, out: &str) -> Value {
        let text = fs::read(self.path(out).join("manifest.json")).unwrap();
        let manifest: Value = serde_json::from_slice(&text).unwrap();
        assert_eq!(manifest["version"], 1);
        let tree = tree(out, &manifest);
        let current = manifest["assets"].as_object().unwrap().values();
        let current = current.filter(|asset| asset["stamp"].is_string());
        for version in current.chain(manifest["retired"].as_array().unwrap()) {
            self.check_file(&tree, version["path"].as_str().unwrap(), version);
        }
        manifest
    }

    /// Runs commands of a shell as root, in a mount namespace of their own: `build` is the command
    /// for the output that it names. `None` where this machine does not allow it.
    #[cfg(target_os = "linux")]
    fn mounted(&self, test: &str, script: &str) -> Option<()> {
        let probe = "mkdir -p $PWD/probe && mount -t tmpfs none $PWD/probe";
        let unshare = |script: &str| {
            let mut command = Command::new("unshare");
            command.args(["--mount", "--propagation", "private", "sh", "-euc", script]);
            command.arg(env!("CARGO_BIN_EXE_stamped")).current_dir(&self.0);
            stamped_test_support::own_cache(&mut command, env!("CARGO_BIN_EXE_stamped"));
            command.output()
        };
        let is_allowed = unshare(probe).is_ok_and(|output| output.status.success());
        fs::remove_dir(self.path("probe")).ok();
        if !is_allowed {
            stamped_test_support::skip(&format!("{test}: nothing can be mounted here"));
            return None;
        }
        let build = "build() { \"$0\" build assets --out \"$1\" --stamp content --quiet; }\n";
        let output = unshare(&format!("{build}{script}")).unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        Some(())
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
            let path = self.path("out").join(&file);
            let bytes = match fs::read_link(&path) {
                Ok(target) => target.to_str().unwrap().as_bytes().to_owned(),
                Err(_) => fs::read(path).unwrap(),
            };
            (file, bytes)
        };
        let beside = fs::read_dir(&self.0).unwrap().map(|entry| entry.unwrap().file_name());
        (self.files().into_iter().map(read).collect(), beside.collect())
    }

    fn has(&self, path: &str) -> bool {
        self.path(path).exists()
    }
}

/// The folder of what is served.
fn tree(out: &str, manifest: &Value) -> String {
    match manifest["mount"].as_str().unwrap() {
        "/" => format!("{out}/root"),
        mount => format!("{out}{mount}"),
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
    assert_eq!(assets["robots.txt"]["at_root"], true);
    assert_eq!(style.get("at_root"), None);
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
fn unchanged_files_are_not_written_again() {
    use std::os::unix::fs::MetadataExt as _;
    let site = Site::new("unchanged");
    site.write_at(1_452_929_749, "assets/a.css", long("a"));
    site.write_at(1_452_929_749, "assets/b.css", long("b"));
    let inode = |path: &str| fs::metadata(site.path(path)).unwrap().ino();
    site.build(&[]);
    let (a, br) = (inode("out/static/a.css"), inode("out/static/a.css.br"));

    site.write_at(1_452_929_750, "assets/b.css", long("c"));
    let output = site.run(&["--json"]);
    let done: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        (&done["assets"], &done["files"], &done["written"]),
        (&2.into(), &12.into(), &6.into())
    );
    assert_eq!((&done["kept"], &done["removed"]), (&1.into(), &0.into()));
    assert_eq!(done["manifest"], site.path("out/manifest.json").to_str().unwrap());
    site.check();
    assert_eq!((inode("out/static/a.css"), inode("out/static/a.css.br")), (a, br));
}

#[test]
fn an_edit_of_the_plain_file_leaves_the_stamped_one_alone() {
    use std::io::Write as _;
    let site = Site::new("append");
    site.write_at(1_452_929_749, "assets/a.css", long("a"));
    site.build(&[]);
    for file in ["a.css", "a.css.br"] {
        let path = site.path("out/static").join(file);
        fs::File::options().append(true).open(path).unwrap().write_all(b"more").unwrap();
    }
    site.check_stamped("out");
    site.build(&[]);
}

#[cfg(unix)]
#[test]
fn nothing_is_touched_where_nothing_changed() {
    use std::os::unix::fs::MetadataExt as _;
    let site = Site::new("untouched");
    for seconds in [101, 102] {
        site.write_at(seconds, "assets/css/a.css", long(&seconds.to_string()));
        site.write("assets/robots.txt", "r");
        site.build(&[]);
    }
    let state = || -> Vec<_> {
        let files = site.files().into_iter();
        let folders = ["", "static", "static/css"].map(str::to_owned);
        let of = |path: String| {
            let metadata = fs::symlink_metadata(site.path("out").join(&path)).unwrap();
            (path, metadata.ino(), metadata.ctime(), metadata.ctime_nsec())
        };
        files.chain(folders).map(of).collect()
    };
    let before = state();
    let output = site.run(&["--json"]);
    assert!(output.status.success());
    assert_eq!(serde_json::from_slice::<Value>(&output.stdout).unwrap()["written"], 0);
    assert_eq!(state(), before);
}

/// A container sees the folder that was there when it was mounted, whatever takes its place.
#[cfg(target_os = "linux")]
#[test]
fn a_folder_that_is_mounted_elsewhere_shows_the_new_output() {
    let site = Site::new("mounted");
    site.write("assets/a.css", long("1"));
    let done = site.mounted(
        "a_folder_that_is_mounted_elsewhere_shows_the_new_output",
        "build out
         mkdir view && mount --bind out view
         build out && cp -a view same
         echo two > assets/a.css && build out && cp -a view changed
         # The mount itself is an output too, and the folder above it need not be writable.
         mount --bind . . && mount --bind out out && mount --bind assets assets
         mount -o remount,bind,ro . && ! touch x 2>/dev/null
         echo three > assets/a.css && build \"$PWD/out\"",
    );
    if done.is_none() {
        return;
    }
    for (folder, size) in [("same", 800), ("changed", 4), ("out", 6)] {
        assert_eq!(site.check_in(folder)["assets"]["a.css"]["size"], size, "{folder}");
    }
}

/// The layers of a container: folders of a lower one cannot be renamed.
#[cfg(target_os = "linux")]
#[test]
fn an_output_in_a_lower_layer_of_overlayfs_is_replaced() {
    let site = Site::new("overlay");
    site.write("assets/a.css", long("1"));
    site.write("assets/gone/b.css", "b");
    let done = site.mounted(
        "an_output_in_a_lower_layer_of_overlayfs_is_replaced",
        "mkdir lower upper work merged && build lower/out
         mount -t overlay overlay -o lowerdir=lower,upperdir=upper,workdir=work merged
         echo two > assets/a.css && rm -r assets/gone && build merged/out && cp -a merged/out seen",
    );
    if done.is_none() {
        return;
    }
    let manifest = site.check_in("seen");
    assert_eq!(manifest["assets"]["a.css"]["size"], 4);
    assert_eq!(retired(&manifest).len(), 2);
    assert!(!site.has("seen/static/gone/b.css") && !site.has("seen/.stamped"));
}

#[cfg(unix)]
#[test]
fn what_lies_in_the_place_of_the_work_folder_is_left_alone() {
    let site = Site::new("planted");
    site.write("assets/a.css", "a");
    site.write("theirs/new/thesis.txt", "years");
    site.write("theirs/1", "one");
    site.build(&[]);
    site.write("assets/a.css", "b");
    for planted in [".out.stamped", "out/.stamped"] {
        site.0.symlink(site.path("theirs"), planted);
    }
    let said = site.fails(&[]);
    assert!(said.contains(".stamped") && said.contains("move"), "{said}");
    fs::remove_file(site.path("out/.stamped")).unwrap();

    // A folder with files of others, and links in the place of our files.
    site.write("out/.stamped/thesis.txt", "years");
    for ours in ["lock", "journal.json"] {
        let path = format!("out/.stamped/{ours}");
        site.0.symlink(site.path("theirs/1"), &path);
        let said = site.fails(&[]);
        assert!(said.contains(ours), "{said}");
        fs::remove_file(site.path(&path)).unwrap();
    }
    site.build(&[]);
    assert_eq!(fs::read(site.path("out/.stamped/thesis.txt")).unwrap(), b"years");
    assert_eq!(fs::read(site.path("theirs/new/thesis.txt")).unwrap(), b"years");
    assert_eq!(fs::read(site.path("theirs/1")).unwrap(), b"one");
}

#[test]
fn a_file_takes_the_place_of_a_folder_and_the_other_way_round() {
    let site = Site::new("file-or-folder");
    site.write("assets/a/b.css", "b");
    site.write("assets/c", "c");
    site.build(&["--stamp", "7"]);
    fs::remove_dir_all(site.path("assets")).unwrap();
    site.write("assets/a", "a");
    site.write("assets/c/d.css", "d");
    site.build(&["--stamp", "7"]);
    assert_eq!(fs::read(site.path("out/static/a")).unwrap(), b"a");
    fs::remove_dir_all(site.path("assets")).unwrap();
    site.write("assets/a/b.css", "b");
    site.write("assets/c", "c");
    site.build(&["--stamp", "8"]);
    assert!(site.path("out/static/a").is_dir());
}

#[test]
fn a_name_that_is_too_long_once_stamped_says_so() {
    let site = Site::new("long-name");
    let name = format!("{}.css", "n".repeat(246));
    site.write_at(1_452_929_749, &format!("assets/{name}"), "a");
    let said = site.fails(&[]);
    assert!(said.contains("261 bytes") && said.contains("--plain"), "{said}");
    assert!(!site.has("out"));
    site.build(&["--plain", "n*"]);

    // An encoding is not worth an error.
    let name = format!("{}.css", "n".repeat(239));
    fs::remove_dir_all(site.path("assets")).unwrap();
    site.write_at(1_452_929_749, &format!("assets/{name}"), long("a"));
    let output = site.run(&[]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success() && said.contains("257 bytes"), "{said}");
    assert!(!site.check()["assets"][&name]["encodings"].as_object().unwrap().contains_key("br"));
}

#[test]
fn an_encoding_of_an_earlier_version_is_kept_only_if_it_decodes_to_it() {
    let site = Site::new("retired-encoding");
    site.write_at(101, "assets/a.css", long("a"));
    site.build(&[]);
    let path = site.path("out/static/a.101.css.gz");
    let mut bytes = fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&path, bytes).unwrap();
    site.write_at(102, "assets/a.css", long("b"));
    let output = site.run(&[]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success() && said.contains("a.101.css.gz"), "{said}");
    assert_eq!(site.check()["retired"][0]["encodings"].as_object().unwrap().len(), 1);
    assert!(!path.exists());
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
fn two_contents_of_one_second_get_two_paths() {
    let site = Site::new("one-second");
    site.write_at(1_767_261_600, "assets/a.css", "a");
    site.build(&[]);
    site.write_at(1_767_261_600, "assets/a.css", "b");
    let output = site.run(&[]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success() && said.contains("a.css"), "{said}");
    let manifest = site.check();
    let path = manifest["assets"]["a.css"]["path"].as_str().unwrap();
    assert!(path.starts_with("a.1767261600") && path.len() == "a.1767261600123456.css".len());
    assert_eq!(retired(&manifest), ["a.1767261600.css"]);
    // It stays, and is said once.
    let output = site.run(&[]);
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
    assert_eq!(site.check(), manifest);
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
    site.write("assets/a.csv", long("a"));
    site.write("assets/a.csv.gz", "by hand");
    for _ in 0..2 {
        let output = site.run(&["--stamp", "7"]);
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(
            output.status.success() && said.contains("`static/a.7.csv.gz` is an asset"),
            "{said}"
        );
        let manifest = site.check();
        assert_eq!(manifest["assets"]["a.csv"]["encodings"].get("gzip"), None);
        assert!(manifest["assets"]["a.csv"]["encodings"]["br"].is_u64());
        assert_eq!(fs::read(site.path("out/static/a.csv.gz")).unwrap(), b"by hand");
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
        let mut command = stamped_test_support::stamped(env!("CARGO_BIN_EXE_stamped"));
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
    assert_eq!(fs::read_dir(&assets).unwrap().count(), 1);
}

#[test]
fn an_output_that_cannot_be_written_leaves_the_old_one_whole() {
    let site = Site::new("unwritable");
    site.write("assets/a.css", "a");
    site.build(&[]);
    site.write("assets/a.css", "b");
    // A file where the folder for new files should be: permissions do not stop everybody.
    site.write("out/.stamped", "");
    assert!(site.fails(&[]).contains("not a folder"));
    fs::remove_file(site.path("out/.stamped")).unwrap();
    site.build(&[]);
}

#[test]
fn the_working_directory_can_be_the_output() {
    let site = Site::new("here");
    site.write("assets/a.css", "a");
    site.0.mkdirp("out");
    let mut command = stamped_test_support::stamped(env!("CARGO_BIN_EXE_stamped"));
    command.args(["build", "../assets", "--out", "."]).current_dir(site.path("out"));
    assert!(command.env_remove("CARGO_MANIFEST_DIR").status().unwrap().success());
    site.check();
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
    let mut shell = Command::new("sh");
    stamped_test_support::own_cache(&mut shell, env!("CARGO_BIN_EXE_stamped"));
    let output = shell
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

/// Killed at many moments, all that the manifest names is there, and the next build goes on.
#[cfg(unix)]
#[test]
fn a_build_that_is_killed_leaves_what_the_manifest_names() {
    use std::os::unix::fs::MetadataExt as _;
    let site = Site::in_memory("killed");
    let plain = ["robots.txt", "index.html"];
    let text = |file: &str, round: usize| long(&format!("{file} in {round}"));
    let write = |round: usize| {
        for file in 0..40 {
            let file = format!("{file}/a.css");
            site.write(&format!("assets/{file}"), text(&file, round));
        }
        for file in plain {
            site.write(&format!("assets/{file}"), text(file, round));
        }
        // A folder that comes and goes.
        fs::remove_dir_all(site.path("assets/now")).ok();
        site.write(&format!("assets/now/{round}/index.html"), "a");
    };
    let arguments = ["--stamp", "content", "--keep", "1", "--keep-for", "0s", "--quiet"];
    write(0);
    site.build(&arguments);
    write(1);
    let began = std::time::Instant::now();
    site.build(&arguments);
    // So that the moments are spread over a whole run, on whatever machine.
    let longest = began.elapsed().as_micros() as u64;
    let (mut killed, mut begun, mut replaced) = (0, 0, 0);
    let mut random = 0x2545_f491_4f6c_dd1d_u64;
    let mut last = fs::read(site.path("out/manifest.json")).unwrap();
    // The rounds whose bytes a plain name may have.
    let mut first = 1;
    let journal = site.path("out/.stamped/journal.json");
    let inode = |path: &Path| Some(fs::metadata(path).ok()?.ino());
    for round in 2..=41 {
        write(round);
        random =
            random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let left = inode(&journal);
        let mut process =
            site.command(&arguments).stdout(std::process::Stdio::null()).spawn().unwrap();
        // Every other time while files take their places, which is soon over.
        let mut rest = longest;
        if round % 2 == 0 {
            while inode(&journal) == left && process.try_wait().unwrap().is_none() {
                std::thread::yield_now();
            }
            rest = longest / 16;
        }
        std::thread::sleep(Duration::from_micros((random >> 33) % rest));
        process.kill().unwrap();
        killed += usize::from(!process.wait().unwrap().success());
        begun += usize::from(journal.exists() && inode(&journal) != left);
        let manifest = site.check_stamped("out");
        for (name, asset) in manifest["assets"].as_object().unwrap() {
            let path = site.path("out/static").join(name);
            let bytes = fs::read_to_string(&path).expect(name);
            let is_of = |round: usize| bytes == text(name, round);
            assert!(name.starts_with("now/") || (first..=round).any(is_of), "{name}: {bytes}");
            for (coding, ending) in [("br", ".br"), ("gzip", ".gz")] {
                if asset["encodings"].get(coding).is_some() {
                    let encoded = fs::read(format!("{}{ending}", path.display())).expect(name);
                    let decoded = String::from_utf8(decode(coding, &encoded)).unwrap();
                    let is_of = |round: usize| decoded == text(name, round);
                    assert!((first..=round).any(is_of), "{name}: {decoded}");
                }
            }
        }
        let now = fs::read(site.path("out/manifest.json")).unwrap();
        if now != last {
            (last, first, replaced) = (now, round, replaced + 1);
        }
    }
    println!(
        "{killed} of 40 runs were killed, {begun} of them with files in their places; {replaced} replaced the manifest"
    );
    assert!(begun > 0 && replaced > 0);
    let manifest = site.build(&arguments);
    let mut named = BTreeSet::from(["manifest.json", "importmap.json"].map(str::to_owned));
    let mut name = |path: &str, version: &Value| {
        for (coding, ending) in [("br", ".br"), ("gzip", ".gz")] {
            if version["encodings"].get(coding).is_some() {
                named.insert(format!("static/{path}{ending}"));
            }
        }
        named.insert(format!("static/{path}"));
    };
    for (plain, asset) in manifest["assets"].as_object().unwrap() {
        name(plain, asset);
        name(asset["path"].as_str().unwrap(), asset);
    }
    for version in manifest["retired"].as_array().unwrap() {
        name(version["path"].as_str().unwrap(), version);
    }
    assert_eq!(site.files(), named);
    // Folders are gone with what was in them.
    assert_eq!(fs::read_dir(site.path("out/static/now")).unwrap().count(), 1);
    assert_eq!(site.all().1, BTreeSet::from(["assets".into(), "out".into()]));
}

/// Whoever follows the manifest finds each stamped file, whatever is replaced meanwhile.
#[test]
fn a_reader_never_misses_what_the_manifest_names() {
    use std::sync::atomic::{AtomicBool, Ordering};
    let site = Site::in_memory("reader");
    let write = |round: usize| {
        for file in 0..200 {
            site.write(&format!("assets/{file}.css"), long(&format!("{file} in {round}")));
        }
    };
    let arguments =
        ["--stamp", "content", "--keep", "0", "--keep-for", "0s", "--encodings", "none"];
    write(0);
    site.build(&arguments);
    let is_done = AtomicBool::new(false);
    let path = site.path("out/manifest.json");
    let faults = || -> Vec<String> {
        let text = fs::read(&path).unwrap();
        let manifest: Value = serde_json::from_slice(&text).unwrap();
        let assets = manifest["assets"].as_object().unwrap().values();
        let is_fault = |asset: &&Value| {
            let bytes = fs::read(site.path("out/static").join(asset["path"].as_str().unwrap()));
            let digest = bytes.map(|bytes| ring::digest::digest(&ring::digest::SHA384, &bytes));
            let digest =
                digest.map(|digest| base64::engine::general_purpose::STANDARD.encode(digest));
            !digest.is_ok_and(|digest| asset["integrity"] == format!("sha384-{digest}"))
        };
        let faults: Vec<String> = assets.filter(is_fault).map(Value::to_string).collect();
        // What another manifest names by now is allowed to be gone.
        if fs::read(&path).unwrap() == text { faults } else { Vec::new() }
    };
    std::thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let mut times = 0;
            while !is_done.load(Ordering::Relaxed) {
                assert_eq!(faults(), [""; 0]);
                times += 1;
            }
            times
        });
        for round in 1..=20 {
            write(round);
            assert!(site.run(&arguments).status.success());
        }
        is_done.store(true, Ordering::Relaxed);
        assert!(reader.join().unwrap() > 20);
    });
}

//! The `stamped` command: what it prints, and how it ends.

use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, UNIX_EPOCH};

/// A folder with some assets.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let folder = Folder(Path::new(env!("CARGO_TARGET_TMPDIR")).join("command").join(name));
        let _ = fs::remove_dir_all(&folder.0);
        folder.write(
            "css/style.css",
            format!("a{{background:url('../img/图片 1.png')}}{}", " ".repeat(500)),
        );
        folder.write("img/图片 1.png", "x");
        folder.write("robots.txt", "");
        folder
    }

    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        let file = fs::File::options().write(true).open(path).unwrap();
        file.set_modified(UNIX_EPOCH + Duration::from_secs(1_452_929_749)).unwrap();
    }

    fn command(&self, command: &str, arguments: &[&str]) -> Command {
        let mut process = Command::new(env!("CARGO_BIN_EXE_stamped"));
        process.arg(command).arg(&self.0).args(arguments);
        process.env_remove("SOURCE_DATE_EPOCH").env_remove("STAMPED_CACHE");
        process
    }

    fn run(&self, command: &str, arguments: &[&str]) -> Output {
        self.command(command, arguments).output().unwrap()
    }

    #[track_caller]
    fn prints(&self, command: &str, arguments: &[&str]) -> String {
        let output = self.run(command, arguments);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    #[track_caller]
    fn json(&self, command: &str, arguments: &[&str]) -> Value {
        let arguments = [arguments, &["--json"]].concat();
        serde_json::from_str(&self.prints(command, &arguments)).unwrap()
    }

    /// What the command says when it ends with this status, and prints nothing.
    #[track_caller]
    fn fails(&self, status: i32, command: &str, arguments: &[&str]) -> String {
        let output = self.run(command, arguments);
        assert_eq!(output.status.code(), Some(status));
        assert!(output.stdout.is_empty());
        String::from_utf8(output.stderr).unwrap()
    }
}

#[test]
fn url_tells_the_url_of_a_name() {
    let folder = Folder::new("url");
    let name = "img/图片 1.png";
    let url = "/static/img/%E5%9B%BE%E7%89%87%201.1452929749.png";
    assert_eq!(folder.prints("url", &[name]), format!("{url}\n"));
    assert_eq!(folder.json("url", &[name]), serde_json::json!({ "name": name, "url": url }));
    assert_eq!(folder.prints("url", &["robots.txt", "--mount", "/"]), "/robots.txt\n");
    assert_eq!(
        folder.prints("url", &["robots.txt", "--plain", "x", "--stamp", "7"]),
        "/static/robots.txt\n"
    );
    assert!(folder.fails(1, "url", &["style.css"]).contains("there is `css/style.css`"));
}

#[test]
fn resolve_tells_what_a_path_means() {
    let folder = Folder::new("resolve");
    for (path, answer) in [
        ("/static/img/%E5%9B%BE%E7%89%87%201.1452929749.png", "exact img/图片 1.png"),
        ("/static/css/style.css", "plain css/style.css"),
        ("/static/css/style.1.css", "stale css/style.css"),
    ] {
        assert_eq!(folder.prints("resolve", &[path]), format!("{answer}\n"));
        let (is, name) = answer.split_once(' ').unwrap();
        let json = folder.json("resolve", &[path]);
        assert_eq!((&json["is"], &json["name"]), (&is.into(), &name.into()));
        assert_eq!(json["url"], folder.prints("url", &[name]).trim_end());
    }
    assert!(folder.fails(1, "resolve", &["/static/robots.1.txt"]).contains("belongs to no asset"));
}

#[test]
fn wrong_use_ends_with_2_and_failed_work_with_1() {
    let folder = Folder::new("status");
    for (command, arguments) in [
        ("url", &[] as &[&str]),
        ("resolve", &["a", "b"]),
        ("build", &[]),
        ("build", &["--out", "x", "--keep", "some"]),
        ("build", &["--out", "x", "--keep-for", "7"]),
        ("build", &["--out", "x", "--encodings", "lzma"]),
        ("report", &["--stamp", "never"]),
        ("report", &["--html"]),
        ("unheard-of", &[]),
    ] {
        let said = folder.fails(2, command, arguments);
        assert!(said.starts_with("error: "), "{said}");
    }
    for arguments in [["--exclude", "["], ["--mount", "static"]] {
        let said = folder.fails(1, "report", &arguments);
        assert!(said.starts_with("stamped: "), "{said}");
    }
    let missing = Folder(folder.0.join("missing"));
    assert!(missing.fails(1, "report", &[]).contains("there is no folder"));
}

#[test]
fn report_shows_every_asset_in_aligned_columns() {
    let folder = Folder::new("report");
    let text = folder.prints("report", &[]);
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines[0].starts_with("NAME ") && lines[0].ends_with(" REFS"), "{text}");
    assert!(
        lines[1].starts_with("css/style.css   1452929749") && lines[1].ends_with(" 1"),
        "{text}"
    );
    assert!(lines[2].starts_with("img/图片 1.png        1452929749"), "{text}");
    assert!(text.contains("\nNot stamped:\n  robots.txt: its name is kept\n"), "{text}");
    assert!(text.contains("\n3 assets, 2 of them stamped: "), "{text}");
    assert!(!text.contains("Warnings"), "{text}");
    let without = folder.prints("report", &["--encodings", "none"]);
    assert!(!without.contains("GZIP"), "{without}");
}

#[test]
fn report_gives_the_same_in_json() {
    let folder = Folder::new("report-json");
    folder.write("broken.css", "a{background:url(gone.png)}");
    let report = folder.json("report", &["--prestamped", "img/*"]);
    let assets = report["assets"].as_array().unwrap();
    let names: Vec<&str> = assets.iter().map(|asset| asset["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["broken.css", "css/style.css", "img/图片 1.png", "robots.txt"]);
    let style = &assets[1];
    assert_eq!(style["references"], serde_json::json!(["img/图片 1.png"]));
    assert!(style["encodings"]["br"].as_u64() < style["size"].as_u64());
    assert!(style["unstamped"].is_null());
    assert_eq!(assets[2]["unstamped"], "a bundler has stamped it");
    assert_eq!(report["total"]["assets"], 4);
    assert_eq!(report["total"]["stamped"], 2);
    let warning = report["warnings"][0].as_str().unwrap();
    assert!(warning.contains("`gone.png` names no asset"), "{warning}");
}

#[test]
fn warnings_go_to_stderr_unless_they_are_unwanted() {
    let folder = Folder::new("quiet");
    folder.write("broken.css", "a{background:url(gone.png)}");
    let said = |arguments: &[&str]| String::from_utf8(folder.run("url", arguments).stderr).unwrap();
    assert!(said(&["robots.txt"]).contains("warning: "));
    assert_eq!(said(&["robots.txt", "--quiet"]), "");
}

#[test]
fn a_reader_who_has_seen_enough_is_no_failure() {
    let folder = Folder::new("pipe");
    for number in 0..2000 {
        folder.write(&format!("{number}.txt"), "x");
    }
    let mut process = folder
        .command("report", &["--encodings", "none"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(process.stdout.take());
    let output = process.wait_with_output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert!(output.status.success());
}

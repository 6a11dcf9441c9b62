//! Runs the `stamped` command, and checks its output and its exit status.

use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

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
        stamped_test_support::write_at(1_452_929_749, self.0.join(name), bytes);
    }

    fn command(&self, command: &str, arguments: &[&str]) -> Command {
        let mut process = stamped_test_support::stamped(env!("CARGO_BIN_EXE_stamped"));
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

/// The command without a folder.
fn stamped(arguments: &[&str]) -> Output {
    stamped_test_support::stamped(env!("CARGO_BIN_EXE_stamped")).args(arguments).output().unwrap()
}

#[track_caller]
fn printed(arguments: &[&str]) -> String {
    let output = stamped(arguments);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn url_prints_the_url_of_a_name() {
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
    for wrong in ["style.css", "css/stile.css", "CSS/style.css", "/static/css/style.css"] {
        let said = folder.fails(1, "url", &[wrong]);
        let near = format!("no asset is named `{wrong}`; did you mean `css/style.css`?");
        assert!(said.contains(&near), "{said}");
    }
    let said = folder.fails(1, "url", &["js/main.js"]);
    assert!(said.contains("`stamped report` lists the names of all 3"), "{said}");
}

#[test]
fn resolve_prints_what_a_path_means() {
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
    let said = folder.fails(1, "resolve", &["/static/robots.1.txt"]);
    assert!(said.contains("belongs to no asset; did you mean `/static/robots.txt`?"), "{said}");
}

#[test]
fn wrong_use_ends_with_2_and_failed_work_with_1() {
    let folder = Folder::new("status");
    for (command, arguments) in [
        ("url", &[] as &[&str]),
        ("resolve", &["a", "b"]),
        ("report", &["--html"]),
        ("serve", &["--listen", "::1:8080"]),
    ] {
        let said = folder.fails(2, command, arguments);
        assert!(said.starts_with("error: "), "{said}");
    }
    let missing = Folder(folder.0.join("missing"));
    let said = missing.fails(1, "report", &[]);
    assert!(said.starts_with("stamped: there is no folder"), "{said}");
    for arguments in [&["--help"][..], &["-h"], &["--version"], &["help", "build"]] {
        assert!(stamped(arguments).status.success());
    }
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

#[cfg(unix)]
#[test]
fn the_way_out_is_one_that_the_command_has() {
    let folder = Folder::new("way-out");
    std::os::unix::fs::symlink("nowhere", folder.0.join("broken.css")).unwrap();
    let outside = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets");
    std::os::unix::fs::symlink(outside, folder.0.join("out")).unwrap();
    let said = |options: &[&str]| {
        let output = folder.run("url", &[&["robots.txt"], options].concat());
        assert!(output.status.success());
        String::from_utf8(output.stderr).unwrap()
    };
    let warnings = said(&[]);
    assert!(warnings.contains("broken.css` leads to something that does not exist"), "{warnings}");
    assert!(warnings.contains("out` leads out of"), "{warnings}");
    assert!(warnings.contains("`--follow-links`") && !warnings.contains("`."), "{warnings}");
    assert_eq!(said(&["--exclude", "broken.css", "--exclude", "out"]), "");
    assert_eq!(said(&["--exclude", "broken.css", "--follow-links"]), "");
}

#[cfg(unix)]
#[test]
fn no_name_says_anything_to_the_terminal() {
    let folder = Folder::new("escape");
    let name = "a\u{1b}[31m\r.css";
    folder.write(name, "");
    std::os::unix::fs::symlink("nowhere", folder.0.join("b\u{1b}c")).unwrap();
    for (command, arguments) in [
        ("report", &[] as &[&str]),
        ("url", &[name]),
        ("url", &["\u{1b}x"]),
        ("resolve", &["\u{1b}"]),
    ] {
        let output = folder.run(command, arguments);
        let said = [output.stdout, output.stderr].concat();
        assert!(!said.iter().any(|byte| matches!(byte, 0x1b | b'\r')), "{command} {said:?}");
    }
}

#[test]
fn warnings_go_to_stderr_unless_they_are_unwanted() {
    let folder = Folder::new("quiet");
    folder.write("broken.css", "a{background:url(gone.png)}");
    let said = |arguments: &[&str]| String::from_utf8(folder.run("url", arguments).stderr).unwrap();
    assert!(said(&["robots.txt"]).contains("warning: "));
    assert_eq!(said(&["robots.txt", "--quiet"]), "");
}

/// By the program `script`, which not every machine has.
#[cfg(target_os = "linux")]
#[test]
fn on_a_terminal_a_bar_shows_the_progress_and_is_gone_before_anything_is_said() {
    let folder = Folder::new("terminal");
    folder.write("broken.css", "a{background:url(gone.png)}");
    let out = folder.0.with_extension("out");
    let _ = fs::remove_dir_all(&out);
    let shown = |arguments: &str| {
        let program = env!("CARGO_BIN_EXE_stamped");
        let line = format!("'{program}' build '{}' --out '{}'", folder.0.display(), out.display());
        let line = format!("stty cols 80; {line} {arguments}");
        let mut script = Command::new("script");
        stamped_test_support::own_cache(&mut script, program);
        let output = script.args(["-qec", &line, "/dev/null"]).output().ok()?;
        Some(String::from_utf8(output.stdout).unwrap())
    };
    let Some(text) = shown("") else { return };
    let (before, after) = text.split_once("stamped: warning: ").unwrap();
    assert!(before.contains("compressing ") && before.ends_with("\r\u{1b}[2K"), "{text:?}");
    let (warning, after) = after.split_once("\r\n").unwrap();
    assert!(warning.ends_with("`gone.png` names no asset"), "{text:?}");
    let (bar, end) = after.rsplit_once("\r\u{1b}[2K").unwrap();
    assert!(bar.contains("writing ") && end.contains("manifest.json: 4 assets"), "{text:?}");
    let quiet = shown("--quiet").unwrap();
    assert!(quiet.contains("manifest.json: 4 assets") && quiet.lines().count() == 1, "{quiet:?}");
}

#[test]
fn a_reader_who_has_seen_enough_is_no_failure() {
    let folder = Folder::new("pipe");
    for number in 0..2000 {
        folder.write(&format!("{number}.txt"), "x");
    }
    let (dir, out) = (folder.0.to_str().unwrap(), folder.0.with_extension("out"));
    let out = out.to_str().unwrap();
    for arguments in [
        &["report", dir, "--encodings", "none"][..],
        &["report", dir, "--json"],
        &["url", dir, "robots.txt"],
        &["resolve", dir, "/static/robots.txt"],
        &["build", dir, "--out", out],
        &["completions", "bash"],
        &["man"],
        &["--help"],
    ] {
        let mut process = stamped_test_support::stamped(env!("CARGO_BIN_EXE_stamped"));
        let process = process.args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = process.spawn().unwrap();
        drop(process.stdout.take());
        let output = process.wait_with_output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{arguments:?}");
        assert!(output.status.success(), "{arguments:?}");
    }
    // A message that has no reader changes nothing about how the command ends.
    let mut process = stamped_test_support::stamped(env!("CARGO_BIN_EXE_stamped"));
    let mut process =
        process.args(["url", dir, "gone.txt"]).stderr(Stdio::piped()).spawn().unwrap();
    drop(process.stderr.take());
    assert_eq!(process.wait().unwrap().code(), Some(1));
}

#[test]
fn a_relative_path_starts_from_the_current_directory_also_under_cargo_run() {
    let folder = Folder::new("relative");
    let run = |arguments: &[&str]| {
        let mut process = stamped_test_support::stamped(env!("CARGO_BIN_EXE_stamped"));
        process.args(arguments).current_dir(&folder.0).env_remove("SOURCE_DATE_EPOCH");
        process.env("CARGO_MANIFEST_DIR", env!("CARGO_MANIFEST_DIR")).output().unwrap()
    };
    let output = run(&["url", "css", "style.css"]);
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "/static/style.1452929749.css\n");
    assert!(run(&["build", "css", "--out", "out"]).status.success());
    assert!(folder.0.join("out/static/style.1452929749.css").is_file());
}

#[test]
fn a_missing_folder_is_reported_with_the_nearest_name_and_no_advice_for_build_scripts() {
    let folder = Folder::new("nearest");
    let said = Folder(folder.0.join("imgs")).fails(1, "report", &[]);
    assert!(
        said.ends_with(&format!("did you mean `{}`?\n", folder.0.join("img").display())),
        "{said}"
    );
    let said = Folder(folder.0.join("zzz")).fails(1, "report", &[]);
    assert!(said.ends_with("; create it, or correct the path\n"), "{said}");
    let said = Folder(folder.0.join("robots.txt")).fails(1, "report", &[]);
    assert!(said.ends_with("is not a folder; name the folder that it is in\n"), "{said}");
    let output = stamped_test_support::stamped(env!("CARGO_BIN_EXE_stamped"))
        .args(["url", "cs", "style.css"])
        .current_dir(&folder.0)
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        said.contains("there is no folder `cs` in `") && said.contains("did you mean `css`?"),
        "{said}"
    );
}

#[test]
fn the_entries_of_an_import_map_lead_to_the_files_that_were_written() {
    let folder = Folder::new("import-map");
    folder.write("js/app.js", "import './lib/图 1.js'; import('./later.mjs');");
    folder.write("js/lib/图 1.js", "export {};");
    folder.write("js/later.mjs", "export default 1;");
    let out = Folder(folder.0.with_extension("out"));
    let _ = fs::remove_dir_all(&out.0);
    let out_text = out.0.to_str().unwrap();
    let map = |how: &str| -> Value {
        folder.prints("build", &["--out", out_text, "--references", how, "--quiet"]);
        serde_json::from_slice(&fs::read(out.0.join("importmap.json")).unwrap()).unwrap()
    };
    let written = map("import-map");
    let imports = written["imports"].as_object().unwrap();
    let from: Vec<&String> = imports.keys().collect();
    let names = ["/static/js/app.js", "/static/js/later.mjs", "/static/js/lib/%E5%9B%BE%201.js"];
    assert_eq!(from, names);
    for url in imports.values().map(|url| url.as_str().unwrap()) {
        let path = url.replace("%E5%9B%BE%201", "图 1");
        let bytes = fs::read(out.0.join(path.trim_start_matches('/'))).unwrap();
        let digest = ring::digest::digest(&ring::digest::SHA384, &bytes);
        let integrity = format!("sha384-{}", base64::Engine::encode(&STANDARD, digest));
        assert_eq!(written["integrity"][url], integrity, "{url}");
    }
    let app = imports["/static/js/app.js"].as_str().unwrap().trim_start_matches('/');
    assert!(fs::read_to_string(out.0.join(app)).unwrap().contains("'./later.mjs'"));
    assert_eq!(map("rewrite")["imports"], serde_json::json!({}));
}

#[test]
fn what_a_front_server_cannot_do_about_references_is_an_error() {
    let folder = Folder::new("front");
    let conf = folder.0.with_extension("conf");
    let built = folder.0.with_extension("built");
    let _ = fs::remove_dir_all(&built);
    folder.prints("build", &["--out", built.to_str().unwrap()]);
    let config = |dir: &Path, how: &str| {
        let (dir, conf) = (dir.to_str().unwrap(), conf.to_str().unwrap());
        let output = stamped(&["config", "nginx", dir, "--out", conf, "--references", how]);
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    assert_eq!(config(&folder.0, "leave"), (Some(0), String::new()));
    for how in ["rewrite", "import-map"] {
        let (status, said) = config(&folder.0, how);
        assert!(status == Some(1) && said.contains("`stamped build --references"), "{said}");
    }
    let (status, said) = config(&built, "leave");
    assert!(status == Some(1) && said.contains("`--references` is decided"), "{said}");
}

#[test]
fn rules_do_not_replace_a_file_that_the_command_did_not_write() {
    let folder = Folder::new("strangers");
    let conf = Folder(folder.0.with_extension("conf"));
    let _ = fs::remove_dir_all(&conf.0);
    let out = conf.0.to_str().unwrap();
    let config = |more: &[&str]| {
        let dir = folder.0.to_str().unwrap();
        stamped(&[&["config", "nginx", dir, "--out", out], more].concat())
    };
    let read = |name: &str| fs::read_to_string(conf.0.join(name)).unwrap();
    assert!(config(&[]).status.success());
    let ours = read("server.conf");
    conf.write("http.conf", "gzip on;");
    folder.write("new.css", "");
    let output = config(&[]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(said.contains("http.conf` was not written by `stamped config`"), "{said}");
    assert!(said.contains("`--force`"), "{said}");
    // All or nothing.
    assert_eq!((read("http.conf"), read("server.conf")), ("gzip on;".to_owned(), ours));
    assert!(config(&["--force"]).status.success());
    assert!(read("http.conf").contains("/static/new.css"));
    assert!(config(&["--mount", "/"]).status.success(), "its own files are replaced");
}

#[test]
fn long_help_has_an_example_and_says_more_than_short_help() {
    for command in ["serve", "build", "config", "report", "url", "resolve", "completions", "man"] {
        let [short, long] = ["-h", "--help"].map(|help| printed(&[command, help]));
        assert!(long.contains("\nExample") && !short.contains("\nExample"), "{command}");
        assert!(long.lines().all(|line| line.chars().count() <= 100), "{command}");
    }
    let long = printed(&["--help"]);
    assert!(long.contains("\nExit status:\n") && long.contains("$ stamped serve "), "{long}");
}

#[test]
fn completions_are_scripts_that_their_shell_can_read() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = printed(&["completions", shell]);
        assert!(script.contains("serve") && script.contains("references"), "{shell}");
        let reads = match shell {
            "bash" | "zsh" | "fish" => Command::new(shell).arg("-n").stdin(Stdio::piped()).spawn(),
            _ => continue,
        };
        // Not every machine has every shell.
        let Ok(mut reads) = reads else { continue };
        std::io::Write::write_all(&mut reads.stdin.take().unwrap(), script.as_bytes()).unwrap();
        assert!(reads.wait().unwrap().success(), "{shell}");
    }
    assert_eq!(stamped(&["completions", "ksh"]).status.code(), Some(2));
}

#[test]
fn the_manual_has_a_page_for_each_command() {
    let out = Path::new(env!("CARGO_TARGET_TMPDIR")).join("command/man/new");
    let _ = fs::remove_dir_all(&out);
    printed(&["man", "--out", out.to_str().unwrap()]);
    let main = fs::read_to_string(out.join("stamped.1")).unwrap();
    assert_eq!(printed(&["man"]), main);
    let pages = main.lines().filter_map(|line| line.strip_suffix("(1)"));
    let pages: Vec<String> = pages.map(|page| page.replace('\\', "")).collect();
    assert!(pages.len() > 7, "{pages:?}");
    for page in &pages {
        let text = fs::read_to_string(out.join(format!("{page}.1"))).unwrap();
        assert!(text.contains(&format!(".TH {page} 1")), "{page}");
    }
    assert!(out.join("stamped-config-nginx.1").is_file());
}

/// The files of the cache below a folder.
fn cached(folder: &Path) -> usize {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    entries.map(|path| if path.is_dir() { cached(&path) } else { 1 }).sum()
}

#[cfg(all(unix, not(target_vendor = "apple")))]
#[test]
fn what_was_compressed_is_kept_for_the_next_run_where_the_user_wants_it() {
    let folder = Folder::new("cache");
    folder.write("long.css", "a{color:red}".repeat(1000));
    let home = stamped_test_support::Dir::new();
    let build = |arguments: &[&str], named: Option<&str>| {
        let out = home.join("out");
        let mut command = folder.command("build", &["--out", out.to_str().unwrap()]);
        command.args(arguments).current_dir(&home).env_remove("CARGO_MANIFEST_DIR");
        command.env_remove("XDG_CACHE_HOME").env("HOME", home.path());
        named.map(|named| command.env("STAMPED_CACHE", named));
        let output = command.output().unwrap();
        assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
        fs::remove_dir_all(out).unwrap();
    };
    let [of_user, by_variable, by_option] =
        [".cache/stamped", "variable", "option"].map(|name| home.join(name));

    build(&["--no-cache"], Some("variable"));
    assert_eq!([&of_user, &by_variable].map(|folder| cached(folder)), [0, 0]);
    build(&[], None);
    let entries = cached(&of_user);
    assert!(entries >= 2, "br and gzip of one file");
    build(&["--cache", "option"], Some("variable"));
    build(&[], Some("variable"));
    assert_eq!([&by_variable, &by_option].map(|folder| cached(folder)), [entries; 2]);

    // Nothing is compressed again: that would write the entries again.
    let times = |folder: &Path| {
        let shard = |entry: fs::DirEntry| fs::read_dir(entry.path()).into_iter().flatten();
        let root = fs::read_dir(folder.join("encodings-2")).unwrap().flatten();
        let mut times: Vec<_> = root
            .flat_map(shard)
            .flatten()
            .map(|entry| {
                use std::os::unix::fs::MetadataExt as _;
                (entry.path(), entry.metadata().unwrap().ino())
            })
            .collect();
        times.sort();
        times
    };
    let before = times(&of_user);
    build(&[], None);
    assert_eq!(times(&of_user), before);
}

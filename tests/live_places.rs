//! Live mode where it is used: in workspaces, libraries and tests, with build scripts that do more than bake,
//! and where it cannot be had.

#![cfg(unix)]

mod support;

use stamped_test_support::{Dir, write};
use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead as _, BufReader, Lines, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};
use support::Project;

/// A library with two bundles, and a program that answers questions on its standard input.
struct Workspace(Project);

/// Writes down its environment, prints what build scripts print, fails in each way, and bakes twice.
const BUILD: &str = r#"
use std::{env, fs};

fn main() -> Result<(), stamped_build::Error> {
    let by = if env::var_os("STAMPED_LIVE").is_some() { "live" } else { "cargo" };
    let mut variables: Vec<_> = env::vars().map(|(name, value)| format!("{name}={value:?}\n")).collect();
    variables.sort();
    fs::write(format!("{}/../{by}.variables", env!("CARGO_MANIFEST_DIR")), variables.concat()).unwrap();

    println!("cargo::rerun-if-changed=mode.txt");
    println!("cargo:rerun-if-env-changed=MOOD");
    println!("cargo::rustc-check-cfg=cfg(has_assets)");
    println!("cargo::rustc-cfg=has_assets");
    println!("cargo::rustc-env=MADE_BY=the script");
    println!("cargo::metadata=answer=42");
    println!("a line that means nothing, cargo::warning=nor this");
    match &*fs::read_to_string("mode.txt").unwrap() {
        "panic" => panic!("it fell over"),
        "exit" => std::process::exit(3),
        "error" => println!("cargo::error=it is wrong"),
        "half" => {
            stamped_build::Pipeline::new("assets").file("half.txt", "half").bake()?;
            eprintln!("the other half is missing");
            std::process::exit(1);
        }
        _ => {}
    }
    let features = env::var_os("CARGO_FEATURE_EXTRA").is_some();
    let package = format!("{} {} {features}", env::var("CARGO_PKG_NAME").unwrap(), env::var("TARGET").unwrap());
    stamped_build::Pipeline::new("assets").file("package.txt", package).bake()?;
    stamped_build::Pipeline::new("../shared/admin").mount("/admin").bundle_name("admin").bake()
}
"#;

const LIBRARY: &str = r#"
pub mod assets { stamped::include_assets!(pub); }
pub mod admin { stamped::include_assets!(pub "admin"); }

#[cfg(has_assets)]
pub const MADE_BY: &str = env!("MADE_BY");

use stamped::http::{Handler, Head};

/// The text of an asset by its URL, or the URL of an asset by its name.
pub fn answer(handlers: &[Handler], question: &str) -> String {
    let url = |handler: &Handler| handler.assets().url(question).map(str::to_owned);
    if let Some(url) = handlers.iter().find_map(url) {
        return url;
    }
    let (method, fields) = Default::default();
    let head = Head::new(&method, question, &fields);
    let Some(response) = handlers.iter().find_map(|one| one.try_respond(head)) else {
        return "neither a name nor a path".to_owned();
    };
    let text = response.into_body().into_bytes();
    String::from_utf8_lossy(&text).replace('\n', " ")
}
"#;

const PROGRAM: &str = r#"
use stamped::http::Handler;

fn main() {
    let with = |word: &str| std::env::args().any(|argument| argument == word);
    let handlers = [&library::assets::ASSETS, &library::admin::ASSETS].map(|assets| {
        let mut handler = Handler::new(assets);
        if with("files") {
            handler = handler.live_files("library/assets");
        }
        if with("live") { handler.live() } else { handler }
    });
    assert_eq!(library::MADE_BY, "the script");
    for question in std::io::stdin().lines() {
        println!("{}", library::answer(&handlers, &question.unwrap()));
    }
}
"#;

/// A test of the program that edits a file.
const TEST: &str = r#"
#[test]
fn an_edit_is_seen() {
    let handlers = [stamped::http::Handler::new(&library::assets::ASSETS).live()];
    std::fs::write("../library/assets/tested.css", "t {}").unwrap();
    let start = std::time::Instant::now();
    loop {
        let answer = library::answer(&handlers, "/static/tested.css");
        if answer == "t {}" {
            break;
        }
        assert!(start.elapsed().as_secs() < 20, "{answer}");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    assert!(library::answer(&handlers, "tested.css").starts_with("/static/tested."));
}
"#;

impl Workspace {
    fn new(name: &str) -> Self {
        let project = Project::new(name);
        // All projects share a target folder, where the same name would stand for the same package.
        let library = format!("{name}-library");
        support::forget_builds(&library);
        fs::remove_file(project.path("build.rs")).unwrap();
        fs::remove_dir_all(project.path("src")).unwrap();
        let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("crates");
        let stamped =
            format!("stamped = {{ path = {:?}, features = [\"live\"] }}", crates.join("stamped"));
        project.write(
            "Cargo.toml",
            "[workspace]\nresolver = '3'\nmembers = ['library', 'program']\n[profile.release]\nopt-level = 0\n",
        );
        let package = "version = '1.2.3'\nedition = '2024'\ndescription = 'a \"description\"'\n";
        project.write(
            "library/Cargo.toml",
            format!(
                "[package]\nname = '{library}'\nlinks = 'nothing'\n{package}[lib]\nname = 'library'\n[features]\nextra = []\n[dependencies]\n\
                 {stamped}\n[build-dependencies]\nstamped-build = {{ path = {:?} }}\n",
                crates.join("stamped-build")
            ),
        );
        project.write("library/build.rs", BUILD);
        project.write("library/src/lib.rs", LIBRARY);
        project.write("library/mode.txt", "");
        project.write("library/assets/a.css", "a {}");
        project.write("shared/admin/b.css", "b {}");
        project.write(
            "program/Cargo.toml",
            format!(
                "[package]\nname = '{name}'\n{package}[dependencies]\n{stamped}\n\
                 library = {{ package = '{library}', path = '../library', features = ['extra'] }}\n"
            ),
        );
        project.write("program/src/main.rs", PROGRAM);
        project.write("program/tests/edit.rs", TEST);
        Workspace(project)
    }

    #[track_caller]
    fn build(&self) {
        let output = self.0.cargo(&["build", "--workspace"]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    /// The environment of the last run of the script.
    fn variables(&self, by: &str) -> BTreeMap<String, String> {
        let text = fs::read_to_string(self.0.path(&format!("{by}.variables"))).unwrap();
        let pair =
            |line: &str| line.split_once('=').map(|(name, value)| (name.into(), value.into()));
        text.lines().filter_map(pair).collect()
    }

    /// The folders in which cargo has built, and run, the script of the library.
    fn script_folders(&self) -> [PathBuf; 2] {
        let out = PathBuf::from(self.variables("cargo")["OUT_DIR"].trim_matches('"'));
        let ran = out.parent().unwrap().to_owned();
        let builds =
            fs::read_dir(ran.parent().unwrap()).unwrap().map(|entry| entry.unwrap().path());
        let program = fs::read(ran.join("out/stamped/assets.run")).unwrap();
        let program = String::from_utf8_lossy(&program).into_owned();
        let compiled = builds
            .into_iter()
            .find(|folder| program.starts_with(&*folder.join("").to_string_lossy()))
            .unwrap();
        [compiled, ran]
    }
}

/// A program to talk to, until it is dropped.
struct Talk {
    process: Child,
    questions: Option<ChildStdin>,
    answers: Lines<BufReader<ChildStdout>>,
    log: PathBuf,
}

impl Talk {
    fn start(command: &mut Command, log: PathBuf) -> Self {
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(fs::File::create(&log).unwrap());
        let mut process = command.spawn().unwrap();
        let answers = BufReader::new(process.stdout.take().unwrap()).lines();
        Talk { questions: process.stdin.take(), process, answers, log }
    }

    #[track_caller]
    fn ask(&mut self, question: &str) -> String {
        writeln!(self.questions.as_ref().unwrap(), "{question}").unwrap();
        match self.answers.next() {
            Some(answer) => answer.unwrap(),
            None => panic!("{}", self.said()),
        }
    }

    /// Asks until the answer is this one: the system tells of a change a moment after it.
    #[track_caller]
    fn becomes(&mut self, question: &str, expected: &str) {
        self.until(question, expected, |answer| answer == expected);
    }

    #[track_caller]
    fn until(&mut self, question: &str, what: &str, is_meant: impl Fn(&str) -> bool) -> String {
        let start = Instant::now();
        loop {
            let answer = self.ask(question);
            if is_meant(&answer) {
                return answer;
            }
            assert!(
                start.elapsed() < Duration::from_secs(20),
                "{answer} is not {what}\n{}",
                self.said()
            );
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Waits until stderr has the text.
    #[track_caller]
    fn says(&mut self, text: &str) {
        let start = Instant::now();
        while !self.said().contains(text) {
            assert!(
                start.elapsed() < Duration::from_secs(20),
                "`{text}` is not in\n{}",
                self.said()
            );
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    fn said(&self) -> String {
        fs::read_to_string(&self.log).unwrap()
    }
}

impl Drop for Talk {
    fn drop(&mut self) {
        // The end of its input ends it.
        self.questions = None;
        let _ = self.process.wait();
    }
}

#[test]
fn a_library_in_a_workspace_is_live_in_its_program_and_in_tests() {
    let workspace = Workspace::new("live-workspace");
    let project = &workspace.0;
    let root = project.root();
    let mut live = Talk::start(
        project
            .command(&["run", "-p", "live-workspace", "--", "live"])
            .current_dir(project.path("program")),
        root.join("run.log"),
    );

    // The script sees the very environment that cargo gave it, though the program runs in that of another
    // package.
    live.until("a.css", "a URL", |url| url.starts_with("/static/a."));
    let (mut of_cargo, mut of_live) = (workspace.variables("cargo"), workspace.variables("live"));
    assert!(of_cargo.contains_key("CARGO_FEATURE_EXTRA") && of_cargo.contains_key("RUSTC"));
    assert_eq!(of_cargo["CARGO_PKG_NAME"], "\"live-workspace-library\"");
    assert!(of_live.remove("STAMPED_LIVE").is_some() && of_live["OUT_DIR"] != of_cargo["OUT_DIR"]);
    for differs in ["OUT_DIR", "CARGO_MAKEFLAGS", "LD_LIBRARY_PATH", "_"] {
        of_live.remove(differs);
        of_cargo.remove(differs);
    }
    assert_eq!(of_live, of_cargo);
    let package = live.ask("/static/package.txt");
    assert!(
        package.starts_with("live-workspace-library ") && package.ends_with(" true"),
        "{package}"
    );

    // Both bundles, in the folder of the script and outside.
    let (first, second) = (live.ask("a.css"), live.ask("b.css"));
    project.write("library/assets/a.css", "a { color: red }");
    live.becomes("/static/a.css", "a { color: red }");
    assert_ne!(live.ask("a.css"), first);
    project.write("shared/admin/b.css", "b { color: red }");
    live.becomes("/admin/b.css", "b { color: red }");
    assert!(live.ask("b.css") != second && live.ask("b.css").starts_with("/admin/b."));
    project.write("shared/admin/more/c.css", "c {}");
    live.until("more/c.css", "a URL", |url| url.starts_with("/admin/more/c."));

    // Another process beside it, in a test of the program.
    let output = project.cargo(&["test", "-p", "live-workspace"]);
    let said = String::from_utf8_lossy(&output.stdout).into_owned()
        + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.contains("an_edit_is_seen ... ok"), "{said}");
    live.becomes("/static/tested.css", "t {}");

    for (mode, message) in [
        ("panic", "it fell over"),
        ("exit", "ended with exit status: 3"),
        ("error", "it is wrong"),
        ("half", "the other half is missing"),
    ] {
        project.write("library/mode.txt", mode);
        live.says(message);
        project.write("library/assets/a.css", format!("a {{ content: '{mode}' }}"));
        assert!(live.ask("/static/half.txt").is_empty());
        project.write("library/mode.txt", "");
        live.becomes("/static/a.css", &format!("a {{ content: '{mode}' }}"));
    }
    assert!(!live.said().contains("nor this"), "{}", live.said());
    drop(live);

    // And a build knows of all that.
    let output = project.cargo(&["run", "-p", "live-workspace", "-q"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let built = fs::read_to_string(project.path("cargo.variables")).unwrap();
    assert!(!built.contains("STAMPED_LIVE"));
}

#[test]
fn where_the_script_cannot_be_run_the_program_says_why_and_serves_what_it_has() {
    let workspace = Workspace::new("live-moved");
    let project = &workspace.0;
    workspace.build();
    let start = |arguments: &[&str], folder: PathBuf| {
        let log = project.root().join("moved.log");
        Talk::start(Command::new(project.program("debug")).args(arguments).current_dir(folder), log)
    };
    let moves = workspace.script_folders().map(|folder| (folder.with_extension("moved"), folder));
    for (there, here) in &moves {
        fs::rename(here, there).unwrap();
        let mut built = start(&["live"], project.path(""));
        project.write("library/assets/a.css", "edited {}");
        assert_eq!(built.ask("/static/a.css"), "a {}");
        let said = built.said();
        for part in ["cannot be read (No such file", "build the program again", "what was built"] {
            assert!(said.contains(part), "{said}");
        }
        let mut files = start(&["live", "files"], project.path(""));
        assert_eq!(files.ask("/static/a.css"), "edited {}");
        assert!(files.said().contains("the answers come from the files"), "{}", files.said());
        fs::rename(there, here).unwrap();
        project.write("library/assets/a.css", "a {}");
    }

    let elsewhere = Dir::new();
    fs::rename(project.path("library"), project.path("books")).unwrap();
    let mut built = start(&["live"], elsewhere.path().to_owned());
    assert_eq!(built.ask("/static/a.css"), "a {}");
    let said = built.said();
    assert!(said.contains("/library` cannot be read") && said.contains("what was built"), "{said}");
    fs::rename(project.path("books"), project.path("library")).unwrap();

    // All is where it was. What cargo has set for a third package does not reach the script.
    let mut command = Command::new(project.program("debug"));
    command.arg("live").current_dir(elsewhere.path()).env("CARGO_FEATURE_FOREIGN", "1");
    let mut live = Talk::start(&mut command, project.root().join("moved.log"));
    write(project.path("library/assets/a.css"), "a { again }");
    live.becomes("/static/a.css", "a { again }");
    assert_eq!(live.said(), "");
    assert!(!workspace.variables("live").contains_key("CARGO_FEATURE_FOREIGN"));
}

//! Drives Chromium through the scripts in `tests/browser`.

use super::Project;
use serde_json::{Value, json};
use std::fs;
use std::io::{BufRead as _, BufReader, Lines, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Once;

/// A server with one thread per connection.
const SERVER: &str = r#"
mod assets { stamped::include_assets!(); }

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};

static STAMPED: AtomicUsize = AtomicUsize::new(0);

fn main() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    println!("http://{}", listener.local_addr().unwrap());
    for stream in listener.incoming().flatten() {
        std::thread::spawn(move || while answer(&stream).is_some() {});
    }
}

fn answer(mut stream: &TcpStream) -> Option<()> {
    let mut lines = BufReader::new(stream).lines().map_while(Result::ok);
    let line = lines.next()?;
    let mut words = line.split(' ');
    let mut request = http::Request::builder().method(words.next()?).uri(words.next()?);
    for line in lines.take_while(|line| !line.is_empty()) {
        let (name, value) = line.split_once(": ")?;
        request = request.header(name, value);
    }
    let request = request.body(()).ok()?;
    if request.uri().path() == "/count" {
        let count = STAMPED.load(Ordering::Relaxed).to_string();
        write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{count}", count.len()).ok()?;
        return Some(());
    }
    if matches!(assets::ASSETS.resolve(request.uri().path()), stamped::Resolved::Exact(_)) {
        STAMPED.fetch_add(1, Ordering::Relaxed);
    }
    let response = stamped::http::Handler::new(&assets::ASSETS).respond(&request);
    let mut head = format!("HTTP/1.1 {}\r\n", response.status());
    for (name, value) in response.headers() {
        head += &format!("{name}: {}\r\n", value.to_str().ok()?);
    }
    stream.write_all((head + "\r\n").as_bytes()).ok()?;
    stream.write_all(&response.into_body().into_bytes()).ok()
}
"#;

/// A program that serves its assets over HTTP.
pub(crate) fn project(name: &str) -> Project {
    let project = Project::new(name);
    project.write("src/main.rs", SERVER);
    manifest(&project, "");
    project
}

/// Rewrites the manifest of such a program, with more sections.
pub(crate) fn manifest(project: &Project, sections: &str) {
    let features = "features = [\"http\"]";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("crates/stamped");
    project
        .manifest(&format!("http = \"1\"\nstamped = {{ path = {path:?}, {features} }}"), sections);
}

/// Builds such a program, and opens its pages. Each has to have the title `done` in the end.
pub(crate) fn crawl<'a>(project: &Project, pages: impl IntoIterator<Item = &'a str>) {
    let output = project.cargo(&["build"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut server = Command::new(project.program("debug")).stdout(Stdio::piped()).spawn().unwrap();
    let mut base = String::new();
    BufReader::new(server.stdout.take().unwrap()).read_line(&mut base).unwrap();
    let pages = pages.into_iter().map(|name| format!("/static/{name}"));
    let crawl = script("crawl.mjs").arg(base.trim()).args(pages).output();
    server.kill().unwrap();
    server.wait().unwrap();
    let crawl = crawl.unwrap();
    print!("{}", String::from_utf8_lossy(&crawl.stdout));
    assert!(crawl.status.success(), "{}", String::from_utf8_lossy(&crawl.stderr));
}

/// A script of `tests/browser`, ready to run. `tests/run` installs what it imports.
pub(crate) fn script(name: &str) -> Command {
    static COPIED: Once = Once::new();
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR"));
    // Node looks for packages beside the script, and there should be none in the repository.
    let beside_packages = workspace.join("target/browser");
    COPIED.call_once(|| {
        fs::create_dir_all(&beside_packages).unwrap();
        for entry in fs::read_dir(workspace.join("tests/browser")).unwrap() {
            let entry = entry.unwrap();
            fs::copy(entry.path(), beside_packages.join(entry.file_name())).unwrap();
        }
    });
    let mut node = Command::new("node");
    node.arg(beside_packages.join(name));
    node
}

/// A browser with tabs, until it is dropped.
pub(crate) struct Browser {
    process: Child,
    commands: Option<ChildStdin>,
    answers: Lines<BufReader<ChildStdout>>,
    heard: Vec<String>,
}

impl Browser {
    /// Starts with the cache and everything else that an earlier browser left in `profile`.
    pub(crate) fn start(profile: &Path) -> Self {
        Self::run_script(script("caching.mjs").arg(profile))
    }

    /// Starts one to which pages behave as to a user's.
    pub(crate) fn start_as_of_user(profile: &Path) -> Self {
        Self::run_script(script("caching.mjs").arg(profile).arg("as-of-user"))
    }

    /// Starts one with more options of Chromium, none of which has a blank in it.
    pub(crate) fn start_with(profile: &Path, options: &[&str]) -> Self {
        let mut script = script("caching.mjs");
        Self::run_script(script.arg(profile).env("STAMPED_CHROMIUM", options.join(" ")))
    }

    fn run_script(script: &mut Command) -> Self {
        let mut process = script.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let commands = process.stdin.take();
        let answers = BufReader::new(process.stdout.take().unwrap()).lines();
        Browser { process, commands, answers, heard: Vec::new() }
    }

    /// Opens a page, and returns its title and the problems that the browser reports.
    pub(crate) fn open(&mut self, tab: u32, url: &str) -> (String, Vec<String>) {
        self.tell(&json!({ "tab": tab, "open": url }))
    }

    /// Reloads the page of a tab.
    pub(crate) fn reload(&mut self, tab: u32) -> (String, Vec<String>) {
        self.tell(&json!({ "tab": tab, "reload": true }))
    }

    /// Runs a script in the page of a tab, and returns its text and the problems that the browser reports.
    pub(crate) fn run(&mut self, tab: u32, script: &str) -> (String, Vec<String>) {
        self.tell(&json!({ "tab": tab, "run": script }))
    }

    /// Empties the cache of HTTP. Service workers keep what they have.
    pub(crate) fn forget(&mut self, tab: u32) {
        let (_, messages) = self.tell(&json!({ "tab": tab, "forget": true }));
        assert_eq!(messages, [] as [&str; 0]);
    }

    /// All problems that the browser has reported since this was asked last.
    pub(crate) fn heard(&mut self) -> Vec<String> {
        std::mem::take(&mut self.heard)
    }

    fn tell(&mut self, command: &Value) -> (String, Vec<String>) {
        writeln!(self.commands.as_ref().unwrap(), "{command}").unwrap();
        let answer = self.answers.next().expect("the browser answers").unwrap();
        let answer: Value = serde_json::from_str(&answer).unwrap();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let messages: Vec<String> =
            answer["messages"].as_array().unwrap().iter().map(text).collect();
        self.heard.extend_from_slice(&messages);
        (text(&answer["value"]), messages)
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // It ends by itself when there is nothing more to do, and writes its cache to the disk first.
        self.commands = None;
        let _ = self.process.wait();
    }
}

//! Checks with the real rust-analyzer what an editor shows in a program with assets.

mod support;

use serde_json::{Value, json};
use stamped_test_support::is_installed;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use support::Project;

/// What rust-analyzer finds wrong in the package: where each is, and what it says.
fn diagnostics(project: &Project) -> Vec<String> {
    // Its own target folder, because it runs the build script itself.
    let output = Command::new("rust-analyzer")
        .arg("diagnostics")
        .arg(project.path("."))
        .env("CARGO_TARGET_DIR", project.root().join("target"))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(said.contains("diagnostic scan complete"), "{said}");
    said.split(['\n', '\r'])
        .filter_map(|line| line.split_once("at crate editor, file ").map(|(_, found)| found.trim()))
        .map(str::to_owned)
        .collect()
}

#[test]
#[ignore = "needs rust-analyzer; tests/run installs it"]
fn an_editor_shows_a_misspelt_name_and_nothing_else() {
    if !is_installed("rust-analyzer --version") {
        return;
    }
    let project = Project::new("editor");
    project.write("assets/css/style.css", "a{}");
    project.write("assets/img/logo.svg", "<svg/>");
    // So large that the linker places the contents.
    project.write("assets/words.txt", "words ".repeat(100_000));
    let program = "\
mod assets { stamped::include_assets!(); }
use assets::{ASSETS, asset, url};

const LOGO: stamped::Asset = asset!(\"img/logo.svg\");

fn main() {
    let link: &str = concat!(\"<link rel=stylesheet href=\", url!(\"css/style.css\"), \">\");
    println!(\"{link} {LOGO} {:?}\", ASSETS.url(\"css/style.css\"));
    println!(\"{:?}\", LOGO.content_type().strip_prefix(\"image/\"));
}
";
    project.write("src/main.rs", program);
    assert_eq!(diagnostics(&project), [] as [String; 0]);

    // Lines are counted from zero.
    project.write(
        "src/main.rs",
        program.replace("asset!(\"img/logo.svg\")", "asset!(\"img/loge.svg\")"),
    );
    let found = diagnostics(&project);
    let named = found.iter().find(|found| found.contains("no asset is named `img/loge.svg`"));
    assert!(named.is_some_and(|found| found.contains("line: 3")), "{found:?}");
}

/// rust-analyzer as an editor runs it, over its standard streams.
struct Editor {
    process: Child,
    answers: BufReader<ChildStdout>,
}

impl Editor {
    fn open(project: &Project) -> Self {
        let mut process = Command::new("rust-analyzer")
            .env("CARGO_TARGET_DIR", project.root().join("target"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let answers = BufReader::new(process.stdout.take().unwrap());
        let mut editor = Editor { process, answers };
        let root = format!("file://{}", project.path(".").canonicalize().unwrap().display());
        let wishes = json!({
            "processId": null,
            "rootUri": root,
            "capabilities": { "experimental": { "serverStatusNotification": true } },
            "initializationOptions": { "checkOnSave": false },
        });
        editor.ask("initialize", wishes);
        editor.send(json!({ "method": "initialized", "params": {} }));
        // Build scripts have run, and all is loaded.
        editor.wait(|message| {
            message["method"] == "experimental/serverStatus"
                && message["params"]["quiescent"] == true
        });
        editor
    }

    /// The names that the editor offers at the end of `before`, where a program goes on with `after`.
    fn completions(&mut self, project: &Project, before: &str, after: &str) -> Vec<String> {
        let uri =
            format!("file://{}", project.path("src/main.rs").canonicalize().unwrap().display());
        let text = format!("{before}{after}");
        self.send(json!({ "method": "textDocument/didOpen", "params": { "textDocument": {
            "uri": uri, "languageId": "rust", "version": 1, "text": text,
        }}}));
        let (lines, last) = (before.matches('\n').count(), before.rsplit('\n').next().unwrap());
        let answer = self.ask(
            "textDocument/completion",
            json!({ "textDocument": { "uri": uri },
                    "position": { "line": lines, "character": last.len() } }),
        );
        let items = answer["items"].as_array().unwrap_or_else(|| panic!("{answer}"));
        items.iter().map(|item| item["label"].as_str().unwrap().to_owned()).collect()
    }

    fn ask(&mut self, method: &str, params: Value) -> Value {
        self.send(json!({ "id": method, "method": method, "params": params }));
        self.wait(|message| message["id"] == method && message.get("method").is_none())["result"]
            .take()
    }

    fn send(&mut self, mut message: Value) {
        message["jsonrpc"] = "2.0".into();
        let message = message.to_string();
        let input = self.process.stdin.as_mut().unwrap();
        write!(input, "Content-Length: {}\r\n\r\n{message}", message.len()).unwrap();
        input.flush().unwrap();
    }

    /// Reads messages until one is this. Requests of the server get an empty answer.
    fn wait(&mut self, is_it: impl Fn(&Value) -> bool) -> Value {
        loop {
            let mut length = 0;
            loop {
                let mut line = String::new();
                assert!(self.answers.read_line(&mut line).unwrap() > 0, "rust-analyzer has ended");
                match line.trim().strip_prefix("Content-Length: ") {
                    Some(number) => length = number.parse().unwrap(),
                    None if line.trim().is_empty() => break,
                    None => {}
                }
            }
            let mut message = vec![0; length];
            self.answers.read_exact(&mut message).unwrap();
            let message: Value = serde_json::from_slice(&message).unwrap();
            if is_it(&message) {
                return message;
            }
            if message.get("method").is_some() && message.get("id").is_some() {
                self.send(json!({ "id": message["id"], "result": null }));
            }
        }
    }
}

impl Drop for Editor {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

#[test]
#[ignore = "needs rust-analyzer; tests/run installs it"]
fn an_editor_completes_the_constants_of_assets() {
    if !is_installed("rust-analyzer --version") {
        return;
    }
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("editor-constants");
    let project = Project::at("editor", &root, "package");
    project.build_script("stamped_build::Pipeline::new(\"assets\").constants(true).bake()");
    project.write("assets/css/style.css", "a{}");
    project.write("assets/css/print.css", "a{}");
    project.write("assets/img/logo.svg", "<svg/>");
    let before = "mod assets { stamped::include_assets!(); }\n\
                  fn main() {\n    println!(\"{}\", assets::css::";
    let after = ");\n}\n";
    project.write("src/main.rs", format!("{before}STYLE_CSS{after}"));
    let mut editor = Editor::open(&project);
    let mut offered = editor.completions(&project, before, after);
    offered.sort_unstable();
    assert_eq!(offered, ["PRINT_CSS", "STYLE_CSS"]);
    drop(editor);
    assert_eq!(diagnostics(&project), [] as [String; 0]);
}

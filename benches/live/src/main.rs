//! Measures how long it takes from saving a file until a browser shows it: in live mode of `stamped`, with
//! a new build and a new start of the same program, and in the development server of Vite.
//!
//!     cargo run --release --manifest-path benches/Cargo.toml -p live -- [--quick] [FILES …]
//!
//! It drives a real Chromium, and needs npm for what does that, and for Vite. Programs are built first.

mod program;
mod site;

use figures::{Table, median};
use program::Program;
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What is edited, as the browser's side names it.
const EDITS: [(&str, &str); 4] = [
    ("style", "a style sheet"),
    ("picture", "a picture below the style sheet"),
    ("module", "a module"),
    ("partial", "a Sass partial"),
];

/// Who shows it.
const CONTESTANTS: [(&str, &str); 3] = [
    ("live", "stamped, live mode"),
    ("build", "stamped, cargo build, start and reload"),
    ("vite", "Vite's development server"),
];

fn main() {
    let (options, sizes): (Vec<String>, Vec<String>) =
        std::env::args().skip(1).partition(|argument| argument.starts_with("--"));
    let is_quick = options.iter().any(|option| option == "--quick");
    let mut sizes: Vec<usize> =
        sizes.iter().map(|size| size.parse().expect("a number of files")).collect();
    if sizes.is_empty() {
        sizes = if is_quick { vec![100, 1_000] } else { vec![100, 1_000, 10_000] };
    }
    // A build takes much longer than the others, and its time varies less.
    let (rounds, builds) = if is_quick { (5, 1) } else { (20, 5) };
    let browser = browser();
    let measured: Vec<Value> =
        sizes.iter().map(|&files| measure(&browser, files, rounds, builds)).collect();
    for (edit, title) in EDITS {
        let title =
            format!("From saving {title} to the browser, median of {rounds} (builds: {builds})");
        let mut table = Table::new(&format!("live/{edit}"), &title, "ms", &headings(&sizes));
        for (contestant, name) in CONTESTANTS {
            table.row(name, measured.iter().map(|size| median_of(&times(size, contestant, edit))));
        }
        let slowest = |size: &Value| shown(times(size, "live", edit).into_iter().reduce(f64::max));
        table.row("stamped, live mode: the slowest", measured.iter().map(slowest));
        table.print();
    }
}

fn headings(sizes: &[usize]) -> Vec<String> {
    sizes.iter().map(|files| format!("{files} files")).collect()
}

/// Infinite for an edit that was not shown in time.
fn times(measured: &Value, contestant: &str, edit: &str) -> Vec<f64> {
    let times = measured[contestant][edit].as_array().expect("times");
    times.iter().map(|time| time.as_f64().unwrap_or(f64::INFINITY)).collect()
}

fn median_of(times: &[f64]) -> Option<f64> {
    shown(Some(median(&mut times.to_vec())))
}

/// Nothing for an edit that was never shown.
fn shown(time: Option<f64>) -> Option<f64> {
    time.filter(|time| time.is_finite())
}

/// Everything that is made here lies below this folder.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/live")
}

/// Builds the programs, and measures all contestants in turns.
fn measure(browser: &Path, files: usize, rounds: usize, builds: usize) -> Value {
    let live = Program::build(&format!("live-{files}"), files);
    let rebuilt = Program::build(&format!("rebuilt-{files}"), files);
    let vite = root().join(format!("vite-{files}"));
    let _ = fs::remove_dir_all(&vite);
    site::write(&vite, files);
    fs::write(vite.join("index.html"), site::PAGE).unwrap();
    let task = json!({
        "rounds": rounds,
        "builds": builds,
        "live": { "program": live.path(), "folder": live.assets() },
        "build": { "program": rebuilt.path(), "folder": rebuilt.assets(), "cargo": rebuilt.cargo() },
        "vite": { "folder": vite },
    });
    let output = Command::new("node")
        .arg(browser.join("measure.mjs"))
        .arg(task.to_string())
        .stderr(Stdio::inherit())
        .output()
        .expect("node runs");
    assert!(output.status.success(), "the browser's side failed");
    serde_json::from_slice(&output.stdout).expect("JSON of times")
}

/// The folder with the browser's side, and the packages beside it.
fn browser() -> PathBuf {
    let folder = root().join("browser");
    fs::create_dir_all(&folder).unwrap();
    for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("browser")).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), folder.join(entry.file_name())).unwrap();
    }
    let status = Command::new("npm")
        .args(["install", "--no-audit", "--no-fund", "--loglevel=error"])
        .current_dir(&folder)
        .stdout(Stdio::null())
        .status()
        .expect("npm runs");
    assert!(status.success(), "npm install failed");
    folder
}

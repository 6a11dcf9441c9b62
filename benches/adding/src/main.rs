//! Measures what it costs to add a crate for assets: processor seconds of a cold build of one small axum
//! program, alone and with each crate, and how many crates come with it.

mod contestant;

use contestant::{CONTESTANTS, Contestant};
use figures::Table;
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike as _;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

const PROFILES: [&str; 2] = ["dev", "release"];

fn main() {
    let [mut processor, mut wall] = [
        ("adding/processor", "a cold build of an axum program", "s of processors"),
        ("adding/wall", "a cold build of an axum program, by the clock", "s"),
    ]
    .map(|(id, title, unit)| Table::new(id, title, unit, &PROFILES));
    let mut crates = Table::new("adding/crates", "crates in that build", "crates", &["crates"]);
    // All contestants, or those that are named.
    let named: Vec<String> = std::env::args().skip(1).collect();
    let is_named = |one: &&Contestant| named.is_empty() || named.iter().any(|name| name == one.name);
    for contestant in CONTESTANTS.iter().filter(is_named) {
        let folder = package(contestant);
        let costs = PROFILES.map(|profile| cold(&folder, profile));
        processor.row(contestant.name, costs.map(|cost| Some(cost.0)));
        wall.row(contestant.name, costs.map(|cost| Some(cost.1)));
        crates.row(contestant.name, [Some(count(&folder) as f64)]);
        fs::remove_dir_all(folder.join("target")).unwrap();
    }
    for table in [processor, wall, crates] {
        table.print();
    }
}

/// Writes the program of a contestant, and fetches all that it needs.
fn package(contestant: &Contestant) -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = here.join("../target/adding").join(contestant.name);
    fs::create_dir_all(folder.join("src")).unwrap();
    fs::create_dir_all(folder.join("assets")).unwrap();
    let crates = here.join("../../crates").canonicalize().unwrap();
    fs::write(folder.join("Cargo.toml"), contestant.manifest(crates.to_str().unwrap())).unwrap();
    fs::write(folder.join("src/main.rs"), contestant.program()).unwrap();
    fs::write(folder.join("assets/style.css"), "body { color: teal }\n").unwrap();
    if let Some(script) = contestant.build_script {
        fs::write(folder.join("build.rs"), script).unwrap();
    }
    run(Command::new("cargo").arg("fetch").current_dir(&folder));
    folder.canonicalize().unwrap()
}

/// The seconds that all processors together and the clock need for a build from nothing.
fn cold(folder: &Path, profile: &str) -> (f64, f64) {
    let _ = fs::remove_dir_all(folder.join("target"));
    let (before, began) = (processors(), Instant::now());
    let mut command = Command::new("cargo");
    command.args(["build", "--offline", "--profile", profile]).env("CARGO_INCREMENTAL", "0");
    run(command.env("CARGO_TARGET_DIR", folder.join("target")).current_dir(folder));
    (processors() - before, began.elapsed().as_secs_f64())
}

/// The seconds that all processes which this one has waited for, and theirs, took.
fn processors() -> f64 {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).unwrap();
    (usage.user_time() + usage.system_time()).num_milliseconds() as f64 / 1000.0
}

/// How many crates are compiled for the program, itself among them.
fn count(folder: &Path) -> usize {
    let mut command = Command::new("cargo");
    command.args(["tree", "--offline", "-e", "normal,build", "--prefix", "none", "--no-dedupe"]);
    let said = run(command.current_dir(folder));
    said.lines().filter_map(|line| line.split(' ').next()).collect::<BTreeSet<_>>().len()
}

fn run(command: &mut Command) -> String {
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}\n{said}");
    String::from_utf8(output.stdout).unwrap()
}

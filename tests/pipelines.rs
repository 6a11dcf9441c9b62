//! Runs the pipelines of docs/versions.md, as far as a machine without their services can: the commands are
//! those of the page.
#![cfg(unix)]

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use support::Project;

const PAGE: &str = include_str!("../docs/versions.md");

/// The first block of this language below a heading.
fn block(heading: &str, language: &str) -> &'static str {
    let section = PAGE.split_once(&format!("\n## {heading}")).expect("the heading").1;
    let block = section.split_once(&format!("```{language}\n")).expect("the block").1;
    block.split_once("\n```").unwrap().0
}

/// The lines of a list in YAML, each with the lines of a block scalar behind it.
fn steps(yaml: &str, prefix: &str) -> Vec<String> {
    let mut steps: Vec<String> = Vec::new();
    let mut inside = None;
    for line in yaml.lines() {
        let indent = line.len() - line.trim_start().len();
        match inside {
            Some(deep) if indent > deep => {
                let step = steps.last_mut().unwrap();
                *step += line.trim_start();
                *step += "\n";
                continue;
            }
            _ => inside = None,
        }
        if let Some(step) = line.trim_start().strip_prefix(prefix) {
            match step {
                "|" => {
                    steps.push(String::new());
                    inside = Some(indent);
                }
                step => steps.push(step.to_owned()),
            }
        }
    }
    steps
}

#[track_caller]
fn sh(folder: &Path, script: &str) -> String {
    let mut command = Command::new("sh");
    command.args(["-ec", script]).current_dir(folder);
    for variable in ["CARGO_TARGET_DIR", "CARGO_MANIFEST_DIR", "OUT_DIR", "SOURCE_DATE_EPOCH"] {
        command.env_remove(variable);
    }
    let bin = Path::new(env!("CARGO_BIN_EXE_stamped")).parent().unwrap();
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
    command
        .env("PATH", path)
        .env("CARGO_NET_OFFLINE", "true")
        .env("STAMPED_CACHE", folder.join("../cache"));
    // The versions count, not how fast the program is.
    command.env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0");
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{script}\n{said}");
    String::from_utf8(output.stdout).unwrap()
}

const MAIN: &str = r#"
mod assets { stamped::include_assets!(); }

fn main() {
    let style = assets::asset!("style.css");
    println!("{style}");
    style.versions().for_each(|version| println!("{version}"));
}
"#;

/// A repository named `shop` with a program and a script that deploys it to `../deployed`, and the folder that all
/// is in.
fn repository(name: &str) -> PathBuf {
    let project = Project::new(&format!("pipeline-{name}")).build_features(&["versions"]);
    let root = project.root().to_owned();
    let manifest = fs::read_to_string(project.path("Cargo.toml")).unwrap();
    let shop = manifest.replace(&format!("name = \"pipeline-{name}\""), "name = \"shop\"");
    assert_ne!(shop, manifest);
    project.write("Cargo.toml", shop);
    let script = PAGE.split_once("```rust,ignore\n").unwrap().1.split_once("\n```").unwrap().0;
    project.write("build.rs", script);
    project.write("src/main.rs", MAIN);
    project.write("assets/style.css", "a { --release: 1 }\n");
    project.write("deploy", "#!/bin/sh\ncp \"$1\" ../deployed\n");
    project.write(".gitignore", "/target\n");
    assert!(project.cargo(&["metadata", "--format-version", "1"]).status.success());
    sh(
        &root,
        "cd package && chmod +x deploy && git init -q -b main && git config user.name a && \
         git config user.email a@localhost && git add . && git commit -qm first && cd .. && \
         git clone -q --bare package origin && git -C package remote add origin ../origin && \
         git -C package fetch -q && git -C package branch -q -u origin/main",
    );
    root
}

/// A fresh checkout, whose output folder is shared so that dependencies are compiled once.
fn checkout(root: &Path) -> PathBuf {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pipelines");
    fs::create_dir_all(&target).unwrap();
    sh(
        root,
        &format!(
            "rm -rf checkout && git clone -q origin checkout && ln -s {} checkout/target",
            target.display()
        ),
    );
    root.join("checkout")
}

/// Commits the next release.
fn edit(root: &Path, release: usize) {
    let style = format!("a {{ --release: {release} }}\n");
    sh(root, "git -C package pull -q --rebase");
    fs::write(root.join("package/assets/style.css"), style).unwrap();
    sh(root, "git -C package commit -qam next && git -C package push -q origin main");
}

/// What the deployed program answers for, after each of three releases.
#[track_caller]
fn check(root: &Path, release: usize, known: &mut Vec<String>) {
    let urls: Vec<String> = sh(root, "./deployed").lines().map(str::to_owned).collect();
    assert_eq!(urls[1..], *known, "release {release}");
    *known = urls;
    assert_eq!(known.len(), release);
}

#[test]
#[ignore = "builds a program several times; tests/run runs it"]
fn github_actions() {
    let root = repository("github");
    let yaml = block("GitHub Actions", "yaml");
    let steps = steps(yaml, "- run: ");
    assert_eq!(steps.len(), 3, "{steps:?}");
    let mut known = Vec::new();
    for release in 1..=3 {
        let checkout = checkout(&root);
        steps.iter().for_each(|step| {
            sh(&checkout, step);
        });
        check(&root, release, &mut known);
        edit(&root, release + 1);
    }
    assert!(sh(&root, "git -C package log --format=%s").contains("Record the release"));
}

#[test]
#[ignore = "builds a program several times; tests/run runs it"]
fn gitlab() {
    let root = repository("gitlab");
    let yaml = block("GitLab", "yaml");
    let script = yaml.split_once("script:\n").unwrap().1.split_once("  rules:").unwrap().0;
    let steps = steps(script, "- ");
    assert_eq!(steps.len(), 2, "{steps:?}");
    let mut known = Vec::new();
    for release in 1..=3 {
        let checkout = checkout(&root);
        // What its cache does.
        sh(&root, "if [ -e versions ]; then mv versions checkout/versions; fi");
        steps.iter().for_each(|step| {
            sh(&checkout, step);
        });
        sh(&root, "mv checkout/versions versions");
        check(&root, release, &mut known);
        edit(&root, release + 1);
    }
}

#[test]
#[ignore = "builds a program several times; tests/run runs it"]
fn dockerfile() {
    let root = repository("docker");
    let dockerfile = block("Docker", "dockerfile");
    let mut known = Vec::new();
    for release in 1..=3 {
        let checkout = checkout(&root);
        // The context of the build: the checkout, and what the last one has left.
        sh(&root, "if [ -e versions ]; then mv versions checkout/versions; fi");
        let mut stage = "";
        for line in dockerfile.lines() {
            let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
            match (word, rest) {
                ("FROM", rest) => stage = rest,
                ("WORKDIR", "/src") | ("COPY", ". .") | ("CMD", _) | ("", _) => {}
                ("RUN", script) => {
                    sh(&checkout, script);
                }
                ("COPY", rest) => {
                    let from = rest.strip_prefix("--from=build /src/").unwrap();
                    let from = from.split(' ').next().unwrap();
                    let to = if stage.ends_with("AS versions") { "versions" } else { "deployed" };
                    sh(&root, &format!("rm -rf {to} && cp -rp checkout/{from} {to}"));
                }
                _ => panic!("{line}"),
            }
        }
        check(&root, release, &mut known);
        edit(&root, release + 1);
    }
}

#[test]
fn a_site_without_a_program() {
    let dir = stamped_test_support::Dir::new();
    let root = dir.mkdirp("site");
    let script = block("Sites without", "sh");
    for release in 1..=3 {
        dir.write("site/style.css", format!("a {{ --release: {release} }}"));
        // A new container has the folder of versions, and nothing else.
        sh(dir.path(), &format!("rm -rf dist\n{script}"));
        let manifest = fs::read_to_string(dir.join("dist/manifest.json")).unwrap();
        assert_eq!(manifest.matches("\"retired\":1").count(), release - 1, "{manifest}");
        let files = fs::read_dir(dir.join("dist/static")).unwrap().flatten();
        let stamped =
            files.filter(|file| file.file_name().to_str().unwrap().ends_with(".css")).count();
        assert_eq!(stamped, release + 1);
    }
    assert!(root.exists());
}

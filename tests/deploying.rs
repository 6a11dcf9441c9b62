//! Runs the builds of docs/deploying.md, as far as a machine without Docker and without crates.io can: the
//! commands, the Dockerfile and the manifest are those of the page. The front end is built by npm itself, but
//! by a script without dependencies in the place of Vite.
#![cfg(unix)]

mod support;

use stamped_test_support::Dir;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use support::Project;

const PAGE: &str = include_str!("../docs/deploying.md");

/// The first block of this language below a heading.
fn block(heading: &str, language: &str) -> &'static str {
    let section = PAGE.split_once(&format!("{heading}\n")).expect("the heading").1;
    let block = section.split_once(&format!("```{language}\n")).expect("the block").1;
    block.split_once("\n```").unwrap().0
}

/// Writes what Vite would, with a name that changes with the content.
const BUNDLER: &str = r#"
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";

const script = readFileSync("src/main.js", "utf8");
const hash = createHash("sha256").update(script).digest("base64url").slice(0, 8);
const file = `assets/main-${hash}.js`;
rmSync("dist", { recursive: true, force: true });
mkdirSync("dist/assets", { recursive: true });
mkdirSync("dist/.vite");
writeFileSync(`dist/${file}`, `${script}//# sourceMappingURL=main-${hash}.js.map\n`);
writeFileSync(`dist/${file}.map`, "{}");
writeFileSync("dist/.vite/manifest.json", JSON.stringify({ "src/main.js": { file, isEntry: true } }));
"#;

/// Prints what a page would have, and the script itself.
const MAIN: &str = r#"
mod assets { stamped::include_assets!(); }

fn main() {
    let entry = assets::entry!("src/main.js");
    println!("{}", entry.tags());
    entry.files().for_each(|file| print!("{}", file.text().unwrap()));
}
"#;

/// A script that compresses well.
fn script(release: usize) -> String {
    let numbers = (0..40).map(|number| format!("export const number{number} = {release};\n"));
    std::iter::once(format!("console.log({release});\n")).chain(numbers).collect()
}

/// The repository of the program `shop`, with its front end not built yet.
fn repository(name: &str) -> Project {
    let project = Project::new(name);
    project.write("build.rs", block("# Docker, Nix, crates.io", "rust,ignore"));
    project.write("src/main.rs", MAIN);
    project.write("web/src/main.js", script(1));
    project.write("web/build.mjs", BUNDLER);
    let package =
        r#"{ "name": "web", "version": "1.0.0", "scripts": { "build": "node build.mjs" } }"#;
    project.write("web/package.json", package);
    project.write(
        "web/package-lock.json",
        r#"{ "name": "web", "version": "1.0.0", "lockfileVersion": 3, "requires": true,
             "packages": { "": { "name": "web", "version": "1.0.0" } } }"#,
    );
    project.write(".gitignore", "/target\n/web/dist\nnode_modules\n");
    project
}

/// A command that sees of this test only what a user's shell would have.
fn command(program: impl AsRef<OsStr>, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir(folder);
    for (variable, _) in std::env::vars_os() {
        let name = variable.to_string_lossy();
        if name.starts_with("CARGO_") || name.starts_with("STAMPED_") || name == "OUT_DIR" {
            command.env_remove(&variable);
        }
    }
    command.env_remove("SOURCE_DATE_EPOCH").env("CARGO_NET_OFFLINE", "true");
    // What is built counts, not how fast it is.
    command.env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0");
    command.envs(std::env::var_os("CARGO_HOME").map(|home| ("CARGO_HOME", home)));
    command
}

#[track_caller]
fn said(command: &mut Command) -> String {
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}\n{said}");
    String::from_utf8(output.stdout).unwrap() + &said
}

#[track_caller]
fn sh(folder: &Path, script: &str) -> String {
    said(command("sh", folder).args(["-ec", script]))
}

/// Taken by each test: what they build has one place.
static BUILDS: Mutex<()> = Mutex::new(());

/// Dependencies are compiled once for both tests.
fn target() -> PathBuf {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("deploying");
    fs::create_dir_all(&target).unwrap();
    target
}

/// What the steps of a Dockerfile do, with a folder for each stage.
struct Docker {
    context: PathBuf,
    root: PathBuf,
    stage: String,
    folder: String,
    environment: Vec<(String, String)>,
}

impl Docker {
    /// The place of a path in a stage.
    fn path(&self, stage: &str, path: &str) -> PathBuf {
        let path = Path::new("/").join(&self.folder).join(path);
        self.root.join(stage).join(path.strip_prefix("/").unwrap())
    }

    fn step(&mut self, line: &str) {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        let here = self.path(&self.stage, "");
        match word {
            "" | "#" | "CMD" => {}
            "FROM" => {
                self.stage = rest.split_once(" AS ").map_or("last", |(_, name)| name).to_owned();
                self.folder = "/".to_owned();
                self.environment.clear();
                fs::create_dir_all(self.path(&self.stage, "usr/local/bin")).unwrap();
            }
            "WORKDIR" => {
                self.folder = rest.to_owned();
                fs::create_dir_all(self.path(&self.stage, "")).unwrap();
            }
            "ENV" => {
                let (variable, path) = rest.split_once('=').unwrap();
                let cache = self.root.join(path.trim_start_matches('/'));
                self.environment.push((variable.to_owned(), cache.display().to_string()));
            }
            "COPY" => {
                let mut words: Vec<&str> = rest.split(' ').collect();
                let to = words.pop().unwrap();
                let from = words[0].strip_prefix("--from=").map(str::to_owned);
                if from.is_some() {
                    words.remove(0);
                }
                for word in words {
                    let script = match &from {
                        None if self.context.join(word).is_dir() => format!(
                            "tar -cf - --exclude-from=.dockerignore {word} | tar -C {} -xpf - --strip-components={}",
                            here.join(to).display(),
                            if word == "." { 0 } else { 1 }
                        ),
                        None => format!("cp -p {word} {}", here.join(to).display()),
                        Some(stage) => {
                            let from = self.path(stage, word);
                            format!(
                                "mkdir -p $(dirname {to}) && cp -rp {} {to}",
                                from.display(),
                                to = self.path(&self.stage, to).display()
                            )
                        }
                    };
                    sh(&self.context, &script);
                }
            }
            "RUN" => {
                let script: Vec<&str> =
                    rest.split(' ').filter(|word| !word.starts_with("--mount=")).collect();
                let mut run = command("sh", &here);
                run.args(["-ec", &script.join(" ")]);
                run.envs(self.environment.iter().map(|(name, value)| (name, value)));
                said(&mut run);
            }
            _ => panic!("{line}"),
        }
    }
}

#[test]
#[ignore = "needs npm, and builds a program several times; tests/run runs it"]
fn dockerfile() {
    let _builds = BUILDS.lock();
    let project = repository("deploying-docker");
    let manifest = fs::read_to_string(project.path("Cargo.toml")).unwrap();
    let manifest = manifest.replace("name = \"deploying-docker\"", "name = \"shop\"");
    project.write("Cargo.toml", manifest);
    assert!(project.cargo(&["metadata", "--format-version", "1"]).status.success());
    let context = project.path("");
    // What is left over on the machine of a developer stays there.
    project.write("web/dist/assets/left-over.js", "left over");
    project.write("web/node_modules/left-over.js", "left over");
    let ignored = block("## Docker", "sh").lines().next().unwrap();
    for release in 1..=2 {
        project.write("web/src/main.js", script(release));
        sh(&context, ignored);
        // A checkout that is older than the layer of the dependencies.
        sh(&context, "find . -type f -exec touch -d 2020-01-01 {} +");
        let root = project.root().join("docker");
        let _ = fs::remove_dir_all(root.join("build"));
        fs::create_dir_all(root.join("build/src")).unwrap();
        std::os::unix::fs::symlink(target(), root.join("build/src/target")).unwrap();
        let mut docker = Docker {
            context: context.clone(),
            root: root.clone(),
            stage: String::new(),
            folder: String::new(),
            environment: Vec::new(),
        };
        block("## Docker", "dockerfile").lines().for_each(|line| docker.step(line));
        let shown = said(&mut command(root.join("last/usr/local/bin/shop"), &context));
        assert!(shown.contains(&format!("console.log({release});\n")), "{shown}");
        assert!(shown.starts_with("<script type=\"module\" src=\"/static/assets/main-"), "{shown}");
        assert!(!root.join("build/src/web/dist/assets/left-over.js").exists());
        assert!(fs::read_dir(root.join("var/cache/stamped")).unwrap().next().is_some());
    }
}

#[test]
#[ignore = "needs npm, and builds a program; tests/run runs it"]
fn a_package_is_built_without_node() {
    let _builds = BUILDS.lock();
    let project = repository("deploying-package");
    let manifest = block("## crates.io", "toml");
    project.write(
        "Cargo.toml",
        format!(
            "{manifest}\n\n[dependencies]\nstamped = \"0.1\"\n\n[build-dependencies]\nstamped-build = \"0.1\"\n\n\
             [workspace]\n"
        ),
    );
    let folder = project.path("");
    sh(
        &folder,
        "git init -q && git add . && git -c user.name=a -c user.email=a@localhost commit -qm first",
    );
    let [npm_ci, npm_build, list, publish] =
        *block("## crates.io", "sh").lines().collect::<Vec<_>>()
    else {
        panic!("other commands")
    };
    sh(&folder, npm_ci);
    sh(&folder, npm_build);

    // The crates of this workspace in the place of those at crates.io.
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("crates");
    let patched = |command: &mut Command| {
        for name in ["stamped", "stamped-build"] {
            command.arg("--config");
            command.arg(format!("patch.crates-io.{name}.path={:?}", crates.join(name)));
        }
        command.env("CARGO_TARGET_DIR", target());
    };
    let cargo = |folder: &Path, words: &str| {
        let mut words = words.split(' ');
        assert_eq!(words.next(), Some("cargo"));
        let mut cargo = command(env!("CARGO"), folder);
        cargo.args(words);
        patched(&mut cargo);
        cargo
    };
    let listed = said(&mut cargo(&folder, list));
    assert!(listed.contains("web/dist/.vite/manifest.json\n"), "{listed}");
    assert!(listed.contains("web/dist/assets/main-"), "{listed}");
    assert!(!listed.contains(".map\n") && !listed.contains("web/src"), "{listed}");

    let package = publish.replace("publish", "package --no-verify");
    said(&mut cargo(&folder, &package));
    // Outside of every workspace.
    let unpacked = Dir::new();
    let archive = target().join("package/shop-0.1.0.crate");
    said(command("tar", unpacked.path()).arg("-xf").arg(&archive));

    // All that a linker needs, and nothing else.
    let tools = project.root().join("tools");
    fs::create_dir_all(&tools).unwrap();
    for tool in ["cc", "ld", "as", "ar"] {
        let there = sh(&folder, &format!("command -v {tool}"));
        std::os::unix::fs::symlink(there.trim(), tools.join(tool)).unwrap();
    }
    let shop = unpacked.join("shop-0.1.0");
    let mut build = cargo(&shop, "cargo build --release");
    build.env("PATH", &tools).env("RUSTC", Path::new(env!("CARGO")).with_file_name("rustc"));
    let built = said(&mut build);
    assert!(!built.contains("warning"), "{built}");
    let node = Command::new("/bin/sh").args(["-c", "command -v node"]).env("PATH", &tools).status();
    assert!(!node.unwrap().success());

    let shown = said(&mut command(target().join("release/shop"), &shop));
    assert!(shown.contains("console.log(1);\n"), "{shown}");
    // The bundler's own name: no time of a checkout or a package is in it.
    let file = listed.lines().find(|line| line.contains("/main-")).unwrap();
    assert!(shown.contains(file.strip_prefix("web/dist/").unwrap()), "{shown}");
}

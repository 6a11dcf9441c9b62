//! Builds programs with the real cargo against the crates of this workspace, and starts servers.
#![allow(dead_code)]

pub(crate) mod browser;
#[cfg(unix)]
pub(crate) mod live;
#[cfg(unix)]
pub(crate) mod nginx;
#[cfg(unix)]
pub(crate) mod objects;
pub(crate) mod recorder;
#[cfg(unix)]
pub(crate) mod server;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Duration;

/// A package in a folder of its own that uses this workspace's crates.
pub(crate) struct Project {
    name: String,
    root: PathBuf,
    package: PathBuf,
    environment: Vec<(String, String)>,
    build_features: &'static [&'static str],
}

/// Bakes `assets`, and leaves a trace of each run outside of the package.
pub(crate) const BUILD: &str = "stamped_build::Pipeline::new(\"assets\").bake()";

/// Prints every asset and checks the way there and back.
pub(crate) const MAIN: &str = r#"
mod assets { stamped::include_assets!(); }
use assets::ASSETS;

fn main() {
    for asset in ASSETS {
        assert_eq!(ASSETS.get(asset.name()), Some(asset));
        assert_eq!(ASSETS.resolve(asset.url()).asset(), Some(asset));
        println!("{} {} {}", asset.name(), asset.url(), asset.bytes().len());
    }
}
"#;

/// Removes what earlier runs of a test left in the output folders of cargo: a bake depends on the last one.
pub(crate) fn forget_builds(name: &str) {
    let is_hash =
        |text: &str| text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    for profile in ["target/debug", "target/release", "target-environment/debug"] {
        let builds = Path::new(env!("CARGO_TARGET_TMPDIR")).join(profile).join("build");
        // There is none before the first test.
        for build in fs::read_dir(builds).into_iter().flatten() {
            let build = build.unwrap();
            let file_name = build.file_name().into_string().unwrap();
            let hash = file_name.strip_prefix(name).and_then(|rest| rest.strip_prefix('-'));
            if hash.is_some_and(is_hash) {
                fs::remove_dir_all(build.path()).unwrap();
            }
        }
    }
}

impl Project {
    /// The package `name` with the assets folder `assets`.
    pub(crate) fn new(name: &str) -> Self {
        let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        let _ = fs::remove_dir_all(&root);
        Self::at(name, &root, "package")
    }

    /// The same, with the package in a folder of that name below `root`.
    pub(crate) fn at(name: &str, root: &Path, folder: &str) -> Self {
        let package = root.join(folder);
        fs::create_dir_all(package.join("assets")).unwrap();
        forget_builds(name);
        let project = Project {
            name: name.to_owned(),
            root: root.to_owned(),
            package,
            environment: Vec::new(),
            build_features: &[],
        };
        project.manifest("", "");
        project.build_script(BUILD);
        project.write("src/main.rs", MAIN);
        let workspace = Path::new(env!("CARGO_MANIFEST_DIR"));
        fs::copy(workspace.join("Cargo.lock"), project.package.join("Cargo.lock")).unwrap();
        project
    }

    /// Rewrites the manifest, with more dependencies and more sections.
    pub(crate) fn manifest(&self, dependencies: &str, sections: &str) {
        let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("crates");
        let manifest = format!(
            "[package]\nname = \"{}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n\
             [dependencies]\n{}{dependencies}\n\n\
             [build-dependencies]\nstamped-build = {{ path = {:?}, features = {:?} }}\n\n{sections}\n",
            self.name,
            if dependencies.contains("stamped") {
                String::new()
            } else {
                format!("stamped = {{ path = {:?} }}\n", crates.join("stamped"))
            },
            crates.join("stamped-build"),
            self.build_features,
        );
        // A workspace of its own, although it lies below this one.
        let workspace = if sections.contains("[workspace]") { "" } else { "[workspace]\n" };
        self.write("Cargo.toml", manifest + workspace);
    }

    /// With these features of `stamped-build`.
    pub(crate) fn build_features(mut self, features: &'static [&'static str]) -> Self {
        self.build_features = features;
        self.manifest("", "");
        self
    }

    /// The build script: `body` is the value of its main.
    pub(crate) fn build_script(&self, body: &str) {
        self.write(
            "build.rs",
            format!(
                r#"fn main() -> Result<(), stamped_build::Error> {{
    use std::io::Write as _;
    let outside = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    let mut runs = std::fs::File::options().append(true).create(true).open(format!("{{outside}}/runs")).unwrap();
    writeln!(runs, "run").unwrap();
    std::fs::write(format!("{{outside}}/out_dir"), std::env::var("OUT_DIR").unwrap()).unwrap();
    {body}
}}
"#
            ),
        );
    }

    pub(crate) fn environment(mut self, variable: &str, value: &str) -> Self {
        self.set_environment(variable, value);
        self
    }

    pub(crate) fn set_environment(&mut self, variable: &str, value: &str) {
        self.environment.retain(|(known, _)| known != variable);
        self.environment.push((variable.to_owned(), value.to_owned()));
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.package.join(path)
    }

    pub(crate) fn write(&self, path: &str, bytes: impl AsRef<[u8]>) {
        stamped_test_support::write(self.path(path), bytes);
    }

    /// Writes a file of this modification time.
    pub(crate) fn write_at(&self, seconds: u64, path: &str, bytes: impl AsRef<[u8]>) {
        stamped_test_support::write_at(seconds, self.path(path), bytes);
    }

    /// Dependencies are compiled once for all projects, except for those with an environment that would
    /// compile them again.
    fn target(&self) -> PathBuf {
        let shared = Path::new(env!("CARGO_TARGET_TMPDIR"));
        shared.join(if self.environment.is_empty() { "target" } else { "target-environment" })
    }

    /// Runs cargo; what stands behind `--` is for the compiler or the program.
    pub(crate) fn cargo(&self, arguments: &[&str]) -> Output {
        let mut command = self.command(arguments);
        // The next change must be later than this build by the clock of the file system.
        std::thread::sleep(Duration::from_millis(20));
        let output = command.output().unwrap();
        std::thread::sleep(Duration::from_millis(20));
        output
    }

    /// The command that runs cargo, not started yet.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let end = arguments.iter().position(|argument| *argument == "--");
        let (arguments, others) = arguments.split_at(end.unwrap_or(arguments.len()));
        let mut command = Command::new(env!("CARGO"));
        command
            .args(arguments)
            .args(["--offline", "--manifest-path"])
            .arg(self.path("Cargo.toml"))
            .args(others)
            .env("CARGO_TARGET_DIR", self.target())
            .env("CARGO_TERM_COLOR", "never")
            // Dozens of programs: what a debugger reads of them would fill the disk.
            .env("CARGO_PROFILE_DEV_DEBUG", "0")
            // As it is for a user, whatever it is for this test.
            .env_remove("CARGO_INCREMENTAL")
            .env_remove("SOURCE_DATE_EPOCH")
            .env_remove("RUSTFLAGS")
            .env_remove("OUT_DIR")
            // Of the package that this test belongs to.
            .env_remove("STAMPED_BUNDLE_assets")
            .env_remove("STAMPED_BUNDLES")
            .current_dir(std::env::temp_dir())
            .envs(self.environment.iter().map(|(variable, value)| (variable, value)));
        command
    }

    /// Builds and runs the program, and returns its output.
    #[track_caller]
    pub(crate) fn run(&self) -> String {
        let output = self.cargo(&["run"]);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{said}");
        assert!(!said.contains("warning"), "{said}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// What the compiler and cargo say of a program that does not build.
    #[track_caller]
    pub(crate) fn fails(&self, command: &str) -> String {
        let output = self.cargo(&[command]);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success(), "{said}");
        said
    }

    /// The program that was built.
    pub(crate) fn program(&self, profile: &str) -> PathBuf {
        self.target().join(profile).join(&self.name).with_extension(std::env::consts::EXE_EXTENSION)
    }

    /// How often the build script has run.
    pub(crate) fn runs(&self) -> usize {
        fs::read_to_string(self.root.join("runs")).unwrap_or_default().lines().count()
    }

    /// A file that the build script has written.
    pub(crate) fn generated(&self, file: &str) -> PathBuf {
        let out_dir = fs::read_to_string(self.root.join("out_dir")).unwrap();
        Path::new(&out_dir).join("stamped").join(file)
    }
}

/// The URL that a line of the program's output gives for `name`.
#[track_caller]
pub(crate) fn url_of<'a>(output: &'a str, name: &str) -> &'a str {
    let line = output.lines().find(|line| line.starts_with(&format!("{name} ")));
    line.and_then(|line| line.split(' ').nth(1))
        .unwrap_or_else(|| panic!("no `{name}` in {output}"))
}

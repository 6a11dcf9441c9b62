//! Makes a package around a folder of assets.

use crate::contestant::Contestant;
use crate::files::{self, Size, root};
use crate::measure::{Cost, measure};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// How a program is built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    Debug,
    Release,
}

impl Profile {
    pub fn name(self) -> &'static str {
        match self {
            Profile::Debug => "debug",
            Profile::Release => "release",
        }
    }
}

/// A contestant's package with assets of one size.
pub struct Project {
    folder: PathBuf,
    name: String,
}

impl Project {
    pub fn new(contestant: &Contestant, size: Size) -> Self {
        let name: String = contestant
            .name
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' })
            .collect();
        let name = format!("{}-{}", name.trim_matches('-'), size.files);
        let folder = root().join(&name);
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(folder.join("src")).unwrap();
        let crates =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../../crates").canonicalize().unwrap();
        let sections = contestant.manifest.replace("{crates}", crates.to_str().unwrap());
        let package = format!(
            "[package]\nname = '{name}'\nversion = '0.0.0'\nedition = '2024'\n\n{sections}\n[workspace]\n"
        );
        fs::write(folder.join("Cargo.toml"), package).unwrap();
        fs::write(folder.join("src/main.rs"), contestant.program).unwrap();
        if let Some(script) = contestant.build_script {
            fs::write(folder.join("build.rs"), script).unwrap();
        }
        copy(&files::folder(size), &folder.join("assets"));
        Project { folder, name }
    }

    /// Compiles everything but the package, and the package once without assets.
    pub fn build_dependencies(&self, profile: Profile) {
        let (assets, aside) = (self.folder.join("assets"), self.folder.join("aside"));
        fs::rename(&assets, &aside).unwrap();
        fs::create_dir(&assets).unwrap();
        fs::write(assets.join("style-0.css"), "a {}").unwrap();
        let output = self.cargo(profile, "build").output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        fs::remove_dir_all(&assets).unwrap();
        fs::rename(&aside, &assets).unwrap();
    }

    /// Forgets what was built of the package itself.
    pub fn clean(&self, profile: Profile) {
        let mut command = self.cargo(profile, "clean");
        command.args(["-p", &self.name]);
        assert!(command.output().unwrap().status.success());
    }

    /// Builds the package. Returns `None` if that failed, after a message.
    pub fn build(&self, profile: Profile) -> Option<Cost> {
        // The next change must be later than this build by the clock of the file system.
        std::thread::sleep(std::time::Duration::from_millis(20));
        let cost = measure(&self.cargo(profile, "build"));
        if let Err(said) = &cost {
            eprintln!("{} does not build:\n{said}", self.name);
        }
        cost.ok()
    }

    /// Where the package lies.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The build script, compiled.
    pub fn build_script(&self, profile: Profile) -> PathBuf {
        let builds = root().join("target").join(profile.name()).join("build");
        let scripts = fs::read_dir(builds).unwrap().flatten().map(|entry| entry.path());
        let is_ours = |path: &PathBuf| {
            let name = path.file_name().unwrap().to_str().unwrap();
            let name = name.rsplit_once('-').map_or(name, |(name, _)| name);
            name == self.name && path.join("build-script-build").exists()
        };
        scripts.filter(is_ours).map(|path| path.join("build-script-build")).next().unwrap()
    }

    /// Edits one style sheet.
    pub fn change(&self, round: usize) {
        let sheet = self.folder.join("assets/group-0/style-0.css");
        let mut text = fs::read_to_string(&sheet).unwrap();
        text.push_str(&format!("/* round {round} */\n"));
        fs::write(sheet, text).unwrap();
    }

    fn cargo(&self, profile: Profile, command: &str) -> Command {
        let mut cargo = Command::new(env!("CARGO"));
        cargo.arg(command).arg("--manifest-path").arg(self.folder.join("Cargo.toml"));
        if profile == Profile::Release {
            cargo.arg("--release");
        }
        // Dependencies are shared.
        cargo.env("CARGO_TARGET_DIR", root().join("target"));
        cargo.env_remove("CARGO_INCREMENTAL");
        cargo
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

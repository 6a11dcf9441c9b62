//! The program that makes the assets: a build script, or the command `stamped`, which can be run again.

use super::slot::Slot;
use crate::files::{self, LIVE, Run, visible};
use alloc::borrow::ToOwned as _;
use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, io};

/// A program that makes assets, and where it writes them.
#[derive(Debug)]
pub(super) struct Script {
    kind: Kind,
    slot: Slot,
}

#[derive(Debug)]
enum Kind {
    /// A build script, and the folder that cargo gave it.
    Build { run: Run, out_dir: PathBuf },
    /// This very program with these arguments, which makes the assets in a folder.
    Itself { arguments: Vec<OsString>, folder: PathBuf },
}

/// What a run has said.
#[derive(Debug, Default)]
pub(super) struct Said {
    /// The files and folders that its output depends on.
    pub(super) watched: BTreeSet<PathBuf>,
    /// What a person should know, each on a line.
    pub(super) warnings: Vec<String>,
    /// With one of these, cargo fails however the script ends.
    errors: Vec<String>,
}

impl Script {
    /// The build script whose run is recorded in this file. The error says why it cannot be run.
    pub(super) fn of(record: &Path) -> Result<Self, String> {
        let unreadable = |path: &Path, error: &io::Error| {
            let path = path.display();
            format!(
                "`{path}` cannot be read ({error}); if a folder was moved, build the program again"
            )
        };
        let bytes =
            files::read(record, u64::MAX).map_err(|error| unreadable(record, &error))?.bytes;
        let run = Run::from_bytes(bytes).map_err(|error| unreadable(record, &error))?;
        for path in [&run.program, &run.folder].map(Path::new) {
            if let Err(error) = path.metadata() {
                return Err(unreadable(path, &error));
            }
        }
        // The record is `OUT_DIR/stamped/NAME.run`.
        let out_dir = record.parent().and_then(Path::parent);
        let of_package = out_dir.and_then(Path::parent);
        let (Some(out_dir), Some(of_package)) = (out_dir, of_package) else {
            return Err(format!("`{}` is not in an output folder of cargo", record.display()));
        };
        let slot = Slot::free_in(&of_package.join("live"))?;
        // What it kept of its last run for cargo.
        slot.take_over(&out_dir.join("stamped"))?;
        Ok(Script { kind: Kind::Build { run, out_dir: out_dir.to_owned() }, slot })
    }

    /// A build script in another language, for tests.
    #[cfg(all(test, unix))]
    pub(super) fn with(run: Run, out_dir: PathBuf) -> Result<Self, String> {
        let slot = Slot::free_in(&out_dir.join("live"))?;
        Ok(Script { kind: Kind::Build { run, out_dir }, slot })
    }

    /// This very program. Its runs write below `slots`.
    pub(super) fn itself(
        arguments: Vec<OsString>,
        folder: PathBuf,
        slots: &Path,
    ) -> Result<Self, String> {
        let slot = Slot::free_in(slots)?;
        Ok(Script { kind: Kind::Itself { arguments, folder }, slot })
    }

    pub(super) fn slot(&self) -> &Slot {
        &self.slot
    }

    /// Where bundles are.
    pub(super) fn folder(&self) -> PathBuf {
        self.slot.bundles()
    }

    /// Whether a change of this path, which lies at `below` in a folder that is watched, is none of the
    /// input: the script itself writes it, or cargo, or nothing that is called so can be an asset.
    pub(super) fn ignores(&self, path: &Path, below: &Path) -> bool {
        if self.slot.holds(path) {
            return true;
        }
        match &self.kind {
            Kind::Build { out_dir, .. } => path.starts_with(out_dir),
            Kind::Itself { .. } => {
                let name = below.to_string_lossy();
                let name = match std::path::MAIN_SEPARATOR {
                    '/' => name,
                    separator => name.replace(separator, "/").into(),
                };
                files::is_hidden_folder(&name) || files::is_leftover(&name)
            }
        }
    }

    /// What is known to be watched before the first run.
    pub(super) fn known(&self) -> Said {
        match &self.kind {
            Kind::Build { out_dir, .. } => {
                let output = out_dir.with_file_name("output");
                // Without it, the first run tells.
                self.said(&fs::read_to_string(output).unwrap_or_default())
            }
            Kind::Itself { .. } => self.said(""),
        }
    }

    /// Runs the script to its end. Returns what it has said, and what it wrote to stderr if it failed.
    pub(super) fn run(&self) -> (Said, Result<(), String>) {
        let output = self.command().env(LIVE, self.slot.out()).stdin(Stdio::null()).output();
        let output = match output {
            Ok(output) => output,
            Err(error) => {
                let why = format!("{} cannot be run: {error}", self.name());
                return (Said::default(), Err(why));
            }
        };
        let said = self.said(&String::from_utf8_lossy(&output.stdout));
        if output.status.success() && said.errors.is_empty() {
            return (said, Ok(()));
        }
        let errors = said.errors.join("\n") + "\n" + &String::from_utf8_lossy(&output.stderr);
        let why = match errors.trim() {
            "" => format!("{} ended with {}", self.name(), output.status),
            errors => {
                let begin = ["Error: ", "stamped: "];
                let text = begin.iter().find_map(|begin| errors.strip_prefix(begin));
                text.unwrap_or(errors).to_owned()
            }
        };
        (said, Err(why))
    }

    fn command(&self) -> Command {
        match &self.kind {
            Kind::Build { run, .. } => {
                let mut command = Command::new(&run.program);
                for (name, _) in
                    env::vars_os().filter(|(name, _)| name.to_str().is_some_and(Run::records))
                {
                    command.env_remove(name);
                }
                command
                    .current_dir(&run.folder)
                    .envs(run.variables.iter().map(|(name, value)| (name, value)))
                    .env("OUT_DIR", self.slot.out())
                    .env_remove("CARGO_MAKEFLAGS");
                command
            }
            Kind::Itself { arguments, .. } => {
                let mut command = Command::new(own_path());
                command.args(arguments);
                command
            }
        }
    }

    /// What it is called in messages.
    fn name(&self) -> String {
        match &self.kind {
            Kind::Build { run, .. } => format!("the build script `{}`", run.program),
            Kind::Itself { .. } => "the run of this program over the folder".to_string(),
        }
    }

    fn said(&self, output: &str) -> Said {
        let mut said = Said::default();
        let from = match &self.kind {
            Kind::Build { run, .. } => Path::new(&run.folder),
            Kind::Itself { folder, .. } => {
                said.watched.insert(folder.clone());
                // Its paths are relative to where both of them run.
                Path::new("")
            }
        };
        for line in output.lines() {
            let Some(line) = line.strip_prefix("cargo:") else { continue };
            match line.trim_start_matches(':').split_once('=') {
                Some(("rerun-if-changed", path)) => {
                    said.watched.insert(from.join(path));
                }
                Some((kind @ ("warning" | "note"), text)) => {
                    said.warnings.push(format!("{kind}: {}", visible(text)));
                }
                Some(("error", text)) => said.errors.push(text.to_owned()),
                _ => {}
            }
        }
        said
    }
}

/// The path of this program. On Linux it works after another one was installed in its place, too.
fn own_path() -> PathBuf {
    let own = Path::new("/proc/self/exe");
    match cfg!(target_os = "linux") && own.exists() {
        true => own.to_owned(),
        // Where the system does not know, running it fails with its name.
        false => std::env::current_exe().unwrap_or_else(|_| "stamped".into()),
    }
}

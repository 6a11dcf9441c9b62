//! The build script as a program that can be run again.

use crate::files::{self, LIVE, Run};
use alloc::borrow::ToOwned as _;
use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, io};

/// How many programs may be live with one build script.
const SLOTS: u32 = 16;

/// A build script, and where it writes.
#[derive(Debug)]
pub(super) struct Script {
    run: Run,
    /// The folder that cargo gave it.
    out_dir: PathBuf,
    /// The folder that it writes to now, which no other process uses.
    slot: PathBuf,
    _lock: File,
}

/// What a run has said.
#[derive(Debug, Default)]
pub(super) struct Said {
    /// The files and folders that its output depends on.
    pub(super) watched: BTreeSet<PathBuf>,
    pub(super) warnings: Vec<String>,
    /// With one of these, cargo fails however the script ends.
    errors: Vec<String>,
}

impl Script {
    /// The script whose run is recorded in this file. The error says why it cannot be run.
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
        let (slot, lock) = free_slot(&of_package.join("live")).map_err(|error| {
            format!("no folder in `{}` can be used: {error}", of_package.join("live").display())
        })?;
        let script = Script { run, out_dir: out_dir.to_owned(), slot, _lock: lock };
        script
            .prepare()
            .map_err(|error| format!("`{}` cannot be prepared: {error}", script.slot.display()))?;
        Ok(script)
    }

    /// Empties the folder, and gives the script what it kept of its last run for cargo.
    fn prepare(&self) -> io::Result<()> {
        let folder = self.folder();
        match fs::remove_dir_all(self.out()) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => fs::create_dir_all(&folder)?,
        }
        for entry in fs::read_dir(self.out_dir.join("stamped"))? {
            let entry = entry?;
            let path = entry.path();
            if path
                .extension()
                .is_some_and(|extension| extension == "memo" || extension == "versions")
            {
                fs::copy(&path, folder.join(entry.file_name()))?;
            }
        }
        Ok(())
    }

    fn out(&self) -> PathBuf {
        self.slot.join("out")
    }

    /// Where bundles are.
    pub(super) fn folder(&self) -> PathBuf {
        self.out().join("stamped")
    }

    /// Whether the path is one that the script itself, or cargo, writes to.
    pub(super) fn writes(&self, path: &Path) -> bool {
        path.starts_with(&self.slot) || path.starts_with(&self.out_dir)
    }

    /// What the script said when cargo ran it last.
    pub(super) fn said_to_cargo(&self) -> Said {
        let output = self.out_dir.with_file_name("output");
        // Without it, the first run tells.
        let text = fs::read_to_string(output).unwrap_or_default();
        self.said(&text)
    }

    /// Runs the script to its end. The error is what it wrote to stderr.
    pub(super) fn run(&self) -> Result<Said, String> {
        let mut command = Command::new(&self.run.program);
        for (name, _) in env::vars_os().filter(|(name, _)| name.to_str().is_some_and(Run::records))
        {
            command.env_remove(name);
        }
        let output = command
            .current_dir(&self.run.folder)
            .envs(self.run.variables.iter().map(|(name, value)| (name, value)))
            .env("OUT_DIR", self.out())
            .env(LIVE, "1")
            .env_remove("CARGO_MAKEFLAGS")
            .stdin(Stdio::null())
            .output()
            .map_err(|error| {
                format!("the build script `{}` cannot be run: {error}", self.run.program)
            })?;
        let said = self.said(&String::from_utf8_lossy(&output.stdout));
        if output.status.success() && said.errors.is_empty() {
            return Ok(said);
        }
        let errors = said.errors.join("\n") + "\n" + &String::from_utf8_lossy(&output.stderr);
        Err(match errors.trim() {
            "" => format!("the build script ended with {}", output.status),
            errors => errors.strip_prefix("Error: ").unwrap_or(errors).to_owned(),
        })
    }

    fn said(&self, output: &str) -> Said {
        let mut said = Said::default();
        for line in output.lines() {
            let Some(line) = line.strip_prefix("cargo:") else { continue };
            match line.trim_start_matches(':').split_once('=') {
                Some(("rerun-if-changed", path)) => {
                    said.watched.insert(Path::new(&self.run.folder).join(path));
                }
                Some(("warning", text)) => said.warnings.push(text.to_owned()),
                Some(("error", text)) => said.errors.push(text.to_owned()),
                _ => {}
            }
        }
        said
    }
}

/// A folder that no other process uses, with the file whose lock says so.
fn free_slot(folder: &Path) -> io::Result<(PathBuf, File)> {
    for number in 0..SLOTS {
        let slot = folder.join(number.to_string());
        fs::create_dir_all(&slot)?;
        let lock = File::options().create(true).append(true).open(slot.join("lock"))?;
        match lock.try_lock() {
            Ok(()) => return Ok((slot, lock)),
            Err(fs::TryLockError::WouldBlock) => {}
            Err(fs::TryLockError::Error(error)) => return Err(error),
        }
    }
    Err(io::Error::new(io::ErrorKind::ResourceBusy, "too many programs are live"))
}

//! How cargo ran a build script, so that live mode can run it again.

use alloc::borrow::ToOwned as _;
use alloc::string::String;
use alloc::vec::Vec;
use std::path::PathBuf;
use std::{env, io};

/// Set for a build script that live mode runs. It then writes for the running program, and not for the
/// compiler.
pub const LIVE: &str = "STAMPED_LIVE";

/// The file name extension of a [`Run`] beside the other files of a bundle.
pub const RUN: &str = "run";

/// The file name extension of the contents that live mode reads.
pub const AREA: &str = "area";

/// The file name extension of the tables that live mode reads.
pub const TABLES: &str = "tables";

/// A run of a build script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// The path of the script, compiled.
    pub program: String,
    /// Its working directory.
    pub folder: String,
    /// The environment variables that cargo set for it, and those that its output depends on.
    pub variables: Vec<(String, String)>,
}

/// Variables that cargo sets for a build script (The Cargo Book, "Environment Variables"), and those
/// that a bundle depends on. Others may be secret, such as the tokens of registries.
const NAMES: [&str; 19] = [
    "CARGO",
    "CARGO_ENCODED_RUSTFLAGS",
    "CARGO_MANIFEST_DIR",
    "CARGO_MANIFEST_LINKS",
    "CARGO_MANIFEST_PATH",
    "DEBUG",
    "HOST",
    "NUM_JOBS",
    "OPT_LEVEL",
    "OUT_DIR",
    "PROFILE",
    "RUSTC",
    "RUSTDOC",
    "RUSTC_LINKER",
    "RUSTC_WORKSPACE_WRAPPER",
    "RUSTC_WRAPPER",
    "SOURCE_DATE_EPOCH",
    "STAMPED_CACHE",
    "TARGET",
];

/// What the names of further ones begin with.
const BEGINNINGS: [&str; 4] = ["CARGO_CFG_", "CARGO_FEATURE_", "CARGO_PKG_", "DEP_"];

impl Run {
    /// The run of this process, which is a build script. `None` if the system does not know it,
    /// or if a path or a value is not UTF-8.
    #[must_use]
    pub fn of_this_process() -> Option<Self> {
        let mut variables = Vec::new();
        for (name, value) in env::vars_os() {
            if let Some(name) = name.to_str().filter(|name| Self::records(name)) {
                variables.push((name.to_owned(), value.to_str()?.to_owned()));
            }
        }
        variables.sort_unstable();
        let text = |path: PathBuf| path.into_os_string().into_string().ok();
        let program = text(env::current_exe().ok()?)?;
        let folder = text(env::current_dir().ok()?)?;
        Some(Run { program, folder, variables })
    }

    /// Whether a variable of this name is recorded where it is set. Another process that has one, as a
    /// program that `cargo run` has started, has that of another package.
    #[must_use]
    pub fn records(name: &str) -> bool {
        NAMES.contains(&name) || BEGINNINGS.iter().any(|beginning| name.starts_with(beginning))
    }

    /// The run as bytes. No path and no variable has a NUL in it.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let variables = self.variables.iter().flat_map(|(name, value)| [name, value]);
        let mut bytes = Vec::new();
        for part in [&self.program, &self.folder].into_iter().chain(variables) {
            bytes.extend_from_slice(part.as_bytes());
            bytes.push(0);
        }
        bytes
    }

    /// Reads what [`to_bytes`](Self::to_bytes) made.
    ///
    /// # Errors
    ///
    /// When it is something else.
    pub fn from_bytes(bytes: Vec<u8>) -> io::Result<Self> {
        let damaged = || io::Error::new(io::ErrorKind::InvalidData, "it is damaged");
        let text = String::from_utf8(bytes).map_err(|_| damaged())?;
        let mut parts = text.strip_suffix('\0').ok_or_else(damaged)?.split('\0');
        let (Some(program), Some(folder)) = (parts.next(), parts.next()) else {
            return Err(damaged());
        };
        let mut variables = Vec::new();
        while let Some(name) = parts.next() {
            let value = parts.next().ok_or_else(damaged)?;
            variables.push((name.to_owned(), value.to_owned()));
        }
        Ok(Run { program: program.to_owned(), folder: folder.to_owned(), variables })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_read_as_it_was_written() {
        let variables = [("CARGO", "/bin/cargo"), ("DEP_A", ""), ("TARGET", "a=b\n")];
        let run = Run {
            program: "/target/build/x/build script".into(),
            folder: "/p\u{e4}ckage".into(),
            variables: variables.map(|(name, value)| (name.into(), value.into())).into(),
        };
        assert_eq!(Run::from_bytes(run.to_bytes()).unwrap(), run);
        for damaged in [b"".as_slice(), b"a\0", b"a\0b\0c\0", b"a\0b", b"\xff\0b\0"] {
            Run::from_bytes(damaged.to_vec()).unwrap_err();
        }
    }

    #[test]
    fn a_run_has_what_cargo_sets_and_no_secrets() {
        let run = Run::of_this_process().unwrap();
        let has = |name: &str| run.variables.iter().any(|(one, _)| one == name);
        // Cargo sets these for tests too.
        assert!(has("CARGO_MANIFEST_DIR") && has("CARGO_PKG_NAME"));
        assert!(!has("PATH") && !has("HOME") && !has("CARGO_HOME"));
    }
}

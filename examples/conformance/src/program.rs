//! The programs of the other packages.

use std::io::{self, BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

/// The packages, in the order of the table.
pub const PROGRAMS: [&str; 7] = ["axum", "hyper", "warp", "poem", "salvo", "actix-web", "rocket"];

/// A program that runs, until it is dropped.
#[derive(Debug)]
pub struct Program {
    process: Child,
    /// Kept open, for those that say more.
    _output: Option<BufReader<ChildStdout>>,
    /// Host and port.
    pub address: String,
}

impl Program {
    /// Builds the programs with the cargo that has built this one, into the same folder. There is
    /// hardly anything left to do then, but cargo knows no other way to have them there.
    pub fn build() -> io::Result<()> {
        let packages = PROGRAMS.map(|name| format!("--package=example-{name}"));
        let status = Command::new(env!("CARGO"))
            .args(["build", "--quiet", "--locked"])
            .args(packages)
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .status()?;
        if status.success() { Ok(()) } else { Err(io::Error::other("the programs do not build")) }
    }

    /// Starts the program of a framework on a port that is free. Its first line is its URL.
    pub fn start(name: &str) -> io::Result<Self> {
        let test = std::env::current_exe()?;
        let folder = test.parent().and_then(Path::parent).unwrap_or(Path::new(""));
        let mut process = Command::new(folder.join(format!("example-{name}")))
            .arg("127.0.0.1:0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let mut line = String::new();
        let mut output = process.stdout.take().map(BufReader::new);
        if let Some(output) = &mut output {
            output.read_line(&mut line)?;
        }
        let address = line.trim().trim_start_matches("http://").trim_end_matches('/').to_owned();
        Ok(Program { process, _output: output, address })
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

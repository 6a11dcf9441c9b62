//! Everything that the command prints. A pipe whose reader has gone is not an error: whoever stopped
//! reading has read enough.

use crate::words;
use serde_json::Value;
use stamped::files::visible;
use stamped_build::{Warning, WarningKind};
use std::io::{self, Write};

/// Prints text to stdout.
pub(crate) fn print(text: &str) -> Result<(), String> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(format!("cannot write to the standard output: {error}"))
        }
        _ => Ok(()),
    }
}

/// Prints a value in one line of JSON.
pub(crate) fn print_json(value: &Value) -> Result<(), String> {
    print(&format!("{value}\n"))
}

/// Prints a line to stderr. A failure has no other place to be reported, and is ignored.
pub(crate) fn note(text: &str) {
    let lines: Vec<_> = text.split('\n').map(visible).collect();
    writeln!(io::stderr().lock(), "stamped: {}", lines.join("\n")).ok();
}

/// Prints warnings to stderr.
pub(crate) fn warn(warnings: &[Warning], quiet: bool) {
    for warning in warnings.iter().filter(|_| !quiet) {
        note(&format!("{}: {}", kind(warning), words::warning(warning)));
    }
}

/// Prints warnings to stdout, for the process in live mode that has started this one.
pub(crate) fn tell(warnings: &[Warning], quiet: bool) -> Result<(), String> {
    warnings.iter().filter(|_| !quiet).try_for_each(|warning| {
        let text = words::warning(warning).replace('\n', " ");
        print(&format!("cargo::{}={text}\n", kind(warning)))
    })
}

fn kind(warning: &Warning) -> &'static str {
    match warning.kind() {
        WarningKind::BundlerNames => "note",
        _ => "warning",
    }
}

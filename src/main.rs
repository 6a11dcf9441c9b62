//! The `stamped` command.

#![warn(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod build;
mod cache;
mod completions;
mod config;
mod file;
mod folder;
mod man;
mod options;
mod output;
mod progress;
mod publish;
mod record;
mod report;
mod resolve;
mod serve;
mod stop;
mod url;
mod values;
mod versions;
mod words;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

const AFTER_HELP: &str =
    "`stamped --help` has an example; `stamped help COMMAND` says more about each command.";

const EXAMPLES: &str = "\
An example:
  $ stamped serve site --mount / --open       look at a folder in the browser
  $ stamped report site --mount /             see what becomes of its files
  $ stamped build site --mount / --out dist   write stamped files, encodings, a manifest
  $ stamped config nginx dist --out conf      write the rules for a server of them

`stamped help COMMAND` says more about each command. In a Rust program, the crates `stamped`
and `stamped-build` do the same at build time.

Exit status:
  0  done
  1  it failed; stderr says why
  2  wrong use: an unknown command or option, or a value that it cannot have";

/// Gives the files of a web site URLs that may be cached for ever
///
/// Every file gets a stamp in its name, style.css becomes style.1452929749.css, and references to it
/// are rewritten. A new version has a new URL, so browsers may keep each version for a year and still
/// see every change at once. Without a command, `stamped` serves the pages in this program.
#[derive(Parser)]
#[command(name = "stamped", version, after_help = AFTER_HELP, after_long_help = EXAMPLES)]
pub(crate) struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    Serve(serve::Serve),
    Build(build::Build),
    Config(config::Config),
    Publish(publish::Publish),
    Report(report::Command),
    Record(record::Record),
    Versions(versions::Versions),
    Url(url::Url),
    Resolve(resolve::Resolve),
    Completions(completions::Completions),
    Man(man::Man),
}

fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        None => serve::own_pages(),
        Some(Command::Serve(serve)) => serve.run(),
        Some(Command::Build(build)) => build.run(),
        Some(Command::Config(config)) => config.run(),
        Some(Command::Publish(publish)) => publish.run(),
        Some(Command::Report(report)) => report.run(),
        Some(Command::Record(record)) => record.run(),
        Some(Command::Versions(versions)) => versions.run(),
        Some(Command::Url(url)) => url.run(),
        Some(Command::Resolve(resolve)) => resolve.run(),
        Some(Command::Completions(completions)) => completions.run(),
        Some(Command::Man(man)) => man.run(),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            output::note(&message);
            ExitCode::FAILURE
        }
    }
}

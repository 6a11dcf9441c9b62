//! The `stamped` command.

#![warn(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod build;
mod config;
mod file;
mod lookup;
mod manual;
mod options;
mod progress;
mod report;
mod serve;
mod words;

use clap::{ArgMatches, Command};
use std::process::ExitCode;

const ABOUT: &str = "Gives the files of a web site URLs that may be cached for ever";

const LONG_ABOUT: &str = "\
Gives the files of a web site URLs that may be cached for ever.

Every file gets a stamp in its name, style.css becomes style.1452929749.css, and what names it is \
rewritten. A new version has a new URL, so browsers may keep each one for a year and still see every \
change at once. Without a command, `stamped` serves the pages in this program.";

const EXAMPLES: &str = "\
An example:
  $ stamped serve site --mount / --open       look at a folder in the browser
  $ stamped report site --mount /             what becomes of its files
  $ stamped build site --mount / --out dist   stamped files, encodings, a manifest
  $ stamped config nginx dist --out conf      rules for a server of them

`stamped help COMMAND` tells more of each. In a Rust program the crates `stamped` and `stamped-build`
do the same at build time.

Exit status:
  0  done
  1  it failed; stderr says why
  2  wrong use: an unknown command or option, or a value that it cannot have";

fn main() -> ExitCode {
    let matches = command().get_matches();
    let outcome = match matches.subcommand() {
        Some(("build", arguments)) => build::run(arguments),
        Some(("url", arguments)) => lookup::url(arguments),
        Some(("report", arguments)) => report::run(arguments),
        Some(("resolve", arguments)) => lookup::resolve(arguments),
        Some(("config", arguments)) => config::run(arguments),
        Some(("completions", arguments)) => manual::completions(command(), arguments),
        Some(("man", arguments)) => manual::man(command(), arguments),
        Some(("serve", arguments)) => serve::run(arguments),
        _ => serve::run(&ArgMatches::default()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("stamped: {message}");
            ExitCode::FAILURE
        }
    }
}

fn command() -> Command {
    Command::new("stamped")
        .version(env!("CARGO_PKG_VERSION"))
        .about(ABOUT)
        .long_about(LONG_ABOUT)
        .after_help("`stamped --help` has an example; `stamped help COMMAND` tells more of each.")
        .after_long_help(EXAMPLES)
        .subcommand(serve::command())
        .subcommand(build::command())
        .subcommand(config::command())
        .subcommand(report::command())
        .subcommand(lookup::url_command())
        .subcommand(lookup::resolve_command())
        .subcommand(manual::completions_command())
        .subcommand(manual::man_command())
}

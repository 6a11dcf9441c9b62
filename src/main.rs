//! The `stamped` command.

#![warn(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod build;
mod config;
mod lookup;
mod options;
mod report;
mod serve;

use clap::{ArgMatches, Command};
use std::process::ExitCode;

fn main() -> ExitCode {
    let matches = command().get_matches();
    let outcome = match matches.subcommand() {
        Some(("build", arguments)) => build::run(arguments),
        Some(("url", arguments)) => lookup::url(arguments),
        Some(("report", arguments)) => report::run(arguments),
        Some(("resolve", arguments)) => lookup::resolve(arguments),
        Some(("config", arguments)) => config::run(arguments),
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
        .about("Serves assets under stamped URLs. Without a command: `serve`.")
        .subcommand(serve::command())
        .subcommand(build::command())
        .subcommand(lookup::url_command())
        .subcommand(lookup::resolve_command())
        .subcommand(report::command())
        .subcommand(config::command())
}

//! `stamped report`: what becomes of a folder.

mod file;
mod inline;
mod json;
mod model;
pub(crate) mod page;
mod table;

use crate::build::say;
use crate::options;
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
pub(crate) use model::Report;
use std::path::PathBuf;

pub(crate) fn command() -> Command {
    let about = "Tells stamps, sizes, encodings and references of all assets";
    options::add(Command::new("report").about(about))
        .arg(
            Arg::new("json")
                .long("json")
                .action(ArgAction::SetTrue)
                .help("Report in JSON, sizes in bytes"),
        )
        .arg(
            Arg::new("html")
                .long("html")
                .value_name("FILE")
                .value_parser(value_parser!(PathBuf))
                .conflicts_with("json")
                .help(
                    "Write a page for a browser instead: a map of the bytes, the references, a table \
                     to search; one file that needs no server and no network",
                ),
        )
}

/// Prints the report, or writes the page.
pub(crate) fn run(arguments: &ArgMatches) -> Result<(), String> {
    let html = arguments.get_one::<PathBuf>("html");
    if let Some(path) = html {
        file::check(path)?;
    }
    // Warnings are part of the report, so they are not told here as well.
    let pipeline = options::pipeline(arguments).encodings(options::encodings(arguments));
    let bundle = pipeline.process().map_err(|error| error.to_string())?;
    let mode = arguments.get_raw("stamp").and_then(|mut values| values.next());
    let mut report =
        Report::of_bundle(&bundle, mode.map(|mode| mode.to_string_lossy().into_owned()));
    let quiet = arguments.get_flag("quiet");
    let Some(path) = html else {
        if arguments.get_flag("json") {
            return say(&format!("{}\n", json::of(&report)));
        }
        if quiet {
            report.warnings = &[];
        }
        return say(&table::of(&report));
    };

    let folder = arguments.get_one::<String>("dir").map(String::as_str).unwrap_or_default();
    file::write(path, page::whole(&report, folder).as_bytes())?;
    if !quiet && !bundle.warnings().is_empty() {
        let count = bundle.warnings().len();
        let warnings = if count == 1 { "warning" } else { "warnings" };
        eprintln!("stamped: {count} {warnings}; the page shows what they say");
    }
    say(&format!("{}: {}\n", path.display(), table::totals(&report.total())))
}

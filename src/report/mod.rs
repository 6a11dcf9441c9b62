//! `stamped report`: what becomes of a folder.

mod inline;
mod json;
mod model;
pub(crate) mod page;
mod table;

use crate::build::say;
use crate::{file, options, words};
use clap::{Arg, ArgMatches, Command, ValueHint, value_parser};
pub(crate) use model::Report;
use std::path::PathBuf;

const ABOUT: &str = "Tells stamps, sizes, encodings and references of all assets";

const LONG_ABOUT: &str = "\
Tells what becomes of a folder: each asset's stamp, its size and that of its encodings, how many others it \
refers to; which ones keep their names, and why; and what refers to nothing.";

const EXAMPLES: &str = "\
Examples:
  stamped report assets
  stamped report assets --html report.html
  stamped report assets --json --encodings none";

pub(crate) fn command() -> Command {
    options::add(Command::new("report").about(ABOUT).long_about(LONG_ABOUT))
        .after_long_help(EXAMPLES)
        .arg(options::json("Report in JSON, sizes in bytes"))
        .arg(
            Arg::new("html")
                .long("html")
                .value_name("FILE")
                .value_hint(ValueHint::FilePath)
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
    let bundle = options::untold(arguments, true)?;
    let warnings: Vec<String> = bundle.warnings().iter().map(words::warning).collect();
    let mode = arguments.get_raw("stamp").and_then(|mut values| values.next());
    let mode = mode.map(|mode| mode.to_string_lossy().into_owned());
    let mut report = Report::of_bundle(&bundle, mode, &warnings);
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

    let folder = arguments.get_one::<PathBuf>("dir").map(|dir| dir.to_string_lossy());
    let folder = folder.unwrap_or_default();
    file::write(path, page::whole(&report, &folder).as_bytes())?;
    if !quiet && !warnings.is_empty() {
        let count = warnings.len();
        let warnings = if count == 1 { "warning" } else { "warnings" };
        eprintln!("stamped: {count} {warnings}; the page shows what they say");
    }
    say(&format!("{}: {}\n", path.display(), table::totals(&report.total())))
}

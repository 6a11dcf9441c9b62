//! `stamped report`: what becomes of a folder.

mod inline;
mod json;
mod model;
pub(crate) mod page;
mod table;

use crate::options::Options;
use crate::{file, output, words};
use clap::{Args, ValueHint};
use model::Report;
use std::path::PathBuf;

const EXAMPLES: &str = "\
Examples:
  stamped report assets
  stamped report assets --html report.html
  stamped report assets --json --encodings none";

/// Shows stamps, sizes, encodings and references of all assets
///
/// Shows what becomes of a folder: the stamp of each asset, its size, the sizes of its encodings, and
/// how many others it refers to; which assets keep their names, and why; and which references lead to
/// nothing.
#[derive(Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Command {
    /// The folder with the assets
    #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
    dir: PathBuf,

    #[command(flatten)]
    options: Options,

    /// Report in JSON, sizes in bytes
    #[arg(long)]
    json: bool,

    /// Write a page for a browser instead: one file that needs no server and no network
    ///
    /// The page has a map of the bytes, the references, and a table to search.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, conflicts_with = "json")]
    html: Option<PathBuf>,
}

impl Command {
    pub(crate) fn run(&self) -> Result<(), String> {
        if let Some(path) = &self.html {
            file::check(path)?;
        }
        // The report lists the warnings.
        let bundle = self.options.silent_bundle(&self.dir, true)?;
        let warnings: Vec<String> = bundle.warnings().iter().map(words::warning).collect();
        let naming = &self.options.naming;
        let mut report = Report::of_bundle(&bundle, Some(naming.mode()), &warnings);
        let Some(path) = &self.html else {
            if self.json {
                return output::print_json(&json::of(&report));
            }
            if naming.quiet {
                report.warnings = &[];
            }
            return output::print(&table::of(&report));
        };

        file::write(path, page::whole(&report, &self.dir.to_string_lossy()).as_bytes())?;
        if !naming.quiet && !warnings.is_empty() {
            let count = warnings.len();
            let warnings = if count == 1 { "warning" } else { "warnings" };
            output::note(&format!("{count} {warnings}; the page shows what they say"));
        }
        output::print(&format!("{}: {}\n", path.display(), table::totals(&report.total())))
    }
}

//! `stamped man`: manual pages.

use crate::{Cli, output};
use clap::{Args, CommandFactory, ValueHint};
use std::path::PathBuf;

const EXAMPLES: &str = "\
Examples:
  stamped man | man -l -
  stamped man --out ~/.local/share/man/man1";

/// Prints the manual page, or writes the pages of all commands
#[derive(Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Man {
    /// Write stamped.1 and a page for each command to this folder
    #[arg(long, value_name = "FOLDER", value_hint = ValueHint::DirPath)]
    out: Option<PathBuf>,
}

impl Man {
    pub(crate) fn run(&self) -> Result<(), String> {
        let command = Cli::command();
        if let Some(folder) = &self.out {
            return std::fs::create_dir_all(folder)
                .and_then(|()| clap_mangen::generate_to(command, folder))
                .map_err(|error| {
                    format!(
                        "cannot write to `{}`: {error}; name a folder that can be written",
                        folder.display()
                    )
                });
        }
        let mut page = Vec::new();
        clap_mangen::Man::new(command.disable_help_subcommand(true))
            .render(&mut page)
            .map_err(|error| format!("cannot make the page: {error}"))?;
        output::print(&String::from_utf8_lossy(&page))
    }
}

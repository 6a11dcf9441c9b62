//! `stamped completions` and `stamped man`: what shells and `man` are told of this command.

use crate::build::say;
use clap::{Arg, ArgMatches, Command, ValueHint, value_parser};
use clap_complete::Shell;
use std::path::PathBuf;

const COMPLETIONS_ABOUT: &str = "Prints the completions for a shell";

const COMPLETIONS_EXAMPLES: &str = "\
Examples:
  stamped completions bash > ~/.local/share/bash-completion/completions/stamped
  stamped completions fish > ~/.config/fish/completions/stamped.fish
  stamped completions zsh > _stamped     in a folder of $fpath

They are there in the next shell.";

const MAN_ABOUT: &str = "Prints the manual page, or writes those of all commands";

const MAN_EXAMPLES: &str = "\
Examples:
  stamped man | man -l -
  stamped man --out ~/.local/share/man/man1";

pub(crate) fn completions_command() -> Command {
    Command::new("completions").about(COMPLETIONS_ABOUT).after_long_help(COMPLETIONS_EXAMPLES).arg(
        Arg::new("shell")
            .value_name("SHELL")
            .required(true)
            .value_parser(value_parser!(Shell))
            .help("The shell"),
    )
}

pub(crate) fn man_command() -> Command {
    Command::new("man").about(MAN_ABOUT).after_long_help(MAN_EXAMPLES).arg(
        Arg::new("out")
            .long("out")
            .value_name("FOLDER")
            .value_parser(value_parser!(PathBuf))
            .value_hint(ValueHint::DirPath)
            .help("Write stamped.1 and a page for each command to this folder"),
    )
}

/// Prints the completions.
pub(crate) fn completions(mut command: Command, arguments: &ArgMatches) -> Result<(), String> {
    let Some(&shell) = arguments.get_one::<Shell>("shell") else {
        return Err("no shell was named".to_owned());
    };
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut command, "stamped", &mut script);
    say(&String::from_utf8_lossy(&script))
}

/// Prints or writes the manual.
pub(crate) fn man(command: Command, arguments: &ArgMatches) -> Result<(), String> {
    if let Some(folder) = arguments.get_one::<PathBuf>("out") {
        return std::fs::create_dir_all(folder)
            .and_then(|()| clap_mangen::generate_to(command, folder))
            .map_err(|error| format!("cannot write to `{}`: {error}", folder.display()));
    }
    let mut page = Vec::new();
    clap_mangen::Man::new(command.disable_help_subcommand(true))
        .render(&mut page)
        .map_err(|error| format!("the page cannot be made: {error}"))?;
    say(&String::from_utf8_lossy(&page))
}

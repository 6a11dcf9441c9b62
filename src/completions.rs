//! `stamped completions`: scripts with which shells complete this command.

use crate::{Cli, output};
use clap::{Args, CommandFactory};
use clap_complete::Shell;

const EXAMPLES: &str = "\
Examples:
  stamped completions bash > ~/.local/share/bash-completion/completions/stamped
  stamped completions fish > ~/.config/fish/completions/stamped.fish
  stamped completions zsh > _stamped     in a folder of $fpath

The next shell that you start completes the command.";

/// Prints the completions for a shell
#[derive(Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct Completions {
    /// The shell
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

impl Completions {
    pub(crate) fn run(&self) -> Result<(), String> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), "stamped", &mut script);
        output::print(&String::from_utf8_lossy(&script))
    }
}

//! `sfcred completions`.

use std::io::Write;

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::{Arguments, Failure, Status, finish};

/// Print what a shell needs to complete commands and options
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Completions {
    /// The shell that is to read it
    #[arg(value_enum)]
    shell: Shell,
}

const EXAMPLES: &str = "\
Examples:
  sfcred completions bash > ~/.local/share/bash-completion/completions/sfcred
  sfcred completions zsh > ~/.zfunc/_sfcred        with ~/.zfunc in fpath, before compinit
  sfcred completions fish > ~/.config/fish/completions/sfcred.fish
  sfcred completions powershell >> $PROFILE";

impl Completions {
    pub fn run(&self, out: &mut dyn Write) -> Result<Status, Failure> {
        // Gathered first: the generator stops with a fault where its output cannot be written.
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Arguments::command(), "sfcred", &mut script);
        finish(out.write_all(&script), out, Status::Clean)
    }
}

//! `sfcred completions`.

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::{Arguments, Failure, Status, finish};
use crate::report::Printer;

/// Print a shell completion script
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Completions {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

const EXAMPLES: &str = "\
Examples:
  sfcred completions bash > ~/.local/share/bash-completion/completions/sfcred
  sfcred completions zsh > ~/.zfunc/_sfcred
  sfcred completions fish > ~/.config/fish/completions/sfcred.fish
  sfcred completions powershell | Out-File -Append -Encoding utf8 $PROFILE

For zsh, add ~/.zfunc to fpath before compinit.";

impl Completions {
    pub fn run(&self, out: &mut Printer<'_>) -> Result<Status, Failure> {
        // Written to memory first, because the generator panics if it cannot write.
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Arguments::command(), "sfcred", &mut script);
        let written = out.verbatim().and_then(|out| out.write_all(&script));
        finish(written, out, Status::Clean)
    }
}

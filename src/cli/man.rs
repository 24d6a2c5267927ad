//! `sfcred man`.

use clap::{Args, CommandFactory};
use clap_mangen::Man;

use super::{Arguments, Failure, Status, finish};
use crate::error::UsageError;
use crate::nearest::nearest;
use crate::report::Printer;

/// Print the manual page of sfcred or of a command
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct ManPage {
    /// A command, such as `lint`
    command: Option<String>,
}

const EXAMPLES: &str = "\
Examples:
  sfcred man | man -l -              read it
  sfcred man lint | man -l -
  sfcred man > man1/sfcred.1         install it
  sfcred man lint > man1/sfcred-lint.1";

impl ManPage {
    pub fn run(&self, out: &mut Printer<'_>) -> Result<Status, Failure> {
        let mut all = Arguments::command().disable_help_subcommand(true);
        all.build();
        let page = match &self.command {
            None => all,
            Some(name) => {
                let names: Vec<&str> = all.get_subcommands().map(clap::Command::get_name).collect();
                let Some(command) = all.find_subcommand(name) else {
                    let nearest = nearest(name, names.iter().copied()).map(str::to_owned);
                    return Err(UsageError::UnknownCommand {
                        name: name.clone(),
                        commands: names.iter().map(|name| (*name).to_owned()).collect(),
                        nearest,
                    }
                    .into());
                };
                let title = format!("sfcred-{name}");
                command.clone().display_name(title).bin_name(format!("sfcred {name}"))
            }
        };
        let mut text = Vec::new();
        let rendered = Man::new(page).render(&mut text);
        let written = rendered.and_then(|()| out.verbatim()?.write_all(&text));
        finish(written, out, Status::Clean)
    }
}

//! `sfcred rules`.

use std::io::Write;

use clap::Args;

use super::{Failure, Format, Status, finish};
use crate::check;
use crate::report::{self, Context, Style};

/// List all rules
#[derive(Debug, Args)]
pub(super) struct Rules {
    /// The form of the list
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

impl Rules {
    pub fn run(&self, style: Style, out: &mut dyn Write) -> Result<Status, Failure> {
        let context = Context { format: self.format.into(), style };
        finish(report::rule_book(check::RULES, &context, out), out, Status::Clean)
    }
}

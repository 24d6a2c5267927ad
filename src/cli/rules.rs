//! `sfcred rules`.

use clap::Args;

use super::{Failure, Format, Status, finish};
use crate::check;
use crate::report::{self, Context, Printer, Style};

/// List all rules
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Rules {
    /// The output format
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

const EXAMPLES: &str = "\
Examples:
  sfcred rules
  sfcred rules --format json > rules.json
  sfcred explain claim-missing       the page of a rule";

impl Rules {
    pub fn run(&self, style: Style, out: &mut Printer<'_>) -> Result<Status, Failure> {
        let context = Context { format: self.format.into(), style };
        finish(report::rules(&check::RULES, &context, out), out, Status::Clean)
    }
}

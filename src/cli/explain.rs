//! `sfcred explain`.

use clap::Args;

use super::{Failure, Status, finish};
use crate::diagnose::answer_in;
use crate::explain::{Topic, topic};
use crate::report::{self, Printer, Style};

/// Explain a rule or a Salesforce error message
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Explain {
    /// The name of a rule, or an error message
    name: String,
}

const EXAMPLES: &str = "\
Examples:
  sfcred explain audience-environment-mismatch
  sfcred explain audience-invalid
  sfcred explain \"audience is invalid\"";

impl Explain {
    pub fn run(&self, style: Style, out: &mut Printer<'_>) -> Result<Status, Failure> {
        let written = match (topic(&self.name), answer_in(&self.name)) {
            (Ok(Topic::Rule(rule)), _) => report::rule_page(rule, style, out),
            (Ok(Topic::Answer(answer)), _) => report::answer_page(answer, style, out),
            // A whole message may have been pasted.
            (Err(_), Some(answer)) => report::answer_page(answer, style, out),
            (Err(error), None) => return Err(error.into()),
        };
        finish(written, out, Status::Clean)
    }
}

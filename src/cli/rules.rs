//! `sfcred rules`.

use clap::Args;

use super::{Failure, FormatOption, Status, finish};
use crate::check;
use crate::error::UsageError;
use crate::explain::{answer, answer_names};
use crate::report::{self, Context, Format, Printer, Style};
use crate::rule::Rule;

/// List all rules
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Rules {
    /// List only what contains this word in its name or summary
    word: Option<String>,
    /// List the Salesforce error messages that `diagnose` and `explain` recognize
    #[arg(long)]
    answers: bool,
    #[command(flatten)]
    output: FormatOption,
}

const EXAMPLES: &str = "\
Examples:
  sfcred rules
  sfcred rules certificate           rules about certificates
  sfcred rules --answers audience    error messages about the audience
  sfcred rules --json > rules.json
  sfcred explain claim-missing       the page of a rule";

impl Rules {
    pub fn run(&self, style: Style, out: &mut Printer<'_>) -> Result<Status, Failure> {
        let context = Context { format: self.output.format(), style };
        let word = self.word.as_deref().unwrap_or_default().to_ascii_lowercase();
        let contains = |text: &str| text.to_ascii_lowercase().contains(&word);
        if self.answers {
            if context.format == Format::Json {
                return Err(UsageError::Options {
                    message: "`--answers` prints text only".into(),
                    hint: "`sfcred rules --json` lists the answers of each rule".into(),
                }
                .into());
            }
            let answers = answer_names()
                .filter_map(|name| Some((name, answer(name)?.head.says.as_str())))
                .filter(|(name, says)| contains(name) || contains(says));
            return finish(report::answers(answers, style, out), out, Status::Clean);
        }
        let rules: Vec<&Rule> = check::RULES
            .iter()
            .filter(|rule| contains(rule.name) || contains(&rule.page().summary))
            .collect();
        finish(report::rules(&rules, &context, out), out, Status::Clean)
    }
}

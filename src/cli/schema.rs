//! `sfcred schema`.

use std::io::Write;

use clap::Args;
use clap::builder::PossibleValuesParser;

use super::{Failure, Status, finish};
use crate::report::Printer;
use crate::schema;

/// Print a JSON Schema: for `sfcred.toml`, `sfcred.yaml` or a JSON output
///
/// With the schemas of both files, editors complete, validate and explain their keys; files written
/// by `sfcred init` name their schema. Without a name, lists the schemas.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Schema {
    /// The schema to print
    #[arg(value_name = "NAME", value_parser = PossibleValuesParser::new(schema::ALL.iter().map(|schema| schema.name)))]
    name: Option<String>,
}

const EXAMPLES: &str = "\
Examples:
  sfcred schema
  sfcred schema description > sfcred-description.json
  sfcred schema lint                 the output of `sfcred lint --format json`";

impl Schema {
    pub fn run(&self, out: &mut Printer<'_>) -> Result<Status, Failure> {
        let written = match self
            .name
            .as_deref()
            .and_then(|name| schema::ALL.iter().find(|schema| schema.name == name))
        {
            Some(schema) => out.verbatim()?.write_all(schema.text.as_bytes()),
            None => list(out),
        };
        finish(written, out, Status::Clean)
    }
}

fn list(out: &mut Printer<'_>) -> std::io::Result<()> {
    let width = schema::ALL.iter().map(|schema| schema.name.len()).max().unwrap_or_default();
    for schema in schema::ALL {
        writeln!(out, "{:width$}  {}", schema.name, schema.about)?;
    }
    writeln!(out, "\n`sfcred schema NAME` prints one of them.")
}

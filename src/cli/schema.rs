//! `sfcred schema`.

use std::io::Write;

use clap::Args;
use clap::builder::PossibleValuesParser;

use super::{Failure, Status, finish};
use crate::schema;

/// Print a JSON Schema: of `sfcred.toml`, of `sfcred.yaml`, or of what is written for machines
///
/// Editors complete, check and explain the keys of both files with them; `sfcred init` writes files that name their schema. Without a
/// name, lists the schemas there are.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Schema {
    /// Which schema
    #[arg(value_name = "NAME", value_parser = PossibleValuesParser::new(schema::ALL.iter().map(|schema| schema.name)))]
    name: Option<String>,
}

const EXAMPLES: &str = "\
Examples:
  sfcred schema
  sfcred schema description > sfcred-description.json
  sfcred schema lint                   what `sfcred lint --format json` keeps to";

impl Schema {
    pub fn run(&self, out: &mut dyn Write) -> Result<Status, Failure> {
        let written = match self
            .name
            .as_deref()
            .and_then(|name| schema::ALL.iter().find(|schema| schema.name == name))
        {
            Some(schema) => out.write_all(schema.text.as_bytes()),
            None => list(out),
        };
        finish(written, out, Status::Clean)
    }
}

fn list(out: &mut dyn Write) -> std::io::Result<()> {
    let width = schema::ALL.iter().map(|schema| schema.name.len()).max().unwrap_or_default();
    for schema in schema::ALL {
        writeln!(out, "{:width$}  {}", schema.name, schema.about)?;
    }
    writeln!(out, "\n`sfcred schema NAME` prints one")
}

//! `sfcred graph`.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;

use super::project::{Project, or_here};
use super::target_org::TargetOrgs;
use super::{Environment, Failure, Status, finish};
use crate::graph::{Focus, Graph as Trust};
use crate::report::{self, GraphFormat, Printer, Style};

/// Show who trusts whom with what: orgs, apps, credentials, certificates, permissions, users and Apex
///
/// Each line or arrow leads from what depends to what it depends on: Apex to the named credential that it calls, a
/// credential to the app that it logs in to. What errors and warnings of `sfcred lint` are about is marked. The output
/// changes only if the setup does, so it can be committed and compared.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Graph {
    /// Folders, files and Metadata API zips [default: the working directory]
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// The output format
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: GraphFormat,
    /// The same as `--format json`
    #[arg(long, conflicts_with = "format")]
    json: bool,
    /// Only what depends on a component, user or org, and what it depends on
    #[arg(long, value_name = "NAME", conflicts_with_all = ["certificates", "who_can"])]
    around: Option<String>,
    /// Only who can use a component: users, permission sets, Apex and credentials
    #[arg(long, value_name = "NAME", conflicts_with = "certificates")]
    who_can: Option<String>,
    /// Only certificates and what depends on them, those that expire first at the top
    #[arg(long)]
    certificates: bool,
    #[command(flatten)]
    project: Project,
    #[command(flatten)]
    target_orgs: TargetOrgs,
}

const EXAMPLES: &str = "\
Examples:
  sfcred graph                         everything, as text
  sfcred graph hub spoke --format mermaid
                                       a diagram for Markdown
  sfcred graph --format dot | dot -Tpdf > trust.pdf
  sfcred graph --format svg > trust.svg
  sfcred graph --certificates          what to change when a certificate expires
  sfcred graph --who-can Spoke_Org     who can make this callout
  sfcred graph --around Hub_Org --format svg > Hub_Org.svg

Exit codes:
  0  the graph is written
  2  could not run";

impl Graph {
    pub fn run(
        &self,
        environment: &Environment<'_>,
        style: Style,
        out: &mut Printer<'_>,
        err: &mut Printer<'_>,
    ) -> Result<Status, Failure> {
        let mut options = self.project.options(&or_here(&self.paths), environment)?;
        options.judge_everything = true;
        let from_orgs = self.target_orgs.lint(&self.paths, &options, environment, style, err)?;
        let report = match from_orgs {
            Some(from_orgs) => from_orgs.report,
            None => crate::pipeline::lint(&or_here(&self.paths), &options)?,
        };
        let focus = match (&self.around, &self.who_can, self.certificates) {
            (Some(name), ..) => Focus::Around(name.clone()),
            (None, Some(name), _) => Focus::WhoCan(name.clone()),
            (None, None, true) => Focus::Certificates,
            (None, None, false) => Focus::Everything,
        };
        let graph = Trust::new(&report).focused(&focus)?;
        let format = if self.json { GraphFormat::Json } else { self.format };
        let written = if format == GraphFormat::Text {
            report::graph(&graph, &focus, &report, format, style, out)
        } else {
            report::graph(&graph, &focus, &report, format, style, out.verbatim()?)
        };
        if format == GraphFormat::Mermaid && graph.edges.len() > report::MERMAID_EDGES {
            // A failure to write cannot be reported.
            let _ = writeln!(
                err,
                "note: the graph has {} edges, and Mermaid draws at most {} unless it is configured; use `--around NAME`, or another format",
                graph.edges.len(),
                report::MERMAID_EDGES
            );
        }
        finish(written, out, Status::Clean)
    }
}

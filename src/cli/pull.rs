//! `sfcred pull`.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::Args;

use super::target_org::{Reading, print_unknown, read};
use super::{Environment, Failure, Status, finish};
use crate::error::{Error, PullError};
use crate::options::Options;
use crate::pull::{self, Difference, Pulled};
use crate::report::{self, Printer, Style};
use crate::{atomic_write, discover, init};

/// Read the credential setup of orgs through the Salesforce CLI
///
/// Retrieves the metadata of credentials, apps, permission sets and certificates, and asks for what
/// no metadata contains: who has the permission sets, which users exist and are active, who is
/// approved for an app, and whether principals are configured. Writes a folder per org and
/// `sfcred.yaml`, which `sfcred lint` and `sfcred trace` read. Uses the logins of your Salesforce
/// CLI; sfcred itself never sees a token. Nothing in the orgs is changed.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Pull {
    /// An org: a name of your choice, and its alias or username in the Salesforce CLI (`sf org
    /// list`); `hub` alone means `hub=hub`
    #[arg(value_name = "NAME=ALIAS", required_unless_present = "package_xml")]
    targets: Vec<String>,
    /// The folder to write to
    #[arg(long, value_name = "DIR", default_value = "orgs")]
    into: PathBuf,
    /// Replace what an earlier run wrote, also where you edited it; without it, a second run prints
    /// what has changed
    #[arg(long)]
    force: bool,
    /// Print the commands instead of running them
    #[arg(long, conflicts_with_all = ["force", "package_xml"])]
    dry_run: bool,
    /// Print the `package.xml` of what is retrieved, for other tools
    #[arg(long, conflicts_with = "force")]
    package_xml: bool,
    #[command(flatten)]
    reading: Reading,
}

const EXAMPLES: &str = "\
Examples:
  sfcred pull hub=my-prod spoke=billing-uat
                                  two orgs, into the folder `orgs`
  sfcred lint orgs                check what was read
  sfcred trace Spoke_Org orgs     where a callout would fail
  sfcred pull hub spoke --force   read again, and replace
  sfcred pull hub spoke --user batch@acme.example.uat
                                  only the assignments of this user
  sfcred pull hub --dry-run       the `sf` commands, to run them by hand
  sfcred pull --package-xml > package.xml

Needs the Salesforce CLI (`npm install --global @salesforce/cli`), logged in to
the orgs (`sf org login web --alias my-prod`). No token and no secret is read,
and nothing in the orgs is changed. Add the users who run the callouts to
`callouts_run_as` in the `sfcred.yaml` that is written, or name them with
`--user`.

Environment:
  SFCRED_SF          the Salesforce CLI [default: `sf` on PATH]
  SFCRED_SF_TIMEOUT  seconds that one command may take [default: 600]

Exit codes:
  0  written, or nothing has changed
  1  something has changed since an earlier run; nothing was written
  2  could not run; nothing was written";

impl Pull {
    pub fn run(
        &self,
        environment: &Environment<'_>,
        style: Style,
        out: &mut Printer<'_>,
        err: &mut Printer<'_>,
    ) -> Result<Status, Failure> {
        let request = self.reading.request(&self.targets)?;
        if self.package_xml {
            let written = out.write_all(pull::package(&request).as_bytes());
            return finish(written, out, Status::Clean);
        }
        if self.dry_run {
            let lines = pull::commands(&request);
            let written = lines.iter().try_for_each(|line| writeln!(out, "{line}"));
            return finish(written, out, Status::Clean);
        }
        let working_directory = &environment.working_directory;
        let folder = discover::normalized(&working_directory.join(&self.into));
        let names: Vec<&str> = request.targets.iter().map(|target| target.name.as_str()).collect();
        // Before anything takes time.
        earlier(&folder, &names)?;
        let options = Options::new(environment.today, working_directory.clone());
        let (_, pulled) = read(&request, &options, environment, err)?;
        let old = earlier(&folder, &names)?;
        let differences = pull::differences(&old, &pulled.files);
        let is_new = old.is_empty();
        let writes = is_new || self.force && !differences.is_empty();
        if writes {
            let removed: Vec<&str> = differences
                .iter()
                .filter_map(|difference| match difference {
                    Difference::Removed(name) => Some(name.as_str()),
                    Difference::Added(_) | Difference::Changed(..) => None,
                })
                .collect();
            atomic_write::write_folder(&folder, &pulled.files, &removed)?;
        }
        let shown = discover::relative(&folder, working_directory);
        let summary = Summary {
            pulled: &pulled,
            folder: if shown.is_empty() { "." } else { &shown },
            differences: if is_new { &[] } else { &differences },
            was_written: writes,
            is_new,
            is_personal: !request.only_metadata,
            style,
        };
        print_unknown(&pulled, style, err);
        let status =
            if writes || differences.is_empty() { Status::Clean } else { Status::Findings };
        finish(summary.write(out), out, status)
    }
}

/// The files of an earlier run; none if there was none.
fn earlier(folder: &Path, names: &[&str]) -> Result<BTreeMap<String, Vec<u8>>, Error> {
    let foreign = |path: PathBuf| Error::from(PullError::Foreign { path });
    let old = discover::read_folder(folder, init::DESCRIPTION, names).map_err(foreign)?;
    let description = old.get(init::DESCRIPTION);
    let is_own = description.is_some_and(|text| pull::is_own(text));
    match old.keys().next() {
        None => Ok(old),
        Some(_) if is_own => Ok(old),
        Some(first) => Err(foreign(folder.join(first))),
    }
}

/// What happened.
struct Summary<'a> {
    pulled: &'a Pulled,
    folder: &'a str,
    differences: &'a [Difference],
    was_written: bool,
    is_new: bool,
    is_personal: bool,
    style: Style,
}

/// Lines of a description that are shown as changed.
const MAX_LINES: usize = 20;

impl Summary<'_> {
    fn write(&self, out: &mut Printer<'_>) -> io::Result<()> {
        let line = |text: &str| report::line_for_terminal(text, self.style);
        for org in &self.pulled.orgs {
            let host = org.identity.my_domain.as_ref().map(|host| host.as_str().to_owned());
            let kind =
                org.identity.kind.as_ref().ok().map(|kind| pull::kind_name(*kind).to_owned());
            let about: Vec<String> = host.into_iter().chain(kind).collect();
            let files = match org.file_count() {
                0 => "no credential metadata".to_owned(),
                1 => "1 file".to_owned(),
                count => format!("{count} files"),
            };
            let about =
                if about.is_empty() { String::new() } else { format!(" ({})", about.join(", ")) };
            writeln!(
                out,
                "{}",
                line(&format!("{}{about}: {files}{}", org.target.name, org.counts()))
            )?;
        }
        self.changes(out)?;
        let folder = self.folder;
        match (self.was_written, self.is_new) {
            (true, _) => writeln!(
                out,
                "{}",
                line(&format!("Wrote {folder}/{}, and the metadata next to it", init::DESCRIPTION))
            )?,
            (false, _) if self.differences.is_empty() => {
                writeln!(
                    out,
                    "{}",
                    line(&format!("Nothing has changed since {folder} was written"))
                )?;
            }
            (false, _) => writeln!(
                out,
                "Nothing was written; `--force` replaces the old files, with your changes to {}",
                init::DESCRIPTION
            )?,
        }
        if self.was_written && self.is_personal {
            writeln!(
                out,
                "The folder contains usernames and consumer keys: only your user can open it. Do not commit it to a public repository"
            )?;
        }
        for (heading, next) in [
            ("Next: ", format!("sfcred lint {folder}")),
            ("      ", format!("sfcred trace {folder}")),
            ("      ", format!("sfcred diagnose --message \"ERROR MESSAGE\" {folder}")),
        ] {
            writeln!(out, "{heading}{}", line(&next))?;
        }
        Ok(())
    }

    fn changes(&self, out: &mut Printer<'_>) -> io::Result<()> {
        let line = |text: &str| report::line_for_terminal(text, self.style);
        for difference in self.differences {
            match difference {
                Difference::Added(name) => {
                    writeln!(out, "{}", line(&format!("  new      {name}")))?
                }
                Difference::Removed(name) => {
                    writeln!(out, "{}", line(&format!("  removed  {name}")))?
                }
                Difference::Changed(name, removed, added) => {
                    writeln!(out, "{}", line(&format!("  changed  {name}")))?;
                    let lines = removed.iter().map(|text| ('-', text));
                    let lines = lines.chain(added.iter().map(|text| ('+', text)));
                    for (sign, text) in lines.take(MAX_LINES) {
                        writeln!(out, "{}", line(&format!("             {sign} {text}")))?;
                    }
                    let more = (removed.len() + added.len()).saturating_sub(MAX_LINES);
                    if more > 0 {
                        writeln!(out, "             and {more} more lines")?;
                    }
                }
            }
        }
        Ok(())
    }
}

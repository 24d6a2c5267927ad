//! `sfcred migrate`.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::{Path, PathBuf};

use clap::Args;

use super::file_change::{FileChange, distinct, patches, write};
use super::project::{Project, is_name, or_here};
use super::{Environment, Failure, FormatOption, Status, finish};
use crate::autofix::edits::{Change, apply};
use crate::discover::{self, Disk};
use crate::error::{Error, UsageError};
use crate::filter::known_org;
use crate::migrate::{self, Edits, Migration, Request, State};
use crate::model::{Named, Unreadable, same_component};
use crate::nearest::nearest;
use crate::pipeline::Report;
use crate::report::{self, Outcome, Printer, Style};
use crate::source::{FileId, Sources, relative};

/// Move legacy named credentials to external credentials
///
/// Prints a plan: what each element becomes, what has to be entered again, who calls the
/// credential, the order without downtime, and what behaves differently afterwards. By default, the
/// new named credential gets a new name, so that callers can be switched one after the other:
/// first add the new files, then `--switch` the callers, then `--remove` the old file. Secrets are
/// never copied or printed.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Migrate {
    /// Named credentials, and the folders and files to read [default: the working directory]
    #[arg(value_name = "NAME]... [PATH")]
    words: Vec<PathBuf>,
    /// Migrate all legacy named credentials
    #[arg(long, conflicts_with_all = ["credentials", "name"])]
    all: bool,
    /// A named credential, if its name is also a path; can be repeated
    #[arg(long = "credential", value_name = "NAME")]
    credentials: Vec<String>,
    /// Only credentials of this org
    #[arg(long, value_name = "ORG")]
    org: Option<String>,
    /// The name of the new named credential [default: the old name and `_V2`]
    #[arg(long, value_name = "NEW_NAME", conflicts_with = "keep_name")]
    name: Option<String>,
    /// Replace the file, so that the name stays the same; callouts fail until everything is set up
    #[arg(long, conflicts_with = "remove")]
    keep_name: bool,
    /// Also change Apex, external services and external data sources that call it
    #[arg(long)]
    switch: bool,
    /// Also remove the old file, if nothing calls it
    #[arg(long)]
    remove: bool,
    /// Print the changes as a patch for `git apply`
    #[arg(long, conflicts_with_all = ["write", "format", "json"])]
    diff: bool,
    /// Write the files: all or none
    #[arg(long, conflicts_with_all = ["format", "json"])]
    write: bool,
    #[command(flatten)]
    output: FormatOption,
    #[command(flatten)]
    project: Project,
}

const EXAMPLES: &str = "\
Examples:
  sfcred migrate Spoke_Org                    the plan
  sfcred migrate Spoke_Org --diff             the new files as a patch
  sfcred migrate Spoke_Org --write            add the new files
  sfcred migrate Spoke_Org --switch --write   make its callers use the new one
  sfcred migrate Spoke_Org --remove --write   remove the old file
  sfcred migrate --all --format json

An argument is a named credential unless it is a path.

Exit codes:
  0  every named credential can be migrated, or is migrated
  1  one of them cannot, or a change is not in the patch
  2  could not run";

impl Migrate {
    pub fn run(
        &self,
        environment: &Environment<'_>,
        style: Style,
        out: &mut Printer<'_>,
        err: &mut Printer<'_>,
    ) -> Result<Status, Failure> {
        self.check_name()?;
        let folder = &environment.working_directory;
        let (names, paths) = self.names_and_paths(&self.project.disk(&[], folder)?, folder)?;
        let paths = or_here(&paths);
        let options = self.project.options(&paths, environment)?;
        let report = crate::pipeline::lint(&paths, &options)?;
        let org = self.org.as_deref();
        org.map_or(Ok(()), |name| known_org(&report.workspace, name))?;
        let (selected, unreadable) = if self.all {
            let all = report.workspace.unreadable.iter();
            let unreadable = all.filter(|file| file.type_name == "NamedCredential").collect();
            (migrate::legacy(&report.workspace, org), unreadable)
        } else {
            let (selected, unknown) = migrate::select(&report.workspace, &names, org);
            (selected, unreadable(&report, &unknown)?)
        };
        let request = Request {
            name: self.name.clone(),
            keep_name: self.keep_name,
            switch: self.switch,
            remove: self.remove,
        };
        let mut migrations = migrate::plan(&report.workspace, &report.sources, &selected, &request);
        let disk = self.project.disk(&paths, folder)?;
        let asked: Vec<PathBuf> =
            paths.iter().map(|path| discover::normalized(&folder.join(path))).collect();
        let mut outcome = Outcome { unreadable, folder, not_in_patch: Vec::new(), written: None };
        if self.diff || self.write {
            for migration in &mut migrations {
                refuse_unwritable(migration, &report.sources, &disk, &asked);
            }
        }
        let is_refused = |migration: &Migration<'_>| {
            matches!(migration.state, State::Refused { .. }) || migration.kept_because.is_some()
        };
        let mut failed = !outcome.unreadable.is_empty() || migrations.iter().any(is_refused);
        if !self.diff && !self.write {
            let written = if self.output.format() == report::Format::Json {
                report::migrations_json(&migrations, &outcome, &report, out.verbatim()?)
            } else {
                report::migrations(&migrations, &outcome, &report, style, out)
            };
            return finish(written, out, status(failed));
        }
        let files = changed_files(&disk, &migrations, &report.sources, folder)?;
        if self.write {
            write(&files)?;
            outcome.written = Some(files.iter().map(|file| file.name.clone()).collect());
            let written = report::migrations(&migrations, &outcome, &report, style, out);
            return finish(written, out, status(failed));
        }
        let (patch, not_in_patch) = patches(&files, folder, style);
        outcome.not_in_patch = not_in_patch;
        failed |= !outcome.not_in_patch.is_empty();
        let written = out.verbatim().and_then(|out| out.write_all(&patch));
        let status = finish(written, out, status(failed))?;
        // A failure to write cannot be reported.
        let _ = report::migration_notes(&migrations, &outcome, &report, style, err);
        Ok(status)
    }

    /// # Errors
    /// A name that no component can have.
    fn check_name(&self) -> Result<(), Failure> {
        match self.name.as_deref().and_then(migrate::name_fault) {
            Some(fault) => {
                Err(UsageError::options(format!("`--name`: {fault}"), "such as `Spoke_Org_V2`")
                    .into())
            }
            None => Ok(()),
        }
    }

    /// An argument is a credential unless it exists as a path or can only be a path.
    fn names_and_paths(
        &self,
        disk: &Disk,
        folder: &Path,
    ) -> Result<(Vec<String>, Vec<PathBuf>), Failure> {
        let (names, paths): (Vec<PathBuf>, Vec<PathBuf>) =
            self.words.iter().cloned().partition(|word| !self.all && is_name(word, disk, folder));
        let names = names.iter().map(|name| name.to_string_lossy().into_owned());
        let names: Vec<String> = self.credentials.iter().cloned().chain(names).collect();
        let options = |message: &str, hint: &str| Err(UsageError::options(message, hint).into());
        if names.is_empty() && !self.all {
            return options(
                "no named credential given",
                "name one (`sfcred migrate Spoke_Org`), or use `--all`",
            );
        }
        if self.name.is_some() && names.len() > 1 {
            return options(
                "`--name` is the name of one named credential, but several are given",
                "run it once for each of them",
            );
        }
        Ok((names, paths))
    }
}

fn status(failed: bool) -> Status {
    if failed { Status::Findings } else { Status::Clean }
}

/// The files of named credentials that could not be parsed.
///
/// # Errors
/// A name that no file has.
fn unreadable<'r>(report: &'r Report, unknown: &[String]) -> Result<Vec<&'r Unreadable>, Failure> {
    let mut found = Vec::new();
    for name in unknown {
        let before = found.len();
        found.extend(report.workspace.unreadable.iter().filter(|file| {
            file.type_name == "NamedCredential" && same_component(&file.name, name)
        }));
        if found.len() == before {
            let known = report.workspace.named_credentials();
            let mut known: Vec<String> = known.map(|(_, named)| named.name().to_owned()).collect();
            known.sort();
            known.dedup();
            let nearest = nearest(name, known.iter().map(String::as_str)).map(str::to_owned);
            return Err(UsageError::NotMigratable { name: name.clone(), nearest, known }.into());
        }
    }
    Ok(found)
}

/// Refuses a migration of which a file cannot be written.
fn refuse_unwritable(
    migration: &mut Migration<'_>,
    sources: &Sources,
    disk: &Disk,
    asked: &[PathBuf],
) {
    let edits = &migration.edits;
    let changed = edits.changes.iter().map(|change| change.span.file);
    let rewritten = edits.rewritten.iter().map(|(file, _)| *file);
    let files: BTreeSet<FileId> =
        changed.chain(rewritten).chain(edits.removed.iter().copied()).collect();
    let file = migration.credential.component.place.file;
    let creates = (!edits.created.is_empty()).then_some(file);
    let existing = files.into_iter().chain(creates).find_map(|file| {
        let source = sources.get(file);
        discover::write_obstacle(disk, &source.path, asked)
            .map(|reason| format!("`{}` cannot be changed: {reason}", source.name))
    });
    let new = || {
        edits.created.iter().find_map(|file| {
            discover::create_obstacle(disk, &file.path, asked).map(|reason| {
                format!("the file of the new `{}` cannot be created: {reason}", file.name)
            })
        })
    };
    if let Some(reason) = existing.or_else(new) {
        migration.state = State::Refused { reason };
        migration.edits = Edits::default();
    }
}

/// All files that the migrations change, create and remove.
fn changed_files(
    disk: &Disk,
    migrations: &[Migration<'_>],
    sources: &Sources,
    folder: &Path,
) -> Result<Vec<FileChange>, Error> {
    let mut files = Vec::new();
    let mut changes: BTreeMap<FileId, Vec<Change>> = BTreeMap::new();
    for migration in migrations {
        let edits = &migration.edits;
        for new in &edits.created {
            let name = relative(&new.path, folder);
            files.push(FileChange::created(name, new.path.clone(), new.text.clone()));
        }
        for (file, text) in &edits.rewritten {
            let source = sources.get(*file);
            let old = (source.text(), concealed(sources, *file, &[]));
            files.push(FileChange::replaced(disk, source, old, (text, Vec::new()))?);
        }
        for file in &edits.removed {
            let hidden = concealed(sources, *file, &[]);
            files.push(FileChange::removed(disk, sources.get(*file), hidden)?);
        }
        for change in &edits.changes {
            changes.entry(change.span.file).or_default().push(change.clone());
        }
    }
    for (file, mut changes) in changes {
        changes.sort_by_key(|change| change.span);
        changes.dedup();
        let source = sources.get(file);
        let text = apply(file, source.text(), &changes);
        let old = (source.text(), concealed(sources, file, &[]));
        let new = (text.as_str(), concealed(sources, file, &changes));
        files.push(FileChange::replaced(disk, source, old, new)?);
    }
    distinct(files)
}

/// The parts of a file that hold secrets, after some changes that do not touch them. The changes are sorted.
fn concealed(sources: &Sources, file: FileId, changes: &[Change]) -> Vec<Range<usize>> {
    let mut shift = 0;
    let shifts: Vec<isize> = std::iter::once(0)
        .chain(changes.iter().map(|change| {
            shift += change.text.len() as isize - change.span.range().len() as isize;
            shift
        }))
        .collect();
    let shifted = |offset: usize| {
        let before = changes.partition_point(|change| change.span.range().end <= offset);
        offset.saturating_add_signed(shifts[before])
    };
    let spans = sources.concealed(file).iter().map(|span| span.range());
    spans.map(|range| shifted(range.start)..shifted(range.end)).collect()
}

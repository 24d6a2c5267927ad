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
use crate::error::{DiscoveryError, Error, UsageError};
use crate::filter::known_org;
use crate::migrate::{self, AppMigration, Edits, Migration, Request, State};
use crate::model::{App, AppKind, Named, NamedCredential, OrgId, Unreadable, same_component};
use crate::nearest::nearest;
use crate::pipeline::Report;
use crate::report::{self, Outcome, Printer, Style};
use crate::source::{FileId, Sources, relative};

/// Plan and write how to leave legacy named credentials and connected apps
///
/// For a legacy named credential, prints a plan: what each element becomes, what has to be entered again, who calls the
/// credential, the order without downtime, and what behaves differently afterwards. By default, the
/// new named credential gets a new name, so that callers can be switched one after the other:
/// first add the new files, then `--switch` the callers, then `--remove` the old file. Secrets are
/// never copied or printed.
///
/// For a connected app, prints what each element becomes in an external client app, who uses its
/// consumer key, what behaves differently afterwards, and the steps in Setup, where Salesforce
/// migrates the app itself.
///
/// Reads files only. For what is only in an org, run `sfcred pull ALIAS` first.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Migrate {
    /// Named credentials or connected apps, and the folders and files to read [default: the working directory]
    #[arg(value_name = "NAME]... [PATH")]
    words: Vec<PathBuf>,
    /// Migrate all legacy named credentials, but no connected apps
    #[arg(long, conflicts_with_all = ["credentials", "apps", "name"])]
    all: bool,
    /// A named credential, if its name is also that of a path or an app; can be repeated
    #[arg(long = "credential", value_name = "NAME")]
    credentials: Vec<String>,
    /// A connected app, if its name is also that of a path or a credential; can be repeated
    #[arg(long = "app", value_name = "NAME")]
    apps: Vec<String>,
    /// Only credentials and apps of this org
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
  sfcred migrate Hub_Org                      a connected app: the plan
  sfcred migrate Hub_Org --diff               the files of the external client app, for comparison

An argument is a named credential or a connected app unless it is a path.

Exit codes:
  0  every named credential and app can be migrated, or is migrated
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
        let report = match crate::pipeline::lint(&paths, &options) {
            Err(Error::Discovery(DiscoveryError::NothingToLint { .. })) => {
                return Err(UsageError::options(
                    "nothing to migrate: the paths contain no credential metadata",
                    FROM_AN_ORG,
                )
                .into());
            }
            report => report?,
        };
        let org = self.org.as_deref();
        org.map_or(Ok(()), |name| known_org(&report.workspace, name))?;
        let Selected { credentials, apps, unreadable } = self.selected(&report, &names, org)?;
        if !apps.is_empty() {
            self.only_plans_apps(&apps)?;
        }
        let request = Request {
            name: self.name.clone(),
            keep_name: self.keep_name,
            switch: self.switch,
            remove: self.remove,
        };
        let mut migrations =
            migrate::plan(&report.workspace, &report.sources, &credentials, &request);
        let apps = migrate::plan_apps(&report.workspace, &report.sources, &apps);
        let disk = self.project.disk(&paths, folder)?;
        let asked: Vec<PathBuf> =
            paths.iter().map(|path| discover::normalized(&folder.join(path))).collect();
        let mut outcome =
            Outcome { apps, unreadable, folder, not_in_patch: Vec::new(), written: None };
        if self.diff || self.write {
            for migration in &mut migrations {
                refuse_unwritable(migration, &report.sources, &disk, &asked);
            }
        }
        let is_stuck = |app: &AppMigration<'_>| matches!(app.state, State::Refused { .. });
        let is_refused = |migration: &Migration<'_>| {
            matches!(migration.state, State::Refused { .. }) || migration.kept_because.is_some()
        };
        let mut failed = !outcome.unreadable.is_empty()
            || migrations.iter().any(is_refused)
            || outcome.apps.iter().any(is_stuck);
        if !self.diff && !self.write {
            let written = if self.output.format() == report::Format::Json {
                report::migrations_json(&migrations, &outcome, &report, out.verbatim()?)
            } else {
                report::migrations(&migrations, &outcome, &report, style, out)
            };
            return finish(written, out, status(failed));
        }
        let mut files = changed_files(&disk, &migrations, &report.sources, folder)?;
        if self.write {
            write(&files)?;
            outcome.written = Some(files.iter().map(|file| file.name.clone()).collect());
            let written = report::migrations(&migrations, &outcome, &report, style, out);
            return finish(written, out, status(failed));
        }
        for new in outcome.apps.iter().flat_map(|app| &app.files) {
            let name = relative(&new.path, folder);
            match discover::create_obstacle(&disk, &new.path, &asked) {
                Some(reason) => outcome.not_in_patch.push((name, reason)),
                None => {
                    files.push(FileChange::created(name, new.path.clone(), new.text.clone()));
                }
            }
        }
        let (patch, not_in_patch) = patches(&files, folder, style);
        outcome.not_in_patch.extend(not_in_patch);
        failed |= !outcome.not_in_patch.is_empty();
        let written = out.verbatim().and_then(|out| out.write_all(&patch));
        let status = finish(written, out, status(failed))?;
        // A failure to write cannot be reported.
        let _ = report::migration_notes(&migrations, &outcome, &report, style, err);
        Ok(status)
    }

    /// The credentials and apps with the given names.
    ///
    /// # Errors
    /// A name that nothing has, or that is the name of a credential and of an app.
    fn selected<'r>(
        &self,
        report: &'r Report,
        words: &[String],
        org: Option<&str>,
    ) -> Result<Selected<'r>, Failure> {
        let workspace = &report.workspace;
        if self.all {
            let all = workspace.unreadable.iter();
            return Ok(Selected {
                credentials: migrate::legacy(workspace, org),
                apps: Vec::new(),
                unreadable: all.filter(|file| file.type_name == CREDENTIAL).collect(),
            });
        }
        for word in words {
            let one = std::slice::from_ref(word);
            let (credentials, _) = migrate::select(workspace, one, org);
            let (apps, _) = migrate::select_apps(workspace, one, org);
            if let (Some((_, named)), Some((_, app))) = (credentials.first(), apps.first()) {
                return Err(ambiguous(report, named, app).into());
            }
        }
        let of_type = |given: &[String]| given.iter().chain(words).cloned().collect::<Vec<_>>();
        let (credentials, no_credential) =
            migrate::select(workspace, &of_type(&self.credentials), org);
        let (apps, no_app) = migrate::select_apps(workspace, &of_type(&self.apps), org);
        let is_word = |name: &&String| words.contains(name);
        let mut found = Vec::new();
        for name in &no_credential {
            if !is_word(&name) {
                found.extend(unreadable(report, name, &[CREDENTIAL])?);
            } else if no_app.contains(name) {
                found.extend(unreadable(report, name, &[CREDENTIAL, APP])?);
            }
        }
        for name in no_app.iter().filter(|name| !is_word(name)) {
            found.extend(unreadable(report, name, &[APP])?);
        }
        Ok(Selected { credentials, apps, unreadable: found })
    }

    /// # Errors
    /// An option that changes files, if an app is to be migrated.
    fn only_plans_apps(&self, apps: &[(OrgId, &App)]) -> Result<(), Failure> {
        let options = [
            (self.write, "--write"),
            (self.switch, "--switch"),
            (self.remove, "--remove"),
            (self.keep_name, "--keep-name"),
            (self.name.is_some(), "--name"),
        ];
        let Some((_, option)) = options.iter().find(|(given, _)| *given) else { return Ok(()) };
        let Some((_, app)) = apps.first() else { return Ok(()) };
        let reason = match app.kind {
            AppKind::ConnectedApp => "Salesforce migrates a connected app itself",
            AppKind::ExternalClientApp => "an external client app needs no migration",
        };
        Err(UsageError::options(
            format!("`{option}`: sfcred writes no files for the app `{}`: {reason}", app.name()),
            format!("`sfcred migrate {}` prints the steps", app.name()),
        )
        .into())
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
        let names: Vec<String> = names.collect();
        let given = self.credentials.len() + self.apps.len() + names.len();
        let options = |message: &str, hint: &str| Err(UsageError::options(message, hint).into());
        if given == 0 && !self.all {
            return options(
                "no named credential or connected app given",
                "name one (`sfcred migrate Spoke_Org`), or use `--all` for all legacy named credentials",
            );
        }
        if self.name.is_some() && given > 1 {
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

/// What to migrate.
struct Selected<'r> {
    credentials: Vec<(OrgId, &'r NamedCredential)>,
    apps: Vec<(OrgId, &'r App)>,
    unreadable: Vec<&'r Unreadable>,
}

/// How to migrate what is not in files.
const FROM_AN_ORG: &str = "give the folder of a project; for what is only in an org, run `sfcred pull ALIAS` first, \
                           and `sfcred migrate` in the folder that it writes";

const CREDENTIAL: &str = "NamedCredential";
const APP: &str = "ConnectedApp";

/// The files of these types with a name that could not be parsed.
///
/// # Errors
/// A name that no file has.
fn unreadable<'r>(
    report: &'r Report,
    name: &str,
    types: &[&str],
) -> Result<Vec<&'r Unreadable>, Failure> {
    let workspace = &report.workspace;
    let is_it =
        |file: &&Unreadable| types.contains(&file.type_name) && same_component(&file.name, name);
    let found: Vec<&Unreadable> = workspace.unreadable.iter().filter(is_it).collect();
    if !found.is_empty() {
        return Ok(found);
    }
    let credentials = workspace.named_credentials().map(|(_, named)| named.name());
    let apps = workspace.apps().filter(|(_, app)| app.kind == AppKind::ConnectedApp);
    let mut known: Vec<String> =
        credentials.chain(apps.map(|(_, app)| app.name())).map(str::to_owned).collect();
    known.sort();
    known.dedup();
    let nearest = nearest(name, known.iter().map(String::as_str)).map(str::to_owned);
    Err(UsageError::NotMigratable { name: name.to_owned(), nearest, known }.into())
}

/// The error about a name that a credential and an app have.
fn ambiguous(report: &Report, named: &NamedCredential, app: &App) -> UsageError {
    let file = |file: FileId| &report.sources.get(file).name;
    UsageError::options(
        format!(
            "`{}` is a named credential (`{}`) and also {} (`{}`)",
            named.name(),
            file(named.component.place.file),
            match app.kind {
                AppKind::ConnectedApp => "a connected app",
                AppKind::ExternalClientApp => "an external client app",
            },
            file(app.component.place.file)
        ),
        format!("select one of them: `--credential {}` or `--app {}`", named.name(), app.name()),
    )
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

//! `sfcred new`.

use std::collections::BTreeMap;
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Component, Path, PathBuf};

use clap::Args;
use serde_json::Value;

use super::target_org::identify;
use super::{Environment, Failure, Status, finish};
use crate::discover::Disk;
use crate::error::{Error, UsageError, WriteError, shown};
use crate::model::Named;
use crate::new::{
    ANSWERS, Answer, Answers, Facts, Filled, Layout, Problem, PublicCertificate, RETRIEVED, STEPS,
    Setup,
};
use crate::options::Options;
use crate::report::{self, Printer, Style};
use crate::{atomic_write, discover, new, pipeline, pull};

/// Write a new credential setup: metadata for both orgs, and the steps to deploy it
///
/// Asks a few questions on a terminal; scripts give options or a file of answers. Writes the named and
/// external credential, permission sets, the app and its policies, `package.xml` for each org,
/// `sfcred.yaml`, a test in Apex, and `STEPS.md`: what to do in which order, with every command and
/// every page of Setup, what to check, and how to undo it. Nothing is deployed, and existing files
/// are never overwritten.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct New {
    /// How callouts authenticate: jwt-bearer, client-credentials, authorization-code, api-key,
    /// basic or aws [default: jwt-bearer]
    #[arg(value_name = "FLOW")]
    flow: Option<String>,
    /// Read answers from this YAML file (`sfcred schema new`); options come first
    #[arg(long, value_name = "FILE")]
    answers: Option<PathBuf>,
    /// Take the My Domain and the alias of `hub` or `spoke` from the Salesforce CLI
    #[arg(long = "from-org", value_name = "NAME=ALIAS")]
    from_orgs: Vec<String>,
    /// The folder to write to [default: the name of the credential]
    #[arg(long, value_name = "DIR")]
    into: Option<PathBuf>,
    /// Print the files instead of writing them
    #[arg(long)]
    dry_run: bool,
    /// Fill in the consumer key and the certificate in a setup that was written before
    #[arg(long, conflicts_with_all = ["flow", "answers", "from_orgs", "dry_run"])]
    resume: bool,
    /// The public certificate that the calling org signs with
    #[arg(long, value_name = "FILE")]
    certificate: Option<PathBuf>,
    /// The consumer key of the app, instead of one that is generated or read later
    #[arg(long, value_name = "KEY")]
    consumer_key: Option<String>,
    #[command(flatten)]
    given: Given,
}

/// Answers on the command line.
#[derive(Debug, Args)]
#[command(next_help_heading = "Answers")]
struct Given {
    /// The org calls itself
    #[arg(long, conflicts_with_all = ["spoke", "url", "resume"])]
    own_org: bool,
    /// My Domain of the org that makes the callouts
    #[arg(long, value_name = "URL", conflicts_with = "resume")]
    hub: Option<String>,
    /// Its alias in the Salesforce CLI
    #[arg(long, value_name = "ALIAS", conflicts_with = "resume")]
    hub_alias: Option<String>,
    /// My Domain of the target org
    #[arg(long, value_name = "URL", conflicts_with_all = ["url", "resume"])]
    spoke: Option<String>,
    /// Its alias in the Salesforce CLI
    #[arg(long, value_name = "ALIAS", conflicts_with = "resume")]
    spoke_alias: Option<String>,
    /// URL of a service that is not Salesforce
    #[arg(long, value_name = "URL", conflicts_with = "resume")]
    url: Option<String>,
    /// Its token endpoint
    #[arg(long, value_name = "URL", conflicts_with = "resume")]
    token_url: Option<String>,
    /// Its authorization endpoint
    #[arg(long, value_name = "URL", conflicts_with = "resume")]
    authorize_url: Option<String>,
    /// The scopes to ask the service for, separated by spaces
    #[arg(long, value_name = "SCOPES", conflicts_with = "resume")]
    scope: Option<String>,
    /// The header that the service expects an API key in [default: X-Api-Key]
    #[arg(long, value_name = "NAME", conflicts_with = "resume")]
    header: Option<String>,
    /// Such as us-east-1
    #[arg(long, value_name = "REGION", conflicts_with = "resume")]
    aws_region: Option<String>,
    /// Such as s3 or execute-api
    #[arg(long, value_name = "SERVICE", conflicts_with = "resume")]
    aws_service: Option<String>,
    /// The path of the service that the test reads [default: /]
    #[arg(long, value_name = "PATH", conflicts_with = "resume")]
    path: Option<String>,
    /// The user to log in as, in the target org
    #[arg(long, value_name = "USERNAME", conflicts_with = "resume")]
    integration_user: Option<String>,
    /// The user whose transactions make the callouts
    #[arg(long, value_name = "USERNAME", conflicts_with = "resume")]
    caller: Option<String>,
    /// external-client-app or connected-app [default: external-client-app]
    #[arg(long, value_name = "KIND", conflicts_with = "resume")]
    app: Option<String>,
    /// The contact of the app
    #[arg(long, value_name = "EMAIL", conflicts_with = "resume")]
    contact_email: Option<String>,
    /// The name of the credential, as in `callout:NAME` [default: derived from what is called]
    #[arg(long, value_name = "NAME", conflicts_with = "resume")]
    name: Option<String>,
    /// The unique name of the certificate to create [default: NAME_Signing]
    #[arg(long, value_name = "NAME", conflicts_with_all = ["reuse_certificate", "resume"])]
    certificate_name: Option<String>,
    /// The unique name of a certificate that the calling org has already
    #[arg(long, value_name = "NAME", conflicts_with = "resume")]
    reuse_certificate: Option<String>,
    /// The namespace of the project of the calling org
    #[arg(long, value_name = "PREFIX", conflicts_with = "resume")]
    namespace: Option<String>,
    /// The API version of the metadata [default: that of the project, or 64.0]
    #[arg(long, value_name = "VERSION", conflicts_with = "resume")]
    api_version: Option<String>,
}

const EXAMPLES: &str = "\
Examples:
  sfcred new                       JWT bearer between two orgs; asks for the rest
  sfcred new --from-org hub=my-prod --from-org spoke=billing-uat
  sfcred new client-credentials --own-org
  sfcred new api-key --url https://api.weather.example
  sfcred new --answers setup.yaml --into billing
  sfcred new --resume              in the folder of the setup, when STEPS.md says so

Exit codes:
  0  written
  1  `--resume`: something is missing, and nothing could be filled in
  2  could not run; nothing was written";

impl Given {
    fn all(&self) -> [(Answer, Option<&String>); 19] {
        [
            (Answer::Hub, self.hub.as_ref()),
            (Answer::HubAlias, self.hub_alias.as_ref()),
            (Answer::Spoke, self.spoke.as_ref()),
            (Answer::SpokeAlias, self.spoke_alias.as_ref()),
            (Answer::Url, self.url.as_ref()),
            (Answer::TokenUrl, self.token_url.as_ref()),
            (Answer::AuthorizeUrl, self.authorize_url.as_ref()),
            (Answer::Scope, self.scope.as_ref()),
            (Answer::Header, self.header.as_ref()),
            (Answer::AwsRegion, self.aws_region.as_ref()),
            (Answer::AwsService, self.aws_service.as_ref()),
            (Answer::Path, self.path.as_ref()),
            (Answer::IntegrationUser, self.integration_user.as_ref()),
            (Answer::Caller, self.caller.as_ref()),
            (Answer::App, self.app.as_ref()),
            (Answer::ContactEmail, self.contact_email.as_ref()),
            (Answer::Name, self.name.as_ref()),
            (Answer::CertificateName, self.certificate_name.as_ref()),
            (Answer::ReuseCertificate, self.reuse_certificate.as_ref()),
        ]
    }
}

impl New {
    pub fn run(
        &self,
        environment: &Environment<'_>,
        style: Style,
        out: &mut Printer<'_>,
        err: &mut Printer<'_>,
    ) -> Result<Status, Failure> {
        if self.resume {
            return self.resume(environment, style, out);
        }
        let working_directory = &environment.working_directory;
        let mut answers = self.given()?;
        if let Some(path) = &self.answers {
            let path = discover::normalized(&working_directory.join(path));
            answers.add(read_answers(&path, working_directory)?);
        }
        self.ask_cli(&mut answers, environment, err)?;
        let start = self.folder(working_directory);
        let existing = Existing::around(&start)?;
        if let Some(existing) = &existing {
            existing.offer(&mut answers)?;
        }
        let unused = answers.unused();
        if !unused.is_empty() {
            return Err(refused(&unused).into());
        }
        if environment.stdin_is_terminal {
            ask(&mut answers, environment, err)?;
        }
        let missing: Vec<(String, String)> = answers
            .missing_without_defaults()
            .into_iter()
            .map(|answer| (answer.flag(), answer.question().1.to_owned()))
            .collect();
        if !missing.is_empty() {
            return Err(UsageError::MissingAnswers { missing }.into());
        }
        let mut answers = answers.completed().map_err(|problems| refused(&problems))?;
        if self.certificate.is_some() && !Answer::CertificateName.applies(&answers) {
            return Err(options("`--certificate`: this flow signs nothing", "omit it").into());
        }
        if Setup::new(&answers, Layout::default()).chooses_key() {
            let key = random_key()?;
            answers.offer(Answer::ConsumerKey, &key).map_err(|problem| refused(&[problem]))?;
        }
        let name = answers.get(Answer::Name).unwrap_or_default();
        let own = if self.into.is_some() { start } else { start_of(&existing, &start).join(name) };
        let (base, layout) = layout(&own, existing.as_ref())?;
        let setup = Setup::new(&answers, layout);
        let facts = Facts {
            consumer_key: None,
            certificate: self.certificate(working_directory, &setup, &base)?,
        };
        let files = new::files(&setup, &answers, &facts);
        if self.dry_run {
            let written = files
                .iter()
                .try_for_each(|(name, text)| write!(out, "# ---- {name} ----\n{text}\n"));
            return finish(written, out, Status::Clean);
        }
        create(&base, &files, working_directory)?;
        let shown = discover::relative(&own, working_directory);
        let folder = if shown.is_empty() { "." } else { &shown };
        let line = |text: &str| report::line_for_terminal(text, style);
        let mut print = || -> io::Result<()> {
            writeln!(out, "{}", line(&format!("Wrote {} files to {folder}", files.len())))?;
            writeln!(out, "{}", line(&format!("Next: follow {folder}/{STEPS}")))
        };
        let written = print();
        finish(written, out, Status::Clean)
    }

    /// The folder of `--into`, or the working directory.
    fn folder(&self, working_directory: &Path) -> PathBuf {
        match &self.into {
            Some(into) => discover::normalized(&working_directory.join(into)),
            None => working_directory.to_owned(),
        }
    }

    /// The answers on the command line.
    fn given(&self) -> Result<Answers, Error> {
        let mut answers = Answers::default();
        let mut problems = Vec::new();
        let mut offer = |answer, typed: &str| {
            if let Err(problem) = answers.offer(answer, typed) {
                problems.push(problem);
            }
        };
        if let Some(flow) = &self.flow {
            offer(Answer::Flow, flow);
        }
        if self.given.own_org {
            offer(Answer::Target, "own-org");
        } else if self.given.url.is_some() {
            offer(Answer::Target, "service");
        } else if self.given.spoke.is_some() {
            offer(Answer::Target, "org");
        }
        let own = [
            (Answer::ConsumerKey, self.consumer_key.as_ref()),
            (Answer::Namespace, self.given.namespace.as_ref()),
            (Answer::ApiVersion, self.given.api_version.as_ref()),
        ];
        for (answer, typed) in self.given.all().into_iter().chain(own) {
            if let Some(typed) = typed {
                offer(answer, typed);
            }
        }
        if problems.is_empty() { Ok(answers) } else { Err(refused(&problems)) }
    }

    /// Takes the My Domains and aliases of `--from-org` from the Salesforce CLI.
    fn ask_cli(
        &self,
        answers: &mut Answers,
        environment: &Environment<'_>,
        err: &mut Printer<'_>,
    ) -> Result<(), Failure> {
        if self.from_orgs.is_empty() {
            return Ok(());
        }
        let mut targets = Vec::new();
        for text in &self.from_orgs {
            let target = pull::Target::parse(text)?;
            if !matches!(target.name.as_str(), "hub" | "spoke") {
                return Err(options(
                    "`--from-org`: the name of the org is not `hub` or `spoke`",
                    "write `--from-org hub=ALIAS` for the org that makes the callouts, and `--from-org spoke=ALIAS` for the one that is called",
                )
                .into());
            }
            targets.push(target);
        }
        pull::distinct(&targets)?;
        let identities = identify(&targets, environment, err)?;
        for (target, identity) in targets.iter().zip(identities) {
            let is_hub = target.name == "hub";
            let (domain, alias) = match is_hub {
                true => (Answer::Hub, Answer::HubAlias),
                false => (Answer::Spoke, Answer::SpokeAlias),
            };
            let mut offer = |answer, typed: &str| {
                answers.offer(answer, typed).map_err(|problem| refused(&[problem]))
            };
            offer(alias, &target.alias)?;
            if let Some(host) = &identity.my_domain {
                offer(domain, &format!("https://{}", host.as_str()))?;
            }
        }
        Ok(())
    }

    /// The certificate of the command line, or one with its name that the project has already.
    fn certificate(
        &self,
        working_directory: &Path,
        setup: &Setup,
        base: &Path,
    ) -> Result<Option<PublicCertificate>, Error> {
        let given = self
            .certificate
            .as_ref()
            .map(|path| discover::normalized(&working_directory.join(path)));
        let [own, _] = new::certificate_paths(setup);
        let own = base.join(own);
        let disk = Disk::new(&[base.to_owned()], working_directory, &[]);
        let path = match given {
            Some(path) => path,
            None if setup.reuses_certificate && disk.exists(&own) => own,
            None => return Ok(None),
        };
        let bytes = discover::read_bytes(&disk, &path)?;
        let unusable = |reason| Error::unreadable(&path, format!("as a certificate: {reason}"));
        PublicCertificate::read(&bytes).map(Some).map_err(unusable)
    }

    fn resume(
        &self,
        environment: &Environment<'_>,
        style: Style,
        out: &mut Printer<'_>,
    ) -> Result<Status, Failure> {
        let working_directory = &environment.working_directory;
        let own = self.folder(working_directory);
        let disk = Disk::new(std::slice::from_ref(&own), working_directory, &[]);
        let path = own.join(ANSWERS);
        if !disk.exists(&path) {
            return Err(options(
                &format!("`{}` is not the folder of a setup: it has no `{ANSWERS}`", shown(&own)),
                "run `sfcred new --resume` in the folder with STEPS.md, or name it with `--into`",
            )
            .into());
        }
        let answers = read_answers(&path, working_directory)?;
        let answers = answers.completed().map_err(|problems| refused(&problems))?;
        let existing = Existing::around(&own)?;
        let (base, layout) = layout(&own, existing.as_ref())?;
        let setup = Setup::new(&answers, layout);
        let disk = Disk::new(std::slice::from_ref(&base), working_directory, &[]);
        let mut facts = Facts {
            consumer_key: setup.consumer_key.clone(),
            certificate: self.certificate(working_directory, &setup, &base)?,
        };
        if let Some(key) = &self.consumer_key {
            let key = Answer::ConsumerKey.check(key);
            let answer = Answer::ConsumerKey;
            let key = key.map_err(|reason| refused(&[Problem { answer, reason }]))?;
            facts.consumer_key = Some(key);
        }
        if setup.signs() {
            retrieved(&own, &setup, &mut facts, &disk, environment)?;
        }
        let mut texts = BTreeMap::new();
        for name in new::candidates(&setup).into_iter().chain(new::certificate_paths(&setup)) {
            let path = base.join(&name);
            if disk.exists(&path) {
                texts.insert(name, read_text(&disk, &path)?);
            }
        }
        let filled = new::resume(&setup, &facts, &texts);
        for name in filled.files.keys() {
            disk.target(&base.join(name))?;
        }
        if !filled.files.is_empty() {
            let files = filled.files.iter();
            let files =
                files.map(|(name, text)| (name.clone(), text.clone().into_bytes())).collect();
            atomic_write::write_folder(&base, &files, &[])?;
        }
        let is_stuck = filled.done.is_empty() && !filled.missing.is_empty();
        let status = if is_stuck { Status::Findings } else { Status::Clean };
        let written = summarize(&filled, &setup, &base, working_directory, style, out);
        finish(written, out, status)
    }
}

fn summarize(
    filled: &Filled,
    setup: &Setup,
    base: &Path,
    working_directory: &Path,
    style: Style,
    out: &mut Printer<'_>,
) -> io::Result<()> {
    let line = |text: &str| report::line_for_terminal(text, style);
    let place = |name: &str| discover::relative(&base.join(name), working_directory);
    for (what, name) in &filled.done {
        writeln!(out, "{}", line(&format!("Filled in {what} in {}", place(name))))?;
    }
    for (what, name) in &filled.missing {
        writeln!(out, "{}", line(&format!("Still missing: {what} in {}", place(name))))?;
    }
    match (filled.missing.is_empty(), filled.done.is_empty()) {
        (false, _) => writeln!(out, "Next: the step of {STEPS} that retrieves what is missing"),
        (true, true) => writeln!(out, "Nothing to fill in"),
        (true, false) => {
            writeln!(out, "Nothing is missing now. Next: sfcred trace {}", setup.name)
        }
    }
}

/// Reads the consumer key and the certificate from the zip files of retrieves.
fn retrieved(
    own: &Path,
    setup: &Setup,
    facts: &mut Facts,
    disk: &Disk,
    environment: &Environment<'_>,
) -> Result<(), Error> {
    let called = setup.called().map(|place| place.name);
    for place in [Some(setup.hub.name), called].into_iter().flatten() {
        let zip = own.join(RETRIEVED).join(format!("{place}.zip"));
        if !disk.exists(&zip) {
            continue;
        }
        let options = Options::new(environment.today, environment.working_directory.clone());
        let report = match pipeline::lint(std::slice::from_ref(&zip), &options) {
            Ok(report) => report,
            // A retrieve that found nothing.
            Err(Error::Discovery(_)) => continue,
            Err(error) => return Err(error),
        };
        for org in &report.workspace.orgs {
            let certificate = org.certificate(&setup.certificate);
            if let Some(body) = certificate.and_then(|certificate| certificate.body.as_ref())
                && facts.certificate.is_none()
            {
                let text = report.sources.get(body.span.file).text();
                facts.certificate = PublicCertificate::read(text.as_bytes()).ok();
            }
            let apps = org.apps.iter().filter(|app| app.name() == setup.app);
            if Some(place) == called && facts.consumer_key.is_none() {
                let mut keys = apps.filter_map(|app| app.key()).filter(|key| key.is_possible());
                facts.consumer_key = keys.next().map(|key| key.as_str().to_owned());
            }
        }
    }
    Ok(())
}

fn read_answers(path: &Path, working_directory: &Path) -> Result<Answers, Error> {
    let folder = path.parent().unwrap_or(path).to_owned();
    let disk = Disk::new(&[folder], working_directory, &[]);
    let name = discover::relative(path, working_directory);
    new::parse(&name, &read_text(&disk, path)?)
}

fn read_text(disk: &Disk, path: &Path) -> Result<String, Error> {
    let bytes = discover::read_bytes(disk, path)?;
    String::from_utf8(bytes).map_err(|_| Error::unreadable(path, "it is not UTF-8"))
}

fn options(message: &str, hint: &str) -> Error {
    UsageError::options(message, hint).into()
}

/// The problems of answers, as one error.
fn refused(problems: &[Problem]) -> Error {
    let lines: Vec<String> = problems
        .iter()
        .map(|problem| format!("`{}`: {}", problem.answer.flag(), problem.reason))
        .collect();
    let hints: Vec<&str> = problems.iter().map(|problem| problem.answer.question().1).collect();
    options(&lines.join("; "), &hints.join("; "))
}

/// Letters and digits from the random source of the system.
fn random_key() -> Result<String, Error> {
    const LENGTH: usize = 40;
    const CHARACTERS: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let mut key = String::new();
    while key.len() < LENGTH {
        let mut bytes = [0; LENGTH];
        getrandom::fill(&mut bytes).map_err(|_| {
            options(
                "the system has no random numbers for a consumer key",
                "choose one with `--consumer-key`",
            )
        })?;
        // Every character is equally likely.
        let usable = bytes.iter().map(|byte| usize::from(*byte)).filter(|byte| *byte < 248);
        key.extend(usable.map(|byte| char::from(CHARACTERS[byte % CHARACTERS.len()])));
    }
    key.truncate(LENGTH);
    Ok(key)
}

/// A Salesforce DX project that exists.
struct Existing {
    folder: PathBuf,
    packages: Vec<String>,
    namespace: Option<String>,
    api_version: Option<String>,
    has_description: bool,
}

impl Existing {
    /// The project of a folder or of one above it, but not outside of its repository.
    fn around(folder: &Path) -> Result<Option<Existing>, Error> {
        let disk = Disk::new(&[folder.to_owned()], folder, &[]);
        for folder in folder.ancestors() {
            let path = folder.join("sfdx-project.json");
            if disk.exists(&path) {
                return Existing::read(&disk, folder, &path).map(Some);
            }
            if disk.exists(&folder.join(".git")) {
                break;
            }
        }
        Ok(None)
    }

    fn read(disk: &Disk, folder: &Path, path: &Path) -> Result<Existing, Error> {
        let unusable = |reason: &str| Error::unreadable(path, reason);
        let bytes = discover::read_bytes(disk, path)?;
        let json: Value =
            serde_json::from_slice(&bytes).map_err(|_| unusable("it is not valid JSON"))?;
        let directories = json.get("packageDirectories").and_then(Value::as_array);
        let mut directories: Vec<&Value> = directories.into_iter().flatten().collect();
        let is_default =
            |entry: &&Value| entry.get("default").and_then(Value::as_bool).unwrap_or(false);
        directories.sort_by_key(|entry| !is_default(entry));
        let paths = directories.iter().filter_map(|entry| entry.get("path")?.as_str());
        let mut packages: Vec<String> = paths
            .map(|path| path.trim_start_matches("./").trim_end_matches('/').to_owned())
            .collect();
        // It becomes part of commands.
        let is_plain = |character: char| character.is_alphanumeric() || "-_./ ".contains(character);
        let is_inside = |path: &String| {
            !path.is_empty()
                && path.chars().all(is_plain)
                && Path::new(path).components().all(|part| matches!(part, Component::Normal(_)))
        };
        if packages.is_empty() || !packages.iter().all(is_inside) {
            return Err(unusable("it has no package directory in its folder"));
        }
        // The default one is created with the first file in it; a description must not name others that do not exist.
        let mut index = 0;
        packages.retain(|path| {
            index += 1;
            index == 1 || disk.exists(&folder.join(path))
        });
        let text = |key: &str| {
            let text = json.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
            text.map(str::to_owned)
        };
        Ok(Existing {
            folder: folder.to_owned(),
            packages,
            namespace: text("namespace"),
            api_version: text("sourceApiVersion"),
            has_description: discover::description_in(disk, folder).is_some(),
        })
    }

    /// What the project says about the answers.
    fn offer(&self, answers: &mut Answers) -> Result<(), Error> {
        let own = [(Answer::Namespace, &self.namespace), (Answer::ApiVersion, &self.api_version)];
        for (answer, value) in own {
            if let Some(value) = value
                && answers.get(answer).is_none()
            {
                answers.offer(answer, value).map_err(|problem| refused(&[problem]))?;
            }
        }
        Ok(())
    }
}

/// Where the folder of a setup is created if none is named.
fn start_of(existing: &Option<Existing>, start: &Path) -> PathBuf {
    existing.as_ref().map_or_else(|| start.to_owned(), |existing| existing.folder.clone())
}

/// The base of the files of a setup, and the layout relative to it.
fn layout(own: &Path, existing: Option<&Existing>) -> Result<(PathBuf, Layout), Error> {
    let Some(existing) = existing else {
        let disk = Disk::new(&[own.to_owned()], own, &[]);
        let has_description = discover::description_in(&disk, own).is_some();
        return Ok((own.to_owned(), Layout { has_description, ..Layout::default() }));
    };
    let inside = own.strip_prefix(&existing.folder).unwrap_or(own);
    let parts: Option<Vec<&str>> = inside.iter().map(|part| part.to_str()).collect();
    let Some(parts) = parts else {
        return Err(Error::unwritable(own, "its path is not Unicode"));
    };
    let layout = Layout {
        own: parts.join("/"),
        packages: existing.packages.clone(),
        has_description: existing.has_description,
    };
    Ok((existing.folder.clone(), layout))
}

/// Writes all files, or none if one exists.
fn create(
    base: &Path,
    files: &BTreeMap<String, String>,
    working_directory: &Path,
) -> Result<(), Error> {
    let disk = Disk::new(&[base.to_owned()], working_directory, &[]);
    let mut occupied = Vec::new();
    for name in files.keys() {
        let path = base.join(name);
        if disk.exists(&path) {
            occupied.push(discover::relative(&path, working_directory));
        }
        disk.target(&path)?;
    }
    if !occupied.is_empty() {
        return Err(WriteError::Occupied(occupied).into());
    }
    let files = files.iter().map(|(name, text)| (name.clone(), text.clone().into_bytes()));
    atomic_write::write_folder(base, &files.collect(), &[])
}

/// How often a question is asked again.
const PATIENCE: usize = 3;

/// Asks for what is not known yet.
fn ask(
    answers: &mut Answers,
    environment: &Environment<'_>,
    err: &mut Printer<'_>,
) -> Result<(), Failure> {
    let mut input = BufReader::new((environment.stdin)());
    let mut is_first = true;
    for answer in Answer::ALL {
        if !answer.applies(answers) || answer.is_rarely_changed() || answers.get(answer).is_some() {
            continue;
        }
        if std::mem::take(&mut is_first) {
            writeln!(err, "Press Enter to accept a value in brackets.")?;
        }
        let default = answer.default(answers);
        let (question, why) = answer.question();
        writeln!(err, "\n{question}: {why}")?;
        for attempt in 0.. {
            match &default {
                Some(default) => write!(err, "  [{default}]: ")?,
                None => write!(err, "  : ")?,
            }
            err.flush()?;
            let mut line = String::new();
            let length = input
                .read_line(&mut line)
                .map_err(|source| Failure::from(UsageError::Stdin { source }))?;
            let typed = match (line.trim(), &default) {
                ("", Some(default)) => default.as_str(),
                (typed, _) => typed,
            };
            if length == 0 || attempt == PATIENCE {
                // What is missing is reported together.
                return Ok(());
            }
            let offered = match typed {
                "" => Err("an answer is needed".to_owned()),
                typed => answers.offer(answer, typed).map_err(|problem| problem.reason),
            };
            match offered {
                Ok(()) => break,
                Err(reason) => {
                    writeln!(err, "  {}", report::printable(&reason))?;
                }
            }
        }
    }
    Ok(())
}

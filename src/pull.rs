//! Reads the credential metadata of orgs, and what metadata does not contain, through the Salesforce CLI of the user. No
//! token is asked for, stored, passed or printed: only `sf` has them.

mod commands;
mod description;
mod differences;
mod logins;
mod metadata;
mod org;
mod queries;
mod records;
mod sf;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::thread;

pub use commands::{commands, package};
pub use description::{is_own, kind_name};
pub use differences::{Difference, differences};
pub use logins::{FailedLogin, failed_logins};
pub use org::{Identity, PulledOrg};
pub use sf::{PATIENCE, Setup, end_all};

use crate::atomic_write;
use crate::error::{Error, PullError};
use crate::init;
use crate::options::Options;
use crate::pipeline::{self, Report};
use sf::Sf;

/// An org to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Its name in the description, and that of its folder.
    pub name: String,
    /// What the CLI calls it: an alias or a username.
    pub alias: String,
}

/// What to read.
#[derive(Clone, Debug)]
pub struct Request {
    pub targets: Vec<Target>,
    /// No users and assignments.
    pub only_metadata: bool,
    /// Users whose assignments matter. If there are any, those of others are not read.
    pub users: Vec<String>,
    pub api_version: Option<String>,
    pub with_apex: bool,
}

/// The orgs as they are.
#[derive(Debug)]
pub struct Pulled {
    pub orgs: Vec<PulledOrg>,
    /// The files of a folder that describes the orgs, by their paths in it.
    pub files: BTreeMap<String, Vec<u8>>,
}

impl Target {
    /// Reads `NAME=ALIAS`, or `ALIAS` if it can be a name as well.
    ///
    /// # Errors
    /// A name that cannot be a folder, or an alias that the CLI would take for an option.
    pub fn parse(text: &str) -> Result<Target, Error> {
        let (name, alias) = text.split_once('=').unwrap_or((text, text));
        if !is_alias(alias) {
            return Err(PullError::Alias { alias: alias.to_owned() }.into());
        }
        if !is_name(name) {
            return Err(PullError::Name { name: name.to_owned() }.into());
        }
        Ok(Target { name: name.to_owned(), alias: alias.to_owned() })
    }
}

fn is_alias(alias: &str) -> bool {
    !alias.trim().is_empty()
        && alias.len() <= 200
        && !alias.starts_with('-')
        && !alias.chars().any(|character| character.is_control() || "\"`$\\".contains(character))
}

/// Whether a text can be the name of a folder on every system.
fn is_name(name: &str) -> bool {
    const DEVICES: &[&str] = &["con", "prn", "aux", "nul"];
    let is_plain =
        |character: char| character.is_ascii_alphanumeric() || "-_.@+".contains(character);
    !name.is_empty()
        && name.len() <= 100
        && name.chars().all(is_plain)
        && !name.starts_with(['.', '-', '@'])
        && !name.ends_with('.')
        && !DEVICES.contains(&name.split('.').next().unwrap_or(name).to_ascii_lowercase().as_str())
        && !name.to_ascii_lowercase().starts_with(init::DESCRIPTION)
        && !name.eq_ignore_ascii_case(init::SETTINGS)
}

/// Checks that every org has its own name.
///
/// # Errors
/// The name that two orgs have.
pub fn distinct(targets: &[Target]) -> Result<(), Error> {
    let mut names = BTreeSet::new();
    match targets.iter().find(|target| !names.insert(target.name.to_ascii_lowercase())) {
        Some(target) => Err(PullError::SameName { name: target.name.clone() }.into()),
        None => Ok(()),
    }
}

/// The arguments that choose an API version.
fn versioned(api_version: Option<&str>) -> Vec<String> {
    api_version.map_or_else(Vec::new, |version| vec!["--api-version".into(), version.into()])
}

/// The CLI, with a private folder that exists as long as the session.
pub struct Session {
    sf: Sf,
    folder: tempfile::TempDir,
}

impl Session {
    /// # Errors
    /// A temporary folder cannot be created.
    pub fn new(setup: &Setup) -> Result<Session, Error> {
        let temporary = PathBuf::from("a temporary folder");
        let folder = atomic_write::private_folder(&["empty", "zips"], &[])
            .map_err(|error| Error::unwritable(temporary, error))?;
        let sf = Sf::new(setup, folder.path().join("empty"));
        Ok(Session { sf, folder })
    }

    /// Reads the orgs, and passes a description of each step to `on_step`.
    ///
    /// # Errors
    /// The CLI cannot be run, or an org cannot be read at all. What a single query cannot answer is unknown.
    pub fn pull(
        &self,
        request: &Request,
        options: &Options,
        on_step: &(dyn Fn(String) + Sync),
    ) -> Result<Pulled, Error> {
        let targets = &request.targets;
        let version = request.api_version.as_deref();
        let identities = each(targets, |_, target| {
            on_step(format!("{}: asking who is logged in", target.name));
            org::identity(&self.sf, target, version)
        })?;
        let types = metadata::types(request.with_apex);
        let folders: Vec<PathBuf> =
            (0..targets.len()).map(|index| self.zip_folder(index)).collect();
        let metadata = each(targets, |index, target| {
            on_step(format!("{}: retrieving metadata", target.name));
            metadata::retrieve(&self.sf, &target.alias, &types, &folders[index], version, options)
        })?;
        let mut orgs: Vec<PulledOrg> = targets
            .iter()
            .zip(identities)
            .zip(metadata)
            .map(|((target, identity), metadata)| PulledOrg::new(target, identity, metadata))
            .collect();
        for org in &mut orgs {
            let version =
                request.api_version.clone().unwrap_or_else(|| org.identity.api_version.clone());
            let missing =
                |name: &str| org.metadata.missing.iter().any(|(missing, _)| missing == name);
            let found: Vec<&str> = types.iter().copied().filter(|name| !missing(name)).collect();
            let manifest = metadata::manifest(&found, &version);
            org.metadata.add_companions(manifest);
        }
        if !request.only_metadata {
            // Which users matter to an org depends on the credentials of the others.
            let report = linted(&orgs, options);
            let questions: Vec<records::Questions> = orgs
                .iter()
                .map(|org| records::Questions::new(&org.target.name, report.as_ref(), request))
                .collect();
            let today = options.today;
            let facts = each(targets, |index, target| {
                let on_question = |what: &str| on_step(format!("{}: reading {what}", target.name));
                let asker =
                    queries::Asker { sf: &self.sf, alias: &target.alias, api_version: version };
                let connect_version = &orgs[index].identity.api_version;
                records::facts(asker, connect_version, &questions[index], today, &on_question)
            })?;
            for (org, facts) in orgs.iter_mut().zip(facts) {
                org.facts = Some(facts);
            }
        }
        let files = files(&orgs, request);
        Ok(Pulled { orgs, files })
    }

    /// Asks who is logged in to the orgs, and nothing else.
    ///
    /// # Errors
    /// The CLI cannot be run, or has no org with that alias.
    pub fn identify(
        &self,
        targets: &[Target],
        on_step: &(dyn Fn(String) + Sync),
    ) -> Result<Vec<Identity>, Error> {
        each(targets, |_, target| {
            on_step(format!("{}: asking who is logged in", target.name));
            org::identity(&self.sf, target, None)
        })
    }

    fn zip_folder(&self, index: usize) -> PathBuf {
        self.folder.path().join("zips").join(index.to_string())
    }

    fn sf(&self) -> &Sf {
        &self.sf
    }
}

/// Lints what was read. The findings name files as `NAME:externalCredentials/X`.
///
/// # Errors
/// There is nothing to lint.
pub fn lint(pulled: &Pulled, options: &Options) -> Result<Report, Error> {
    let folder = virtual_folder();
    let own = Options { working_directory: folder, ..options.clone() };
    let files = pulled.files.iter().map(|(name, bytes)| (PathBuf::from(name), bytes.clone()));
    let mut report = pipeline::lint_in_memory(files, &own)?;
    report.sources.rename(&|name| match name.split_once('/') {
        Some((org, inside)) => format!("{org}:{inside}"),
        None => name.to_owned(),
    });
    Ok(report)
}

/// The folder of files that are only in memory.
fn virtual_folder() -> PathBuf {
    PathBuf::from(if cfg!(windows) { "C:\\pulled" } else { "/pulled" })
}

/// Lints the metadata of the orgs together, without anything else. `None` if it contains nothing.
fn linted(orgs: &[PulledOrg], options: &Options) -> Option<Report> {
    let mut files = BTreeMap::new();
    for org in orgs {
        files.extend(org.files());
    }
    files.insert(init::DESCRIPTION.to_owned(), description::skeleton(orgs).into_bytes());
    let options = Options::new(options.today, virtual_folder());
    let files = files.into_iter().map(|(name, bytes)| (PathBuf::from(name), bytes));
    pipeline::lint_in_memory(files, &options).ok()
}

/// All files, with the description.
fn files(orgs: &[PulledOrg], request: &Request) -> BTreeMap<String, Vec<u8>> {
    let mut files: BTreeMap<String, Vec<u8>> = orgs.iter().flat_map(PulledOrg::files).collect();
    let text = description::text(orgs, request);
    files.insert(init::DESCRIPTION.to_owned(), text.into_bytes());
    files
}

/// Does the same for each org, at the same time if the system allows threads.
fn each<T: Send>(
    targets: &[Target],
    work: impl Fn(usize, &Target) -> Result<T, Error> + Sync,
) -> Result<Vec<T>, Error> {
    let work = &work;
    thread::scope(|scope| {
        let started: Vec<_> = targets
            .iter()
            .enumerate()
            .map(|(index, target)| {
                thread::Builder::new()
                    .spawn_scoped(scope, move || work(index, target))
                    .map_err(|_| (index, target))
            })
            .collect();
        started
            .into_iter()
            .map(|started| match started {
                Ok(thread) => {
                    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
                }
                Err((index, target)) => work(index, target),
            })
            .collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_folder_and_an_alias_is_not_an_option() {
        for (text, name, alias) in [
            ("hub", "hub", "hub"),
            ("hub=admin@acme.example.uat", "hub", "admin@acme.example.uat"),
            ("hub=my alias", "hub", "my alias"),
            ("admin@acme.example", "admin@acme.example", "admin@acme.example"),
        ] {
            let target = Target::parse(text).unwrap();
            assert_eq!((target.name.as_str(), target.alias.as_str()), (name, alias));
        }
        for text in [
            "",
            "=",
            "hub=",
            "=hub",
            "../hub",
            "a/b",
            "a\\b=x",
            ".git",
            "hub=-x",
            "--json",
            "hub=a\nb",
            "nul",
            "sfcred.yaml",
            "sfcred.toml",
            "hub.",
            "C:=x",
            "hub=$(x)",
            "my alias",
        ] {
            assert!(Target::parse(text).is_err(), "{text:?}");
        }
        let two = [Target::parse("hub=a").unwrap(), Target::parse("Hub=b").unwrap()];
        assert!(distinct(&two).is_err());
    }
}

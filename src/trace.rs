//! Walks a callout from what calls to the access token: what is known at each step, from where, and where it would stop.
//!
//! Nothing is judged here: a step fails because of a finding, so a trace and `lint` cannot disagree.

mod access;
mod call;
mod caller;
mod credential;
mod jwt;
mod named;
mod path;
mod request;
mod signing;
mod step;
mod target_org;
mod verdict;

use crate::error::Error;
use crate::model::{
    Callout, ExternalCredential, Flow, Named, NamedCredential, NamedCredentialModel, Org, OrgId,
    Workspace, find_named, same_name,
};
use crate::nearest::nearest;
use crate::pipeline::Report;
use crate::source::Text;

pub use crate::rule::TokenCheck;
pub use jwt::{Entry, Jwt, Value};
pub use step::{Check, Fact, Failure, State, Step, Unknown};
pub use verdict::{Reason, Verdict};

use path::{CalloutPath, RelevantFinding};

/// One callout, followed to its end.
#[derive(Debug)]
pub struct Trace<'a> {
    /// The named credential, else the external one that no named credential uses.
    pub name: String,
    pub org: &'a str,
    pub external_credential: Option<&'a str>,
    pub flow: Flow,
    /// Always eight, in the order in which they are taken.
    pub steps: Vec<Step<'a>>,
    /// The header and claims that are signed, if anything is.
    pub jwt: Option<Jwt>,
    pub verdict: Verdict<'a>,
}

impl Trace<'_> {
    /// Whether any step fails.
    pub fn fails(&self) -> bool {
        self.steps.iter().any(|step| step.state() == State::Fails)
    }
}

/// What a trace starts from.
#[derive(Clone, Copy)]
enum EntryPoint<'a> {
    Named(OrgId, &'a NamedCredential),
    /// An external credential that no named credential uses.
    External(OrgId, &'a ExternalCredential),
    /// A name that Apex calls and no file has.
    Missing(OrgId, &'a Callout),
}

/// Follows one credential, or all of them.
///
/// # Errors
/// If no credential has the name, or nothing in the files authenticates.
pub fn trace<'a>(report: &'a Report, credential: Option<&str>) -> Result<Vec<Trace<'a>>, Error> {
    let all = starts(&report.workspace);
    let chosen: Vec<EntryPoint<'a>> = match credential {
        None => {
            all.iter().filter(|start| start.authenticates(&report.workspace)).copied().collect()
        }
        Some(name) => chosen(&all, &report.workspace, name)
            .map_err(|error| unreadable(report, Some(name)).unwrap_or(error))?,
    };
    if chosen.is_empty() {
        return Err(unreadable(report, None).unwrap_or(Error::NothingToTrace));
    }
    let relevant = path::relevant(report);
    Ok(chosen.into_iter().map(|start| followed(report, &relevant, start)).collect())
}

/// A credential's file that is not well-formed; that of one name, where it is given.
fn unreadable(report: &Report, name: Option<&str>) -> Option<Error> {
    let mut credentials = report
        .workspace
        .unreadable
        .iter()
        .filter(|file| matches!(file.type_name, "ExternalCredential" | "NamedCredential"));
    let found = credentials.find(|file| name.is_none_or(|name| same_name(&file.name, name)))?;
    Some(Error::UnreadableCredential {
        file: report.sources.get(found.file).name.clone(),
        reason: found.message.clone(),
    })
}

/// Everything that a callout can begin with, in the order of orgs and files.
fn starts(workspace: &Workspace) -> Vec<EntryPoint<'_>> {
    let mut starts = Vec::new();
    for (index, org) in workspace.orgs.iter().enumerate() {
        let id = OrgId(index);
        starts.extend(org.named_credentials.iter().map(|named| EntryPoint::Named(id, named)));
        starts.extend(
            org.external_credentials
                .iter()
                .filter(|external| org.users_of(external).next().is_none())
                .map(|external| EntryPoint::External(id, external)),
        );
        let mut seen: Vec<&str> = Vec::new();
        for callout in org.callouts.iter().filter(|callout| !callout.in_test) {
            let Some(name) = callout.name.known().filter(|name| is_lost(workspace, org, name))
            else {
                continue;
            };
            if !seen.iter().any(|other| other.eq_ignore_ascii_case(name)) {
                seen.push(name);
                starts.push(EntryPoint::Missing(id, callout));
            }
        }
    }
    starts
}

/// No file has the name, and no name that it was surely meant to be.
fn is_lost(workspace: &Workspace, org: &Org, name: &str) -> bool {
    !workspace.knows_named_credential(name)
        && !org.named_credentials.iter().any(|named| caller::is_intended(name, named))
}

/// What a name means: named credentials of that name, and those that use an external credential of that name.
fn chosen<'a>(
    all: &[EntryPoint<'a>],
    workspace: &'a Workspace,
    name: &str,
) -> Result<Vec<EntryPoint<'a>>, Error> {
    let of = |same: &dyn Fn(&str) -> bool| -> Vec<EntryPoint<'a>> {
        let names = |start: &&EntryPoint<'a>| {
            same(start.name())
                || start.external_name(workspace).is_some_and(same)
                || start.external_reference().is_some_and(same)
        };
        all.iter().filter(names).copied().collect()
    };
    let mut found = of(&|other| other.eq_ignore_ascii_case(name));
    if found.is_empty() {
        found = of(&|other| same_name(other, name));
    }
    if !found.is_empty() {
        return Ok(found);
    }
    let mut known: Vec<String> = all
        .iter()
        .flat_map(|start| [Some(start.name()), start.external_name(workspace)])
        .flatten()
        .map(str::to_owned)
        .collect();
    known.sort();
    known.dedup();
    let nearest = nearest(name, known.iter().map(String::as_str)).map(str::to_owned);
    Err(Error::UnknownCredential { name: name.to_owned(), nearest, known })
}

impl<'a> EntryPoint<'a> {
    fn name(&self) -> &'a str {
        match self {
            EntryPoint::Named(_, named) => named.name(),
            EntryPoint::External(_, external) => external.name(),
            EntryPoint::Missing(_, callout) => callout.name.as_str(),
        }
    }

    fn org(&self) -> OrgId {
        match self {
            EntryPoint::Named(org, _)
            | EntryPoint::External(org, _)
            | EntryPoint::Missing(org, _) => *org,
        }
    }

    fn external_name(&self, workspace: &'a Workspace) -> Option<&'a str> {
        match self {
            EntryPoint::Named(org, named) => {
                workspace.org(*org).external_of(named).map(Named::name)
            }
            EntryPoint::External(_, external) => Some(external.name()),
            EntryPoint::Missing(..) => None,
        }
    }

    /// The external credential that it names, in the files or not.
    fn external_reference(&self) -> Option<&'a str> {
        match self {
            EntryPoint::Named(_, named) => named.external_credential.as_ref().map(Text::as_str),
            EntryPoint::External(..) | EntryPoint::Missing(..) => None,
        }
    }

    /// Whether it is worth following unasked: something is sent to prove who calls.
    fn authenticates(&self, workspace: &Workspace) -> bool {
        match self {
            EntryPoint::Named(org, named) => match named.model {
                NamedCredentialModel::Legacy if named.is_legacy() => {
                    !matches!(named.legacy_protocol(), None | Some("NoAuthentication"))
                }
                NamedCredentialModel::Legacy | NamedCredentialModel::Secured => {
                    workspace.org(*org).flow_of(named) != Flow::Custom
                }
                NamedCredentialModel::Other => false,
            },
            EntryPoint::External(_, external) => external.flow() != Flow::Custom,
            EntryPoint::Missing(..) => true,
        }
    }
}

fn followed<'a>(
    report: &'a Report,
    relevant: &[RelevantFinding<'a>],
    start: EntryPoint<'a>,
) -> Trace<'a> {
    let path = CalloutPath::new(&report.workspace, relevant, start);
    let steps = vec![
        caller::step(&path),
        named::step(&path),
        access::step(&path),
        credential::step(&path),
        signing::step(&path),
        request::step(&path),
        target_org::step(&path),
        call::step(&path),
    ];
    debug_assert!(steps.iter().map(|step| step.kind).eq(path::KINDS.iter().copied()));
    let verdict = verdict::of(&path, &steps);
    Trace {
        name: start.name().to_owned(),
        org: &path.calling_org.name,
        external_credential: path.external.map(Named::name),
        flow: path.flow,
        jwt: path.jwt.map(|credential| jwt::of(&path, credential)),
        steps,
        verdict,
    }
}

/// A component of the list that a reference finds is this one.
fn is_same<T: Named>(items: &[T], reference: &str, item: &T) -> bool {
    find_named(items, reference).is_some_and(|found| std::ptr::eq(found, item))
}

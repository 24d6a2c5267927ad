//! If nothing grants the principal, no user can make the callout, not even an administrator.

use std::collections::{BTreeSet, HashSet};

use crate::finding::{Edit, Findings, Severity};
use crate::model::{
    ExternalCredential, Named, Org, PermissionSet, Workspace, find_named, split_principal,
    without_namespace,
};
use crate::nearest::{MAX_WORDS, nearest};
use crate::source::{Syntax, Text};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for org in &workspace.orgs {
        let (grants, deployed) = (Grants::new(org), Deployed::new(workspace, org));
        for credential in not_granted_by_name(org) {
            check_credential(workspace, org, credential, &grants, &deployed, found);
        }
    }
}

/// The first API version in which permission sets contain grants.
const FIRST_VERSION: u32 = 59;

fn check_credential(
    workspace: &Workspace,
    org: &Org,
    credential: &ExternalCredential,
    grants: &Grants<'_>,
    deployed: &Deployed,
    found: &mut Findings,
) {
    let Some(named) = org.users_of(credential).next() else { return };
    let Some(principal) = credential.principals().next() else { return };
    if org.permission_sets.is_empty() || credential.grants_itself() || grants.mention(credential) {
        return;
    }
    let sets = org.permission_sets.len();
    let counted = if sets == 1 {
        "the only permission set".to_owned()
    } else {
        format!("none of the {sets} permission sets")
    };
    let verb = if sets == 1 { "does not grant" } else { "grants" };
    let finding = found
        .report(
            &credential.component,
            principal.name,
            format!("{counted} in the checked files {verb} a principal of `{}`", credential.name()),
        )
        .label("the principal")
        .related_to(
            named.external_credential.as_ref(),
            format!("`{}` uses this external credential", named.name()),
        )
        .help(format!(
            "grant `{}-{}` in a permission set (*External Credential Principal Access*), and \
             assign it to the user who runs the callout; a profile can grant it as well, which \
             metadata does not show",
            credential.name(),
            principal.name
        ))
        .unsafe_fix(
            "grant it in the only permission set of the project",
            added(org, &format!("{}-{}", credential.name(), principal.name)),
        )
        .field("principals");
    if let Some(limit) = deployed.limit(workspace, org, credential) {
        finding.at_most(limit);
    }
}

/// Where an org has permission sets that are deployed together with credentials.
struct Deployed {
    /// Those of a description belong to every package directory.
    described: bool,
    directories: HashSet<Option<usize>>,
}

impl Deployed {
    fn new(workspace: &Workspace, org: &Org) -> Deployed {
        let (described, files): (Vec<_>, Vec<_>) =
            org.permission_sets.iter().partition(|set| set.described_only);
        let directory =
            |set: &PermissionSet| workspace.package_directories.of(set.component.place.file);
        Deployed {
            described: !described.is_empty(),
            directories: files.into_iter().map(directory).collect(),
        }
    }

    /// The highest severity that the permission sets in the files allow: a warning, because a profile can grant the
    /// principal as well, which metadata does not show. Only if the sets that are deployed with the credential can contain
    /// grants, their absence says anything.
    fn limit(
        &self,
        workspace: &Workspace,
        org: &Org,
        credential: &ExternalCredential,
    ) -> Option<Severity> {
        let directory = workspace.package_directories.of(credential.component.place.file);
        let is_too_old = org.api_version.is_some_and(|version| version < FIRST_VERSION);
        let says_nothing = is_too_old || !(self.described || self.directories.contains(&directory));
        says_nothing.then_some(Severity::Note)
    }
}

/// The grants of an org, even disabled, misspelled or unknown ones; other rules report those.
#[derive(Default)]
struct Grants<'a> {
    /// A grant whose credential is unknown.
    has_unknown: bool,
    /// The credentials without namespace, and whole references, in lower case.
    credentials: HashSet<String>,
    references: BTreeSet<String>,
    /// Names of credentials that are not in the files, and the principals after them in lower case.
    misspelled: BTreeSet<&'a str>,
    principals: HashSet<String>,
}

impl<'a> Grants<'a> {
    fn new(org: &'a Org) -> Grants<'a> {
        let mut grants = Grants::default();
        for reference in references(org) {
            let Some((name, principal)) =
                split_principal(reference.as_str()).filter(|_| reference.known().is_some())
            else {
                grants.has_unknown = true;
                continue;
            };
            grants.credentials.insert(without_namespace(name).to_ascii_lowercase());
            grants.references.insert(reference.as_str().to_ascii_lowercase());
            if !name.contains("__") && find_named(&org.external_credentials, name).is_none() {
                grants.misspelled.insert(name);
                grants.principals.insert(principal.to_ascii_lowercase());
            }
        }
        grants
    }

    /// Whether any of them mentions the credential.
    fn mention(&self, credential: &ExternalCredential) -> bool {
        let name = credential.name().to_ascii_lowercase();
        let is_start = || {
            let mut following = self.references.range(name.clone()..);
            following.next().is_some_and(|reference| reference.starts_with(&name))
        };
        let has_own_principal = || {
            let mut own = credential.principals();
            own.any(|own| self.principals.contains(&own.name.as_str().to_ascii_lowercase()))
        };
        let is_near = || {
            let mut names = self.misspelled.iter().take(MAX_WORDS);
            names.any(|name| nearest(name, [credential.name()]).is_some())
        };
        self.has_unknown
            || self.credentials.contains(without_namespace(&name))
            || is_start()
            || has_own_principal()
            || is_near()
    }
}

/// Credentials that no grant names exactly; only these need the search for misspelled grants.
fn not_granted_by_name(org: &Org) -> impl Iterator<Item = &ExternalCredential> {
    let granted: HashSet<&str> = references(org)
        .filter_map(|reference| split_principal(reference.as_str()))
        .map(|(name, _)| name)
        .collect();
    org.external_credentials.iter().filter(move |credential| !granted.contains(credential.name()))
}

fn references(org: &Org) -> impl Iterator<Item = &Text> {
    org.permission_sets.iter().flat_map(|set| &set.grants).map(|grant| &grant.reference)
}

fn added(org: &Org, reference: &str) -> Option<Edit> {
    let [set] = org.permission_sets.as_slice() else { return None };
    let label = set
        .label
        .as_ref()
        .filter(|label| label.syntax == Syntax::Xml && !label.element.is_empty())?;
    let grant = [
        "<externalCredentialPrincipalAccesses>",
        "    <enabled>true</enabled>",
        &format!("    <externalCredentialPrincipal>{reference}</externalCredentialPrincipal>"),
        "</externalCredentialPrincipalAccesses>",
    ]
    .join("\n");
    Some(Edit::LineBefore(label.element, grant))
}

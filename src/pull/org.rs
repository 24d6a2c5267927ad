//! One org: who it is, and everything that was read of it.

use serde_json::Value;

use super::Target;
use super::metadata::Metadata;
use super::queries::{Asker, Known, ORGANIZATION, string};
use super::records::Facts;
use super::sf::Sf;
use crate::error::{Error, PullError};
use crate::model::{Host, OrgKind, RecordId, Url};

/// Used if the CLI does not say which version it uses.
const API_VERSION: &str = "62.0";

/// Which org it is.
#[derive(Clone, Debug)]
pub struct Identity {
    /// The user of the CLI.
    pub username: String,
    /// The My Domain; `None` if the CLI does not print it.
    pub my_domain: Option<Host>,
    pub org_id: Option<String>,
    pub api_version: String,
    pub kind: Known<OrgKind>,
}

/// An org as it was read.
#[derive(Debug)]
pub struct PulledOrg {
    pub target: Target,
    pub identity: Identity,
    pub metadata: Metadata,
    /// `None` if only metadata was asked for.
    pub facts: Option<Facts>,
}

impl PulledOrg {
    pub(super) fn new(target: &Target, identity: Identity, metadata: Metadata) -> PulledOrg {
        PulledOrg { target: target.clone(), identity, metadata, facts: None }
    }

    /// The files of its metadata, below a folder with its name.
    pub fn files(&self) -> impl Iterator<Item = (String, Vec<u8>)> {
        let files = self.metadata.files.iter();
        files.map(|(name, bytes)| (format!("{}/{name}", self.target.name), bytes.clone()))
    }

    /// How many components there are, as far as files show.
    pub fn file_count(&self) -> usize {
        let is_own = |name: &&String| name.contains('/');
        self.metadata.files.keys().filter(is_own).count()
    }

    /// What is known besides metadata, as the end of a sentence.
    pub fn counts(&self) -> String {
        let Some(facts) = &self.facts else { return String::new() };
        let users = facts.users.iter().flat_map(|users| users.values());
        let (users, missing): (Vec<_>, Vec<_>) = users.partition(|user| user.is_some());
        let assigned = facts.sets.values().filter_map(|set| set.assigned_to.as_ref());
        let of = |count: usize, one: &str, many: &str| match count {
            0 => None,
            1 => Some(format!("1 {one}")),
            count => Some(format!("{count} {many}")),
        };
        let parts: Vec<String> = [
            of(assigned.count(), "assigned permission set", "assigned permission sets"),
            of(users.len(), "user", "users"),
            of(missing.len(), "missing user", "missing users"),
            of(facts.apps.len(), "app with its approvals", "apps with their approvals"),
        ]
        .into_iter()
        .flatten()
        .collect();
        if parts.is_empty() { String::new() } else { format!("; {}", parts.join(", ")) }
    }

    /// What could not be read, each with the reason.
    pub fn unknown(&self) -> Vec<(String, String)> {
        let kind = self.identity.kind.as_ref().err();
        let kind = kind.map(|reason| (ORGANIZATION.what.to_owned(), reason.clone()));
        let missing = self.metadata.missing.iter().cloned();
        let facts = self.facts.iter().flat_map(|facts| facts.unknown.iter().cloned());
        kind.into_iter().chain(missing).chain(facts).collect()
    }
}

/// The arguments that ask who is logged in.
pub fn arguments(alias: &str) -> Vec<String> {
    ["org", "display", "--target-org", alias].map(str::to_owned).into()
}

/// Asks who is logged in, and which kind of org it is.
pub fn identity(sf: &Sf, target: &Target, api_version: Option<&str>) -> Result<Identity, Error> {
    let alias = &target.alias;
    let result = match sf.json(alias, &arguments(alias))? {
        Ok(result) => result,
        Err(refusal) => {
            return Err(match refusal.of_org(alias) {
                Some(error) => error,
                None => PullError::Failed {
                    alias: alias.clone(),
                    command: "org display".to_owned(),
                    reason: refusal.shown(),
                },
            }
            .into());
        }
    };
    // The command succeeds even if the login has expired.
    let status = string(&result, "/connectedStatus").unwrap_or("Connected");
    if !matches!(status, "Connected" | "Unknown" | "Active") {
        let refusal = super::sf::Refusal { name: String::new(), message: status.to_owned() };
        let alias = alias.clone();
        return Err(refusal.of_org(&alias).unwrap_or(PullError::Expired { alias }).into());
    }
    let my_domain = string(&result, "/instanceUrl")
        .map(|url| Host::parse(&Url::parse(url).host))
        .filter(Host::is_my_domain);
    let org_id =
        string(&result, "/id").filter(|id| RecordId::organization(id).is_some()).map(str::to_owned);
    let is_version = |text: &&str| {
        text.len() <= 5
            && text.chars().all(|character| character.is_ascii_digit() || character == '.')
    };
    let own_version = string(&result, "/apiVersion").filter(is_version);
    let asker = Asker { sf, alias, api_version };
    let records = asker.records(&ORGANIZATION.soql(&|_| true, ""))?;
    let kind = records.and_then(|records| {
        records.first().map(kind).ok_or_else(|| "the org did not answer".to_owned())
    });
    Ok(Identity {
        username: string(&result, "/username").unwrap_or_default().to_owned(),
        my_domain,
        org_id,
        api_version: api_version.or(own_version).unwrap_or(API_VERSION).to_owned(),
        kind,
    })
}

/// The kind of an org, by the rule of the CLI: only a scratch org is a sandbox with an end.
fn kind(organization: &Value) -> OrgKind {
    let is_sandbox = organization.get("IsSandbox").and_then(Value::as_bool).unwrap_or(false);
    let ends = string(organization, "/TrialExpirationDate").is_some();
    match (is_sandbox, ends) {
        (true, true) => OrgKind::Scratch,
        (true, false) => OrgKind::Sandbox,
        (false, _) if string(organization, "/OrganizationType") == Some("Developer Edition") => {
            OrgKind::Developer
        }
        (false, _) => OrgKind::Production,
    }
}

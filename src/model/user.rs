//! Users and usernames.

use std::fmt;

use super::host::{Host, HostKind, Partition};
use crate::source::Text;

/// A user from a description or an export.
#[derive(Clone, Debug)]
pub struct User {
    pub username: Text,
    pub profile: Option<Text>,
    /// `None` if it is not specified.
    pub permission_sets: Option<Vec<Text>>,
    pub active: bool,
    /// Whether the user has *API Enabled*; `None` if it is not specified.
    pub api_enabled: Option<bool>,
}

/// A username, which always has the form of an email address.
#[derive(Clone, Debug)]
pub struct Username(pub(super) String);

/// Common names of sandboxes. [`Username::suffix`] excludes those that are part of an ordinary domain.
const SANDBOX_WORDS: &[&str] = &[
    "uat",
    "dev",
    "devpro",
    "developer",
    "qa",
    "sit",
    "stage",
    "staging",
    "preprod",
    "sandbox",
    "sbx",
    "full",
    "fullcopy",
    "partial",
    "hotfix",
    "training",
    "test",
    "int",
    "integration",
];

/// Top-level labels: a label after one of them is not part of an ordinary domain.
const TOP_LEVEL: &[&str] = &[
    "com", "org", "net", "edu", "gov", "mil", "info", "biz", "example", "invalid", "cloud", "app",
    "tech", "online", "group", "global", "bank", "health",
];

impl Username {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The last label of the domain, if it cannot be part of an ordinary domain: `uat` in `a@acme.com.uat`, but `None`
    /// for `a@acme.dev`, `a@acme.co.uk` and `a@acme.com.qa`.
    pub fn suffix(&self) -> Option<&str> {
        let (_, domain) = self.0.rsplit_once('@')?;
        let labels: Vec<&str> = domain.split('.').collect();
        let [.., name, top, last] = labels.as_slice() else { return None };
        let country = top.len() == 2 && top.bytes().all(|byte| byte.is_ascii_alphabetic());
        let ends = country || TOP_LEVEL.iter().any(|known| known.eq_ignore_ascii_case(top));
        let second_level = last.len() == 2 && top.len() <= 3;
        (ends && !name.is_empty() && !second_level).then_some(last)
    }

    /// The suffix, if it is the name of a sandbox: a known sandbox, or a common name of sandboxes.
    pub fn sandbox_suffix(&self, known: &[String]) -> Option<&str> {
        self.suffix().filter(|suffix| {
            known.iter().any(|name| name.eq_ignore_ascii_case(suffix))
                || SANDBOX_WORDS.iter().any(|word| word.eq_ignore_ascii_case(suffix))
        })
    }

    /// The suffix, if it shows that the user belongs to an org other than the one with this My Domain. In Developer
    /// Edition orgs, scratch orgs and playgrounds, usernames can have any suffix.
    pub fn contradicts(&self, host: &Host, known_sandboxes: &[String]) -> Option<&str> {
        let HostKind::MyDomain { name, sandbox, partition, .. } = host.kind() else { return None };
        let suffix = self.sandbox_suffix(known_sandboxes)?;
        let folded = suffix.to_ascii_lowercase();
        match (sandbox, partition) {
            (None, Partition::None) => {
                (!name.ends_with("-dev-ed") && !name.contains("-dev-ed-")).then_some(suffix)
            }
            (Some(sandbox), Partition::None | Partition::Sandbox) => (!sandbox
                .starts_with(&folded)
                && !folded.starts_with(sandbox.as_str())
                && !sandbox.contains(&folded))
            .then_some(suffix),
            (
                _,
                Partition::Sandbox
                | Partition::Scratch
                | Partition::Develop
                | Partition::Trailblaze
                | Partition::Other,
            ) => None,
        }
    }
}

/// Whether a string has the form `LOCAL@LABEL.LABEL`, with two or more labels.
pub(super) fn is_username(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else { return false };
    let plain = |part: &str, marks: &[char]| {
        !part.is_empty() && !part.contains(char::is_whitespace) && !part.contains(marks)
    };
    plain(local, &['"', '<', '>', '(', ')'])
        && domain.contains('.')
        && domain.split('.').all(|label| plain(label, &['@', '"']))
}

/// Usernames are case-insensitive.
impl PartialEq for Username {
    fn eq(&self, other: &Self) -> bool {
        fold_username(&self.0) == fold_username(&other.0)
    }
}

impl Eq for Username {}

impl fmt::Display for Username {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// The normalized username, for comparisons: lower case.
pub fn fold_username(name: &str) -> String {
    name.to_lowercase()
}

//! Who has which permission set, and what a grant means: questions that several rules ask of an org.

use super::org::same_principal;
use super::{
    Connection, ExternalCredential, Flow, Named, NamedCredential, Org, ParameterType,
    PermissionSet, PermissionSetGroup, Principal, Profile, User, find_named, split_principal,
};
use crate::source::Text;

/// Standard profiles whose file is not called what Setup calls them: label, file name.
const STANDARD_PROFILES: &[(&str, &str)] = &[
    ("System Administrator", "Admin"),
    ("Standard User", "Standard"),
    ("Standard Platform User", "StandardAul"),
    ("Read Only", "ReadOnly"),
    ("Marketing User", "MarketingProfile"),
    ("Contract Manager", "ContractManager"),
    ("Solution Manager", "SolutionManager"),
];

impl Org {
    /// The permission sets in a group, as far as they are in the files.
    pub fn members_of<'a>(
        &'a self,
        group: &'a PermissionSetGroup,
    ) -> impl Iterator<Item = &'a PermissionSet> {
        group.members.iter().filter_map(|member| find_named(&self.permission_sets, member.as_str()))
    }

    /// Whether a user has a permission set, directly or through a group; `None` where nobody said.
    pub fn has_permission_set(&self, username: &str, set: &PermissionSet) -> Option<bool> {
        let holds =
            |names: &[&Text]| names.iter().any(|name| name.as_str().eq_ignore_ascii_case(username));
        if self.holders(set).is_some_and(|holders| holds(&holders)) {
            return Some(true);
        }
        let all_said = self.assignments_known
            || self.user(username).is_some_and(|user| user.permission_sets.is_some());
        let mut groups = self
            .groups
            .iter()
            .filter(|group| self.members_of(group).any(|member| member.name() == set.name()))
            .peekable();
        let listed = set.assigned_to.is_some() || groups.peek().is_some();
        let groups_listed = groups.all(|group| group.assigned_to.is_some());
        (all_said || (listed && groups_listed)).then_some(false)
    }

    /// The permission sets of a user, and whether they are surely all of them, each in the files with all that it says.
    pub fn permission_sets_of(&self, username: &str) -> (Vec<&PermissionSet>, bool) {
        let sets: Vec<&PermissionSet> = self
            .permission_sets
            .iter()
            .filter(|set| self.has_permission_set(username, set) == Some(true))
            .collect();
        let named = self.user(username).and_then(|user| user.permission_sets.as_ref());
        let found = |name: &Text| match find_named(&self.groups, name.as_str()) {
            Some(group) => group
                .members
                .iter()
                .all(|member| find_named(&self.permission_sets, member.as_str()).is_some()),
            None => find_named(&self.permission_sets, name.as_str()).is_some(),
        };
        let complete = named.is_some_and(|names| names.iter().all(found))
            && sets.iter().all(|set| !set.described_only);
        (sets, complete)
    }

    /// The profile that Setup calls so.
    pub fn profile(&self, label: &str) -> Option<&Profile> {
        let standard = STANDARD_PROFILES
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(label))
            .map(|(_, file)| *file);
        find_named(&self.profiles, label)
            .or_else(|| standard.and_then(|file| find_named(&self.profiles, file)))
    }

    /// The principal that a reference names, where its external credential is in the files.
    pub fn granted_principal(
        &self,
        reference: &str,
    ) -> Option<(&ExternalCredential, Principal<'_>)> {
        let (name, principal) = split_principal(reference)?;
        let credential = find_named(&self.external_credentials, name)?;
        let found = credential
            .principals()
            .find(|candidate| same_principal(candidate.name.as_str(), principal))?;
        Some((credential, found))
    }

    /// The reference that was meant by a text that is none: a credential and its principal without exactly one hyphen
    /// between them, or one of the two alone where that leaves no choice.
    pub fn intended_by(&self, typed: &str) -> Option<String> {
        let typed = typed.trim();
        self.external_credentials
            .iter()
            .find_map(|credential| around_another_mark(typed, credential))
            .or_else(|| if typed.contains('-') { None } else { self.meant_by_half(typed) })
    }

    fn meant_by_half(&self, typed: &str) -> Option<String> {
        if let Some(credential) = find_named(&self.external_credentials, typed) {
            let mut principals = credential.principals();
            return match (principals.next(), principals.next()) {
                (Some(one), None) => Some(format!("{typed}-{}", one.name)),
                _ => None,
            };
        }
        let mut pairs = self.external_credentials.iter().flat_map(|credential| {
            credential.principals().map(move |principal| (credential, principal))
        });
        let (credential, principal) =
            pairs.find(|(_, principal)| same_principal(principal.name.as_str(), typed))?;
        pairs
            .all(|(_, other)| !same_principal(other.name.as_str(), typed))
            .then(|| format!("{}-{}", credential.name(), principal.name))
    }
}

/// `Spoke_Org.Principal`, `Spoke_Org - Principal`, `ns__Spoke_OrgPrincipal`: name and principal, and no letter between.
fn around_another_mark(typed: &str, credential: &ExternalCredential) -> Option<String> {
    let (name, rest) = typed.split_at_checked(name_length(typed, credential.name())?)?;
    credential.principals().find_map(|principal| {
        let principal = principal.name.known()?;
        let (between, end) = rest.split_at_checked(rest.len().checked_sub(principal.len())?)?;
        let mark = between != "-" && !between.contains(char::is_alphanumeric);
        (mark && end.eq_ignore_ascii_case(principal)).then(|| format!("{name}-{principal}"))
    })
}

/// How much of a text is a component's name, with or without a namespace before it.
fn name_length(typed: &str, name: &str) -> Option<usize> {
    let begins =
        |text: &str| text.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name));
    if begins(typed) {
        return Some(name.len());
    }
    let after = typed.find("__")? + 2;
    begins(typed.get(after..)?).then_some(after + name.len())
}

impl Org {
    /// The external credentials that callouts go through: of the named credentials that Apex calls, or of all where no Apex calls any.
    pub fn credentials_called(&self) -> Vec<&ExternalCredential> {
        let called: Vec<&NamedCredential> = self
            .callouts
            .iter()
            .filter_map(|callout| find_named(&self.named_credentials, callout.name.as_str()))
            .collect();
        let is_called = |named: &NamedCredential| {
            called.is_empty() || called.iter().any(|other| other.name() == named.name())
        };
        self.external_credentials
            .iter()
            .filter(|credential| self.users_of(credential).any(is_called))
            .collect()
    }
}

impl Connection<'_> {
    /// The user of the answering org that `sub` names, where it is described.
    pub fn subject_user(&self) -> Option<(&Text, &User)> {
        let subject = self.credential.subject()?;
        self.target_org.user(subject.known()?).map(|user| (subject, user))
    }

    /// The profile of that user, where it is in the files, and where it is named.
    pub fn subject_profile(&self) -> Option<(&Text, &Text, &Profile)> {
        let (subject, user) = self.subject_user()?;
        let named = user.profile.as_ref()?;
        self.target_org.profile(named.known()?).map(|profile| (subject, named, profile))
    }
}

impl Profile {
    /// Whether a person made it; a file that says nothing of its own is told by its name.
    pub fn is_custom(&self) -> bool {
        let name = self.name();
        let standard = STANDARD_PROFILES.iter().any(|(label, file)| {
            label.eq_ignore_ascii_case(name) || file.eq_ignore_ascii_case(name)
        });
        self.custom && !standard && !name.starts_with("Minimum Access")
    }
}

impl ExternalCredential {
    /// Whether it names the permission set that may use a principal itself, as API 57 and before did.
    pub fn grants_itself(&self) -> bool {
        self.parameters
            .iter()
            .any(|parameter| parameter.permission_set.as_ref().is_some_and(|set| !set.is_empty()))
    }

    /// Whether tokens are kept for it in `UserExternalCredential`: every flow of OAuth.
    pub fn keeps_tokens(&self) -> bool {
        matches!(
            self.flow(),
            Flow::JwtBearer | Flow::JwtAssertion | Flow::ClientCredentials | Flow::Browser
        )
    }
}

impl Principal<'_> {
    /// Every user has an own login at the other end.
    pub fn is_per_user(&self) -> bool {
        self.parameter.kind == ParameterType::PerUserPrincipal
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Component, Parameter};
    use crate::source::{FileId, Span, Syntax};

    fn org(credentials: &[(&str, &[&str])]) -> Org {
        let place = Span::new(FileId(0), 0, 0);
        let parameter = |name: &str| Parameter {
            kind: ParameterType::NamedPrincipal,
            kind_text: None,
            name: Some(Text::at(name, place, Syntax::Xml)),
            value: None,
            group: None,
            sequence: None,
            certificate: None,
            auth_provider: None,
            identity_provider: None,
            permission_set: None,
            element: place,
        };
        let credential = |(name, principals): &(&str, &[&str])| ExternalCredential {
            component: Component::new("ExternalCredential", *name, place),
            label: None,
            protocol: None,
            parameters: principals.iter().map(|name| parameter(name)).collect(),
        };
        Org { external_credentials: credentials.iter().map(credential).collect(), ..Org::default() }
    }

    #[test]
    fn other_marks_than_a_hyphen_are_understood() {
        let org = org(&[("Spoke", &["Other"]), ("Spoke_Org", &["Principal", "S3-User"])]);
        for typed in [
            "Spoke_Org.Principal",
            "Spoke_Org - Principal",
            "Spoke_Org_Principal",
            "spoke_orgPrincipal",
            "Spoke_Org–Principal",
            "Spoke_Org--Principal",
        ] {
            assert_eq!(
                org.intended_by(typed).map(|text| text.to_lowercase()).as_deref(),
                Some("spoke_org-principal"),
                "{typed}"
            );
        }
        assert_eq!(org.intended_by("ns__Spoke_Org.S3-User").as_deref(), Some("ns__Spoke_Org-S3-User"));
        assert_eq!(org.intended_by("Other").as_deref(), Some("Spoke-Other"));
        assert_eq!(org.intended_by("Spoke").as_deref(), Some("Spoke-Other"));
        assert_eq!(org.intended_by("Spoke_Org"), None);
        assert_eq!(org.intended_by("Spoke_Org-Principal"), None);
        assert_eq!(org.intended_by("Spoke_Org-Else"), None);
    }

    #[test]
    fn a_grant_is_resolved_to_its_principal() {
        let org = org(&[("AWS", &["S3-User"])]);
        assert_eq!(
            org.granted_principal("ns__AWS-s3-user").map(|(credential, _)| credential.name()),
            Some("AWS")
        );
        assert!(org.granted_principal("AWS-User").is_none());
    }
}

//! Permission sets, groups, muting and profiles: who may use a principal.

use super::component::{Component, Named};
use super::profile_name::is_standard_profile;
use crate::source::{Span, Text};

/// One principal access: `ExternalCredential-Principal`.
#[derive(Clone, Debug)]
pub struct Grant {
    pub reference: Text,
    pub enabled: bool,
    /// `enabled` as typed; absent in a description.
    pub switch: Option<Text>,
    pub element: Span,
}

/// Object permissions on `UserExternalCredential`.
#[derive(Clone, Debug, Default)]
pub struct ObjectAccess {
    pub read: bool,
    pub create: bool,
    pub edit: bool,
    pub delete: bool,
    pub modify_all: bool,
    pub place: Option<Span>,
}

/// A `PermissionSet`, from one file or joined from its parts.
#[derive(Clone, Debug)]
pub struct PermissionSet {
    pub component: Component,
    pub label: Option<Text>,
    pub license: Option<Text>,
    /// The profile that it is part of. Only a description has such sets: metadata does not contain them.
    pub profile: Option<Text>,
    pub activation_required: Option<Text>,
    pub grants: Vec<Grant>,
    pub user_external_credential: Option<ObjectAccess>,
    /// Enabled user permissions.
    pub user_permissions: Vec<Text>,
    /// The users who have it, if a description lists them.
    pub assigned_to: Option<Vec<Text>>,
    /// Whether it is only in a description, which cannot contain object and user permissions.
    pub described_only: bool,
}

/// A `PermissionSetGroup`.
#[derive(Clone, Debug)]
pub struct PermissionSetGroup {
    pub component: Component,
    pub label: Option<Text>,
    pub members: Vec<Text>,
    pub muting: Vec<Text>,
    pub assigned_to: Option<Vec<Text>>,
}

/// A `MutingPermissionSet`: the permissions that it enables are removed from its group.
#[derive(Clone, Debug)]
pub struct MutingPermissionSet {
    pub component: Component,
    pub muted: Vec<Grant>,
    pub user_external_credential: Option<ObjectAccess>,
}

/// A `Profile`.
#[derive(Clone, Debug)]
pub struct Profile {
    pub component: Component,
    pub custom: bool,
    pub user_external_credential: Option<ObjectAccess>,
    pub user_permissions: Vec<Text>,
    pub login_ip_ranges: Vec<Span>,
    pub login_hours: Option<Span>,
}

impl PermissionSet {
    pub fn new(component: Component) -> Self {
        PermissionSet {
            component,
            label: None,
            license: None,
            profile: None,
            activation_required: None,
            grants: Vec::new(),
            user_external_credential: None,
            user_permissions: Vec::new(),
            assigned_to: None,
            described_only: false,
        }
    }

    /// Grants that are enabled.
    pub fn granted(&self) -> impl Iterator<Item = &Grant> {
        self.grants.iter().filter(|grant| grant.enabled)
    }
}

/// Splits `Credential-Principal` at the first hyphen: the name of a principal can contain hyphens, the name of a
/// credential cannot.
pub fn split_principal(reference: &str) -> Option<(&str, &str)> {
    let (credential, principal) = reference.split_once('-')?;
    let (credential, principal) = (credential.trim(), principal.trim());
    (!credential.is_empty() && !principal.is_empty()).then_some((credential, principal))
}

/// Whether a string has the form `Credential-Principal`: a developer name, a hyphen, and a principal right after it.
pub fn is_principal_reference(text: &str) -> bool {
    let Some((credential, principal)) = text.split_once('-') else { return false };
    let named = !credential.is_empty()
        && credential.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    named && principal.starts_with(|first: char| !first.is_whitespace())
}

impl Profile {
    /// Whether it is a custom profile; a profile with the name of a standard profile is not custom, even if its file
    /// claims that it is.
    pub fn is_custom(&self) -> bool {
        let name = self.name();
        self.custom && !is_standard_profile(name) && !name.starts_with("Minimum Access")
    }
}

/// The normalized name of a principal, for comparisons: lower case, without surrounding whitespace.
pub fn fold_principal(name: &str) -> String {
    name.trim().to_ascii_lowercase()
}

/// Whether a label and an API name can belong to the same component: Setup derives `Hub_Access` from `Hub Access`.
pub fn label_matches(left: &str, right: &str) -> bool {
    fold_label(left) == fold_label(right)
}

/// The normalized label or API name, for comparisons.
pub(super) fn fold_label(text: &str) -> String {
    text.replace([' ', '-'], "_").to_lowercase()
}

impl ObjectAccess {
    /// Whether it grants any access.
    pub fn is_some(&self) -> bool {
        self.read || self.create || self.edit || self.delete || self.modify_all
    }

    /// The access that it grants, in the words of Setup.
    pub fn words(&self) -> String {
        let all = [
            (self.read, "Read"),
            (self.create, "Create"),
            (self.edit, "Edit"),
            (self.delete, "Delete"),
            (self.modify_all, "Modify All"),
        ];
        all.iter().filter(|(given, _)| *given).map(|(_, word)| *word).collect::<Vec<_>>().join(", ")
    }
}

impl Named for PermissionSet {
    fn component(&self) -> &Component {
        &self.component
    }
}

impl Named for PermissionSetGroup {
    fn component(&self) -> &Component {
        &self.component
    }
}

impl Named for MutingPermissionSet {
    fn component(&self) -> &Component {
        &self.component
    }
}

impl Named for Profile {
    fn component(&self) -> &Component {
        &self.component
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_hyphen_splits() {
        assert_eq!(split_principal("AWS-S3-User"), Some(("AWS", "S3-User")));
        assert_eq!(
            split_principal("ns__Spoke_Org-Sales User"),
            Some(("ns__Spoke_Org", "Sales User"))
        );
        assert_eq!(split_principal("Spoke_Org"), None);
        assert_eq!(split_principal("-x"), None);
    }

    #[test]
    fn a_reference_is_a_name_a_hyphen_and_a_principal() {
        for text in ["Spoke_Org-SpokePrincipal", "ns__Spoke_Org-Sales User", "AWS-S3-User"] {
            assert!(is_principal_reference(text), "{text}");
        }
        for text in [
            "Spoke_Org",
            "Spoke_Org - SpokePrincipal",
            "Spoke_Org- SpokePrincipal",
            "Spoke_Org.SpokePrincipal",
            "AWS.S3-User",
            "Spoke Org-SpokePrincipal",
            "-x",
            "x-",
        ] {
            assert!(!is_principal_reference(text), "{text}");
        }
    }
}

//! Permission sets, whole and in parts, groups, muting permission sets and profiles.

use super::Item;
use super::reader::Reader;
use super::xml::Element;
use crate::model::{
    Component, Grant, MutingPermissionSet, ObjectAccess, PermissionSet, PermissionSetGroup, Profile,
};
use crate::source::{FileId, Kind, Source, Span, Syntax, Text};

const OBJECT: &str = "UserExternalCredential";

/// Whether a child of the root element is needed; permission sets and profiles contain thousands that are not.
pub fn wanted(kind: Kind, element: &str) -> bool {
    match kind {
        Kind::PermissionSet
        | Kind::MutingPermissionSet
        | Kind::PrincipalAccessPart
        | Kind::ObjectSettingsPart => !matches!(
            element,
            "fieldPermissions"
                | "classAccesses"
                | "tabSettings"
                | "pageAccesses"
                | "recordTypeVisibilities"
                | "applicationVisibilities"
        ),
        Kind::Profile => {
            matches!(
                element,
                "custom"
                    | "objectPermissions"
                    | "userPermissions"
                    | "loginIpRanges"
                    | "loginHours"
                    | "userLicense"
                    | "externalCredentialPrincipalAccesses"
            )
        }
        _ => true,
    }
}

/// An item for a file that was not parsed: it has the name, the label of a permission set, and whether a profile is
/// custom.
pub fn bare(
    file: FileId,
    kind: Kind,
    name: String,
    label: Option<&str>,
    custom: bool,
) -> Option<Item> {
    let place = Span::new(file, 0, 0);
    match kind {
        Kind::PermissionSet => {
            let mut set = PermissionSet::new(Component::new("PermissionSet", name, place));
            set.label = label.map(|label| Text::at(label, place, Syntax::Verbatim));
            Some(Item::PermissionSet(set))
        }
        Kind::MutingPermissionSet => Some(Item::Muting(MutingPermissionSet {
            component: Component::new("MutingPermissionSet", name, place),
            muted: Vec::new(),
            user_external_credential: None,
        })),
        Kind::Profile => Some(Item::Profile(Profile {
            component: Component::new("Profile", name, place),
            custom,
            user_external_credential: None,
            user_permissions: Vec::new(),
            login_ip_ranges: Vec::new(),
            login_hours: None,
        })),
        _ => None,
    }
}

pub fn permission_set(root: &Element, reader: &Reader<'_>) -> PermissionSet {
    let mut set = PermissionSet::new(reader.component("PermissionSet", root));
    set.label = reader.child(root, "label");
    set.license = reader.child(root, "license").filter(|license| !license.is_empty());
    set.activation_required = reader.child(root, "hasActivationRequired");
    set.grants = grants(root, reader);
    set.user_external_credential = user_external_credential(root, reader);
    set.user_permissions = user_permissions(root, reader);
    set
}

/// The principal accesses of a permission set, or of one of its parts. The root of a part can itself be the access.
pub fn grants(root: &Element, reader: &Reader<'_>) -> Vec<Grant> {
    let mut grants: Vec<Grant> = root
        .children("externalCredentialPrincipalAccesses")
        .filter_map(|element| grant(element, reader))
        .collect();
    grants.extend(grant(root, reader));
    grants
}

fn grant(element: &Element, reader: &Reader<'_>) -> Option<Grant> {
    let reference = reader.child(element, "externalCredentialPrincipal")?;
    let switch = reader.child(element, "enabled");
    let enabled = switch.as_ref().is_none_or(|enabled| !enabled.is_false());
    (!reference.is_empty()).then_some(Grant { reference, enabled, switch, element: element.span })
}

fn user_external_credential(root: &Element, reader: &Reader<'_>) -> Option<ObjectAccess> {
    let element = root.children("objectPermissions").find(|element| {
        reader.child(element, "object").is_some_and(|object| object.as_str() == OBJECT)
    })?;
    Some(object_access(element, reader))
}

/// The permissions of a part for one object: in the root element, or in an `objectPermissions` element below it.
pub fn object_settings(root: &Element, reader: &Reader<'_>) -> ObjectAccess {
    object_access(root.child("objectPermissions").unwrap_or(root), reader)
}

fn object_access(element: &Element, reader: &Reader<'_>) -> ObjectAccess {
    let granted = |name: &str| reader.child(element, name).is_some_and(|text| text.is_true());
    ObjectAccess {
        read: granted("allowRead"),
        create: granted("allowCreate"),
        edit: granted("allowEdit"),
        delete: granted("allowDelete"),
        modify_all: granted("modifyAllRecords"),
        place: Some(element.span),
    }
}

fn user_permissions(root: &Element, reader: &Reader<'_>) -> Vec<Text> {
    root.children("userPermissions")
        .filter(|element| reader.child(element, "enabled").is_some_and(|enabled| enabled.is_true()))
        .filter_map(|element| reader.child(element, "name"))
        .collect()
}

pub fn group(root: &Element, reader: &Reader<'_>) -> PermissionSetGroup {
    PermissionSetGroup {
        component: reader.component("PermissionSetGroup", root),
        label: reader.child(root, "label"),
        members: reader.filled(root, "permissionSets"),
        muting: reader.filled(root, "mutingPermissionSets"),
        assigned_to: None,
    }
}

pub fn muting(root: &Element, reader: &Reader<'_>) -> MutingPermissionSet {
    MutingPermissionSet {
        component: reader.component("MutingPermissionSet", root),
        muted: grants(root, reader),
        user_external_credential: user_external_credential(root, reader),
    }
}

pub fn profile(root: &Element, reader: &Reader<'_>) -> Profile {
    Profile {
        component: reader.component("Profile", root),
        custom: reader.child(root, "custom").is_none_or(|custom| !custom.is_false()),
        user_external_credential: user_external_credential(root, reader),
        user_permissions: user_permissions(root, reader),
        login_ip_ranges: root.children("loginIpRanges").map(|element| element.span).collect(),
        login_hours: root.child("loginHours").map(|element| element.span),
    }
}

/// The permission set that a part belongs to: the folder below `permissionsets`, in both decomposed layouts.
pub fn set_of_part(source: &Source) -> String {
    let folders: Vec<&str> = source.folder().split('/').collect();
    let after = folders
        .iter()
        .rposition(|folder| folder.eq_ignore_ascii_case("permissionsets"))
        .and_then(|at| folders.get(at + 1));
    let beside = || {
        folders
            .iter()
            .rev()
            .find(|folder| {
                !matches!(**folder, "objectSettings" | "externalCredentialPrincipalAccesses")
            })
            .copied()
    };
    after.copied().or_else(beside).unwrap_or_default().to_owned()
}

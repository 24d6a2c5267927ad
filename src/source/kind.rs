//! The kinds of files, determined by file name. As in Salesforce, the suffix decides, not the folder.

use std::borrow::Cow;

/// The kinds of files that are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    ExternalCredential,
    NamedCredential,
    ExternalAuthIdentityProvider,
    ConnectedApp,
    ExternalClientApplication,
    ExtlClntAppGlobalOauthSettings,
    ExtlClntAppOauthSettings,
    ExtlClntAppOauthConfigurablePolicies,
    ExtlClntAppConfigurablePolicies,
    ExtlClntAppOauthSecuritySettings,
    PermissionSet,
    PermissionSetGroup,
    MutingPermissionSet,
    Profile,
    Certificate,
    AuthProvider,
    RemoteSiteSetting,
    CspTrustedSite,
    ExternalServiceRegistration,
    ExternalDataSource,
    ProfileSessionSetting,
    Settings,
    /// `X.crt`: the body that `X.crt-meta.xml` describes.
    CertificateBody,
    /// One principal access of a decomposed permission set.
    PrincipalAccessPart,
    /// The settings of one object in a decomposed permission set.
    ObjectSettingsPart,
    Apex,
    /// `sfdx-project.json`.
    Project,
    /// `package.xml`, whose folder is the root of a tree in Metadata API format.
    Manifest,
    /// `sfcred.yaml`.
    Description,
    /// An export of `sf data query --json` that a description names.
    Export,
    /// Any other file that may contain a secret.
    SecretCandidate,
    /// `sfcred.toml`, if it has `[[allow]]` tables.
    Toml,
}

/// Kinds with their suffix, and the root element of metadata XML.
const TABLE: &[(Kind, &str, &str)] = &[
    (Kind::ExternalCredential, "externalCredential", "ExternalCredential"),
    (Kind::NamedCredential, "namedCredential", "NamedCredential"),
    (
        Kind::ExternalAuthIdentityProvider,
        "externalAuthIdentityProvider",
        "ExternalAuthIdentityProvider",
    ),
    (Kind::ConnectedApp, "connectedApp", "ConnectedApp"),
    (Kind::ExternalClientApplication, "eca", "ExternalClientApplication"),
    (Kind::ExtlClntAppGlobalOauthSettings, "ecaGlblOauth", "ExtlClntAppGlobalOauthSettings"),
    (Kind::ExtlClntAppOauthSettings, "ecaOauth", "ExtlClntAppOauthSettings"),
    (
        Kind::ExtlClntAppOauthConfigurablePolicies,
        "ecaOauthPlcy",
        "ExtlClntAppOauthConfigurablePolicies",
    ),
    (Kind::ExtlClntAppConfigurablePolicies, "ecaPlcy", "ExtlClntAppConfigurablePolicies"),
    (
        Kind::ExtlClntAppOauthSecuritySettings,
        "ecaOauthSecurity",
        "ExtlClntAppOauthSecuritySettings",
    ),
    (Kind::PermissionSet, "permissionset", "PermissionSet"),
    (Kind::PermissionSetGroup, "permissionsetgroup", "PermissionSetGroup"),
    (Kind::MutingPermissionSet, "mutingpermissionset", "MutingPermissionSet"),
    (Kind::Profile, "profile", "Profile"),
    (Kind::Certificate, "crt-meta.xml", "Certificate"),
    (Kind::AuthProvider, "authprovider", "AuthProvider"),
    (Kind::RemoteSiteSetting, "remoteSite", "RemoteSiteSetting"),
    (Kind::CspTrustedSite, "cspTrustedSite", "CspTrustedSite"),
    (
        Kind::ExternalServiceRegistration,
        "externalServiceRegistration",
        "ExternalServiceRegistration",
    ),
    (Kind::ExternalDataSource, "dataSource", "ExternalDataSource"),
    (Kind::ProfileSessionSetting, "profileSessionSetting", "ProfileSessionSetting"),
    (Kind::Settings, "settings", ""),
    (Kind::CertificateBody, "crt", ""),
    (Kind::PrincipalAccessPart, "externalCredentialPrincipalAccess", "PermissionSet"),
    (Kind::ObjectSettingsPart, "objectSettings", "PermissionSet"),
    (Kind::Apex, "cls", ""),
    (Kind::Apex, "trigger", ""),
    (Kind::Apex, "apex", ""),
];

/// Suffixes of keys, keystores, scripts, and other files that often contain secrets. `md` is that of Markdown, and of
/// records of custom metadata types in the format of the Metadata API.
const SECRET_SUFFIXES: &[&str] = &[
    "key",
    "pem",
    "p12",
    "pfx",
    "jks",
    "jceks",
    "keystore",
    "ks",
    "p8",
    "pk8",
    "der",
    "cer",
    "env",
    "json",
    "yml",
    "yaml",
    "sh",
    "bash",
    "zsh",
    "ps1",
    "bat",
    "cmd",
    "txt",
    "md",
    "properties",
    "cfg",
    "conf",
    "ini",
    "labels",
    "label",
    "resource",
];

/// Names of such files without a suffix.
const SECRET_NAMES: &[&str] =
    &["id_rsa", "id_ecdsa", "id_ed25519", "Jenkinsfile", "Dockerfile", "Makefile"];

/// The settings files that are read, with their root elements.
const SETTINGS: &[(&str, &str)] = &[
    ("MyDomain", "MyDomainSettings"),
    ("ConnectedApp", "ConnectedAppSettings"),
    ("ExternalClientApp", "ExternalClientAppSettings"),
    ("OauthOidc", "OauthOidcSettings"),
];

/// The full name of a component, decoded from its file name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MetadataName(pub String);

impl Kind {
    /// The kind of a file; `None` if it is not read.
    pub fn from_file_name(file_name: &str) -> Option<Kind> {
        match file_name {
            "sfdx-project.json" => return Some(Kind::Project),
            "package.xml" => return Some(Kind::Manifest),
            "sfcred.yaml" | "sfcred.yml" => return Some(Kind::Description),
            _ => {}
        }
        if file_name.ends_with(".crt-meta.xml") {
            return Some(Kind::Certificate);
        }
        let stem = file_name.strip_suffix("-meta.xml").unwrap_or(file_name);
        let (name, suffix) = stem.rsplit_once('.')?;
        if name.is_empty() {
            return None;
        }
        let kind = TABLE.iter().find(|(_, known, _)| *known == suffix).map(|(kind, ..)| *kind)?;
        match kind {
            Kind::Settings => SETTINGS.iter().any(|(known, _)| *known == name).then_some(kind),
            Kind::Apex | Kind::CertificateBody => (stem.len() == file_name.len()).then_some(kind),
            Kind::ObjectSettingsPart => (name == "UserExternalCredential").then_some(kind),
            other => Some(other),
        }
    }

    /// Whether only the case of its letters keeps a file from being credential metadata, as in `X.namedCredential-meta.XML`.
    pub fn is_misspelled(file_name: &str) -> bool {
        // Every file of a folder is asked, so nothing is allocated.
        let before = |name: &'_ str, end: &str| {
            let start = name.len().checked_sub(end.len()).filter(|start| *start > 0)?;
            name.get(start..).filter(|found| found.eq_ignore_ascii_case(end)).map(|_| start)
        };
        let stem = before(file_name, "-meta.xml").map_or(file_name, |end| &file_name[..end]);
        let has = |name: &str, suffix: &str| {
            let dot = before(name, suffix).and_then(|start| start.checked_sub(1));
            dot.is_some_and(|dot| dot > 0 && name.as_bytes()[dot] == b'.')
        };
        Kind::from_file_name(file_name).is_none()
            && TABLE.iter().any(|(kind, suffix, _)| {
                !matches!(kind, Kind::Apex | Kind::Settings | Kind::ObjectSettingsPart)
                    && (has(file_name, suffix) || has(stem, suffix))
            })
    }

    /// Whether a file of no other kind may contain a secret: a key, a keystore, a file of settings, or metadata with
    /// values that its author can choose.
    pub fn may_be_secret(file_name: &str) -> bool {
        let name = file_name.strip_prefix('.').unwrap_or(file_name);
        let name = match name.strip_suffix("-meta.xml") {
            Some(stem) if is_free_metadata(stem) => stem,
            Some(_) => return false,
            None => name,
        };
        let suffix = name.rsplit_once('.').map_or("", |(_, suffix)| suffix);
        SECRET_SUFFIXES.iter().any(|known| suffix.eq_ignore_ascii_case(known))
            || file_name.starts_with(".env")
            || SECRET_NAMES.contains(&file_name)
    }

    /// Whether the file is enough for a run, because it contains a component or describes one.
    pub fn is_metadata(self) -> bool {
        !matches!(self, Kind::Apex | Kind::Project | Kind::Manifest | Kind::Export | Kind::Toml)
    }

    /// Whether the file is XML that must be well-formed.
    pub fn is_xml(self) -> bool {
        !matches!(
            self,
            Kind::CertificateBody
                | Kind::Apex
                | Kind::Project
                | Kind::Manifest
                | Kind::Description
                | Kind::Export
                | Kind::SecretCandidate
                | Kind::Toml
        )
    }

    /// The root element that the Metadata API requires.
    pub fn root_element(self, file_name: &str) -> &'static str {
        if self == Kind::Settings {
            let name = file_name.split('.').next().unwrap_or_default();
            return SETTINGS.iter().find(|(known, _)| *known == name).map_or("", |(_, root)| root);
        }
        TABLE.iter().find(|(kind, ..)| *kind == self).map_or("", |(_, _, root)| root)
    }

    /// Whether a root element belongs to another metadata type with the same suffix.
    pub fn shares_suffix_with(self, root_element: &str) -> bool {
        // Data Cloud's `DataSource` in `mktDataSources` has the suffix of external data sources.
        self == Kind::ExternalDataSource && root_element == "DataSource"
    }

    /// The name of the metadata type, for messages.
    pub fn type_name(self) -> &'static str {
        match self {
            Kind::Settings => "Settings",
            Kind::CertificateBody => "Certificate",
            Kind::Apex => "ApexClass",
            Kind::Project => "sfdx-project.json",
            Kind::Manifest => "package.xml",
            Kind::Description => "sfcred.yaml",
            Kind::Export => "export",
            Kind::SecretCandidate => "File",
            Kind::Toml => "sfcred.toml",
            other => TABLE.iter().find(|(kind, ..)| *kind == other).map_or("", |(_, _, root)| root),
        }
    }
}

impl MetadataName {
    /// `Force%2Ecom - Free User.profile-meta.xml` contains `Force.com - Free User`.
    pub fn from_file_name(file_name: &str) -> Self {
        let stem = file_name.strip_suffix("-meta.xml").unwrap_or(file_name);
        let name = stem.rsplit_once('.').map_or(stem, |(name, _)| name);
        MetadataName(percent_decode(name).into_owned())
    }
}

/// Whether a metadata file contains values that its author can choose: a record of a custom metadata type, or labels.
fn is_free_metadata(stem: &str) -> bool {
    ["md", "labels", "label"]
        .iter()
        .any(|suffix| stem.rsplit_once('.').is_some_and(|(_, found)| found == *suffix))
}

/// Decodes `%XX`; text that is not valid UTF-8 afterwards is not changed.
pub fn percent_decode(text: &str) -> Cow<'_, str> {
    if !text.contains('%') {
        return Cow::Borrowed(text);
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let digits = tail.get(..2).and_then(|pair| std::str::from_utf8(pair).ok());
        match digits.filter(|_| first == b'%').and_then(|pair| u8::from_str_radix(pair, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            None => {
                bytes.push(first);
                rest = tail;
            }
        }
    }
    String::from_utf8(bytes).map_or(Cow::Borrowed(text), Cow::Owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_suffix_in_other_letters_is_misspelled() {
        for name in ["X.namedCredential-meta.XML", "X.NAMEDCREDENTIAL", "X.connectedapp-Meta.xml"] {
            assert!(Kind::is_misspelled(name), "{name}");
        }
        for name in
            ["X.namedCredential-meta.xml", "X.crt", "x.CLS", "Profile", ".profile", "a.settings"]
        {
            assert!(!Kind::is_misspelled(name), "{name}");
        }
    }

    #[test]
    fn both_formats_are_recognized_by_suffix() {
        assert_eq!(
            Kind::from_file_name("X.externalCredential-meta.xml"),
            Some(Kind::ExternalCredential)
        );
        assert_eq!(Kind::from_file_name("X.externalCredential"), Some(Kind::ExternalCredential));
        assert_eq!(Kind::from_file_name("X.crt"), Some(Kind::CertificateBody));
        assert_eq!(Kind::from_file_name("X.crt-meta.xml"), Some(Kind::Certificate));
        assert_eq!(Kind::from_file_name("MyDomain.settings-meta.xml"), Some(Kind::Settings));
        assert_eq!(Kind::from_file_name("Account.settings-meta.xml"), None);
        assert_eq!(Kind::from_file_name("X.cls"), Some(Kind::Apex));
        assert_eq!(Kind::from_file_name("X.cls-meta.xml"), None);
        assert_eq!(
            Kind::from_file_name("UserExternalCredential.objectSettings-meta.xml"),
            Some(Kind::ObjectSettingsPart)
        );
        assert_eq!(Kind::from_file_name("Account.objectSettings-meta.xml"), None);
        assert_eq!(Kind::from_file_name("externalCredential"), None);
    }

    #[test]
    fn files_that_may_contain_secrets_are_recognized_by_name() {
        for name in [
            "server.key",
            ".env",
            ".env.local",
            "build.properties",
            "Weather_Setting.Default.md-meta.xml",
            "Weather_Setting.Default.md",
            "CustomLabels.labels-meta.xml",
            "CustomLabels.labels",
            "Weather_Key.label-meta.xml",
            "Keys.resource",
        ] {
            assert!(Kind::may_be_secret(name), "{name}");
        }
        for name in ["Keys.resource-meta.xml", "X.cls-meta.xml", "app.js", "key", "logo.png"] {
            assert!(!Kind::may_be_secret(name), "{name}");
        }
    }

    #[test]
    fn file_names_are_decoded() {
        let name = MetadataName::from_file_name("Force%2Ecom - Free User.profile-meta.xml");
        assert_eq!(name.0, "Force.com - Free User");
        assert_eq!(percent_decode("100%"), "100%");
        assert_eq!(percent_decode("%zz"), "%zz");
        assert_eq!(percent_decode("%FF"), "%FF");
    }
}

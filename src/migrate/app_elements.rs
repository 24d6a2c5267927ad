//! The elements of a connected app and their counterparts in the files of an external client app.

use std::collections::{BTreeMap, HashSet};

use crate::metadata_xml::{
    APP, APP_GLOBALS, APP_OAUTH_POLICIES, APP_POLICIES, APP_SETTINGS, AppFile, Element, leaf, node,
    sorted,
};
use crate::model::{App, Field, MetadataTypes, Named, Org};
use crate::source::{Span, Text};

use super::elements::Concealed;

/// An element of a connected app, and what becomes of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppMapping {
    pub from: String,
    pub to: String,
}

/// The files of the external client app, and which elements each of them replaces.
pub struct AppCounterparts<'a> {
    org: &'a Org,
    app: &'a App,
    concealed: Concealed,
    files: BTreeMap<AppFile, Vec<Element>>,
    pub mappings: Vec<AppMapping>,
    /// The elements that have a mapping.
    mapped: HashSet<String>,
    /// Permission sets and scopes that the new files lack, because their new name is unknown.
    pub unknown: Vec<Span>,
}

/// The element with the same content in a file of an external client app.
const SAME: &[(&str, AppFile, &str)] = &[
    ("contactEmail", APP, "contactEmail"),
    ("iconUrl", APP, "iconUrl"),
    ("infoUrl", APP, "infoUrl"),
    ("label", APP, "label"),
    ("logoUrl", APP, "logoUrl"),
    ("oauthConfig/callbackUrl", APP_GLOBALS, "callbackUrl"),
    ("oauthConfig/isCodeCredentialEnabled", APP_GLOBALS, "isCodeCredFlowEnabled"),
    ("oauthConfig/isCodeCredentialPostOnly", APP_GLOBALS, "isCodeCredPostOnly"),
    ("oauthConfig/isConsumerSecretOptional", APP_GLOBALS, "isConsumerSecretOptional"),
    ("oauthConfig/isDPopEnabled", APP_GLOBALS, "isDPopEnabled"),
    ("oauthConfig/isDeviceFlowEnabled", APP_GLOBALS, "isDeviceFlowEnabled"),
    ("oauthConfig/isEnforceRefreshTokenTTL", APP_GLOBALS, "isEnforceRefreshTokenTTL"),
    ("oauthConfig/isIntrospectAllTokens", APP_GLOBALS, "isIntrospectAllTokens"),
    ("oauthConfig/isNamedUserJwtEnabled", APP_GLOBALS, "isNamedUserJwtEnabled"),
    ("oauthConfig/isPkceRequired", APP_GLOBALS, "isPkceRequired"),
    ("oauthConfig/isRefreshTokenRotationEnabled", APP_GLOBALS, "isRefreshTokenRotationEnabled"),
    ("oauthConfig/isSecretRequiredForRefreshToken", APP_GLOBALS, "isSecretRequiredForRefreshToken"),
    (
        "oauthConfig/isSecretRequiredForTokenExchange",
        APP_GLOBALS,
        "isSecretRequiredForTokenExchange",
    ),
    ("oauthConfig/isTokenExchangeEnabled", APP_GLOBALS, "isTokenExchangeEnabled"),
    ("oauthConfig/oauthClientCredentialUser", APP_OAUTH_POLICIES, "clientCredentialsFlowUser"),
    ("oauthConfig/singleLogoutUrl", APP_SETTINGS, "singleLogoutUrl"),
    ("oauthConfig/assetTokenConfig/assetAudiences", APP_SETTINGS, "assetTokenAudiences"),
    (
        "oauthConfig/assetTokenConfig/assetIncludeAttributes",
        APP_SETTINGS,
        "areAttributesIncludedInAssetToken",
    ),
    (
        "oauthConfig/assetTokenConfig/assetIncludeCustomPerms",
        APP_SETTINGS,
        "areCustomPermsIncludedInAssetToken",
    ),
    (
        "oauthConfig/assetTokenConfig/assetSigningCertId",
        APP_SETTINGS,
        "assetTokenSigningCertificate",
    ),
    ("oauthConfig/assetTokenConfig/assetValidityPeriod", APP_SETTINGS, "assetTokenValidity"),
    ("oauthPolicy/isTokenExchangeFlowEnabled", APP_OAUTH_POLICIES, "isTokenExchangeFlowEnabled"),
    ("oauthPolicy/singleLogoutUrl", APP_OAUTH_POLICIES, "singleLogoutUrl"),
    ("sessionPolicy/policyAction", APP_OAUTH_POLICIES, "policyAction"),
    ("sessionPolicy/sessionLevel", APP_OAUTH_POLICIES, "requiredSessionLevel"),
    ("sessionPolicy/sessionTimeout", APP_OAUTH_POLICIES, "sessionTimeoutInMinutes"),
];

/// The element of the ID token settings with the same content.
const ID_TOKEN: &[(&str, &str)] = &[
    ("idTokenAudience", "idTokenAudience"),
    ("idTokenIncludeAttributes", "idTokenIncludeAttributes"),
    ("idTokenIncludeCustomPerms", "idTokenIncludeCustomPermissions"),
    ("idTokenIncludeStandardClaims", "idTokenIncludeStandardClaims"),
    ("idTokenValidity", "idTokenValidityInMinutes"),
];

/// Elements that the new files do not have, by the beginning of their paths, and why.
const WITHOUT: &[(&str, &str)] = &[
    (
        "oauthConfig/consumerKey",
        "`consumerKey` of `ExtlClntAppGlobalOauthSettings`, which Salesforce sets",
    ),
    (
        "oauthConfig/certificate",
        "`certificate` of `ExtlClntAppGlobalOauthSettings`; not in the patch, because patches mask \
         it",
    ),
    ("oauthConfig/consumerSecret", "not in metadata; a secret is neither copied nor printed"),
    (
        "oauthConfig/isIpBindingEnabled",
        "`tokenIpRanges` of `ExtlClntAppOauthSecuritySettings`; Salesforce does not move the list \
         of addresses, so enter it again",
    ),
    (
        "oauthConfig/isPKImTLSEnabled",
        "no certain counterpart: compare it with `isMtlsEnabled` of \
         `ExtlClntAppGlobalOauthSettings`",
    ),
    (
        "description",
        "`description` of `ExternalClientApplication`; not in the patch, because it is free text",
    ),
    (
        "contactPhone",
        "`contactPhone` of `ExternalClientApplication`; not in the patch, because it is personal",
    ),
    (
        "plugin",
        "`apexHandler` of `ExtlClntAppOauthConfigurablePolicies`, which takes a class that extends \
         `Auth.ExternalClientAppOauthHandler` instead of `Auth.ConnectedAppPlugin`: change the \
         class first",
    ),
    (
        "pluginExecutionUser",
        "`executeHandlerAs` of `ExtlClntAppOauthConfigurablePolicies`, once the class is changed",
    ),
    ("canvas", CANVAS),
    ("canvasConfig", CANVAS),
    (
        "samlConfig",
        "the SAML settings of an external client app, which sfcred does not plan: compare them in \
         Setup",
    ),
    (
        "mobileAppConfig",
        "the mobile and push settings of an external client app, which sfcred does not plan: \
         compare them in Setup; push settings that are not valid make Salesforce refuse the \
         migration",
    ),
    ("mobileStartUrl", "no known counterpart"),
];

const CANVAS: &str = "the canvas settings of an external client app (API version 65 or later), \
                      which sfcred does not plan: compare them in Setup";

impl<'a> AppCounterparts<'a> {
    /// Reads all elements of a connected app.
    pub fn of(org: &'a Org, app: &'a App, concealed: &[Span]) -> AppCounterparts<'a> {
        let mut all = AppCounterparts {
            org,
            app,
            concealed: Concealed::new(concealed),
            files: BTreeMap::new(),
            mappings: Vec::new(),
            mapped: HashSet::new(),
            unknown: Vec::new(),
        };
        for field in app.records.iter().flat_map(|record| &record.fields) {
            all.element(field);
        }
        all.scopes();
        all.approvals();
        all.id_token();
        let pairs = [("key", "key"), ("formula", "formula")];
        all.list("attributes", &pairs, APP_SETTINGS, "customAttributes");
        let range = [("end", "endIpAddress"), ("start", "startIpAddress")];
        all.list("ipRanges", &range, APP_SETTINGS, "trustedIpRanges");
        all
    }

    /// The new files with the elements that all external client apps have.
    pub fn documents(self, name: &str) -> Vec<(AppFile, Element)> {
        let mut files = self.files;
        let has_label = |elements: &[Element]| elements.iter().any(|one| one.is("label"));
        [APP, APP_SETTINGS, APP_GLOBALS, APP_OAUTH_POLICIES, APP_POLICIES]
            .into_iter()
            .map(|file| {
                let mut elements = files.remove(&file).unwrap_or_default();
                if file == APP {
                    elements.push(leaf("distributionState", "Local"));
                    elements.push(leaf("isProtected", "false"));
                } else {
                    elements.push(leaf("externalClientApplication", name));
                }
                if file == APP_POLICIES {
                    elements.push(leaf("isEnabled", "true"));
                    elements.push(leaf("isOauthPluginEnabled", "true"));
                }
                if !has_label(&elements) {
                    elements.push(leaf("label", &file.name(name)));
                }
                (file, node(file.type_name, sorted(elements)))
            })
            .collect()
    }

    fn map(&mut self, from: &str, to: String) {
        if self.mapped.insert(from.to_owned()) {
            self.mappings.push(AppMapping { from: from.to_owned(), to });
        }
    }

    /// The value of an element, if it may be copied; why not otherwise.
    fn value(&self, text: &'a Text) -> Result<&'a str, &'static str> {
        if self.concealed.touches(text) {
            return Err("it contains a secret, which sfcred never copies");
        }
        text.known().ok_or("its value is a placeholder, and is only known in the org")
    }

    /// Puts an element into a file, if the API version of the project has it there, and maps it.
    fn put(
        &mut self,
        from: &str,
        file: AppFile,
        element: &'static str,
        content: Result<Element, &'static str>,
    ) {
        let words = format!("`{element}` of `{}`", file.type_name);
        let definition = MetadataTypes::get().definition(file.type_name);
        let versions =
            definition.and_then(|known| known.entry(element)).map(|entry| entry.versions);
        let too_old = versions
            .zip(self.org.api_version)
            .and_then(|(versions, own)| versions.first.filter(|first| own < *first));
        let to = match (too_old, content) {
            (Some(first), _) => format!("{words}, from API version {first}"),
            (None, Ok(content)) => {
                self.files.entry(file).or_default().push(content);
                words
            }
            (None, Err(reason)) => format!("{words}; not in the patch: {reason}"),
        };
        self.map(from, to);
    }

    fn copy(&mut self, from: &str, file: AppFile, element: &'static str, text: &'a Text) {
        let content = self.value(text).map(|value| leaf(element, value));
        self.put(from, file, element, content);
    }

    /// An element with one value. What has several elements is read as a list.
    fn element(&mut self, field: &'a Field) {
        let (path, text) = (field.path.as_str(), &field.text);
        // An element that is repeated counts once. The name is not an element of its own.
        if path == "fullName" || text.is_empty() || self.mapped.contains(path) {
            return;
        }
        if let Some((_, file, element)) = SAME.iter().find(|(from, ..)| *from == path) {
            self.copy(path, *file, element, text);
            return;
        }
        if let Some((start, to)) = WITHOUT.iter().find(|(start, _)| {
            path.strip_prefix(start).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        }) {
            self.map(start, (*to).to_owned());
            return;
        }
        match path {
            "oauthConfig/isAdminApproved" => {
                let content = self.value(text).and_then(|_| {
                    let users = match (text.is_true(), text.is_false()) {
                        (true, _) => "AdminApprovedPreAuthorized",
                        (_, true) => "AllSelfAuthorized",
                        (false, false) => return Err("it is neither `true` nor `false`"),
                    };
                    Ok(leaf("permittedUsersPolicyType", users))
                });
                self.put(path, APP_OAUTH_POLICIES, "permittedUsersPolicyType", content);
            }
            "oauthConfig/isClientCredentialEnabled" => {
                let element = "isClientCredentialsFlowEnabled";
                self.copy(path, APP_GLOBALS, element, text);
                if let Ok(value) = self.value(text) {
                    let policies = self.files.entry(APP_OAUTH_POLICIES).or_default();
                    policies.push(leaf(element, value));
                }
                if let Some(mapping) = self.mappings.last_mut() {
                    mapping.to = format!(
                        "`{element}` of `{}` and of `{}`, which both must be on",
                        APP_GLOBALS.type_name, APP_OAUTH_POLICIES.type_name
                    );
                }
            }
            "oauthPolicy/ipRelaxation" => {
                let element = "ipRelaxationPolicyType";
                let content = self.value(text).and_then(|value| {
                    let known = |name: &&&str| name.eq_ignore_ascii_case(value);
                    let name = IP_RELAXATION.iter().find(known).ok_or(NOT_A_VALUE)?;
                    Ok(leaf(element, name))
                });
                self.put(path, APP_OAUTH_POLICIES, element, content);
            }
            "oauthPolicy/refreshTokenPolicy" => self.refresh_policy(path, text),
            "startUrl" => {
                self.copy(path, APP_POLICIES, "startUrl", text);
                let own = self.org.api_version;
                if text.known().is_some() && own.is_none_or(|own| own >= START_PAGE_SINCE) {
                    let page = leaf("startPage", "Custom");
                    self.files.entry(APP_POLICIES).or_default().push(page);
                }
            }
            _ if LISTS.iter().any(|list| path.starts_with(list)) => {}
            _ => self.map(path, "no known counterpart".to_owned()),
        }
    }

    /// One element of a connected app, and up to three of an external client app.
    fn refresh_policy(&mut self, path: &str, text: &'a Text) {
        let element = "refreshTokenPolicyType";
        let parts = self.value(text).and_then(|value| {
            let parts: Vec<&str> = value.split(':').collect();
            let kind =
                |name: &str| REFRESH.iter().find(|(from, _)| from.eq_ignore_ascii_case(name));
            let converted = match parts.as_slice() {
                [name] => kind(name)
                    .filter(|(from, _)| !from.starts_with("specific"))
                    .map(|(_, to)| (*to, None)),
                [name, period, unit] => kind(name)
                    .filter(|(from, _)| {
                        from.starts_with("specific") && period.parse::<u32>().is_ok()
                    })
                    .zip(UNITS.iter().find(|known| known.eq_ignore_ascii_case(unit)))
                    .map(|((_, to), unit)| (*to, Some(((*period).to_owned(), *unit)))),
                _ => None,
            };
            converted.ok_or(NOT_A_VALUE)
        });
        if let Ok((_, Some((period, unit)))) = &parts {
            let policies = self.files.entry(APP_OAUTH_POLICIES).or_default();
            policies.push(leaf("refreshTokenValidityPeriod", period));
            policies.push(leaf("refreshTokenValidityUnit", unit));
        }
        let has_period = matches!(&parts, Ok((_, Some(_))));
        self.put(path, APP_OAUTH_POLICIES, element, parts.map(|(kind, _)| leaf(element, kind)));
        if let (true, Some(mapping)) = (has_period, self.mappings.last_mut()) {
            mapping.to = format!(
                "`{element}`, `refreshTokenValidityPeriod` and `refreshTokenValidityUnit` of `{}`",
                APP_OAUTH_POLICIES.type_name
            );
        }
    }

    /// The scopes, in one element.
    fn scopes(&mut self) {
        let element = "commaSeparatedOauthScopes";
        let Some(scopes) = self.app.scopes.as_deref().filter(|scopes| !scopes.is_empty()) else {
            return;
        };
        let table = MetadataTypes::get();
        let known = table.definition("ExtlClntAppOauthScope");
        let (mut names, mut missing) = (Vec::new(), Vec::new());
        for scope in scopes {
            let name = match self.value(scope) {
                // The platform scope has two names.
                Ok("SFAP") => Some("SFApiPlatform"),
                Ok(name) => known.and_then(|known| known.entry(name)).map(|entry| entry.name),
                Err(_) => None,
            };
            match name {
                Some(name) => names.push(name),
                None => missing.push(scope),
            }
        }
        self.unknown.extend(missing.iter().map(|scope| scope.span));
        let content = match names.as_slice() {
            [] => Err("none of the scopes is known"),
            names => Ok(leaf(element, &names.join(", "))),
        };
        self.put("oauthConfig/scopes", APP_SETTINGS, element, content);
    }

    /// Permission sets by name instead of by label, and profiles.
    fn approvals(&mut self) {
        let element = "commaSeparatedPermissionSet";
        let sets = &self.app.permission_sets;
        let mut names = Vec::new();
        for listed in sets {
            let set =
                self.value(listed).ok().and_then(|label| self.org.permission_set_labeled(label));
            match set {
                Some(set) => names.push(set.name()),
                None => self.unknown.push(listed.span),
            }
        }
        if !sets.is_empty() {
            let content = match names.as_slice() {
                [] => Err("the files do not contain the permission sets, whose names it lists"),
                names => Ok(leaf(element, &names.join(","))),
            };
            self.put("permissionSetName", APP_OAUTH_POLICIES, element, content);
        }
        let element = "commaSeparatedProfile";
        let profiles: Vec<Result<&str, _>> =
            self.app.profiles.iter().map(|profile| self.value(profile)).collect();
        if !profiles.is_empty() {
            let all: Result<Vec<&str>, _> = profiles.into_iter().collect();
            let content = all.map(|names| leaf(element, &names.join(",")));
            self.put("profileName", APP_OAUTH_POLICIES, element, content);
        }
    }

    fn id_token(&mut self) {
        const PREFIX: &str = "oauthConfig/idTokenConfig/";
        let app = self.app;
        let fields = app.records.iter().flat_map(|record| &record.fields);
        let mut elements = Vec::new();
        for field in fields.filter(|field| !field.text.is_empty()) {
            let Some(own) = field.path.strip_prefix(PREFIX) else { continue };
            let new = ID_TOKEN.iter().find(|(old, _)| *old == own).map(|(_, new)| *new);
            let to = match (new, self.value(&field.text)) {
                (None, _) => "no known counterpart".to_owned(),
                (Some(new), Ok(value)) => {
                    elements.push(leaf(new, value));
                    format!("`idTokenConfig`/`{new}` of `{}`", APP_GLOBALS.type_name)
                }
                (Some(new), Err(reason)) => format!(
                    "`idTokenConfig`/`{new}` of `{}`; not in the patch: {reason}",
                    APP_GLOBALS.type_name
                ),
            };
            self.map(&field.path, to);
        }
        if !elements.is_empty() {
            let element = node("idTokenConfig", sorted(elements));
            self.files.entry(APP_GLOBALS).or_default().push(element);
        }
    }

    /// Repeated elements that have elements themselves.
    fn list(
        &mut self,
        from: &str,
        pairs: &[(&'static str, &'static str)],
        file: AppFile,
        to: &'static str,
    ) {
        let app = self.app;
        let mut current: BTreeMap<&str, &Text> = BTreeMap::new();
        let mut all = Vec::new();
        for field in app.records.iter().flat_map(|record| &record.fields) {
            let own = field.path.strip_prefix(from).and_then(|rest| rest.strip_prefix('/'));
            // Descriptions are free text.
            let Some((own, _)) = own.and_then(|own| pairs.iter().find(|(old, _)| *old == own))
            else {
                continue;
            };
            current.insert(own, &field.text);
            if current.len() == pairs.len() {
                all.push(std::mem::take(&mut current));
            }
        }
        for one in all {
            let values: Result<Vec<Element>, _> = pairs
                .iter()
                .filter_map(|(old, new)| one.get(old).map(|text| (new, *text)))
                .map(|(new, text)| self.value(text).map(|value| leaf(new, value)))
                .collect();
            self.put(from, file, to, values.map(|values| node(to, sorted(values))));
        }
    }
}

const NOT_A_VALUE: &str = "its value is not one that Salesforce documents";
const IP_RELAXATION: &[&str] = &["Bypass", "Bypass_2factor", "Enforce", "Enforce_RelaxRefresh"];
const REFRESH: &[(&str, &str)] = &[
    ("infinite", "Infinite"),
    ("zero", "Zero"),
    ("specific_lifetime", "SpecificLifetime"),
    ("specific_inactivity", "SpecificInactivity"),
];
const UNITS: &[&str] = &["Hours", "Days", "Months"];
/// The API version with the start page of an external client app.
const START_PAGE_SINCE: u32 = 62;
/// What is read as a whole.
const LISTS: &[&str] = &[
    "oauthConfig/scopes",
    "oauthConfig/idTokenConfig/",
    "permissionSetName",
    "profileName",
    "attributes/",
    "ipRanges/",
];

//! What authorization code flows log in by: auth providers, and external auth identity providers.

use super::component::{Component, Named, Record, without_namespace};
use super::consumer_key::ConsumerKey;
use super::flow::Flow;
use super::host::Host;
use super::url::Url;
use crate::source::Text;

/// The metadata type of auth providers.
pub const AUTH_PROVIDER: &str = "AuthProvider";
/// The metadata type of external auth identity providers.
pub const IDENTITY_PROVIDER: &str = "ExternalAuthIdentityProvider";

/// Resources that Salesforce serves for its own products.
const PRODUCT_RESOURCES: &str = "/projRes/";

/// Whether an auth provider of an org is Salesforce's own, or one whose key and secret Salesforce manages. It has a
/// placeholder instead of a secret by design.
pub(super) fn is_of_salesforce(record: &Record) -> bool {
    let name: String = without_namespace(&record.component.name)
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|character| character.to_ascii_lowercase())
        .collect();
    let is_type = |wanted: &str| record.get("providerType").and_then(Text::known) == Some(wanted);
    let is_filled = |path: &str| record.get(path).is_some_and(|text| !text.is_empty());
    // Without a key of its own, a provider with a fixed vendor uses the key and the secret of Salesforce.
    let is_managed = || {
        is_filled("providerType")
            && !is_filled("consumerKey")
            && !["OpenIdConnect", "Custom"].iter().any(|own| is_type(own))
    };
    let is_of_product = || {
        ["errorUrl", "iconUrl", "logoutUrl"]
            .iter()
            .filter_map(|path| record.get(path))
            .any(|url| url.as_str().contains(PRODUCT_RESOURCES))
    };
    record.component.type_name == AUTH_PROVIDER
        && (name.ends_with("webdataconnector")
            || name.contains("segmentintelligence")
            || name.ends_with("salesnavigator")
            || ["twitter", "xtwitter"].contains(&name.as_str())
            || is_type("Twitter")
            || is_of_product()
            || is_managed())
}

/// The parameters of an external auth identity provider.
const PARAMETERS: &str = "externalAuthIdentityProviderParameters";

const AUTH_CALLBACK: &str = "/services/authcallback/";
const IDENTITY_CALLBACK: &str = "/services/extidp/callback";

/// The name of the auth provider at the end of the path of a callback URL.
pub(super) fn called_back(path: &str) -> Option<&str> {
    path.split_once(AUTH_CALLBACK)?.1.rsplit('/').next()
}

/// Whether people put the character between URLs.
fn separates_urls(character: char) -> bool {
    matches!(character, ',' | ';') || character.is_whitespace()
}

/// What a provider is, as far as it decides about the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProviderKind {
    /// An auth provider of type Salesforce: without URLs, it goes to `login.salesforce.com`.
    Salesforce,
    /// An auth provider of type Open ID Connect.
    OpenIdConnect,
    /// An auth provider whose Apex plug-in decides about every request.
    Plugin,
    /// An auth provider of another type, which belongs to one vendor, or of an unknown type.
    OtherVendor,
    /// An external auth identity provider.
    Identity,
}

/// An auth provider or an external auth identity provider.
#[derive(Clone, Copy, Debug)]
pub struct Provider<'a> {
    pub record: &'a Record,
    pub kind: ProviderKind,
}

impl Named for Provider<'_> {
    fn component(&self) -> &Component {
        &self.record.component
    }
}

impl<'a> Provider<'a> {
    pub fn new(record: &'a Record) -> Provider<'a> {
        let kind = if record.component.type_name == IDENTITY_PROVIDER {
            ProviderKind::Identity
        } else {
            match record.get("providerType").and_then(Text::known) {
                Some("Salesforce") => ProviderKind::Salesforce,
                Some("OpenIdConnect") => ProviderKind::OpenIdConnect,
                Some("Custom") => ProviderKind::Plugin,
                Some(_) | None => ProviderKind::OtherVendor,
            }
        };
        Provider { record, kind }
    }

    /// "auth provider" or "external auth identity provider".
    pub fn noun(&self) -> &'static str {
        if self.is_identity() { "external auth identity provider" } else { "auth provider" }
    }

    pub fn is_identity(&self) -> bool {
        self.kind == ProviderKind::Identity
    }

    /// A filled field of an auth provider.
    fn field(&self, name: &str) -> Option<&'a Text> {
        self.record.get(name).filter(|text| !self.is_identity() && !text.is_empty())
    }

    /// A filled parameter of an external auth identity provider, by its type.
    fn parameter(&self, wanted: &str) -> Option<&'a Text> {
        let mut parameters = self.parameters().into_iter();
        parameters
            .find(|(kind, _, _)| kind.is_some_and(|kind| kind.as_str() == wanted))
            .and_then(|(_, _, value)| value)
            .filter(|value| !value.is_empty())
    }

    pub fn authorize_url(&self) -> Option<&'a Text> {
        self.field("authorizeUrl").or_else(|| self.parameter("AuthorizeUrl"))
    }

    pub fn token_url(&self) -> Option<&'a Text> {
        self.field("tokenUrl").or_else(|| self.parameter("TokenUrl"))
    }

    /// `defaultScopes`: requested unless the credential requests scopes itself.
    pub fn default_scopes(&self) -> Option<&'a Text> {
        self.field("defaultScopes")
    }

    pub fn consumer_key(&self) -> Option<&'a Text> {
        self.field("consumerKey")
    }

    /// The consumer key, if it is known.
    pub fn key(&self) -> Option<ConsumerKey> {
        self.consumer_key().and_then(Text::known).map(ConsumerKey::new)
    }

    /// Whether Salesforce manages the key: an auth provider of type Salesforce without a key of its own. No app in the
    /// target org belongs to it.
    pub fn is_managed(&self) -> bool {
        self.kind == ProviderKind::Salesforce && self.consumer_key().is_none()
    }

    /// Whether it sends a PKCE code challenge; `None` if a plug-in decides, or if the value is unknown.
    pub fn sends_code_challenge(&self) -> Option<bool> {
        let flag = match self.kind {
            ProviderKind::Plugin => return None,
            ProviderKind::Identity => self
                .parameters()
                .into_iter()
                .find(|(kind, name, _)| {
                    kind.is_some_and(|kind| kind.as_str() == "IdentityProviderOptions")
                        && name.is_some_and(|name| name.as_str() == "PkceEnabled")
                })
                .and_then(|(_, _, value)| value),
            ProviderKind::Salesforce | ProviderKind::OpenIdConnect | ProviderKind::OtherVendor => {
                self.record.get("isPkceEnabled")
            }
        };
        match flag {
            None => Some(false),
            Some(flag) if flag.is_true() => Some(true),
            Some(flag) if flag.is_false() || flag.is_empty() => Some(false),
            Some(_) => None,
        }
    }

    /// The flow of an external auth identity provider.
    pub fn identity_provider_flow(&self) -> Flow {
        match self.record.get("authenticationFlow").map(Text::known) {
            Some(Some("ClientCredentials")) => Flow::ClientCredentialsIdentityProvider,
            Some(Some("AuthorizationCode")) | None => Flow::AuthorizationCodeIdentityProvider,
            Some(_) => Flow::Unknown,
        }
    }

    /// Whether the URLs of an external auth identity provider are among its parameters, if it has any: the provider is from
    /// metadata, and Salesforce does not define it.
    pub fn lists_all_parameters(&self) -> bool {
        let is_from_metadata = self.record.get("label").is_some();
        let is_unknown = |kind: Option<&Text>| {
            kind.and_then(Text::known).is_none_or(|kind| kind == "StandardExternalIdentityProvider")
        };
        is_from_metadata && !self.parameters().into_iter().any(|(kind, ..)| is_unknown(kind))
    }

    /// Whether the client secret is sent in an `Authorization: Basic` header instead of the request body.
    pub fn sends_secret_in_header(&self) -> bool {
        if self.is_identity() {
            return self
                .parameter("ClientAuthentication")
                .is_none_or(|value| value.known() != Some("ClientSecretPost"));
        }
        self.record.get("sendClientCredentialsInHeader").is_some_and(Text::is_true)
    }

    /// The path of the callback URL in the calling org.
    pub fn callback_path(&self) -> String {
        if self.is_identity() {
            return IDENTITY_CALLBACK.to_owned();
        }
        format!("{AUTH_CALLBACK}{}", self.name())
    }

    /// Whether a callback URL has the path of the provider. A namespace does not make a difference.
    pub fn is_callback(&self, url: &Url) -> bool {
        // Several URLs on one line are one URL.
        if url.path.contains(separates_urls) || url.host.contains(separates_urls) {
            return false;
        }
        if self.is_identity() {
            return url.path.ends_with(IDENTITY_CALLBACK);
        }
        called_back(&url.path)
            .is_some_and(|name| without_namespace(name) == without_namespace(self.name()))
    }

    /// Whether a line that is read as one callback URL contains that of the provider, besides others.
    pub fn is_callback_among(&self, line: &Text) -> bool {
        line.as_str().contains(separates_urls)
            && line
                .split(separates_urls)
                .iter()
                .any(|piece| self.is_callback(&Url::parse(piece.as_str())))
    }

    /// The known hosts of its URLs.
    pub fn hosts(&self) -> impl Iterator<Item = Host> + use<'a> {
        self.urls().filter_map(Host::of_url)
    }

    /// Whether users log in to Salesforce. The URLs decide; without URLs, only the type Salesforce does.
    pub fn is_to_salesforce(&self) -> bool {
        let hosts: Vec<Host> = self.hosts().collect();
        match self.kind {
            ProviderKind::Plugin | ProviderKind::OtherVendor => false,
            ProviderKind::Salesforce if self.urls().next().is_none() => true,
            ProviderKind::Salesforce | ProviderKind::OpenIdConnect | ProviderKind::Identity => {
                !hosts.is_empty() && hosts.iter().all(Host::is_salesforce)
            }
        }
    }

    /// Whether users log in to another vendor, or at a host that only Apex contains.
    pub fn is_of_another_vendor(&self) -> bool {
        match self.kind {
            ProviderKind::Plugin => true,
            ProviderKind::OtherVendor => {
                self.record.get("providerType").is_some_and(|kind| kind.known().is_some())
            }
            ProviderKind::Salesforce | ProviderKind::OpenIdConnect | ProviderKind::Identity => {
                false
            }
        }
    }

    /// The authorize and the token URL.
    pub fn urls(&self) -> impl Iterator<Item = &'a Text> + use<'a> {
        self.authorize_url().into_iter().chain(self.token_url())
    }

    /// The parameters of an external auth identity provider: type, name and value of each.
    ///
    /// A record lists the fields of all parameters one after the other, in the order of the file, so a field that the
    /// current parameter already has begins the next one.
    fn parameters(&self) -> Vec<(Option<&'a Text>, Option<&'a Text>, Option<&'a Text>)> {
        let mut parameters: Vec<[Option<&'a Text>; 3]> = Vec::new();
        for field in &self.record.fields {
            let Some(name) =
                field.path.strip_prefix(PARAMETERS).and_then(|path| path.strip_prefix('/'))
            else {
                continue;
            };
            let slot = match name {
                "parameterType" => 0,
                "parameterName" => 1,
                "parameterValue" => 2,
                _ => continue,
            };
            if parameters.last().is_none_or(|last| last[slot].is_some()) {
                parameters.push([None; 3]);
            }
            if let Some(last) = parameters.last_mut() {
                last[slot] = Some(&field.text);
            }
        }
        parameters.into_iter().map(|[kind, name, value]| (kind, name, value)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Field;
    use crate::source::{FileId, Span, Syntax};

    fn record(type_name: &'static str, fields: &[(&str, &str)]) -> Record {
        let place = Span::new(FileId(0), 0, 0);
        Record {
            component: Component::new(type_name, "Spoke", place),
            fields: fields
                .iter()
                .map(|(path, value)| Field {
                    path: (*path).to_owned(),
                    text: Text::at(*value, place, Syntax::Xml),
                })
                .collect(),
        }
    }

    fn parameter<'a>(name: &'a str, kind: &'a str, value: &'a str) -> [(&'a str, &'a str); 3] {
        [
            ("externalAuthIdentityProviderParameters/parameterName", name),
            ("externalAuthIdentityProviderParameters/parameterType", kind),
            ("externalAuthIdentityProviderParameters/parameterValue", value),
        ]
    }

    #[test]
    fn the_parameters_of_an_identity_provider_are_told_apart() {
        let fields = [
            parameter("AuthorizeUrl", "AuthorizeUrl", "https://a.my.salesforce.com/authorize"),
            parameter("TokenUrl", "TokenUrl", "https://a.my.salesforce.com/token"),
            parameter("PkceEnabled", "IdentityProviderOptions", "true"),
            parameter("ClientAuthentication", "ClientAuthentication", "ClientSecretPost"),
        ]
        .concat();
        let record = record(IDENTITY_PROVIDER, &fields);
        let provider = Provider::new(&record);
        assert_eq!(provider.token_url().unwrap().as_str(), "https://a.my.salesforce.com/token");
        assert_eq!(provider.sends_code_challenge(), Some(true));
        assert!(!provider.sends_secret_in_header() && provider.is_to_salesforce());
        assert_eq!(provider.callback_path(), "/services/extidp/callback");
    }

    #[test]
    fn a_salesforce_provider_without_a_key_is_managed() {
        let managed = record(AUTH_PROVIDER, &[("providerType", "Salesforce")]);
        let managed = Provider::new(&managed);
        assert!(managed.is_managed() && managed.is_to_salesforce());
        assert_eq!(managed.callback_path(), "/services/authcallback/Spoke");
        let third_party = record(
            AUTH_PROVIDER,
            &[("providerType", "Salesforce"), ("tokenUrl", "https://id.example.com/token")],
        );
        assert!(!Provider::new(&third_party).is_to_salesforce());
        let plugin = record(AUTH_PROVIDER, &[("providerType", "Custom")]);
        assert_eq!(Provider::new(&plugin).sends_code_challenge(), None);
    }
}

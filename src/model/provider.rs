//! What authorization code flows log in by: auth providers, and external auth identity providers.

use super::component::{Component, Named, Record};
use super::consumer_key::ConsumerKey;
use super::flow::Flow;
use super::host::Host;
use super::url::Url;
use crate::source::Text;

/// The metadata type of auth providers.
pub const AUTH_PROVIDER: &str = "AuthProvider";
/// The metadata type of external auth identity providers.
pub const IDENTITY_PROVIDER: &str = "ExternalAuthIdentityProvider";

/// The parameters of an external auth identity provider.
const PARAMETERS: &str = "externalAuthIdentityProviderParameters";

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
        match self.kind {
            ProviderKind::Identity => "external auth identity provider",
            ProviderKind::Salesforce
            | ProviderKind::OpenIdConnect
            | ProviderKind::Plugin
            | ProviderKind::OtherVendor => "auth provider",
        }
    }

    /// A filled field of an auth provider, or a filled parameter of an external auth identity provider.
    fn value(&self, field: &str, parameter: &str) -> Option<&'a Text> {
        match self.kind {
            ProviderKind::Identity => self
                .parameters()
                .into_iter()
                .find(|(kind, _, _)| kind.is_some_and(|kind| kind.as_str() == parameter))
                .and_then(|(_, _, value)| value),
            ProviderKind::Salesforce
            | ProviderKind::OpenIdConnect
            | ProviderKind::Plugin
            | ProviderKind::OtherVendor => self.record.get(field),
        }
        .filter(|text| !text.is_empty())
    }

    pub fn authorize_url(&self) -> Option<&'a Text> {
        self.value("authorizeUrl", "AuthorizeUrl")
    }

    pub fn token_url(&self) -> Option<&'a Text> {
        self.value("tokenUrl", "TokenUrl")
    }

    /// `defaultScopes`: requested unless the credential requests scopes itself.
    pub fn default_scopes(&self) -> Option<&'a Text> {
        self.value("defaultScopes", "").filter(|_| self.kind != ProviderKind::Identity)
    }

    pub fn consumer_key(&self) -> Option<&'a Text> {
        self.value("consumerKey", "").filter(|_| self.kind != ProviderKind::Identity)
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

    /// Whether the client secret is sent in an `Authorization: Basic` header instead of the request body.
    pub fn sends_secret_in_header(&self) -> bool {
        match self.kind {
            ProviderKind::Identity => self
                .value("", "ClientAuthentication")
                .is_none_or(|value| value.known() != Some("ClientSecretPost")),
            ProviderKind::Salesforce
            | ProviderKind::OpenIdConnect
            | ProviderKind::Plugin
            | ProviderKind::OtherVendor => {
                self.record.get("sendClientCredentialsInHeader").is_some_and(Text::is_true)
            }
        }
    }

    /// The path of the callback URL in the calling org.
    pub fn callback_path(&self) -> String {
        match self.kind {
            ProviderKind::Identity => "/services/extidp/callback".to_owned(),
            ProviderKind::Salesforce
            | ProviderKind::OpenIdConnect
            | ProviderKind::Plugin
            | ProviderKind::OtherVendor => format!("/services/authcallback/{}", self.name()),
        }
    }

    /// The known hosts of its URLs.
    pub fn hosts(&self) -> impl Iterator<Item = Host> + use<'a> {
        self.urls().filter_map(host_of)
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

fn host_of(text: &Text) -> Option<Host> {
    text.known().map(|url| Host::parse(&Url::parse(url).host))
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

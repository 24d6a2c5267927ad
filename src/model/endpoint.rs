//! Every URL that a credential posts to or calls, of both models.

use super::{Component, NamedCredentialModel, ParameterType, Url, Workspace};
use crate::source::Text;

/// A URL with its role.
#[derive(Clone, Copy, Debug)]
pub struct Endpoint<'a> {
    pub component: &'a Component,
    pub text: &'a Text,
    pub role: Role,
}

/// The purpose of a URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// `AuthProviderUrl`.
    Token,
    /// `authTokenEndpointUrl` of a legacy named credential.
    LegacyToken,
    /// The token URL of an auth provider.
    ProviderToken,
    /// The authorize URL of an auth provider.
    ProviderAuthorize,
    /// The token URL of an external auth identity provider.
    IdentityToken,
    /// The authorize URL of an external auth identity provider.
    IdentityAuthorize,
    /// The URL of a named credential.
    Callout,
}

impl Role {
    /// A noun for messages, and the field for the fingerprint.
    pub fn noun(self) -> &'static str {
        match self {
            Role::Token | Role::LegacyToken | Role::ProviderToken | Role::IdentityToken => {
                "token endpoint"
            }
            Role::ProviderAuthorize | Role::IdentityAuthorize => "authorize URL",
            Role::Callout => "URL",
        }
    }

    /// The path in Setup to change it.
    pub fn setup(self) -> &'static str {
        match self {
            Role::Token => {
                "`AuthProviderUrl` (*Identity Provider URL* in Setup > Security > Named Credentials > External Credentials)"
            }
            Role::LegacyToken => {
                "`authTokenEndpointUrl` (*Token Endpoint URL* in Setup > Security > Named Credentials)"
            }
            Role::ProviderToken => {
                "`tokenUrl` (*Token Endpoint URL* in Setup > Identity > Auth. Providers)"
            }
            Role::ProviderAuthorize => {
                "`authorizeUrl` (*Authorize Endpoint URL* in Setup > Identity > Auth. Providers)"
            }
            Role::IdentityToken => {
                "`TokenUrl` (*Token Endpoint URL* in Setup > Security > Named Credentials > External Auth Identity Providers)"
            }
            Role::IdentityAuthorize => {
                "`AuthorizeUrl` (*Authorize Endpoint URL* in Setup > Security > Named Credentials > External Auth Identity Providers)"
            }
            Role::Callout => "*URL* in Setup > Security > Named Credentials",
        }
    }

    /// The path at which Salesforce serves it; `None` for the URL of a named credential.
    pub fn salesforce_path(self) -> Option<&'static str> {
        match self {
            Role::Token | Role::LegacyToken | Role::ProviderToken | Role::IdentityToken => {
                Some("/services/oauth2/token")
            }
            Role::ProviderAuthorize | Role::IdentityAuthorize => Some("/services/oauth2/authorize"),
            Role::Callout => None,
        }
    }
}

/// The reason why a URL cannot be called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UrlFlaw {
    WhitespaceAround,
    WhitespaceInside,
    UserInfo,
    Fragment,
    NoHost,
}

impl Endpoint<'_> {
    /// The URL, if it is deployed exactly as written and is not computed by a formula.
    pub fn url(&self) -> Option<Url> {
        self.text.known().filter(|url| !url.contains("{!")).map(Url::parse)
    }

    /// The most serious flaw of the URL.
    pub fn flaw(&self) -> Option<UrlFlaw> {
        let url = self.url()?;
        let text = self.text.as_str();
        if text.contains(char::is_whitespace) {
            Some(UrlFlaw::WhitespaceInside)
        } else if url.host.is_empty() {
            Some(UrlFlaw::NoHost)
        } else if url.user_info.is_some() {
            Some(UrlFlaw::UserInfo)
        } else if url.fragment.is_some() {
            Some(UrlFlaw::Fragment)
        } else {
            (self.text.raw() != text).then_some(UrlFlaw::WhitespaceAround)
        }
    }

    /// The corrected URL, if the flaw can be removed.
    pub fn fixed(&self, flaw: UrlFlaw) -> Option<String> {
        let url = self.url()?;
        let text = self.text.as_str();
        match flaw {
            UrlFlaw::WhitespaceAround => Some(text.to_owned()),
            UrlFlaw::WhitespaceInside => Some(text.split_whitespace().collect()),
            UrlFlaw::UserInfo => text.split_once("://").and_then(|(scheme, rest)| {
                Some(format!(
                    "{scheme}://{}",
                    rest.strip_prefix(url.user_info.as_deref()?)?.strip_prefix('@')?
                ))
            }),
            UrlFlaw::Fragment => text.split_once('#').map(|(before, _)| before.to_owned()),
            UrlFlaw::NoHost => None,
        }
    }
}

impl Workspace {
    /// Token endpoints of every flow, the authorize URLs of providers, and the URLs of named credentials. Excludes private
    /// endpoints, because their URLs follow other rules.
    pub fn endpoints(&self) -> impl Iterator<Item = Endpoint<'_>> {
        let tokens = self.external_credentials().flat_map(|(_, credential)| {
            let texts = credential
                .parameters_of(ParameterType::AuthProviderUrl)
                .filter_map(|parameter| parameter.value.as_ref());
            texts.map(|text| Endpoint { component: &credential.component, text, role: Role::Token })
        });
        let called = self
            .named_credentials()
            .filter(|(_, named)| named.model != NamedCredentialModel::Other)
            .flat_map(|(_, named)| {
                let token = named.token_endpoint.iter().map(|text| (text, Role::LegacyToken));
                token
                    .chain(named.url.iter().map(|text| (text, Role::Callout)))
                    .map(|(text, role)| Endpoint { component: &named.component, text, role })
            });
        let provided = self.providers().flat_map(|(_, provider)| {
            let (token, authorize) = if provider.is_identity() {
                (Role::IdentityToken, Role::IdentityAuthorize)
            } else {
                (Role::ProviderToken, Role::ProviderAuthorize)
            };
            let component = &provider.record.component;
            let endpoint = |text, role| Endpoint { component, text, role };
            let token = provider.token_url().map(|text| endpoint(text, token));
            token.into_iter().chain(provider.authorize_url().map(|text| endpoint(text, authorize)))
        });
        tokens.chain(called).chain(provided)
    }

    /// Whether a credential or the value of a merge field is certainly sent to an endpoint.
    pub fn sends_credential(&self, endpoint: &Endpoint<'_>) -> bool {
        match endpoint.role {
            Role::Token | Role::LegacyToken | Role::ProviderToken | Role::IdentityToken => true,
            Role::ProviderAuthorize | Role::IdentityAuthorize => false,
            Role::Callout => {
                let org = self.org(endpoint.component.org);
                let position = org.named_credentials.exact(&endpoint.component.name);
                position.is_some_and(|at| org.sends_credential(&org.named_credentials[at]))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{FileId, Span, Syntax};

    fn flaw_and_fix(url: &str) -> (Option<UrlFlaw>, Option<String>) {
        let span = Span::new(FileId(0), 0, url.len());
        let component = Component::new("NamedCredential", "X", span);
        let text = Text::at(url, span, Syntax::Xml);
        let endpoint = Endpoint { component: &component, text: &text, role: Role::Callout };
        let flaw = endpoint.flaw();
        (flaw, flaw.and_then(|flaw| endpoint.fixed(flaw)))
    }

    #[test]
    fn every_flaw_is_named_and_fixed() {
        assert_eq!(flaw_and_fix("https://a.example/x?y=z"), (None, None));
        assert_eq!(
            flaw_and_fix(" https://a.example\n"),
            (Some(UrlFlaw::WhitespaceAround), Some("https://a.example".into()))
        );
        assert_eq!(
            flaw_and_fix("https://a. example/\n x"),
            (Some(UrlFlaw::WhitespaceInside), Some("https://a.example/x".into()))
        );
        assert_eq!(
            flaw_and_fix("https://u:p@a.example/x"),
            (Some(UrlFlaw::UserInfo), Some("https://a.example/x".into()))
        );
        assert_eq!(
            flaw_and_fix("https://a.example/x#y"),
            (Some(UrlFlaw::Fragment), Some("https://a.example/x".into()))
        );
        assert_eq!(flaw_and_fix("https:///services"), (Some(UrlFlaw::NoHost), None));
        assert_eq!(flaw_and_fix("/services/oauth2/token").0, Some(UrlFlaw::NoHost));
    }

    #[test]
    fn what_an_org_or_a_deployment_fills_in_is_left_alone() {
        for url in ["${URL}", "{!$Label.Url} ", "https://${USER}@a.example", "{env.URL}", "  "] {
            assert_eq!(flaw_and_fix(url).0, None, "{url}");
        }
    }
}

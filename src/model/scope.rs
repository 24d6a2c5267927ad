//! OAuth scopes in all their spellings.
//!
//! Sources: the Metadata API enumeration of `ConnectedApp` scopes, Salesforce Help "OAuth Tokens and Scopes", and the
//! `scopes_supported` list of the OpenID configuration of `login.salesforce.com`.

/// A scope, independent of its spelling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    Api,
    Full,
    /// `RefreshToken` and `OfflineAccess`, which are the same permission.
    RefreshToken,
    Web,
    /// Gives access to one particular API: Connect REST, Analytics, Data Cloud, Pardot and so on.
    SpecificApi,
    /// Identity, user interface and headless registration.
    Other,
    Unknown,
}

impl Scope {
    /// Reads a metadata value (`Api`, `RefreshToken`), an OAuth token (`refresh_token`) or a Setup label.
    pub fn parse(text: &str) -> Scope {
        let folded: String = text
            .trim()
            .chars()
            .filter(|character| character.is_alphanumeric())
            .flat_map(char::to_lowercase)
            .collect();
        match folded.as_str() {
            "api" | "manageuserdataviaapis" | "manageuserdataviaapisapi" => Scope::Api,
            "full" | "fullaccess" | "fullaccessfull" => Scope::Full,
            "refreshtoken"
            | "offlineaccess"
            | "refreshtokenofflineaccess"
            | "performrequestsatanytime"
            | "performrequestsatanytimerefreshtokenofflineaccess" => Scope::RefreshToken,
            "web" | "manageuserdataviawebbrowsers" | "manageuserdataviawebbrowsersweb" => {
                Scope::Web
            }
            "chatter"
            | "chatterapi"
            | "wave"
            | "waveapi"
            | "eclair"
            | "eclairapi"
            | "pardot"
            | "pardotapi"
            | "cdp"
            | "cdpapi"
            | "cdpingest"
            | "cdpingestapi"
            | "cdpprofile"
            | "cdpprofileapi"
            | "cdpquery"
            | "cdpqueryapi"
            | "cdpsegment"
            | "cdpsegmentapi"
            | "cdpidentityresolution"
            | "cdpidentityresolutionapi"
            | "cdpcalculatedinsight"
            | "cdpcalculatedinsightapi"
            | "chatbot"
            | "chatbotapi"
            | "sfap"
            | "sfapiplatform"
            | "sfapapi"
            | "interaction"
            | "interactionapi"
            | "einsteingpt"
            | "einsteingptapi"
            | "mcp"
            | "mcpapi"
            | "scrt"
            | "scrtapi"
            | "a2a"
            | "cmdbdiscovery"
            | "semanticlayer" => Scope::SpecificApi,
            "basic"
            | "id"
            | "profile"
            | "email"
            | "address"
            | "phone"
            | "openid"
            | "custompermissions"
            | "customapplications"
            | "visualforce"
            | "lightning"
            | "content"
            | "forgotpassword"
            | "userregistration"
            | "userregistrationapi"
            | "pwdlesslogin"
            | "pwdlessloginapi"
            | "dataclouduserclaims" => Scope::Other,
            _ => Scope::Unknown,
        }
    }

    /// Whether a token with this scope may call an API.
    pub fn gives_api_access(self) -> bool {
        matches!(self, Scope::Api | Scope::Full | Scope::SpecificApi)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_scope_has_many_spellings() {
        for text in ["RefreshToken", "OfflineAccess", "refresh_token", "offline_access"] {
            assert_eq!(Scope::parse(text), Scope::RefreshToken, "{text}");
        }
        assert_eq!(Scope::parse("SFAP"), Scope::SpecificApi);
        assert_eq!(Scope::parse("SFApiPlatform"), Scope::SpecificApi);
        assert_eq!(Scope::parse("Banana"), Scope::Unknown);
        assert!(!Scope::parse("Web").gives_api_access());
    }
}

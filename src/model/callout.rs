//! Questions about what Apex calls.

use super::{
    Callout, Flow, DYNAMIC_PART, Named, NamedCredential, NamedCredentialModel, Org, Workspace, find_named,
    is_api_name,
};
use crate::source::{Span, Syntax, Text};

impl Callout {
    /// `Name` of `.__Name`.
    pub fn dotted_name(&self) -> Option<&str> {
        let name = self.name.as_str().strip_prefix('.')?;
        let name = name.trim_start_matches('_');
        is_api_name(name).then_some(name)
    }

    /// Whether blanks stand around or inside the name.
    pub fn is_padded_or_spaced(&self) -> bool {
        let raw = self.name.raw();
        let plain = raw.chars().all(|character| {
            character.is_ascii_alphanumeric() || matches!(character, '_' | ' ' | '\t' | '\n' | '\r')
        });
        plain
            && raw.contains(char::is_whitespace)
            && is_api_name(&self.name.as_str().replace(char::is_whitespace, ""))
    }

    /// Where the blank is, in words.
    pub fn blank_place(&self) -> &'static str {
        let raw = self.name.raw();
        if raw.starts_with(char::is_whitespace) {
            "before it"
        } else if raw.ends_with(char::is_whitespace) {
            "behind it"
        } else {
            "in it"
        }
    }

    /// The characters of the literal path that a URL cannot hold as they are. Merge fields and what code fills in are left alone.
    pub fn reserved_in_path(&self) -> Vec<(Text, char)> {
        let Some(path) = &self.path_text else { return Vec::new() };
        let raw = path.as_str();
        if raw.contains("{!") || path.known().is_none() {
            return Vec::new();
        }
        let trimmed = raw.trim_end_matches(DYNAMIC_PART);
        trimmed
            .char_indices()
            .filter(|(_, character)| matches!(character, ' ' | '|' | '"' | '{' | '}'))
            .map(|(at, character)| (piece(path, at, character), character))
            .collect()
    }
}

fn piece(path: &Text, at: usize, character: char) -> Text {
    let text = path.part(&character.to_string(), at, at + character.len_utf8());
    let span = if (path.outer.end - path.outer.start) as usize == path.raw().len() {
        text.span
    } else {
        path.span
    };
    Text::at(character.to_string(), Span { ..span }, Syntax::Verbatim)
}

impl Org {
    /// Where it says that a named credential generates the `Authorization` header; `None` where it does not, or where that is not known.
    pub fn generates_authorization(&self, named: &NamedCredential) -> Option<Span> {
        if named.generate_authorization_header.as_ref().is_some_and(|flag| !flag.is_true()) {
            return None;
        }
        match named.model {
            NamedCredentialModel::Secured => {
                let reference = named.external_credential.as_ref()?;
                let external = find_named(&self.external_credentials, reference.known()?)?;
                let by_flow = match external.flow() {
                    Flow::JwtBearer
                    | Flow::JwtAssertion
                    | Flow::ClientCredentials
                    | Flow::DirectJwt
                    | Flow::Browser
                    | Flow::Basic
                    | Flow::Aws => true,
                    Flow::Custom => external.of(super::ParameterType::AuthHeader).any(|header| {
                        header
                            .name
                            .as_ref()
                            .is_some_and(|name| name.as_str().eq_ignore_ascii_case("Authorization"))
                    }),
                    Flow::Unknown => false,
                };
                by_flow.then_some(external.component.place)
            }
            NamedCredentialModel::Legacy => {
                let protocol = named.protocol.as_ref()?;
                let anonymous =
                    named.principal_type.as_ref().and_then(Text::known) == Some("Anonymous");
                (!anonymous
                    && matches!(
                        protocol.known()?,
                        "Oauth" | "Password" | "Jwt" | "JwtExchange" | "AwsSv4"
                    ))
                .then_some(protocol.span)
            }
            NamedCredentialModel::Other => None,
        }
    }
}

impl Workspace {
    /// Whether any file holds a named credential of that name, readable or not.
    pub fn knows_named_credential(&self, name: &str) -> bool {
        let unreadable = self.unreadable.iter().any(|file| {
            file.type_name == "NamedCredential" && file.name.eq_ignore_ascii_case(name)
        });
        unreadable
            || self.orgs.iter().any(|org| {
                find_named(&org.named_credentials, name)
                    .is_some_and(|named| !named.name().is_empty())
            })
    }
}

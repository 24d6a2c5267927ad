//! The claims that RFC 7515 and RFC 7519 register, and the half of the JWT each belongs to.

use super::{ExternalCredential, Flow, Host, Parameter, ParameterType, Url};
use crate::source::{Located, Text};

/// Header or body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JwtPart {
    Header,
    Body,
}

const REGISTERED: &[(&str, JwtPart)] = &[
    ("iss", JwtPart::Body),
    ("sub", JwtPart::Body),
    ("aud", JwtPart::Body),
    ("exp", JwtPart::Body),
    ("nbf", JwtPart::Body),
    ("iat", JwtPart::Body),
    ("jti", JwtPart::Body),
    ("alg", JwtPart::Header),
    ("kid", JwtPart::Header),
    ("typ", JwtPart::Header),
];

/// The registered claim that a name means, whatever its case, quotes and blanks, and where it belongs.
pub fn registered_claim(name: &str) -> Option<(&'static str, JwtPart)> {
    let bare = name.trim_matches(|mark: char| {
        mark.is_whitespace() || "\"'`\u{201c}\u{201d}\u{2018}\u{2019}".contains(mark)
    });
    REGISTERED.iter().find(|(known, _)| known.eq_ignore_ascii_case(bare)).copied()
}

impl JwtPart {
    pub fn name(self) -> &'static str {
        match self {
            JwtPart::Header => "header",
            JwtPart::Body => "body",
        }
    }

    pub fn parameter_type(self) -> &'static str {
        match self {
            JwtPart::Header => "JwtHeaderClaim",
            JwtPart::Body => "JwtBodyClaim",
        }
    }
}

impl ExternalCredential {
    pub fn signs_jwt(&self) -> bool {
        matches!(self.flow(), Flow::JwtBearer | Flow::JwtAssertion | Flow::DirectJwt)
    }

    /// Every claim with a name, in the order of the file.
    pub fn claims(&self) -> impl Iterator<Item = (JwtPart, &Text, &Parameter)> {
        self.parameters.iter().filter_map(|parameter| {
            let part = match parameter.kind {
                ParameterType::JwtBodyClaim => JwtPart::Body,
                ParameterType::JwtHeaderClaim => JwtPart::Header,
                _ => return None,
            };
            parameter
                .name
                .as_ref()
                .filter(|name| !name.is_empty())
                .map(|name| (part, name, parameter))
        })
    }

    /// The hosts of the audience and of parameters that no flow reads, as filled-in templates leave them: what the JWT was meant for.
    pub fn hosts_in_parameters(&self) -> impl Iterator<Item = Located<Host>> + '_ {
        let telling = |parameter: &&Parameter| {
            parameter.kind == ParameterType::Other
                || parameter.name.as_ref().is_some_and(|name| name.as_str() == "aud")
        };
        self.parameters.iter().filter(telling).filter_map(|parameter| {
            let text = parameter.value.as_ref()?;
            let url = Url::parse(text.known()?.trim_matches('"'));
            (url.scheme == "https").then(|| Located::new(Host::parse(&url.host), text.span))
        })
    }

    /// Whether a claim of exactly this name stands in that part.
    pub fn has_claim(&self, part: JwtPart, name: &str) -> bool {
        self.claims().any(|(other, text, _)| other == part && text.raw() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_claim_is_known_by_its_name_alone() {
        for name in ["iss", "Iss", " ISS", "\"iss\"", "iss\n"] {
            assert_eq!(registered_claim(name), Some(("iss", JwtPart::Body)), "{name}");
        }
        assert_eq!(registered_claim("Kid"), Some(("kid", JwtPart::Header)));
        for name in ["issuer", "i s s", "scope", "", "https://example.com/iss"] {
            assert_eq!(registered_claim(name), None, "{name}");
        }
    }
}

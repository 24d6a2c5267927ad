//! How a named credential is used: what it authenticates with, and which Apex calls it.

use super::{
    Callout, ExternalCredential, Flow, HostKind, NamedCredential, NamedCredentialModel, Org, OrgId,
    Url, Workspace, find_named, same_name,
};
use crate::source::{Located, Text};

impl Flow {
    /// Whether what it gets is sent as a bearer token.
    pub fn sends_token(self) -> bool {
        match self {
            Flow::JwtBearer
            | Flow::JwtAssertion
            | Flow::ClientCredentials
            | Flow::DirectJwt
            | Flow::Browser => true,
            Flow::Basic | Flow::Aws | Flow::Custom | Flow::Unknown => false,
        }
    }
}

impl NamedCredential {
    /// The URL, split.
    pub fn url_parts(&self) -> Option<Located<Url>> {
        let text = self.url.as_ref()?;
        text.known().map(|url| Located::new(Url::parse(url), text.span))
    }

    /// Everything in one file: no external credential stands behind it.
    pub fn is_legacy(&self) -> bool {
        self.model == NamedCredentialModel::Legacy
            && self.external_credential.is_none()
            && self.url_parameter.is_none()
    }

    /// The protocol of the legacy model.
    pub fn legacy_protocol(&self) -> Option<&str> {
        if self.is_legacy() { self.protocol.as_ref().and_then(Text::known) } else { None }
    }

    /// Made by a product, which calls it from code that is in no project: the MuleSoft connection, or DevOps Center,
    /// which names them `<record id>_<environment>_001`.
    pub fn is_generated(&self) -> bool {
        if self.component.name.starts_with("MuleSoft_Anypoint_Platform_") {
            return true;
        }
        let Some((id, _)) = self.component.name.split_once('_') else { return false };
        id.len() == 18
            && id.starts_with('a')
            && id.bytes().all(|byte| byte.is_ascii_alphanumeric())
            && id.bytes().any(|byte| byte.is_ascii_digit())
    }

    /// Custom headers that are formulas over a stored credential.
    pub fn header_formulas(&self) -> impl Iterator<Item = &Text> {
        self.headers
            .iter()
            .filter_map(|(_, value)| value.as_ref())
            .filter(|value| is_merge_field(value.as_str()))
    }

    /// Whether the platform writes the `Authorization` header; it does where nothing is said.
    pub fn header_is_off(&self) -> bool {
        self.generate_authorization_header.as_ref().is_some_and(Text::is_false)
    }
}

impl ExternalCredential {
    /// Whether a custom header is a formula over a stored credential.
    pub fn has_header_formula(&self) -> bool {
        self.of(super::ParameterType::AuthHeader)
            .filter_map(|parameter| parameter.value.as_ref())
            .any(|value| is_merge_field(value.as_str()))
    }
}

fn is_merge_field(value: &str) -> bool {
    value.contains("{!") && value.to_ascii_lowercase().contains("$credential")
}

impl Org {
    /// The external credential that a named credential uses, where the files hold it.
    pub fn external_of(&self, named: &NamedCredential) -> Option<&ExternalCredential> {
        find_named(&self.external_credentials, named.external_credential.as_ref()?.known()?)
    }

    /// How a named credential authenticates.
    pub fn flow_of(&self, named: &NamedCredential) -> Flow {
        match named.legacy_protocol() {
            Some("JwtExchange") => Flow::JwtBearer,
            Some("Jwt") => Flow::DirectJwt,
            Some("Oauth") => Flow::Browser,
            Some("Password") => Flow::Basic,
            Some("AwsSv4") => Flow::Aws,
            Some("NoAuthentication") => Flow::Custom,
            Some(_) => Flow::Unknown,
            None => self.external_of(named).map_or(Flow::Unknown, ExternalCredential::flow),
        }
    }

    /// The Apex of this org that calls a named credential.
    pub fn callouts_of<'a>(
        &'a self,
        named: &'a NamedCredential,
    ) -> impl Iterator<Item = &'a Callout> {
        self.callouts
            .iter()
            .filter(move |callout| callout.name.known().is_some_and(|name| self.calls(name, named)))
    }

    /// Whether a name behind `callout:` means this named credential.
    pub fn calls(&self, name: &str, named: &NamedCredential) -> bool {
        // The cheap question first: there may be a thousand of each.
        same_name(name, &named.component.name)
            && find_named(&self.named_credentials, name)
                .is_some_and(|found| std::ptr::eq(found, named))
    }
}

impl Workspace {
    /// Whether a URL is Salesforce's: by its host, or because an org is said to have that host.
    pub fn is_salesforce_url(&self, named: &NamedCredential) -> bool {
        named.host().is_some_and(|host| host.is_salesforce() || self.org_of_host(&host).is_some())
    }

    /// The managed package that calls a named credential of another namespace: its namespace and the call.
    pub fn foreign_callouts<'a>(
        &'a self,
        id: OrgId,
        named: &'a NamedCredential,
    ) -> impl Iterator<Item = (&'a str, &'a Callout)> {
        let same = |left: Option<&str>, right: &str| {
            left.is_some_and(|left| left.eq_ignore_ascii_case(right))
        };
        let own = self.org(id).callouts_of(named);
        let others = self
            .orgs
            .iter()
            .enumerate()
            .filter(move |(index, org)| *index != id.0 && self.is_subscriber(id, org, named))
            .flat_map(move |(_, org)| {
                org.callouts.iter().filter(move |callout| {
                    callout.name.known().is_some_and(|name| {
                        name.eq_ignore_ascii_case(named.component.name.as_str())
                            && find_named(&org.named_credentials, name).is_none()
                    })
                })
            });
        own.chain(others).filter_map(move |callout| {
            let namespace = callout.namespace.as_deref()?;
            (!same(named.namespace.as_deref(), namespace)).then_some((namespace, callout))
        })
    }

    /// Whether `package` is the project of a package whose code can only mean this credential: no description says
    /// that the two are different orgs, and no other project has one of the name.
    fn is_subscriber(&self, id: OrgId, package: &Org, named: &NamedCredential) -> bool {
        let told_apart = |org: &Org| org.kind.is_some() || org.my_domain.is_some();
        let only = || {
            self.named_credentials()
                .filter(|(_, other)| {
                    other.component.name.eq_ignore_ascii_case(&named.component.name)
                })
                .count()
                == 1
        };
        package.namespace.is_some() && !told_apart(package) && !told_apart(self.org(id)) && only()
    }
}

impl HostKind {
    /// Whether two My Domains are names of one org: the partition and the pod came and went, the name stays.
    pub fn is_same_org(&self, other: &HostKind) -> Option<bool> {
        match (self, other) {
            (
                HostKind::MyDomain { name, sandbox, .. },
                HostKind::MyDomain { name: other_name, sandbox: other_sandbox, .. },
            ) => Some(name == other_name && sandbox == other_sandbox),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Component, Host};
    use crate::source::{FileId, Span, Syntax};

    #[test]
    fn an_org_keeps_its_name_when_its_host_changes() {
        let same = |left: &str, right: &str| {
            Host::parse(left).kind().is_same_org(Host::parse(right).kind())
        };
        assert_eq!(
            same("acme--uat.my.salesforce.com", "acme--uat.sandbox.my.salesforce.com"),
            Some(true)
        );
        assert_eq!(
            same("acme-dev-ed.my.salesforce.com", "acme-dev-ed.develop.my.salesforce.com"),
            Some(true)
        );
        assert_eq!(
            same("acme.my.salesforce.com", "acme--uat.sandbox.my.salesforce.com"),
            Some(false)
        );
        assert_eq!(same("acme.my.salesforce.com", "acme.my.site.com"), None);
    }

    #[test]
    fn a_record_id_in_the_name_tells_a_product() {
        let named = |name: &str| {
            NamedCredential::new(
                Component::new("NamedCredential", name, Span::new(FileId(0), 0, 0)),
                NamedCredentialModel::Legacy,
            )
        };
        assert!(named("a0X000000000001AAA_Staging_001").is_generated());
        assert!(!named("Spoke_Org").is_generated());
        assert!(!named("accountsreceivable_v2").is_generated());
    }

    #[test]
    fn the_legacy_protocol_tells_the_flow() {
        let place = Span::new(FileId(0), 0, 0);
        let mut named = NamedCredential::new(
            Component::new("NamedCredential", "X", place),
            NamedCredentialModel::Legacy,
        );
        named.protocol = Some(Text::at("JwtExchange", place, Syntax::Xml));
        assert_eq!(Org::default().flow_of(&named), Flow::JwtBearer);
        named.protocol = Some(Text::at("${PROTOCOL}", place, Syntax::Xml));
        assert_eq!(Org::default().flow_of(&named), Flow::Unknown);
    }
}

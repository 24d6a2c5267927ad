//! The API host that stands beside a host for browsers: the same org, another suffix.

use super::{Host, HostKind};

impl Host {
    /// The My Domain of the org behind a Lightning, Setup or Visualforce host, where its name tells.
    pub fn my_domain_beside(&self) -> Option<Host> {
        let text = self.as_str();
        let domain = match self.kind() {
            HostKind::Lightning => text.strip_suffix(".lightning.force.com")?.to_owned(),
            HostKind::Setup => text
                .strip_suffix(".my.salesforce-setup.com")
                .or_else(|| text.strip_suffix(".salesforce-setup.com"))?
                .to_owned(),
            HostKind::Visualforce => without_package(text.strip_suffix(".vf.force.com")?)?,
            _ => return None,
        };
        let found = Host::parse(&format!("{domain}.my.salesforce.com"));
        found.is_my_domain().then_some(found)
    }
}

/// `acme--uat.sandbox` of `acme--uat--c.sandbox`: what follows the last `--` of the first label is a namespace.
fn without_package(text: &str) -> Option<String> {
    let (label, rest) = text.split_once('.').map_or((text, ""), |(label, rest)| (label, rest));
    let (domain, _) = label.rsplit_once("--")?;
    Some(if rest.is_empty() { domain.to_owned() } else { format!("{domain}.{rest}") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_suffix_is_all_that_differs() {
        for (browser, api) in [
            ("acme.lightning.force.com", "acme.my.salesforce.com"),
            ("acme--uat.sandbox.lightning.force.com", "acme--uat.sandbox.my.salesforce.com"),
            (
                "acme-dev-ed.develop.my.salesforce-setup.com",
                "acme-dev-ed.develop.my.salesforce.com",
            ),
            ("acme--c.vf.force.com", "acme.my.salesforce.com"),
            ("acme--uat--c.sandbox.vf.force.com", "acme--uat.sandbox.my.salesforce.com"),
        ] {
            assert_eq!(
                Host::parse(browser).my_domain_beside().map(|host| host.as_str().to_owned()),
                Some(api.to_owned()),
                "{browser}"
            );
        }
        assert_eq!(Host::parse("acme.my.salesforce.com").my_domain_beside(), None);
        assert_eq!(Host::parse("acme--c.na44.visual.force.com").my_domain_beside(), None);
    }
}

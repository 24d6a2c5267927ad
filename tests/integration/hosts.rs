//! All rules classify a host the same way: as local, or as the My Domain of an org.

use std::path::PathBuf;

use sfcred::{Options, lint_in_memory};
use time::macros::date;

fn findings(files: &[(&str, String)]) -> Vec<(String, String)> {
    let settings = Options::new(date!(2026 - 11 - 22), PathBuf::from("/project"));
    let files = files.iter().map(|(name, text)| (PathBuf::from(name), text.clone().into_bytes()));
    let report = lint_in_memory(files, &settings).unwrap();
    report
        .findings
        .into_iter()
        .map(|finding| (finding.rule.to_owned(), finding.help.unwrap_or_default()))
        .collect()
}

fn help_of<'a>(findings: &'a [(String, String)], rule: &str) -> Option<&'a str> {
    findings.iter().find(|(name, _)| name == rule).map(|(_, help)| help.as_str())
}

#[test]
fn every_loopback_address_is_local_for_remote_sites() {
    let site = |url: &str| {
        let text = format!(
            "<RemoteSiteSetting><disableProtocolSecurity>false</disableProtocolSecurity><isActive>true</isActive><url>{url}</url></RemoteSiteSetting>"
        );
        findings(&[("A.remoteSite-meta.xml", text)])
    };
    for url in ["http://127.0.0.1", "http://127.0.0.2:8080", "http://0.0.0.0:8080", "http://[::1]"]
    {
        assert_eq!(help_of(&site(url), "remote-site-insecure"), None, "{url}");
    }
    assert!(help_of(&site("http://a.example"), "remote-site-insecure").is_some());
}

#[test]
fn a_setup_host_is_replaced_by_the_my_domain_of_its_own_org() {
    for host in ["acme.my.salesforce-setup.com", "acme.salesforce-setup.com"] {
        let credential = format!(
            "<ExternalCredential><authenticationProtocol>Oauth</authenticationProtocol><externalCredentialParameters><parameterGroup>D</parameterGroup><parameterName>u</parameterName><parameterType>AuthProviderUrl</parameterType><parameterValue>https://{host}/services/oauth2/token</parameterValue></externalCredentialParameters></ExternalCredential>"
        );
        let named = "<NamedCredential><namedCredentialParameters><parameterName>Url</parameterName><parameterType>Url</parameterType><parameterValue>https://billing--uat.sandbox.my.salesforce.com</parameterValue></namedCredentialParameters><namedCredentialParameters><externalCredential>E</externalCredential><parameterName>E</parameterName><parameterType>Authentication</parameterType></namedCredentialParameters><namedCredentialType>SecuredEndpoint</namedCredentialType></NamedCredential>".to_owned();
        let found = findings(&[
            ("E.externalCredential-meta.xml", credential),
            ("N.namedCredential-meta.xml", named),
        ]);
        let help = help_of(&found, "token-endpoint-wrong-host").unwrap_or_default();
        assert!(
            help.contains("https://acme.my.salesforce.com/services/oauth2/token"),
            "{host}: {help}"
        );
    }
}

//! A setup that `sfcred.yaml` describes has the findings of the same setup in metadata.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use sfcred::internals::finding::Severity;
use sfcred::internals::pipeline::Report;
use sfcred::internals::trace::{Verdict, trace};

use crate::common::cases::case;
use crate::common::lint_files;

/// A setup in metadata, what describes its calling org and its target org, and faults: a line of a file of metadata and
/// its replacement, and the same in the description.
struct Twin {
    setup: &'static str,
    hub: &'static str,
    spoke: &'static str,
    faults: &'static [(&'static str, &'static str, &'static str, &'static str)],
}

const NAMED: &str = "Spoke_Org:
        url: https://billing--uat.sandbox.my.salesforce.com
        external_credential: Spoke_Org";

const TOKEN: &str = "https://billing--uat.sandbox.my.salesforce.com/services/oauth2/token";

const KEY: &str =
    "3MVG9uXCfV5zvmOFjh_dF2RKwhxtki0gd8.SGBGiujjd49CufOj2_QTRx64Ba2kpayC.DJbkAl8dlrFFkz94Q";

const CLIENT_CREDENTIALS_FAULTS: &[(&str, &str, &str, &str)] = &[
    (
        "https://billing--uat.sandbox.my.salesforce.com/services/oauth2/token",
        "https://test.salesforce.com/services/oauth2/token",
        "TOKEN",
        "https://test.salesforce.com/services/oauth2/token",
    ),
    (
        "https://billing--uat.sandbox.my.salesforce.com/services/oauth2/token",
        "https://billing--uat.sandbox.my.salesforce.com/services/oauth2/authorize",
        "TOKEN",
        "https://billing--uat.sandbox.my.salesforce.com/services/oauth2/authorize",
    ),
    (
        "<oauthClientCredentialUser>integration@",
        "<oauthClientCredentialUser>integrations@",
        "client_credentials_user: integration@",
        "client_credentials_user: integrations@",
    ),
    (
        "<oauthClientCredentialUser>integration@billing.example.uat</oauthClientCredentialUser>",
        "",
        "client_credentials_user: integration@billing.example.uat",
        "client_credentials_user: \"\"",
    ),
    (
        "<isClientCredentialEnabled>true",
        "<isClientCredentialEnabled>false",
        "client_credentials: true",
        "client_credentials: false",
    ),
    ("<scopes>Api", "<scopes>Full", "[Api]", "[Full]"),
    ("<scopes>Api", "<scopes>OpenID", "[Api]", "[OpenID]"),
    (
        "<parameterValue>https://billing--uat.sandbox.my.salesforce.com</parameterValue>",
        "<parameterValue>https://payroll--uat.sandbox.my.salesforce.com</parameterValue>",
        "url: https://billing--uat.sandbox",
        "url: https://payroll--uat.sandbox",
    ),
];

const APP_OF_CLIENT_CREDENTIALS: &str = "connected_apps:
      Hub_Org:
        consumer_key: KEY
        client_credentials: true
        client_credentials_user: integration@billing.example.uat
        scopes: [Api]
        permitted_users: admin_approved
        permission_sets: [Hub_Access]
        profiles: []
        ip_relaxation: ENFORCE
        refresh_token_policy: specific_lifetime:90:DAYS";

const APP_OF_AUTHORIZATION_CODE: &str = "connected_apps:
      Hub_Org:
        consumer_key: KEY
        callback_url: https://acme--uat.sandbox.my.salesforce.com/CALLBACK
        client_credentials: false
        pkce_required: true
        scopes: [Api, RefreshToken]
        permitted_users: admin_approved
        permission_sets: [Hub_Access]
        profiles: []
        ip_relaxation: ENFORCE
        refresh_token_policy: specific_lifetime:90:DAYS";

const TWINS: &[Twin] = &[
    Twin {
        setup: "setups/client-credentials",
        hub: "external_credentials:
      Spoke_Org: { flow: client-credentials, token_endpoint: TOKEN, principals: [SpokePrincipal] }",
        spoke: APP_OF_CLIENT_CREDENTIALS,
        faults: CLIENT_CREDENTIALS_FAULTS,
    },
    Twin {
        setup: "setups/client-credentials-basic",
        hub: "external_credentials:
      Spoke_Org: { flow: client-credentials-basic, token_endpoint: TOKEN, principals: [SpokePrincipal] }",
        spoke: APP_OF_CLIENT_CREDENTIALS,
        faults: CLIENT_CREDENTIALS_FAULTS,
    },
    Twin {
        setup: "setups/client-credentials-identity-provider",
        hub: "external_credentials:
      Spoke_Org: { flow: client-credentials-identity-provider, identity_provider: Spoke_Login, principals: [SpokePrincipal] }
    identity_providers:
      Spoke_Login: { flow: ClientCredentials, token_url: TOKEN, client_authentication: ClientSecretPost }",
        spoke: APP_OF_CLIENT_CREDENTIALS,
        faults: CLIENT_CREDENTIALS_FAULTS,
    },
    Twin {
        setup: "setups/authorization-code",
        hub: "external_credentials:
      Spoke_Org: { flow: authorization-code, auth_provider: Spoke_Login, scope: api refresh_token, principals: [SpokePrincipal] }
    auth_providers:
      Spoke_Login:
        type: Salesforce
        authorize_url: https://billing--uat.sandbox.my.salesforce.com/services/oauth2/authorize
        token_url: TOKEN
        consumer_key: KEY
        default_scopes: api refresh_token
        pkce: true",
        spoke: APP_OF_AUTHORIZATION_CODE,
        faults: &[
            (
                "services/authcallback/Spoke_Login<",
                "services/authcallback/Spoke<",
                "CALLBACK",
                "services/authcallback/Spoke",
            ),
            ("<isPkceEnabled>true", "<isPkceEnabled>false", "pkce: true", "pkce: false"),
            (
                "<refreshTokenPolicy>specific_lifetime:90:DAYS",
                "<refreshTokenPolicy>zero",
                "specific_lifetime:90:DAYS",
                "zero",
            ),
            (
                "<tokenUrl>https://billing--uat",
                "<tokenUrl>https://payroll--uat",
                "token_url: TOKEN",
                "token_url: https://payroll--uat.sandbox.my.salesforce.com/services/oauth2/token",
            ),
        ],
    },
    Twin {
        setup: "setups/authorization-code-identity-provider",
        hub: "external_credentials:
      Spoke_Org: { flow: authorization-code-identity-provider, identity_provider: Spoke_Login, scope: api refresh_token, principals: [SpokePrincipal] }
    identity_providers:
      Spoke_Login:
        flow: AuthorizationCode
        authorize_url: https://billing--uat.sandbox.my.salesforce.com/services/oauth2/authorize
        token_url: TOKEN
        pkce: true",
        spoke: APP_OF_AUTHORIZATION_CODE,
        faults: &[(
            "<isPkceRequired>true",
            "<isPkceRequired>false",
            "pkce_required: true",
            "pkce_required: false",
        )],
    },
    Twin {
        setup: "setups/aws",
        hub: "external_credentials:
      Spoke_Org: { flow: aws, aws_region: us-east-1, aws_service: s3, principals: [SpokePrincipal] }",
        spoke: "",
        faults: &[
            (
                "<parameterValue>us-east-1<",
                "<parameterValue>eu-west-1<",
                "aws_region: us-east-1",
                "aws_region: eu-west-1",
            ),
            ("<parameterValue>s3<", "<parameterValue>sqs<", "aws_service: s3", "aws_service: sqs"),
        ],
    },
    Twin {
        setup: "setups/basic",
        hub: "external_credentials:
      Spoke_Org: { flow: basic, principals: [SpokePrincipal] }",
        spoke: "",
        faults: &[],
    },
    Twin {
        setup: "setups/no-authentication",
        hub: "external_credentials:
      Spoke_Org: { flow: no-authentication, principals: [SpokePrincipal] }",
        spoke: "",
        faults: &[],
    },
];

/// The described twin of a setup: its Apex, and a description in place of all other metadata.
fn described(twin: &Twin, named_url: &str, fault: Option<(&str, &str)>) -> Report {
    let mut files = case(twin.setup).files();
    files.retain(|path, _| {
        let is_kept = |end: &str| path.to_string_lossy().ends_with(end);
        is_kept(".cls") || is_kept(".cls-meta.xml") || is_kept("sfdx-project.json")
    });
    let callback = match twin.setup {
        "setups/authorization-code-identity-provider" => "services/extidp/callback",
        _ => "services/authcallback/Spoke_Login",
    };
    let named = NAMED.replace("https://billing--uat.sandbox.my.salesforce.com", named_url);
    let (hub, spoke) = (twin.hub, twin.spoke);
    let mut text = format!(
        "orgs:
  hub:
    metadata: hub
    kind: sandbox
    my_domain: https://acme--uat.sandbox.my.salesforce.com
    callouts_run_as: [batch@acme.example.uat]
    permission_sets:
      Spoke_Callout:
        principals: [Spoke_Org-SpokePrincipal]
        assigned_to: [batch@acme.example.uat]
    named_credentials:
      {named}
    {hub}
  spoke:
    metadata: spoke
    kind: sandbox
    my_domain: https://billing--uat.sandbox.my.salesforce.com
    users:
      integration@billing.example.uat:
        profile: Minimum Access - API Only Integrations
        permission_sets: [Hub_Access]
    permission_sets:
      Hub_Access:
    {spoke}
"
    );
    if let Some((old, new)) = fault {
        assert!(text.contains(old), "{}: {old}", twin.setup);
        text = text.replace(old, new);
    }
    let text = text.replace("TOKEN", TOKEN).replace("KEY", KEY).replace("CALLBACK", callback);
    files.insert(PathBuf::from("sfcred.yaml"), text.into_bytes());
    lint_files(files).unwrap_or_else(|error| panic!("{}: {error}", twin.setup))
}

/// The same setup in metadata.
fn in_metadata(twin: &Twin, fault: Option<(&str, &str)>) -> Report {
    let mut files = case(twin.setup).files();
    if let Some((old, new)) = fault {
        let mut changed = 0;
        for (path, bytes) in &mut files {
            let text = String::from_utf8(bytes.clone()).unwrap_or_default();
            if path != Path::new("sfcred.yaml") && text.contains(old) {
                *bytes = text.replace(old, new).into_bytes();
                changed += 1;
            }
        }
        assert_eq!(changed, 1, "{}: {old}", twin.setup);
    }
    lint_files(files).unwrap()
}

fn rules(report: &Report) -> BTreeSet<(Severity, &'static str)> {
    let above_note = report.findings.iter().filter(|finding| finding.severity > Severity::Note);
    above_note.map(|finding| (finding.severity, finding.rule)).collect()
}

/// The URL of the named credential of a setup.
fn url(twin: &Twin) -> &'static str {
    match twin.setup {
        "setups/aws" => "https://acme-invoices.s3.us-east-1.amazonaws.com",
        "setups/basic" | "setups/no-authentication" => "https://api.weather.example",
        _ => "https://billing--uat.sandbox.my.salesforce.com",
    }
}

#[test]
fn a_described_setup_is_silent_and_would_work() {
    for twin in TWINS {
        let report = described(twin, url(twin), None);
        assert_eq!(rules(&report), BTreeSet::new(), "{}", twin.setup);
        let traces = trace(&report, Some("Spoke_Org")).unwrap();
        let expected = in_metadata(twin, None);
        let expected = trace(&expected, Some("Spoke_Org")).unwrap();
        assert_eq!(traces[0].flow, expected[0].flow, "{}", twin.setup);
        let verdict = &traces[0].verdict;
        assert!(
            matches!(verdict, Verdict::Issued | Verdict::NoExchange),
            "{}: {verdict:?}",
            twin.setup
        );
    }
}

#[test]
fn a_described_fault_has_the_findings_of_the_same_fault_in_metadata() {
    for twin in TWINS {
        for (old, new, described_old, described_new) in twin.faults {
            let expected = in_metadata(twin, Some((old, new)));
            let found = described(twin, url(twin), Some((described_old, described_new)));
            assert_eq!(rules(&found), rules(&expected), "{}: {new}", twin.setup);
        }
    }
}

#[test]
fn the_name_of_every_flow_is_accepted() {
    use sfcred::internals::model::Flow;
    for flow in Flow::ALL {
        let text = format!(
            "orgs: {{ hub: {{ external_credentials: {{ A: {{ flow: {} }} }} }} }}\n",
            flow.name()
        );
        let files = [(PathBuf::from("sfcred.yaml"), text.into_bytes())].into();
        let report = lint_files(files).unwrap();
        let (_, credential) = report.workspace.external_credentials().next().unwrap();
        assert_eq!(credential.flow(), flow);
    }
}

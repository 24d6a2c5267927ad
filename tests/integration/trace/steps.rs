//! A complete setup that is done in steps, and the trace of each variant in which one step is omitted.

use std::fs;
use std::path::PathBuf;

use sfcred::internals::rule::Step;
use sfcred::internals::trace::{State, TokenCheck, Trace, Verdict, trace};
use tempfile::TempDir;

use crate::common::cases::case;
use crate::common::lint_folder;

const EXTERNAL: &str =
    "hub/force-app/main/default/externalCredentials/Spoke_Org.externalCredential-meta.xml";
const NAMED: &str =
    "hub/force-app/main/default/namedCredentials/Spoke_Org.namedCredential-meta.xml";
const GRANT: &str =
    "hub/force-app/main/default/permissionsets/Spoke_Callout.permissionset-meta.xml";
const APP: &str = "spoke/force-app/main/default/connectedApps/Hub_Org.connectedApp-meta.xml";
const APEX: &str = "hub/force-app/main/default/classes/SpokeLimits.cls";
const CERTIFICATE: &str = "hub/force-app/main/default/certs/Hub_Org.crt";
const DESCRIPTION: &str = "sfcred.yaml";

/// The complete setup.
struct Setup {
    folder: TempDir,
}

impl Setup {
    fn finished() -> Setup {
        let folder = tempfile::tempdir().unwrap();
        case("setups/step-by-step").write_to(folder.path());
        Setup { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn remove(&self, name: &str) {
        fs::remove_file(self.path(name)).unwrap();
    }

    fn replace(&self, name: &str, from: &str, to: &str) {
        let text = fs::read_to_string(self.path(name)).unwrap();
        assert!(text.contains(from), "{name} does not hold {from}");
        fs::write(self.path(name), text.replacen(from, to, 1)).unwrap();
    }

    /// Removes the element with this name that contains a string.
    fn without(&self, name: &str, element: &str, holding: &str) {
        let text = fs::read_to_string(self.path(name)).unwrap();
        let (open, close) = (format!("<{element}>"), format!("</{element}>"));
        let mut from = 0;
        while let Some(start) = text[from..].find(&open).map(|at| from + at) {
            let end = start + text[start..].find(&close).unwrap() + close.len();
            if text[start..end].contains(holding) {
                fs::write(self.path(name), format!("{}{}", text[..start].trim_end(), &text[end..]))
                    .unwrap();
                return;
            }
            from = end;
        }
        panic!("{name} has no {element} with {holding}");
    }

    /// Puts an empty `.crt` in place of a certificate that was never made, as in a project that never retrieved one.
    fn without_certificate(&self) {
        self.remove(CERTIFICATE);
        self.remove(&format!("{CERTIFICATE}-meta.xml"));
    }
}

/// What is omitted, and where the trace stops: the step, the check, whether it fails or is unknown, and the answer.
type Case = (&'static str, fn(&Setup), Step, Option<TokenCheck>, State, Option<&'static str>);

const CASES: &[Case] = &[
    (
        "01 the certificate was never made",
        |setup| setup.without_certificate(),
        Step::Signing,
        None,
        State::Unknown,
        None,
    ),
    (
        "01 the certificate holds a request",
        |setup| fs::write(setup.path(CERTIFICATE), REQUEST).unwrap(),
        Step::Signing,
        None,
        State::Fails,
        Some("client-credentials-invalid"),
    ),
    (
        "02 no permission set",
        |setup| {
            setup.remove(GRANT);
            setup.replace(DESCRIPTION, "    permission_sets:\n      Spoke_Callout: { assigned_to: [batch@acme.example.uat] }\n", "");
        },
        Step::Access,
        None,
        State::Unknown,
        None,
    ),
    (
        "02 no user has the permission set",
        |setup| {
            setup.replace(DESCRIPTION, "assigned_to: [batch@acme.example.uat]", "assigned_to: []")
        },
        Step::Access,
        None,
        State::Fails,
        Some("credential-not-accessible"),
    ),
    (
        "02 another user has the permission set",
        |setup| {
            setup.replace(
                DESCRIPTION,
                "assigned_to: [batch@acme.example.uat]",
                "assigned_to: [admin@acme.example.uat]",
            )
        },
        Step::Access,
        None,
        State::Fails,
        Some("credential-not-accessible"),
    ),
    ("03 no connected app", |setup| setup.remove(APP), Step::TargetOrg, None, State::Unknown, None),
    (
        "03 the app has no certificate",
        |setup| setup.without(APP, "certificate", ""),
        Step::TargetOrg,
        Some(TokenCheck::Signature),
        State::Fails,
        Some("client-credentials-invalid"),
    ),
    (
        "03 the app has no refresh scope",
        |setup| setup.without(APP, "scopes", "RefreshToken"),
        Step::TargetOrg,
        Some(TokenCheck::Scopes),
        State::Fails,
        Some("refresh-scope-required"),
    ),
    (
        "03 the app has no API scope",
        |setup| setup.without(APP, "scopes", "Api"),
        Step::Call,
        None,
        State::Fails,
        Some("session-not-valid-for-api"),
    ),
    (
        "03 the app has no callback URL",
        |setup| setup.without(APP, "callbackUrl", ""),
        Step::TargetOrg,
        Some(TokenCheck::App),
        State::Fails,
        None,
    ),
    (
        "04 users authorize the app themselves",
        |setup| setup.replace(APP, "<isAdminApproved>true<", "<isAdminApproved>false<"),
        Step::TargetOrg,
        Some(TokenCheck::Approval),
        State::Fails,
        Some("user-not-approved"),
    ),
    (
        "04 the app approves no user",
        |setup| setup.without(APP, "permissionSetName", ""),
        Step::TargetOrg,
        Some(TokenCheck::Approval),
        State::Unknown,
        None,
    ),
    (
        "04 the user lacks the approved permission set",
        |setup| setup.replace(DESCRIPTION, "permission_sets: [Hub_Access]", "permission_sets: []"),
        Step::TargetOrg,
        Some(TokenCheck::Approval),
        State::Fails,
        Some("user-not-admin-approved"),
    ),
    (
        "04 the consumer key is another app's",
        |setup| setup.replace(EXTERNAL, "3MVG9uXC", "3MVG9uXD"),
        Step::TargetOrg,
        Some(TokenCheck::App),
        State::Fails,
        Some("client-identifier-invalid"),
    ),
    (
        "05 no external credential",
        |setup| setup.remove(EXTERNAL),
        Step::NamedCredential,
        None,
        State::Unknown,
        None,
    ),
    (
        "05 no flow",
        |setup| setup.without(EXTERNAL, "externalCredentialParameters", "AuthProtocolVariant"),
        Step::ExternalCredential,
        None,
        State::Fails,
        Some("external-credential-parameters-required"),
    ),
    (
        "05 no identity provider URL",
        |setup| setup.without(EXTERNAL, "externalCredentialParameters", "AuthProviderUrl"),
        Step::Request,
        None,
        State::Fails,
        Some("external-credential-parameters-required"),
    ),
    (
        "05 only the My Domain as identity provider URL",
        |setup| setup.replace(EXTERNAL, "/services/oauth2/token", ""),
        Step::Request,
        None,
        State::Fails,
        Some("jwt-exchange-unexplained"),
    ),
    (
        "05 no signing certificate",
        |setup| setup.without(EXTERNAL, "externalCredentialParameters", "SigningCertificate"),
        Step::Signing,
        None,
        State::Fails,
        Some("jwt-exchange-unexplained"),
    ),
    (
        "06 no principal",
        |setup| setup.without(EXTERNAL, "externalCredentialParameters", "NamedPrincipal"),
        Step::Access,
        None,
        State::Fails,
        Some("credential-not-accessible"),
    ),
    (
        "06 the permission set does not grant the principal",
        |setup| setup.without(GRANT, "externalCredentialPrincipalAccesses", ""),
        Step::Access,
        None,
        State::Unknown,
        None,
    ),
    (
        "06 no issuer",
        |setup| setup.without(EXTERNAL, "externalCredentialParameters", "<parameterName>iss<"),
        Step::ExternalCredential,
        None,
        State::Fails,
        Some("jwt-exchange-unexplained"),
    ),
    (
        "06 no subject",
        |setup| setup.without(EXTERNAL, "externalCredentialParameters", "<parameterName>sub<"),
        Step::ExternalCredential,
        None,
        State::Fails,
        Some("jwt-exchange-unexplained"),
    ),
    (
        "06 no audience",
        |setup| setup.without(EXTERNAL, "externalCredentialParameters", "<parameterName>aud<"),
        Step::ExternalCredential,
        None,
        State::Fails,
        Some("jwt-exchange-unexplained"),
    ),
    (
        "06 the audience of production",
        |setup| {
            setup.replace(EXTERNAL, "https://test.salesforce.com", "https://login.salesforce.com")
        },
        Step::TargetOrg,
        Some(TokenCheck::Audience),
        State::Fails,
        Some("audience-invalid"),
    ),
    (
        "06 another user's name",
        |setup| {
            setup.replace(
                EXTERNAL,
                "integration@billing.example.uat",
                "integrations@billing.example.uat",
            )
        },
        Step::TargetOrg,
        Some(TokenCheck::Approval),
        State::Fails,
        Some("user-not-approved"),
    ),
    (
        "07 no named credential",
        |setup| setup.remove(NAMED),
        Step::NamedCredential,
        None,
        State::Unknown,
        None,
    ),
    (
        "07 the named credential has no URL",
        |setup| setup.without(NAMED, "namedCredentialParameters", "Url"),
        Step::NamedCredential,
        None,
        State::Fails,
        Some("endpoint-not-accessible"),
    ),
    (
        "07 the named credential has no external credential",
        |setup| setup.without(NAMED, "namedCredentialParameters", "externalCredential"),
        Step::NamedCredential,
        None,
        State::Fails,
        Some("endpoint-not-accessible"),
    ),
    (
        "07 the named credential is switched off",
        |setup| setup.replace(NAMED, "<calloutStatus>Enabled", "<calloutStatus>Disabled"),
        Step::NamedCredential,
        None,
        State::Fails,
        Some("endpoint-not-accessible"),
    ),
    (
        "08 whitespace around the name",
        |setup| setup.replace(APEX, "callout:Spoke_Org/", "callout: Spoke_Org/"),
        Step::Caller,
        None,
        State::Fails,
        Some("callout-url-malformed"),
    ),
    (
        "08 the name in another case",
        |setup| setup.replace(APEX, "callout:Spoke_Org/", "callout:spoke_org/"),
        Step::Caller,
        None,
        State::Unknown,
        None,
    ),
    (
        "08 another name",
        |setup| setup.replace(APEX, "callout:Spoke_Org/", "callout:Other_Org/"),
        Step::NamedCredential,
        None,
        State::Unknown,
        None,
    ),
];

const REQUEST: &str = "-----BEGIN CERTIFICATE REQUEST-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA\n-----END CERTIFICATE REQUEST-----\n";

/// The first step with an unknown that the verdict depends on.
fn stop(trace: &Trace<'_>) -> (Step, Option<TokenCheck>, State, Option<&'static str>) {
    match &trace.verdict {
        Verdict::Fails { step, check, answer, .. } => {
            (*step, *check, State::Fails, answer.as_ref().map(|answer| answer.name))
        }
        Verdict::Unknown { reasons } => {
            let kind = reasons[0].step;
            let step = trace.steps.iter().find(|step| step.kind == kind).unwrap();
            let check = step
                .checks
                .iter()
                .find(|check| check.state() == State::Unknown)
                .map(|check| check.kind)
                .filter(|_| step.unknowns.is_empty());
            (kind, check, State::Unknown, None)
        }
        Verdict::Issued | Verdict::NoExchange => panic!("nothing stops it: {:?}", trace.verdict),
    }
}

#[test]
fn the_complete_setup_gets_a_token() {
    let report = lint_folder(Setup::finished().folder.path()).unwrap();
    let traces = trace(&report, Some("Spoke_Org")).unwrap();
    assert_eq!(traces.len(), 1);
    assert!(matches!(traces[0].verdict, Verdict::Issued), "{:#?}", traces[0].verdict);
    assert!(traces[0].steps.iter().all(|step| step.state() == State::Ok), "{:#?}", traces[0].steps);
}

#[test]
fn a_trace_stops_at_the_step_that_is_left_out() {
    let mut faults = Vec::new();
    for (what, leave_out, step, check, state, answer) in CASES {
        let setup = Setup::finished();
        leave_out(&setup);
        let report = lint_folder(setup.folder.path()).unwrap();
        let traces = trace(&report, None).unwrap_or_else(|error| panic!("{what}: {error}"));
        let wanted = (*step, *check, *state, *answer);
        let traced: Vec<_> = traces
            .iter()
            .filter(|trace| !matches!(trace.verdict, Verdict::Issued))
            .map(stop)
            .collect();
        if !traced.contains(&wanted) {
            faults.push(format!("{what}\n  wanted {wanted:?}\n  traced   {traced:?}"));
        }
    }
    assert!(CASES.len() > 30);
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn without_a_description_a_trace_names_what_is_missing() {
    let setup = Setup::finished();
    setup.remove(DESCRIPTION);
    let report = lint_folder(setup.folder.path()).unwrap();
    let traces = trace(&report, None).unwrap();
    let Verdict::Unknown { reasons } = &traces[0].verdict else {
        panic!("{:?}", traces[0].verdict)
    };
    let whats: Vec<&str> = reasons.iter().map(|reason| reason.what.as_str()).collect();
    assert_eq!(
        whats,
        [
            "whether the user who runs the callout has the permission set `Spoke_Callout`",
            "whether `integration@billing.example.uat` has `Hub Access`"
        ]
    );
    assert!(
        reasons
            .iter()
            .all(|reason| reason.how.as_ref().is_some_and(|how| how.contains("sfcred.yaml")))
    );
}

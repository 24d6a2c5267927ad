//! Every rule in every flow: it reports its fault there, or the head of its page does not list the flow.
//!
//! Each bad case is linted again in each other flow: the protocol of its credentials is replaced, and all else stays.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use sfcred::Report;
use sfcred::internals::check;
use sfcred::internals::finding::Finding;
use sfcred::internals::model::{Flow, Workspace};
use sfcred::internals::source::Span;
use sfcred::internals::trace::trace;

use crate::common::cases;
use crate::common::{Files, lint_files, rewritten};

/// The flows in which a rule has a finding, over all bad cases.
#[derive(Default)]
struct Seen {
    /// A credential with this flow has the fault, or a callout with this flow fails because of it, certainly or possibly.
    affected: BTreeSet<&'static str>,
    /// All credentials of a project with the finding have this flow.
    reported: BTreeSet<&'static str>,
    /// A project without a credential has the finding.
    is_reported_without_credential: bool,
    /// A bad case has no finding once its credentials have this flow.
    silent: BTreeSet<&'static str>,
}

#[test]
fn a_rule_reports_its_fault_in_exactly_the_flows_of_its_page() {
    let known = Flow::ALL.into_iter().filter(|flow| *flow != Flow::Unknown);
    let all: BTreeSet<&str> = known.map(Flow::name).collect();
    let seen = seen_by_rule();
    let mut faults = Vec::new();
    for rule in check::RULES.iter() {
        let seen = &seen[rule.name];
        let head = &rule.page().head;
        let listed: BTreeSet<&str> = head.flows.iter().map(|flow| flow.name()).collect();
        let either: BTreeSet<&str> = seen.affected.union(&seen.reported).copied().collect();
        let expected = if listed.is_empty() { &all } else { &listed };
        // A finding that is reported in an unknown flow, or without a credential, does not depend on the flow.
        let ignores_flow = listed.is_empty() && either.contains(Flow::Unknown.name());
        let needs_no_credential = listed.is_empty() && seen.is_reported_without_credential;
        let is_seen = |flow: &str| {
            either.contains(flow) || (needs_no_credential && !seen.silent.contains(flow))
        };
        let missing: Vec<_> = expected.iter().filter(|flow| !is_seen(flow)).collect();
        if !missing.is_empty() && !ignores_flow {
            faults.push(format!("{}: not reported in {missing:?}", rule.name));
        }
        let surplus: Vec<_> = seen.affected.difference(expected).collect();
        if !surplus.is_empty() && !listed.is_empty() {
            faults.push(format!(
                "{}: reported in {surplus:?}, which its page does not list",
                rule.name
            ));
        }
    }
    assert!(faults.is_empty(), "{}\n{}", faults.join("\n"), faults.len());
}

/// Lints every bad case as it is, and in every flow.
fn seen_by_rule() -> BTreeMap<&'static str, Seen> {
    let by_case: Vec<(&str, Seen)> = cases::all()
        .par_iter()
        .filter(|case| case.is_bad())
        .map(|case| {
            let files = case.files();
            let mut seen = Seen::default();
            let flows = Flow::ALL.into_iter().map(Some).chain([None]);
            for flow in flows {
                let project = match flow {
                    Some(flow) => project_in(&files, flow),
                    None => Some(files.clone()),
                };
                let report = project.and_then(|project| lint_files(project).ok());
                if let Some(report) = report
                    && !seen.add(&report, &case.rule)
                {
                    seen.silent.extend(flow.map(Flow::name));
                }
            }
            (case.rule.as_str(), seen)
        })
        .collect();
    let mut by_rule: BTreeMap<&str, Seen> = BTreeMap::new();
    for (rule, seen) in by_case {
        let known = by_rule.entry(rule).or_default();
        known.affected.extend(seen.affected);
        known.reported.extend(seen.reported);
        known.silent.extend(seen.silent);
        known.is_reported_without_credential |= seen.is_reported_without_credential;
    }
    by_rule
}

impl Seen {
    /// Adds the flows in which a project has findings of a rule, and returns whether it has any.
    fn add(&mut self, report: &Report, rule: &str) -> bool {
        let mut findings = report.findings.iter().filter(|finding| finding.rule == rule).peekable();
        if findings.peek().is_none() {
            return false;
        }
        let credentials = credentials(&report.workspace);
        let of_callouts = flows_of_callouts(report);
        for finding in findings {
            let place = finding.component.place;
            match credentials.iter().find(|(credential, _)| *credential == place) {
                Some((_, flow)) => self.affected.extend([*flow]),
                None => {
                    let finding: *const Finding = finding;
                    self.affected.extend(of_callouts.get(&finding).into_iter().flatten());
                }
            }
        }
        let flows: BTreeSet<&str> = credentials.iter().map(|(_, flow)| *flow).collect();
        match flows.len() {
            0 => self.is_reported_without_credential = true,
            1 => self.reported.extend(flows),
            _ => {}
        }
        true
    }
}

/// For each finding, the flows of the callouts that fail because of it, certainly or possibly.
fn flows_of_callouts(report: &Report) -> HashMap<*const Finding, BTreeSet<&'static str>> {
    let mut flows: HashMap<_, BTreeSet<_>> = HashMap::new();
    for trace in trace(report, None).unwrap_or_default() {
        for failure in trace.steps.iter().flat_map(|step| step.all_failures()) {
            let finding: *const Finding = failure.finding;
            flows.entry(finding).or_default().insert(trace.flow.name());
        }
    }
    flows
}

/// Every credential with its flow.
fn credentials(workspace: &Workspace) -> Vec<(Span, &'static str)> {
    let mut credentials = Vec::new();
    for org in &workspace.orgs {
        for external in &org.external_credentials {
            credentials.push((external.component.place, org.flow_of_external(external).name()));
        }
        for named in &org.named_credentials {
            credentials.push((named.component.place, org.flow_of(named).name()));
        }
    }
    for signing in &workspace.jwt_credentials {
        credentials.push((signing.component.place, Flow::JwtBearer.name()));
    }
    for login in &workspace.logins {
        credentials.push((login.component.place, login.flow.name()));
    }
    credentials
}

/// The same project with all of its credentials in another flow; `None` if it has none to change.
fn project_in(files: &Files, flow: Flow) -> Option<Files> {
    let changed =
        rewritten(files, |path, text| credential_in(path, text, flow).map(String::into_bytes));
    if changed == *files {
        return None;
    }
    let is_external = |path: &&PathBuf| path.to_string_lossy().contains(".externalCredential");
    let text = |bytes: &Vec<u8>| String::from_utf8_lossy(bytes).into_owned();
    let providers: Vec<_> = changed
        .keys()
        .filter(is_external)
        .filter_map(|path| {
            let provider = identity_provider(&text(&files[path]), flow)?;
            let name = format!("{PROVIDER}.externalAuthIdentityProvider-meta.xml");
            Some((path.with_file_name(name), provider.into_bytes()))
        })
        .collect();
    Some(changed.into_iter().chain(providers).collect())
}

const PROVIDER: &str = "Provider_Of_The_Flow";

fn credential_in(path: &Path, text: &str, flow: Flow) -> Option<String> {
    let name = path.file_name()?.to_str()?;
    if name.contains(".externalCredential") {
        external_credential_in(text, flow)
    } else if name.contains(".namedCredential") {
        let (before, rest) = text.split_once("<protocol>")?;
        let (_, after) = rest.split_once("</protocol>")?;
        Some(format!("{before}<protocol>{}</protocol>{after}", legacy_protocol(flow)?))
    } else {
        None
    }
}

fn external_credential_in(text: &str, flow: Flow) -> Option<String> {
    const END: &str = "</externalCredentialParameters>";
    let (before, rest) = text.split_once("<authenticationProtocol>")?;
    let (_, after) = rest.split_once("</authenticationProtocol>")?;
    let is_flow = |parameter: &str| {
        ["AuthProtocolVariant", "ExternalAuthIdentityProvider"]
            .iter()
            .any(|kind| parameter.contains(&format!("<parameterType>{kind}</parameterType>")))
    };
    let kept: String = after.split_inclusive(END).filter(|parameter| !is_flow(parameter)).collect();
    let (protocol, parameter) = external_protocol(flow)?;
    let parameter = if parameter.is_empty() {
        String::new()
    } else {
        format!(
            "<externalCredentialParameters><parameterGroup>DefaultGroup</parameterGroup>{parameter}{END}"
        )
    };
    Some(format!(
        "{before}<authenticationProtocol>{protocol}</authenticationProtocol>{parameter}{kept}"
    ))
}

/// The protocol of an external credential, and the content of the parameter that selects the flow.
fn external_protocol(flow: Flow) -> Option<(&'static str, String)> {
    let variant = |name: &str| {
        format!(
            "<parameterName>{name}</parameterName><parameterType>AuthProtocolVariant</parameterType>\
             <parameterValue>{name}</parameterValue>"
        )
    };
    let provider = || {
        format!(
            "<externalAuthIdentityProvider>{PROVIDER}</externalAuthIdentityProvider>\
             <parameterName>{PROVIDER}</parameterName>\
             <parameterType>ExternalAuthIdentityProvider</parameterType>"
        )
    };
    Some(match flow {
        Flow::JwtBearer => ("Oauth", variant("JwtBearer")),
        Flow::ClientCredentials => ("Oauth", variant("ClientCredentialsClientSecret")),
        Flow::ClientCredentialsBasic => ("Oauth", variant("ClientCredentialsClientSecretBasic")),
        Flow::JwtAssertion => ("Oauth", variant("ClientCredentialsJwtAssertion")),
        Flow::ClientCredentialsIdentityProvider | Flow::AuthorizationCodeIdentityProvider => {
            ("Oauth", provider())
        }
        Flow::AuthorizationCode => ("Oauth", String::new()),
        Flow::DirectJwt => ("Jwt", String::new()),
        Flow::Aws => ("AwsSv4", String::new()),
        Flow::AwsSts => ("AwsSv4", variant("AwsSv4_STS")),
        Flow::AwsRolesAnywhere => ("AwsSv4", variant("RolesAnywhere")),
        Flow::Basic => ("Basic", String::new()),
        Flow::Custom => ("Custom", String::new()),
        Flow::NoAuthentication => ("Custom", variant("NoAuthentication")),
        Flow::Unknown => return None,
    })
}

fn legacy_protocol(flow: Flow) -> Option<&'static str> {
    match flow {
        Flow::JwtBearer => Some("JwtExchange"),
        Flow::AuthorizationCode => Some("Oauth"),
        Flow::DirectJwt => Some("Jwt"),
        Flow::Aws => Some("AwsSv4"),
        Flow::Basic => Some("Password"),
        Flow::NoAuthentication => Some("NoAuthentication"),
        Flow::ClientCredentials
        | Flow::ClientCredentialsBasic
        | Flow::JwtAssertion
        | Flow::ClientCredentialsIdentityProvider
        | Flow::AuthorizationCodeIdentityProvider
        | Flow::AwsSts
        | Flow::AwsRolesAnywhere
        | Flow::Custom
        | Flow::Unknown => None,
    }
}

/// An external auth identity provider with the flow, if the flow has one. Its token URL is that of the credential.
fn identity_provider(credential: &str, flow: Flow) -> Option<String> {
    let flow = match flow {
        Flow::AuthorizationCodeIdentityProvider => "AuthorizationCode",
        Flow::ClientCredentialsIdentityProvider => "ClientCredentials",
        _ => return None,
    };
    let url = credential
        .split("</externalCredentialParameters>")
        .find(|parameter| parameter.contains("<parameterType>AuthProviderUrl</parameterType>"))
        .and_then(|parameter| parameter.split_once("<parameterValue>")?.1.split('<').next())
        .unwrap_or("https://id.example.com/token");
    Some(format!(
        "<ExternalAuthIdentityProvider xmlns=\"http://soap.sforce.com/2006/04/metadata\">\
         <authenticationFlow>{flow}</authenticationFlow><authenticationProtocol>OAuth</authenticationProtocol>\
         <externalAuthIdentityProviderParameters><parameterName>TokenUrl</parameterName>\
         <parameterType>TokenUrl</parameterType><parameterValue>{url}</parameterValue>\
         </externalAuthIdentityProviderParameters><label>Provider</label></ExternalAuthIdentityProvider>"
    ))
}

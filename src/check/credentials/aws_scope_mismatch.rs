//! A request to Amazon Web Services is signed for another service or region than the host belongs to.

use crate::finding::{Edit, Findings};
use crate::model::{
    AwsHost, Component, ExternalCredential, NamedCredential, ParameterType, Workspace,
    misspelled_service,
};
use crate::source::Text;

/// The service and region that requests are signed for.
struct Scope<'a> {
    component: &'a Component,
    service: Option<&'a Text>,
    region: Option<&'a Text>,
}

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for (org, credential) in workspace.external_credentials() {
        if credential.flow().is_aws() {
            let scope = Scope {
                component: &credential.component,
                service: parameter(credential, "AwsService"),
                region: parameter(credential, "AwsRegion"),
            };
            report(&scope, org.users_of(credential).collect(), found);
        }
    }
    for (_, named) in workspace.named_credentials() {
        if named.legacy_protocol() == Some("AwsSv4") {
            let scope = Scope {
                component: &named.component,
                service: named.aws_service.as_ref(),
                region: named.aws_region.as_ref(),
            };
            report(&scope, vec![named], found);
        }
    }
}

fn parameter<'a>(credential: &'a ExternalCredential, name: &str) -> Option<&'a Text> {
    let is_named = |text: &Text| text.as_str().eq_ignore_ascii_case(name);
    credential
        .parameters_of(ParameterType::AuthParameter)
        .find(|parameter| parameter.name.as_ref().is_some_and(is_named))
        .and_then(|parameter| parameter.value.as_ref())
}

fn report(scope: &Scope<'_>, users: Vec<&NamedCredential>, found: &mut Findings) {
    let hosts: Vec<(&Text, AwsHost)> = users
        .into_iter()
        .filter_map(|named| Some((named.url.as_ref()?, AwsHost::parse(named.host()?.as_str())?)))
        .collect();
    if let Some((text, service)) = scope.service.and_then(|text| Some((text, text.known()?))) {
        let other = hosts.iter().find_map(|(url, host)| {
            host.service.filter(|right| !right.eq_ignore_ascii_case(service)).map(|it| (*url, it))
        });
        if let Some((url, right)) = other {
            found
                .report(
                    scope.component,
                    text,
                    format!("requests are signed for the service `{service}`, but this host belongs to `{right}`"),
                )
                .label("the service of the signature")
                .related(url, "the host")
                .help(format!(
                    "write `{right}` if this credential calls this host only (*Service* in Setup \
                     > Security > Named Credentials > External Credentials)"
                ))
                .unsafe_fix(format!("sign for `{right}`"), Edit::replace(text, right))
                .field("service");
        } else if let Some(right) = misspelled_service(service) {
            found
                .report(
                    scope.component,
                    text,
                    format!("requests are signed for the service `{service}`, which is not known"),
                )
                .label("not a known service")
                .help(format!("did you mean `{right}`?"))
                .unsafe_fix(format!("sign for `{right}`"), Edit::replace(text, right))
                .field("service");
        }
    }
    let Some((text, region)) = scope.region.and_then(|text| Some((text, text.known()?))) else {
        return;
    };
    let other = hosts.iter().find_map(|(url, host)| {
        let right = host.region.as_deref()?;
        (!right.eq_ignore_ascii_case(region)).then_some((*url, right))
    });
    let Some((url, right)) = other else { return };
    found
        .report(
            scope.component,
            text,
            format!("requests are signed for the region `{region}`, but this host is in `{right}`"),
        )
        .label("the region of the signature")
        .related(url, "the host")
        .help(format!(
            "write `{right}` if this credential calls this host only (*Region* in Setup > \
             Security > Named Credentials > External Credentials)"
        ))
        .unsafe_fix(format!("sign for `{right}`"), Edit::replace(text, right))
        .field("region");
}

//! Step 5: the certificate and key that sign the JWT.

use crate::model::{CertificateBody, Flow, Named, ParameterType, X509};
use crate::rule::Step as Kind;
use crate::source::Text;

use super::path::CalloutPath;
use super::step::Step;

pub fn step<'a>(path: &CalloutPath<'a>) -> Step<'a> {
    let mut step = Step::new(Kind::Signing, path.failures(Kind::Signing));
    let Some(jwt) = path.jwt else {
        if path.flow == Flow::Unknown {
            if step.failures.is_empty() {
                step.note_unknown("whether the callout is signed", "");
            }
            return step;
        }
        return match path.flow {
            Flow::Aws | Flow::AwsSts | Flow::AwsRolesAnywhere => aws(path, step),
            Flow::JwtBearer
            | Flow::JwtAssertion
            | Flow::DirectJwt
            | Flow::ClientCredentials
            | Flow::ClientCredentialsBasic
            | Flow::ClientCredentialsIdentityProvider
            | Flow::AuthorizationCode
            | Flow::AuthorizationCodeIdentityProvider
            | Flow::Basic
            | Flow::Custom
            | Flow::NoAuthentication
            | Flow::Unknown => step.does_not_apply("nothing is signed in this flow"),
        };
    };
    let algorithm = jwt
        .header_claims
        .iter()
        .find(|claim| claim.name.as_str() == "alg")
        .and_then(|claim| claim.value.as_ref());
    let Some(reference) =
        jwt.signing_certificate.as_ref().filter(|reference| !reference.is_empty())
    else {
        if step.failures.is_empty() {
            step.unknown(
                "the signing certificate: the credential has none",
                "choose a signing certificate for the credential",
            );
        }
        return step;
    };
    step.fact(
        format!(
            "signs with the certificate `{reference}`, {}",
            algorithm.map_or("RS256 (the default)", |text| text.as_str())
        ),
        reference,
    );
    let Some(certificate) = path.certificate else {
        if step.failures.is_empty() {
            step.unknown(
                format!("the signing key: the certificate `{reference}` is not in these files"),
                format!("retrieve `certs/{reference}.crt` from the org, or add it to `sfcred.yaml`: `certificates: {{ {reference}: {{ file: … }} }}`"),
            );
        }
        return step;
    };
    match certificate.body.as_ref().map(|body| (body, &body.value)) {
        Some((body, CertificateBody::Certificate(x509))) => facts(path, x509, body.span, &mut step),
        Some(_) | None if !step.failures.is_empty() => {}
        Some(_) | None => step.unknown(
            format!(
                "the signing key: `{}` has no readable certificate in these files",
                certificate.name()
            ),
            format!("retrieve `certs/{}.crt` from the org", certificate.name()),
        ),
    }
    if let Some(kid) = kid(path) {
        step.fact(format!("`kid` is `{kid}`"), kid);
    }
    step
}

/// AWS Signature Version 4: every request is signed for a service in a region.
fn aws<'a>(path: &CalloutPath<'a>, mut step: Step<'a>) -> Step<'a> {
    let Some(external) = path.external else {
        step.note("each request is signed with the secret access key, which is stored in the org");
        return step;
    };
    let parameters: Vec<(&Text, &Text)> = external
        .parameters_of(ParameterType::AuthParameter)
        .filter_map(|parameter| parameter.name.as_ref().zip(parameter.value.as_ref()))
        .collect();
    for (name, what) in [
        ("AwsService", "service"),
        ("AwsRegion", "region"),
        ("AwsTrustAnchorArn", "trust anchor"),
        ("AwsProfileArn", "profile"),
    ] {
        let value = parameters.iter().find(|(known, _)| known.as_str() == name);
        match value.filter(|(_, value)| !value.is_empty()) {
            Some((_, value)) => step.fact(format!("{what} `{value}`"), *value),
            None if matches!(what, "service" | "region") && step.failures.is_empty() => step
                .unknown(
                    format!("the {what} that requests are signed for: there is no `{name}`"),
                    format!("set `{name}` of the external credential"),
                ),
            None => {}
        }
    }
    if let Some(certificate) = external.signing_certificate() {
        step.fact(
            format!("temporary keys are requested with the certificate `{certificate}`"),
            certificate,
        );
    }
    step.note("each request is signed with a secret key, which is stored in the principal");
    step
}

fn facts(path: &CalloutPath<'_>, x509: &X509, place: crate::source::Span, step: &mut Step<'_>) {
    let days_left = (x509.not_after.date() - path.workspace.today).whole_days();
    let left = match days_left {
        days if days < 0 => format!("expired {} days ago", -days),
        0 => "expires today".to_owned(),
        1 => "1 day left".to_owned(),
        days => format!("{days} days left"),
    };
    step.fact(format!("{}, valid {} ({left})", x509.key, x509.validity()), &place);
    step.fact(format!("public key SHA-256 {}…", x509.fingerprint()), &place);
}

fn kid<'a>(path: &CalloutPath<'a>) -> Option<&'a Text> {
    path.jwt?
        .header_claims
        .iter()
        .find(|claim| claim.name.as_str() == "kid")?
        .value
        .as_ref()
        .filter(|text| !text.is_empty())
}

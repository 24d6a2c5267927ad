//! A custom `Authorization` header beside the one that the platform generates.

use crate::finding::{Edit, Findings, Severity};
use crate::model::{Named, NamedCredential, Org, ParameterType, Workspace};
use crate::source::Text;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for (org, named) in workspace.named_credentials() {
        let Some(switch) = named.generate_authorization_header.as_ref().filter(|it| it.is_true())
        else {
            check_formula(org, named, found);
            continue;
        };
        let Some(header) = own_header(org, named) else { continue };
        // The protocol of a custom external credential has no header to generate.
        let is_generated = match org.external_of(named) {
            Some(external) => external.flow().generates_authorization(),
            None => named.is_legacy() && org.generates_authorization(named).is_some(),
        };
        let (verb, label) = if is_generated {
            ("generates", "generated as well")
        } else {
            ("is set to generate", "not needed")
        };
        let finding = found
            .report(
                &named.component,
                switch,
                format!(
                    "the named credential `{}` {verb} the `Authorization` header, although a custom \
                     header of that name exists",
                    named.name()
                ),
            )
            .label(label)
            .related(header, "the custom header")
            .help(
                "set `generateAuthorizationHeader` to `false` and `allowMergeFieldsInHeader` to \
                 `true` (*Generate Authorization Header* and *Allow Formulas in HTTP Header* in \
                 Setup > Security > Named Credentials), or remove the custom header",
            )
            .unsafe_fix("send the custom header only", edits(named, switch))
            .field("generateAuthorizationHeader");
        if !is_generated {
            finding.at_most(Severity::Note);
        }
    }
}

/// `merge-fields-off` judges headers of the named credential itself.
fn check_formula(org: &Org, named: &NamedCredential, found: &mut Findings) {
    let generates = named.generate_authorization_header.as_ref();
    let (Some(_), Some(flag)) = (
        generates.filter(|switch| switch.is_false()),
        named.allow_merge_fields_in_header.as_ref().filter(|flag| flag.is_false()),
    ) else {
        return;
    };
    let headers = org.external_of(named).into_iter();
    let header = headers
        .flat_map(|external| external.parameters_of(ParameterType::AuthHeader))
        .filter(|header| header.name.as_ref().is_some_and(is_authorization))
        .filter_map(|header| header.value.as_ref()?.known())
        .find(|value| value.contains("{!"));
    let external = org.external_of(named).filter(|_| header.is_some());
    let Some(external) = external else { return };
    found
        .report(
            &named.component,
            flag,
            format!(
                "the external credential `{}` sends `Authorization` as a formula, but the named \
                 credential `{}` does not allow formulas in headers",
                external.name(),
                named.name()
            ),
        )
        .label("formulas may be sent literally")
        .related(external.component(), "the header is set here")
        .help(
            "set `allowMergeFieldsInHeader` to `true` (*Allow Formulas in HTTP Header* in Setup > \
             Security > Named Credentials)",
        )
        .unsafe_fix("allow formulas in headers", Edit::replace(flag, "true"))
        .field("allowMergeFieldsInHeader");
}

fn is_authorization(name: &Text) -> bool {
    name.as_str().eq_ignore_ascii_case("Authorization")
}

fn own_header<'a>(org: &'a Org, named: &'a NamedCredential) -> Option<&'a Text> {
    let on_named = named.headers.iter().filter_map(|header| header.name.as_ref());
    let external = org.external_of(named).into_iter();
    let on_external = external
        .flat_map(|external| external.parameters_of(ParameterType::AuthHeader))
        .filter_map(|header| header.name.as_ref());
    on_named.chain(on_external).find(|name| is_authorization(name))
}

fn edits(named: &NamedCredential, switch: &Text) -> Vec<Edit> {
    let allow = named.allow_merge_fields_in_header.as_ref().filter(|flag| flag.is_false());
    let allow = allow.and_then(|flag| Edit::replace(flag, "true"));
    Edit::replace(switch, "false").into_iter().chain(allow).collect()
}

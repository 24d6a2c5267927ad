//! A custom `Authorization` header beside the one that the platform generates.

use crate::finding::{Edit, Findings};
use crate::model::{Named, NamedCredential, Org, ParameterType, Workspace};
use crate::source::Text;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for (org, named) in workspace.named_credentials() {
        let Some(switch) = named.generate_authorization_header.as_ref().filter(|it| it.is_true())
        else {
            continue;
        };
        let Some(header) = own_header(org, named) else { continue };
        found
            .report(
                &named.component,
                switch,
                format!(
                    "the named credential `{}` generates the `Authorization` header, although a \
                     custom header of that name exists",
                    named.name()
                ),
            )
            .label("generated as well")
            .related(header, "the custom header")
            .help(
                "set `generateAuthorizationHeader` to `false` and `allowMergeFieldsInHeader` to \
                 `true` (*Generate Authorization Header* and *Allow Formulas in HTTP Header* in \
                 Setup > Security > Named Credentials), or remove the custom header",
            )
            .unsafe_fix("send the custom header only", edits(named, switch))
            .field("generateAuthorizationHeader");
    }
}

fn own_header<'a>(org: &'a Org, named: &'a NamedCredential) -> Option<&'a Text> {
    let is_authorization = |name: &&Text| name.as_str().eq_ignore_ascii_case("Authorization");
    let on_named = named.headers.iter().filter_map(|header| header.name.as_ref());
    let external = org.external_of(named).into_iter();
    let on_external = external
        .flat_map(|external| external.parameters_of(ParameterType::AuthHeader))
        .filter_map(|header| header.name.as_ref());
    on_named.chain(on_external).find(is_authorization)
}

fn edits(named: &NamedCredential, switch: &Text) -> Vec<Edit> {
    let allow = named.allow_merge_fields_in_header.as_ref().filter(|flag| flag.is_false());
    let allow = allow.and_then(|flag| Edit::replace(flag, "true"));
    Edit::replace(switch, "false").into_iter().chain(allow).collect()
}

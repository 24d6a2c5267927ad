//! A named credential that an external data source uses, with settings that only Apex can use.

use crate::finding::{Edit, Findings};
use crate::model::{Named, Record, Workspace, find_named};
use crate::source::Text;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for org in &workspace.orgs {
        let sources =
            org.records.iter().filter(|record| record.component.type_name == "ExternalDataSource");
        for source in sources {
            let Some((reference, name)) = named_credential(source) else { continue };
            let Some(named) = find_named(&org.named_credentials, &name) else { continue };
            let settings = [
                ("generateAuthorizationHeader", &named.generate_authorization_header, false),
                ("allowMergeFieldsInHeader", &named.allow_merge_fields_in_header, true),
                ("allowMergeFieldsInBody", &named.allow_merge_fields_in_body, true),
            ];
            for (element, value, unsupported) in settings {
                let is_unsupported =
                    |value: &&Text| if unsupported { value.is_true() } else { value.is_false() };
                let Some(value) = value.as_ref().filter(is_unsupported) else { continue };
                found
                    .report(
                        &named.component,
                        value,
                        format!(
                            "the external data source `{}` uses `{}`, but does not support \
                             `{element}` set to `{value}`",
                            source.name(),
                            named.name()
                        ),
                    )
                    .label("not supported by data sources")
                    .related(reference, "used here")
                    .help(format!(
                        "set `{element}` to `{}`, or use a separate named credential for the data \
                         source (Setup > Security > Named Credentials)",
                        !unsupported
                    ))
                    .unsafe_fix(
                        format!("set it to `{}`", !unsupported),
                        Edit::replace(value, if unsupported { "false" } else { "true" }),
                    )
                    .field(format!("{element} {}", source.name()));
            }
        }
    }
}

/// The named credential in `callout:Name/path` or in its own element.
fn named_credential(source: &Record) -> Option<(&Text, String)> {
    if let Some(name) = source.get("namedCredential").filter(|name| name.known().is_some()) {
        return Some((name, name.as_str().to_owned()));
    }
    let endpoint = source.get("endpoint")?;
    let text = endpoint.known()?;
    let scheme = text.get(..8).filter(|scheme| scheme.eq_ignore_ascii_case("callout:"))?;
    let name = text[scheme.len()..].split(['/', '?', '#']).next()?.trim();
    Some((endpoint, name.to_owned()))
}

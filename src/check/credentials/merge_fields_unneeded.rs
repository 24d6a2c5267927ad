//! Merge fields are allowed but not used; a line of Apex could use one to send a stored secret
//! anywhere.

use crate::finding::{Edit, Findings};
use crate::model::{ExternalCredential, Named, Workspace, without_namespace};
use crate::source::Text;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    let in_apex = workspace.orgs.iter().any(|org| !org.merge_fields.is_empty());
    for (org, named) in workspace.named_credentials() {
        let generated = named.generate_authorization_header.as_ref().is_none_or(Text::is_true);
        let in_headers = named.header_formulas().next().is_some()
            || org.external_of(named).is_some_and(ExternalCredential::has_header_formula);
        // The headers of an external credential outside of the files may contain one.
        let unknown = !named.is_legacy() && org.external_of(named).is_none();
        let sends_nothing = named.url.as_ref().is_none_or(|url| url.known().is_none())
            || named
                .protocol
                .as_ref()
                .is_some_and(|protocol| protocol.as_str() == "NoAuthentication");
        let managed = sends_nothing
            || named.is_generated()
            // The code of a managed package is not in the files.
            || !named.allowed_namespaces.is_empty()
            || without_namespace(named.name()) != named.name();
        let flags: Vec<(&str, &Text)> = [
            ("header", &named.allow_merge_fields_in_header),
            ("body", &named.allow_merge_fields_in_body),
        ]
        .into_iter()
        .filter_map(|(part, flag)| {
            flag.as_ref().filter(|flag| flag.is_true()).map(|flag| (part, flag))
        })
        .collect();
        let Some((_, first)) =
            flags.first().filter(|_| generated && !in_apex && !in_headers && !unknown && !managed)
        else {
            continue;
        };
        let parts: Vec<&str> = flags.iter().map(|(part, _)| *part).collect();
        let mut finding = found
            .report(
                &named.component,
                *first,
                format!(
                    "`{}` allows merge fields in the {} of a callout, but nothing in the checked \
                     files uses one",
                    named.name(),
                    parts.join(" and the ")
                ),
            )
            .label("allowed but not used")
            .help(
                "set it to `false`: the platform generates the `Authorization` header itself \
                 (*Allow Formulas in HTTP Header* and *… Body* in Setup > Security > Named \
                 Credentials)",
            )
            .unsafe_fix(
                "disallow merge fields",
                flags.iter().filter_map(|(_, flag)| Edit::replace(flag, "false")),
            )
            .field("merge fields");
        for (_, flag) in flags.iter().skip(1) {
            finding = finding.related(*flag, "also allowed here");
        }
    }
}

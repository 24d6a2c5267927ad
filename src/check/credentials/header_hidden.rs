//! A header of a named credential replaces the header of the same name on its external credential.

use std::collections::HashMap;

use crate::finding::Findings;
use crate::model::{Named, ParameterType, Workspace};
use crate::source::Text;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for (org, named) in workspace.named_credentials() {
        let Some(external) = org.external_of(named).filter(|_| !named.headers.is_empty()) else {
            continue;
        };
        let hidden: HashMap<String, &Text> = external
            .parameters_of(ParameterType::AuthHeader)
            .filter_map(|header| {
                let name = header.name.as_ref()?.known()?;
                Some((name.to_ascii_lowercase(), header.value.as_ref()?))
            })
            .collect();
        for header in &named.headers {
            let (Some(name), Some(value)) = (&header.name, &header.value) else { continue };
            let Some(other) = hidden.get(&name.as_str().to_ascii_lowercase()) else { continue };
            let differs = match (value.known(), other.known()) {
                (Some(value), Some(other)) => value != other,
                _ => false,
            };
            if !differs {
                continue;
            }
            found
                .report(
                    &named.component,
                    name,
                    format!(
                        "the header `{name}` hides the header of the same name on the external \
                         credential `{}`",
                        external.name()
                    ),
                )
                .label("this value is sent")
                .related(*other, "this value is not sent")
                .help(
                    "remove one of the two headers, or rename it (*Custom Headers* in Setup > \
                     Security > Named Credentials)",
                )
                .field(name.as_str());
        }
    }
}

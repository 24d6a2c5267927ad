//! A parameter type that a deployment refuses under the protocol and variant of the credential.

use crate::finding::Findings;
use crate::model::Workspace;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for (_, credential) in workspace.external_credentials() {
        // Without a flow, the missing variant is the fault.
        if credential.selects_no_flow() || credential.component.is_installed() {
            continue;
        }
        for (parameter, kind) in credential.refused_parameters() {
            let protocol = credential.protocol.as_ref();
            let flow = protocol.map_or("", |protocol| protocol.as_str());
            found
                .report(
                    &credential.component,
                    kind,
                    format!(
                        "the protocol `{flow}` without a variant does not support a parameter of \
                         type `{kind}`"
                    ),
                )
                .label("the deployment rejects this")
                .related_to(protocol, "the protocol")
                .help(help(kind.as_str()))
                .field(format!(
                    "{kind} {}",
                    parameter.name.as_ref().map_or("", |name| name.as_str())
                ));
        }
    }
}

fn help(kind: &str) -> &'static str {
    match kind {
        "AuthProviderUrl" => {
            "remove it if users log in with a browser: the auth provider has the URLs; otherwise \
             remove the auth provider and add a parameter named `Oauth` of type \
             `AuthProtocolVariant` (*Authentication Flow Type* in Setup > Security > Named \
             Credentials > External Credentials)"
        }
        "AuthParameter" => {
            "remove it: keys and tokens are never in metadata; enter the value on the principal \
             (*Authentication Parameters* in Setup > Security > Named Credentials > External \
             Credentials), and send it with a parameter of type `AuthHeader`"
        }
        _ => {
            "make it a `NamedPrincipal`, the only type of principal that this protocol has, and \
             grant it in a permission set (*External Credential Principal Access*)"
        }
    }
}

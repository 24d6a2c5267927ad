//! Only some HTTP status codes can be set to trigger a token refresh.

use crate::finding::Findings;
use crate::model::{ParameterType, Workspace};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for (_, credential) in workspace.external_credentials() {
        for parameter in credential.parameters_of(ParameterType::AdditionalRefreshStatusCode) {
            let Some(value) = parameter.value.as_ref().filter(|value| value.known().is_some())
            else {
                continue;
            };
            let code: Option<u32> = value.as_str().parse().ok();
            if code.is_some_and(|code| matches!(code, 400..=499 | 600..=999)) {
                continue;
            }
            let why = match code {
                Some(500..=599) => {
                    "a 5xx response says nothing about the token, and Salesforce does not allow it \
                     here"
                }
                Some(100..=399) => "a response below 400 is not an error",
                _ => "it is not an HTTP status code from 400 to 499 or from 600 to 999",
            };
            found
                .report(
                    &credential.component,
                    value,
                    format!(
                        "`{value}` is not a valid additional status code for token refresh: {why}"
                    ),
                )
                .label("400 to 499, or 600 to 999")
                .help(
                    "enter the status code that the endpoint returns for an expired token \
                     (*Additional Status Codes for Token Refresh* in Setup); 401 always triggers a \
                     refresh and needs no entry",
                )
                .field(format!("refresh status {value}"));
        }
    }
}

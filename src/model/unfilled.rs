//! Placeholders of templates that were never filled in, in the values of a credential setup.

use super::provider::is_of_salesforce;
use super::{
    App, Component, ExternalCredential, NamedCredential, ParameterType, Record, SECRET_ELEMENTS,
    Workspace,
};
use crate::source::{Certainty, Text};

/// The value that Salesforce returns instead of a secret.
pub const RETRIEVED_SECRET: &str = "Placeholder_Value";

/// One placeholder: its component, its field, and its text.
#[derive(Clone, Debug)]
pub struct Unfilled<'a> {
    pub component: &'a Component,
    pub field: String,
    pub text: &'a Text,
    /// Whether the field is for a secret, so that its text is not shown.
    pub secret: bool,
}

impl Unfilled<'_> {
    /// Whether Salesforce inserted the placeholder in place of a secret.
    pub fn is_retrieved_secret(&self) -> bool {
        self.text.as_str() == RETRIEVED_SECRET
    }

    /// Whether the value, such as `NA` or `dummy`, may be intended for a required field that is not used, as for many
    /// endpoints outside Salesforce.
    pub fn may_be_intended(&self) -> bool {
        let text = self.text.as_str().trim_matches(['"', '\'']);
        ["na", "n/a", "dummy"].iter().any(|word| word.eq_ignore_ascii_case(text))
    }
}

impl Workspace {
    /// All placeholders, by component.
    pub fn unfilled(&self) -> Vec<Unfilled<'_>> {
        let mut unfilled = Vec::new();
        for org in &self.orgs {
            org.external_credentials
                .iter()
                .for_each(|credential| of_external(credential, &mut unfilled));
            org.named_credentials.iter().for_each(|named| of_named(named, &mut unfilled));
            org.apps.iter().for_each(|app| of_app(app, &mut unfilled));
            org.records
                .iter()
                .for_each(|record| of_record(&record.component, record, &mut unfilled));
        }
        unfilled
    }
}

fn add<'a>(
    component: &'a Component,
    field: &str,
    text: Option<&'a Text>,
    secret: bool,
    unfilled: &mut Vec<Unfilled<'a>>,
) {
    if let Some(text) = text.filter(|text| text.certainty == Certainty::Unfilled) {
        unfilled.push(Unfilled { component, field: field.to_owned(), text, secret });
    }
}

fn of_external<'a>(credential: &'a ExternalCredential, unfilled: &mut Vec<Unfilled<'a>>) {
    for parameter in &credential.parameters {
        let kind = parameter.kind_text.as_ref().map_or("", Text::as_str);
        let name = parameter.name.as_ref().map_or(kind, Text::as_str);
        match parameter.kind {
            ParameterType::AuthProviderUrl => add(
                &credential.component,
                "AuthProviderUrl",
                parameter.value.as_ref(),
                false,
                unfilled,
            ),
            ParameterType::JwtBodyClaim | ParameterType::JwtHeaderClaim => {
                add(&credential.component, name, parameter.value.as_ref(), false, unfilled)
            }
            ParameterType::AuthHeader | ParameterType::AuthParameter => {
                add(&credential.component, name, parameter.value.as_ref(), true, unfilled)
            }
            _ => {}
        }
        add(&credential.component, "certificate", parameter.certificate.as_ref(), false, unfilled);
        add(
            &credential.component,
            "authProvider",
            parameter.auth_provider.as_ref(),
            false,
            unfilled,
        );
    }
}

fn of_named<'a>(named: &'a NamedCredential, unfilled: &mut Vec<Unfilled<'a>>) {
    let fields = [
        ("the URL", &named.url),
        ("authTokenEndpointUrl", &named.token_endpoint),
        ("jwtIssuer", &named.jwt_issuer),
        ("jwtTextSubject", &named.jwt_text_subject),
        ("jwtFormulaSubject", &named.jwt_formula_subject),
        ("jwtAudience", &named.jwt_audience),
        ("jwtSigningCertificate", &named.jwt_signing_certificate),
        ("certificate", &named.client_certificate),
        ("authProvider", &named.auth_provider),
    ];
    for (field, text) in fields {
        add(&named.component, field, text.as_ref(), false, unfilled);
    }
    for header in &named.headers {
        add(
            &named.component,
            header.name.as_ref().map_or("HttpHeader", Text::as_str),
            header.value.as_ref(),
            true,
            unfilled,
        );
    }
    for field in &named.unfilled_secrets {
        add(&named.component, &field.path, Some(&field.text), true, unfilled);
    }
}

fn of_app<'a>(app: &'a App, unfilled: &mut Vec<Unfilled<'a>>) {
    if app.records.is_empty() {
        add(&app.component, "consumerKey", app.consumer_key.as_ref(), false, unfilled);
        add(&app.component, "callbackUrl", app.callback.as_ref(), false, unfilled);
    }
    for record in &app.records {
        of_record(&app.component, record, unfilled);
    }
}

fn of_record<'a>(component: &'a Component, record: &'a Record, unfilled: &mut Vec<Unfilled<'a>>) {
    for field in &record.fields {
        let name = field.path.rsplit('/').next().unwrap_or(&field.path);
        let secret = SECRET_ELEMENTS.contains(&name) || name == "ecKey";
        let page = matches!(name, "infoUrl" | "iconUrl" | "logoUrl");
        let value = matches!(
            name,
            "consumerKey"
                | "certificate"
                | "clientAssertionCertificate"
                | "endpoint"
                | "url"
                | "awsAccessKey"
                | "parameterValue"
        ) || name.ends_with("Url");
        let is_by_design = field.text.as_str() == RETRIEVED_SECRET && is_of_salesforce(record);
        if (secret || (value && !page)) && !is_by_design {
            add(component, name, Some(&field.text), secret, unfilled);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Field;
    use crate::source::{FileId, Span, Syntax};

    #[test]
    fn labels_descriptions_and_addresses_are_not_placeholders() {
        let text = |value: &str| Text::at(value, Span::new(FileId(0), 0, value.len()), Syntax::Xml);
        let field = |path: &str, value: &str| Field { path: path.into(), text: text(value) };
        let fields = vec![
            field("friendlyName", "TODO"),
            field("description", "TODO: replace me"),
            field("contactEmail", "YOUR_EMAIL"),
            field("infoUrl", "https://YOUR_DOMAIN.example"),
            field("consumerSecret", "Placeholder_Value"),
            field("tokenUrl", "https://YOUR_DOMAIN.example/token"),
            field("consumerKey", "${KEY}"),
        ];
        let record = Record {
            component: Component::new("AuthProvider", "X", Span::new(FileId(0), 0, 0)),
            fields,
        };
        let mut unfilled = Vec::new();
        of_record(&record.component, &record, &mut unfilled);
        let found: Vec<(&str, bool)> = unfilled
            .iter()
            .map(|blank| (blank.field.as_str(), blank.is_retrieved_secret()))
            .collect();
        assert_eq!(found, [("consumerSecret", true), ("tokenUrl", false)]);
    }
}

//! What a hover, a code lens and the commands show, as Markdown. Values of files are masked and are never markup.

use gen_lsp_types::{CodeLens, Command, DocumentSymbol, Position, Range, SymbolKind};
use serde_json::json;

use super::diagnostics::Places;
use super::names::{Mention, Thing, at, mentions};
use super::project::Run;
use crate::check;
use crate::diagnose::{self, Diagnosis, Reading};
use crate::explain::{self, Answer};
use crate::finding::Finding;
use crate::mask::{self, Masker};
use crate::model::{
    CertificateBody, Component, Lifetime, Named, Org, OrgId, Provider, Workspace, shortened,
};
use crate::options::Options;
use crate::pipeline::Report;
use crate::report::{self, Context, Style, TraceFormat};
use crate::rule::Rule;
use crate::source::{FileId, Span, Text};
use crate::trace::{self, Trace};

/// A list is shown up to this length.
const MAX_LISTED: usize = 10;

/// What is known about a place, and the place.
pub fn hover(run: &Run, file: FileId, offset: usize) -> Option<(String, Span)> {
    let contains = |span: Span| {
        span.file == file && span.range().start <= offset && offset <= span.range().end
    };
    let workspace = &run.report.workspace;
    let mut parts = Vec::new();
    let mut place = None;
    for finding in run.report.findings.iter().filter(|one| contains(one.primary.span)) {
        place = place.or(Some(finding.primary.span));
        parts.push(of_finding(finding));
    }
    for mention in at(&mentions(workspace), file, offset) {
        place = place.or(Some(mention.span));
        parts.push(of_thing(run, mention.thing));
    }
    for endpoint in workspace.endpoints().filter(|endpoint| contains(endpoint.text.span)) {
        let Some(host) = crate::model::Host::of_url(endpoint.text) else { continue };
        place = place.or(Some(endpoint.text.span));
        parts.push(format!(
            "{}: {}",
            report::markdown_code(&mask::name(host.as_str())),
            host.description()
        ));
    }
    for credential in workspace.signing_credentials() {
        let Some(lifetime) = credential.lifetime().filter(|found| contains(found.span)) else {
            continue;
        };
        place = place.or(Some(lifetime.span));
        parts.push(of_lifetime(lifetime.value));
    }
    parts.dedup();
    place.map(|place| (parts.join("\n\n---\n\n"), place))
}

fn of_lifetime(lifetime: Lifetime) -> String {
    match lifetime {
        Lifetime::Seconds(seconds) => format!("The JWT is valid for {seconds} seconds."),
        Lifetime::Milliseconds => "The formula counts in milliseconds.".to_owned(),
        Lifetime::Static => "Every JWT expires at the same time.".to_owned(),
        Lifetime::Unknown => "The lifetime of the JWT is unknown.".to_owned(),
    }
}

fn of_finding(finding: &Finding) -> String {
    let mut text = check::rule(finding.rule).map(rule).unwrap_or_default();
    for answer in finding.answers.iter().filter_map(|name| explain::answer(name)) {
        text += &format!("\n\nSalesforce says: {}", report::markdown_code(&answer.head.says));
    }
    text
}

/// The page of a rule.
pub fn rule(rule: &Rule) -> String {
    let page = rule.page();
    let address = report::page_address(rule.name);
    format!("**[{}]({address})**, {}\n\n{}", rule.name, page.head.severity, page.body.trim())
}

/// The page of an error of Salesforce.
pub fn answer(answer: &Answer) -> String {
    let says = report::markdown_code(&answer.head.says);
    format!("**{}**: {says}\n\n{}", answer.name, answer.body.trim())
}

fn of_thing(run: &Run, thing: Thing) -> String {
    let workspace = &run.report.workspace;
    let masker = Masker::new(&run.report.sources);
    let value =
        |text: &Text| report::markdown_code(&masker.value_at(text.as_str(), Some(text.span)));
    let line = |name: &str, text: Option<&Text>| {
        text.filter(|text| !text.is_empty()).map(|text| format!("- {name}: {}", value(text)))
    };
    let (org, head, lines) = match thing {
        Thing::NamedCredential(org, at) => {
            let named = &workspace.org(org).named_credentials[at];
            let external = workspace.org(org).external_of(named);
            let lines = vec![
                line("URL", named.url.as_ref()),
                external.map(|external| {
                    format!("- external credential: {}", name(&external.component))
                }),
                line("protocol", named.protocol.as_ref()),
                Some(format!("- flow: {}", workspace.org(org).flow_of(named).name())),
            ];
            (org, title("named credential", &named.component), lines)
        }
        Thing::ExternalCredential(org, at) => {
            let external = &workspace.org(org).external_credentials[at];
            let principals: Vec<String> =
                external.principals().map(|principal| code(principal.name.as_str())).collect();
            let lines = vec![
                Some(format!("- flow: {}", workspace.org(org).flow_of_external(external).name())),
                line("token endpoint", external.token_endpoint()),
                line("signing certificate", external.signing_certificate()),
                listed("principals", &principals),
            ];
            (org, title("external credential", &external.component), lines)
        }
        Thing::Principal(org, at, parameter) => {
            let external = &workspace.org(org).external_credentials[at];
            let parameter = &external.parameters[parameter];
            let principal = parameter.name.as_ref().map_or("", Text::as_str);
            let granted = grants(workspace.org(org), external, principal);
            let lines = vec![if granted.is_empty() {
                Some("- no permission set in the files grants it".to_owned())
            } else {
                listed("granted by", &granted)
            }];
            let head =
                format!("**principal** {} of {}", code(principal), name(&external.component));
            (org, head, lines)
        }
        Thing::PermissionSet(org, at) => {
            let set = &workspace.org(org).permission_sets[at];
            let grants: Vec<String> =
                set.granted().map(|grant| code(grant.reference.as_str())).collect();
            let holders: Vec<String> =
                workspace.org(org).holders(set).map(|user| code(user.as_str())).collect();
            let lines = vec![listed("grants", &grants), listed("assigned to", &holders)];
            (org, title("permission set", &set.component), lines)
        }
        Thing::Certificate(org, at) => {
            let certificate = &workspace.org(org).certificates[at];
            let lines = of_body(certificate.body.as_ref().map(|body| &body.value));
            (org, title("certificate", &certificate.component), lines)
        }
        Thing::App(org, at) => {
            let app = &workspace.org(org).apps[at];
            let key = app.consumer_key.as_ref().filter(|key| !key.is_empty());
            let lines = vec![
                key.map(|key| format!("- consumer key: {}", code(&shortened(key.as_str())))),
                line("callback URL", app.callback.as_ref()),
            ];
            (org, title("app", &app.component), lines)
        }
        Thing::Provider(org, at) => {
            let provider = Provider::new(&workspace.org(org).records[at]);
            let lines = vec![
                line("authorize URL", provider.authorize_url()),
                line("token URL", provider.token_url()),
            ];
            (org, title(provider.noun(), provider.component()), lines)
        }
    };
    let org = &workspace.org(org).name;
    let org = if org.is_empty() || workspace.orgs.len() == 1 {
        String::new()
    } else {
        format!(" in org {}", code(org))
    };
    let lines: Vec<String> = lines.into_iter().flatten().collect();
    format!("{head}{org}\n\n{}", lines.join("\n"))
}

fn of_body(body: Option<&CertificateBody>) -> Vec<Option<String>> {
    let line = |text: &str| vec![Some(format!("- {text}"))];
    match body {
        Some(CertificateBody::Certificate(x509)) => vec![
            Some(format!("- subject: {}", code(x509.common_name()))),
            Some(format!("- valid from {}", x509.validity())),
            Some(format!("- key: {}", x509.key)),
            Some(format!("- fingerprint of the key: {}", code(&x509.fingerprint()))),
        ],
        Some(CertificateBody::Request) => line("a signing request, not a certificate"),
        Some(CertificateBody::Empty) => line("empty"),
        Some(CertificateBody::Hidden) => line("the content is unknown"),
        Some(CertificateBody::Name(_)) => line("a name instead of a certificate"),
        Some(CertificateBody::Unreadable(_)) => line("damaged"),
        None => line("the certificate is not in the files"),
    }
}

fn grants(org: &Org, external: &crate::model::ExternalCredential, principal: &str) -> Vec<String> {
    let wanted = crate::model::fold_principal(principal);
    let names = |reference: &Text| {
        crate::model::split_principal(reference.as_str())
            .is_some_and(|(_, name)| crate::model::fold_principal(name) == wanted)
    };
    org.grants_of(external)
        .filter(|(_, grant)| names(&grant.reference))
        .map(|(set, _)| name(&set.component))
        .collect()
}

fn listed(title: &str, items: &[String]) -> Option<String> {
    let more = match items.len().saturating_sub(MAX_LISTED) {
        0 => String::new(),
        more => format!(", and {more} more"),
    };
    let shown = items.iter().take(MAX_LISTED).cloned().collect::<Vec<_>>().join(", ");
    (!items.is_empty()).then(|| format!("- {title}: {shown}{more}"))
}

fn code(text: &str) -> String {
    report::markdown_code(&mask::name(text))
}

fn name(component: &Component) -> String {
    code(&component.name)
}

fn title(noun: &str, component: &Component) -> String {
    format!("**{noun}** {}", name(component))
}

/// The components in a file, and the principals in its external credentials.
pub fn symbols(run: &Run, file: FileId, places: &mut Places<'_>) -> Vec<DocumentSymbol> {
    let workspace = &run.report.workspace;
    let in_file = mentions(workspace).into_iter().filter(|mention| mention.span.file == file);
    let mut symbols: Vec<DocumentSymbol> = Vec::new();
    for Mention { span, thing, .. } in in_file.filter(|mention| mention.is_definition) {
        let (name, detail, kind) = described(workspace, thing);
        let range = places.range(span);
        let symbol = DocumentSymbol {
            name: if name.is_empty() { "-".to_owned() } else { name },
            detail: Some(detail.to_owned()),
            kind,
            range,
            selection_range: range,
            ..empty_symbol()
        };
        match (thing, symbols.last_mut()) {
            (Thing::Principal(..), Some(parent)) => {
                parent.range.end = later(parent.range.end, range.end);
                parent.children.get_or_insert_default().push(symbol);
            }
            _ => symbols.push(symbol),
        }
    }
    symbols
}

fn later(left: Position, right: Position) -> Position {
    if (left.line, left.character) < (right.line, right.character) { right } else { left }
}

#[expect(deprecated, reason = "the protocol has this member")]
fn empty_symbol() -> DocumentSymbol {
    DocumentSymbol {
        name: String::new(),
        detail: None,
        kind: SymbolKind::Object,
        tags: None,
        deprecated: None,
        range: Range::default(),
        selection_range: Range::default(),
        children: None,
    }
}

fn described(workspace: &Workspace, thing: Thing) -> (String, &'static str, SymbolKind) {
    let org = |id: OrgId| workspace.org(id);
    match thing {
        Thing::NamedCredential(id, at) => (
            mask::name(org(id).named_credentials[at].name()),
            "named credential",
            SymbolKind::Interface,
        ),
        Thing::ExternalCredential(id, at) => (
            mask::name(org(id).external_credentials[at].name()),
            "external credential",
            SymbolKind::Class,
        ),
        Thing::Principal(id, at, parameter) => {
            let parameter = &org(id).external_credentials[at].parameters[parameter];
            let name = parameter.name.as_ref().map_or("", Text::as_str);
            (mask::name(name), "principal", SymbolKind::Field)
        }
        Thing::PermissionSet(id, at) => {
            (mask::name(org(id).permission_sets[at].name()), "permission set", SymbolKind::Class)
        }
        Thing::Certificate(id, at) => {
            (mask::name(org(id).certificates[at].name()), "certificate", SymbolKind::Key)
        }
        Thing::App(id, at) => (mask::name(org(id).apps[at].name()), "app", SymbolKind::Module),
        Thing::Provider(id, at) => (
            mask::name(org(id).records[at].name()),
            Provider::new(&org(id).records[at]).noun(),
            SymbolKind::Class,
        ),
    }
}

/// Above each credential of a file, the verdict of its trace.
pub fn lenses(run: &Run, file: FileId, places: &mut Places<'_>) -> Vec<CodeLens> {
    let workspace = &run.report.workspace;
    let credentials: Vec<Mention> = mentions(workspace)
        .into_iter()
        .filter(|mention| mention.span.file == file && mention.is_definition)
        .filter(|mention| {
            matches!(mention.thing, Thing::NamedCredential(..) | Thing::ExternalCredential(..))
        })
        .collect();
    if credentials.is_empty() {
        return Vec::new();
    }
    run.with_judged(|judged| {
        let Ok(traces) = trace::trace(judged, None) else { return Vec::new() };
        let lens = |mention: &Mention| {
            let (Thing::NamedCredential(id, _) | Thing::ExternalCredential(id, _)) = mention.thing
            else {
                return None;
            };
            let (name, ..) = described(workspace, mention.thing);
            let org = workspace.org(id).name.as_str();
            let is_meant = |trace: &&Trace<'_>| {
                trace.org == org
                    && (trace.name == name || trace.external_credential == Some(name.as_str()))
            };
            let trace = traces.iter().find(is_meant)?;
            let title = format!("sfcred: {}", report::verdict(judged, trace));
            let argument = json!({ "credential": trace.name, "org": org });
            let command = Command {
                title,
                tooltip: None,
                command: TRACE.to_owned(),
                arguments: Some(vec![argument]),
            };
            Some(CodeLens::new(places.range(mention.span), Some(command), None))
        };
        credentials.iter().filter_map(lens).collect()
    })
}

/// The command that returns a trace.
pub const TRACE: &str = "sfcred.trace";

const STYLE: Style =
    Style { width: 80, color: false, unicode: true, quiet: false, hyperlinks: false };

/// The traces of a credential, in one org or in all.
pub fn traces(run: &Run, credential: &str, org: Option<&str>) -> Result<String, String> {
    run.with_judged(|judged| {
        let traces = trace::trace(judged, Some(credential)).map_err(|error| error.to_string())?;
        let traces: Vec<Trace<'_>> =
            traces.into_iter().filter(|trace| org.is_none_or(|org| trace.org == org)).collect();
        let mut text = Vec::new();
        report::traces(judged, &traces, true, TraceFormat::Text, STYLE, &mut text)
            .map_err(|error| error.to_string())?;
        Ok(format!(
            "# Trace of {}\n\n{}",
            code(credential),
            fenced(&String::from_utf8_lossy(&text))
        ))
    })
}

/// What a log means, with the files of a run.
pub fn diagnosis(run: Option<&Run>, log: &str) -> Result<String, String> {
    let reading = diagnose::read(&mut log.as_bytes()).map_err(|error| error.to_string())?;
    match run {
        Some(run) => run.with_judged(|judged| diagnosed(reading, Some((judged, &run.options)))),
        None => diagnosed(reading, None),
    }
}

fn diagnosed(reading: Reading, project: Option<(&Report, &Options)>) -> Result<String, String> {
    let diagnosis = Diagnosis::new("the log".to_owned(), reading, None, project);
    let context = Context { format: report::Format::Text, style: STYLE };
    let mut text = Vec::new();
    report::diagnosis(&diagnosis, &context, &mut text).map_err(|error| error.to_string())?;
    Ok(format!("# Diagnosis\n\n{}", fenced(&String::from_utf8_lossy(&text))))
}

/// Text that is shown as it is.
fn fenced(text: &str) -> String {
    let longest = text.split(|sign| sign != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest.max(2) + 1);
    format!("{fence}text\n{}\n{fence}\n", text.trim_end())
}

//! An app redirects only to the callback URLs that it lists.

use crate::finding::{Edit, FindingBuilder, Findings, Severity};
use crate::model::{
    AppLogin, Host, HostKind, MatchedBy, Named, Provider, ProviderKind, Url, Workspace,
};
use crate::source::Text;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for connection in workspace.app_logins() {
        let Some(provider) = connection.login.provider(connection.calling_org) else { continue };
        if connection.login.flow.is_authorization_code() && provider.kind != ProviderKind::Plugin {
            check_app(&connection, &provider, found);
        }
    }
}

fn check_app(connection: &AppLogin<'_>, provider: &Provider<'_>, found: &mut Findings) {
    let app = connection.app;
    let Some(callback) = app.callback.as_ref().filter(|text| text.known().is_some()) else {
        return;
    };
    let urls = app.callback_urls();
    let own_domain = connection.calling_org.my_domain.as_ref().map(|host| &host.value);
    let named: Vec<&(Url, Text)> =
        urls.iter().filter(|(url, _)| provider.is_callback(url)).collect();
    if urls.is_empty() || named.iter().any(|(url, _)| is_on(url, own_domain)) {
        if own_domain.is_none() && may_call_back_elsewhere(provider, &named) {
            let message = format!(
                "the {} `{}` logs in at a shared host, but the {} `{}` lists its callback only on a \
                 My Domain",
                provider.noun(),
                provider.name(),
                app.noun(),
                app.name()
            );
            let place = named.first().map_or(callback, |(_, text)| text);
            complete(found.report(&app.component, place, message), provider, own_domain)
                .at_most(Severity::Warning)
                .field(provider.name());
        }
        return;
    }
    if let Some((_, line)) = urls.iter().find(|(_, line)| provider.is_callback_among(line)) {
        return report_line(connection, provider, line, found);
    }
    let expected = format!(
        "{}{}",
        own_domain.map_or("https://<My Domain>".to_owned(), |host| format!("https://{host}")),
        provider.callback_path()
    );
    let message = format!(
        "the {} `{}` does not list the callback URL of the {} `{}`, `{expected}`",
        app.noun(),
        app.name(),
        provider.noun(),
        provider.name()
    );
    let added = own_domain
        .and_then(|_| Edit::replace(callback, &format!("{}\n{expected}", callback.as_str())));
    let finding = complete(found.report(&app.component, callback, message), provider, own_domain)
        .unsafe_fix("add the callback URL", added)
        .field(provider.name());
    // Another app, which is not in the files, may be meant.
    if connection.matched_by == MatchedBy::OnlyCandidate {
        finding.at_most(Severity::Warning);
    }
}

/// The callback URL is there, but on one line with others.
fn report_line(
    connection: &AppLogin<'_>,
    provider: &Provider<'_>,
    line: &Text,
    found: &mut Findings,
) {
    let app = connection.app;
    let separated: Vec<String> = line
        .split(|character| matches!(character, ',' | ';') || character.is_whitespace())
        .iter()
        .map(|url| url.as_str().to_owned())
        .collect();
    found
        .report(
            &app.component,
            line,
            format!(
                "the {} `{}` lists the callback URL of the {} `{}` on one line with others, but only \
                 line breaks separate callback URLs",
                app.noun(),
                app.name(),
                provider.noun(),
                provider.name()
            ),
        )
        .label("compared as one URL")
        .related(provider.component(), format!("this {} logs in with the app", provider.noun()))
        .help("put each callback URL on a line of its own")
        .unsafe_fix("put each URL on its own line", Edit::replace(line, &separated.join("\n")))
        .at_most(Severity::Warning)
        .field(provider.name());
}

fn complete<'a>(
    finding: FindingBuilder<'a>,
    provider: &Provider<'_>,
    own_domain: Option<&Host>,
) -> FindingBuilder<'a> {
    let finding = finding
        .label("the callback URLs of the app")
        .related(provider.component(), format!("this {} logs in with the app", provider.noun()));
    let page = if provider.is_identity() {
        "Setup > Named Credentials > External Auth Identity Providers"
    } else {
        "Setup > Identity > Auth. Providers"
    };
    match own_domain {
        Some(_) => finding.help(format!(
            "add it to *Callback URL* of the app; it must be equal to *Callback URL* in {page} of \
             the calling org"
        )),
        None => finding.help(format!(
            "compare with *Callback URL* in {page} of the calling org, and add exactly that URL to \
             the app"
        )),
    }
}

/// Whether the calling org can be reached at the URL: at its My Domain, at a shared host with the ID of an org in the
/// path, or at a site or custom domain.
fn is_on(url: &Url, own_domain: Option<&Host>) -> bool {
    let host = Host::parse(&url.host);
    match host.kind() {
        HostKind::Login | HostKind::Test => url
            .path
            .split_once("/services/authcallback/")
            .is_some_and(|(_, rest)| rest.contains('/')),
        HostKind::MyDomain { .. } => {
            own_domain.is_none_or(|own| own.kind().is_same_org(host.kind()) != Some(false))
        }
        HostKind::Instance { .. }
        | HostKind::Site { .. }
        | HostKind::Lightning
        | HostKind::Setup
        | HostKind::Visualforce
        | HostKind::Content
        | HostKind::OtherSalesforce
        | HostKind::Foreign => true,
    }
}

/// Whether the provider logs in at a shared host, and the app lists the callback only on a My Domain. An org without a
/// deployed My Domain calls back on the shared host.
fn may_call_back_elsewhere(provider: &Provider<'_>, named: &[&(Url, Text)]) -> bool {
    !provider.is_identity()
        && !named.is_empty()
        && provider.hosts().next().is_some()
        && provider.hosts().all(|host| host.is_shared_login())
        && named.iter().all(|(url, _)| Host::parse(&url.host).is_my_domain())
}

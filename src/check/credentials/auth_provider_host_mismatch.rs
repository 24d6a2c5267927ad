//! The org that authorizes also issues the token and answers the call.

use crate::finding::{Findings, Severity};
use crate::model::{Host, HostKind, Login, Named, Provider, ProviderKind, Workspace};

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for (_, provider) in workspace.providers().filter(|(_, provider)| provider.is_to_salesforce()) {
        check_urls(&provider, found);
    }
    for login in workspace.logins.iter().filter(|login| login.flow.is_authorization_code()) {
        let calling_org = workspace.org(login.component.org);
        if let Some(provider) =
            login.provider(calling_org).filter(|provider| provider.is_to_salesforce())
        {
            check_calls(login, &provider, found);
        }
    }
}

/// The authorize URL and the token URL of one provider.
fn check_urls(provider: &Provider<'_>, found: &mut Findings) {
    let (Some(authorize), Some(token)) = (provider.authorize_url(), provider.token_url()) else {
        return;
    };
    let (Some(from), Some(to)) = (Host::of_url(authorize), Host::of_url(token)) else { return };
    if !differ(&from, &to) {
        return;
    }
    let message = format!(
        "the {} `{}` authorizes at `{from}`, but requests its token from `{to}`, which belongs to \
         another org or environment",
        provider.noun(),
        provider.name()
    );
    found
        .report(provider.component(), token, message)
        .label("the token URL")
        .related(authorize, "the authorize URL")
        .help("use the same host in both URLs: only the org that issued a code exchanges it")
        .field("token url");
}

/// The provider, and the URLs that are called with its token.
fn check_calls(login: &Login, provider: &Provider<'_>, found: &mut Findings) {
    let explicit = provider.token_url().or_else(|| provider.authorize_url());
    let login_host = match explicit {
        Some(text) => Host::of_url(text),
        None => (provider.kind == ProviderKind::Salesforce && !provider.is_managed())
            .then(|| Host::parse("login.salesforce.com")),
    };
    let Some(login_host) = login_host else { return };
    for text in &login.urls {
        let Some(called) = Host::of_url(text).filter(|called| differ(&login_host, called)) else {
            continue;
        };
        let at = if explicit.is_some() {
            format!("logs in at `{login_host}`")
        } else {
            format!("has no URLs and logs in at `{login_host}`")
        };
        let finding = found
            .report(
                &login.component,
                text,
                format!(
                    "the {} `{}` {at}, but the token is sent to `{called}`, {}",
                    provider.noun(),
                    provider.name(),
                    called.description()
                ),
            )
            .label("called with the token")
            .related(
                &explicit.map_or(provider.component().place, |text| text.span),
                "users log in here",
            )
            .help(format!(
                "use `https://{called}/services/oauth2/authorize` and \
                 `https://{called}/services/oauth2/token` in the {}, or call the org that users \
                 log in to",
                provider.noun()
            ))
            .field("url");
        // Without URLs, users may enter a custom domain when they log in.
        if explicit.is_none() {
            finding.at_most(Severity::Warning);
        }
    }
}

/// Whether two hosts cannot take part in one login: they are the My Domains of two orgs, or of different environments.
fn differ(left: &Host, right: &Host) -> bool {
    let is_clear = |host: &Host| {
        matches!(host.kind(), HostKind::Login | HostKind::Test | HostKind::MyDomain { .. })
    };
    is_clear(left)
        && is_clear(right)
        && (left.kind().is_same_org(right.kind()) == Some(false)
            || left.environment().contradicts(right.environment()))
}

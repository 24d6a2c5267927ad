//! Codes and tokens that are sent to a callback URL without TLS can be intercepted.

use crate::finding::{Edit, Findings};
use crate::model::{Host, Named, Workspace};
use crate::source::Span;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for (_, app) in workspace.apps() {
        for (url, text) in app.callback_urls() {
            if url.scheme != "http"
                || url.host.contains('*')
                || Host::parse(&url.host).is_loopback()
            {
                continue;
            }
            let scheme = Span { end: text.span.start + 4, ..text.span };
            let exact = (text.span.end - text.span.start) as usize == text.as_str().len();
            found
                .report(
                    &app.component,
                    &text,
                    format!(
                        "the callback URL `{text}` of the {} `{}` does not use TLS",
                        app.noun(),
                        app.name()
                    ),
                )
                .label("`http:`")
                .help(
                    "use `https:`; only loopback addresses such as \
                     `http://localhost:1717/OauthRedirect` and custom schemes do not need it",
                )
                .unsafe_fix("use `https:`", exact.then(|| Edit::Replace(scheme, "https".into())))
                .field(format!("callback {text}"));
        }
    }
}

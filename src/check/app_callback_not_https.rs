//! Whatever is sent to a callback URL without TLS can be read on the way.

use crate::finding::{Edit, Findings};
use crate::model::{Named, Workspace};
use crate::source::Span;

pub fn check(workspace: &Workspace, found: &mut Findings) {
    for (_, app) in workspace.apps() {
        for (url, text) in app.callback_urls() {
            if url.scheme != "http" || url.host.contains('*') || url.is_loopback() {
                continue;
            }
            let scheme = Span { end: text.span.start + 4, ..text.span };
            let exact = (text.span.end - text.span.start) as usize == text.as_str().len();
            found
                .at(&app.component, &text, format!("the callback URL `{text}` of the {} `{}` is not encrypted", app.noun(), app.name()))
                .label("`http:`")
                .help("use `https:`; only a loopback address such as `http://localhost:1717/OauthRedirect` and schemes of an app's own do without")
                .unsafe_fix("use `https:`", exact.then(|| Edit::Replace(scheme, "https".into())))
                .field(format!("callback {text}"));
        }
    }
}

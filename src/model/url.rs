//! A URL exactly as typed. The `url` crate normalizes (it trims, lowercases and percent-encodes), which hides the mistakes to report.

/// The parts of RFC 3986, as typed. Nothing is decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Url {
    text: String,
    /// Without the colon, lower case; empty if there is none.
    pub scheme: String,
    pub user_info: Option<String>,
    /// As typed, without port and user information.
    pub host: String,
    pub port: Option<String>,
    /// With the leading `/`; empty if there is none.
    pub path: String,
    pub query: Option<String>,
    pub fragment: Option<String>,
}

impl Url {
    /// Splits a string into parts, which may be empty.
    pub fn parse(text: &str) -> Url {
        let text = text.trim();
        let (scheme, rest) = match text.find("://") {
            Some(at)
                if text[..at]
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte)) =>
            {
                (&text[..at], &text[at + 3..])
            }
            _ => ("", text.strip_prefix("//").unwrap_or(text)),
        };
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, tail) = rest.split_at(end);
        let (user_info, host_and_port) = match authority.rsplit_once('@') {
            Some((user, host)) => (Some(user.to_owned()), host),
            None => (None, authority),
        };
        let (host, port) = match host_and_port.rsplit_once(':') {
            Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => {
                (host, Some(port.to_owned()))
            }
            _ => (host_and_port, None),
        };
        let (tail, fragment) = split_off(tail, '#');
        let (path, query) = split_off(tail, '?');
        Url {
            text: text.to_owned(),
            scheme: scheme.to_ascii_lowercase(),
            user_info,
            host: host.to_owned(),
            port,
            path: path.to_owned(),
            query,
            fragment,
        }
    }

    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The start of the path in [`Url::as_str`]; the end of the string if there is no path.
    pub fn path_start(&self) -> usize {
        let tail = self.path.len()
            + self.query.as_ref().map_or(0, |query| query.len() + 1)
            + self.fragment.as_ref().map_or(0, |fragment| fragment.len() + 1);
        self.text.len() - tail
    }

    /// Scheme, host and port: everything before the path.
    pub fn origin(&self) -> &str {
        &self.text[..self.path_start()]
    }
}

fn split_off(text: &str, mark: char) -> (&str, Option<String>) {
    match text.split_once(mark) {
        Some((before, after)) => (before, Some(after.to_owned())),
        None => (text, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_are_as_typed() {
        let url = Url::parse("HTTPS://u:p@Host.my.salesforce.com:443/services/oauth2/token?a=b#c");
        assert_eq!(url.scheme, "https");
        assert_eq!(url.user_info.as_deref(), Some("u:p"));
        assert_eq!(url.host, "Host.my.salesforce.com");
        assert_eq!(url.port.as_deref(), Some("443"));
        assert_eq!(url.path, "/services/oauth2/token");
        assert_eq!(url.query.as_deref(), Some("a=b"));
        assert_eq!(url.fragment.as_deref(), Some("c"));
        assert_eq!(url.origin(), "HTTPS://u:p@Host.my.salesforce.com:443");
    }

    #[test]
    fn a_missing_scheme_leaves_a_host() {
        let url = Url::parse("login.salesforce.com/services");
        assert_eq!(
            (url.scheme.as_str(), url.host.as_str(), url.path.as_str()),
            ("", "login.salesforce.com", "/services")
        );
        assert_eq!(Url::parse("").host, "");
        assert_eq!(Url::parse("https://").origin(), "https://");
    }
}

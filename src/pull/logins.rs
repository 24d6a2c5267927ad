//! Failed logins of the users that credentials log in as, from the login history of the org that answered.

use serde_json::Value;

use super::org::PulledOrg;
use super::queries::{Asker, LOGINS, string};
use super::{Pulled, Session};
use crate::error::Error;

/// Rows of a user that are read, and failed ones that are kept.
const ROWS: usize = 200;
const KEPT: usize = 10;

/// What could not be read, each with the reason.
type Unknown = Vec<(String, String)>;

/// A row of the login history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailedLogin {
    /// The name of the org.
    pub org: String,
    pub username: String,
    pub time: String,
    pub application: Option<String>,
    /// Why it failed, in the words of the org.
    pub status: String,
}

impl FailedLogin {
    /// The row as a line of a log.
    pub fn line(&self) -> String {
        let application = self.application.as_deref().unwrap_or("-");
        [&self.username, &self.time, "Remote Access 2.0", &self.status, application].join("\t")
    }
}

/// The last failed logins, latest first, and what could not be read.
pub fn failed_logins(
    session: &Session,
    pulled: &Pulled,
    api_version: Option<&str>,
    on_step: &dyn Fn(String),
) -> Result<(Vec<FailedLogin>, Unknown), Error> {
    let (mut found, mut unknown) = (Vec::new(), Vec::new());
    for org in &pulled.orgs {
        let users = org.facts.iter().filter_map(|facts| facts.users.as_ref()).flatten();
        for (username, user) in users {
            let Some(user) = user else { continue };
            on_step(format!("{}: reading the login history", org.target.name));
            let asker = Asker { sf: session.sf(), alias: &org.target.alias, api_version };
            let rest = format!(
                "WHERE UserId = '{}' AND LoginTime = LAST_N_DAYS:7 ORDER BY LoginTime DESC LIMIT {ROWS}",
                user.id.chars().filter(char::is_ascii_alphanumeric).collect::<String>()
            );
            match asker.ask(&LOGINS, &|_| vec![rest.clone()])? {
                Ok(records) => found.extend(failed(org, username, &records)),
                Err(reason) => {
                    unknown.push((format!("the login history of `{username}`"), reason));
                }
            }
        }
    }
    Ok((found, unknown))
}

fn failed<'r>(
    org: &'r PulledOrg,
    username: &'r str,
    records: &'r [Value],
) -> impl Iterator<Item = FailedLogin> + 'r {
    let is_failed = |record: &&Value| {
        string(record, "/Status").is_some_and(|status| {
            !status.trim().is_empty() && !status.eq_ignore_ascii_case("success")
        })
    };
    let text = |record: &Value, pointer: &str| {
        string(record, pointer).map(|text| text.split_whitespace().collect::<Vec<_>>().join(" "))
    };
    records.iter().filter(is_failed).take(KEPT).map(move |record| FailedLogin {
        org: org.target.name.clone(),
        username: username.to_owned(),
        time: text(record, "/LoginTime").unwrap_or_default(),
        application: text(record, "/Application").filter(|name| !name.is_empty()),
        status: text(record, "/Status").unwrap_or_default(),
    })
}

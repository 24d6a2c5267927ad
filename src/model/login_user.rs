//! The users of the target org that credentials log in as without a browser.

use super::app::App;
use super::component::Component;
use super::org::Org;
use super::permissions::Profile;
use super::user::User;
use super::workspace::Workspace;
use crate::source::Text;

/// A user that a flow logs in as: `sub` of the JWT bearer flow, or the run-as user of the client credentials flow.
#[derive(Clone, Copy, Debug)]
pub struct LoginUser<'a> {
    /// The component that names the user: the credential or the app.
    pub component: &'a Component,
    pub username: &'a Text,
    /// The claim or element that names the user.
    pub field: &'static str,
    pub app: &'a App,
    pub target_org: &'a Org,
}

impl<'a> LoginUser<'a> {
    /// The user, if the description of the target org contains it.
    pub fn user(&self) -> Option<&'a User> {
        self.target_org.user(self.username.known()?)
    }

    /// The profile of that user, if it is in the files, and the place that refers to it.
    pub fn profile(&self) -> Option<(&'a Text, &'a Profile)> {
        let named = self.user()?.profile.as_ref()?;
        self.target_org.profile(named.known()?).map(|profile| (named, profile))
    }
}

impl Workspace {
    /// The users in `sub`, and the run-as users of apps.
    pub fn login_users(&self) -> impl Iterator<Item = LoginUser<'_>> {
        let subjects = self.connections().filter_map(|connection| {
            Some(LoginUser {
                component: &connection.credential.component,
                username: connection.credential.subject()?,
                field: "sub",
                app: connection.app,
                target_org: connection.target_org,
            })
        });
        subjects.chain(self.run_as_users())
    }

    /// The run-as users of the apps that enable the client credentials flow.
    pub fn run_as_users(&self) -> impl Iterator<Item = LoginUser<'_>> {
        self.apps().filter(|(_, app)| app.uses_client_credentials()).filter_map(
            |(target_org, app)| {
                Some(LoginUser {
                    component: &app.component,
                    username: app.client_credentials_user()?,
                    field: app.client_credentials().user_element,
                    app,
                    target_org,
                })
            },
        )
    }
}

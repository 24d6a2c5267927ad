//! What says that the target org is a production org or a sandbox, weighed: if one value contradicts the others, it is
//! the odd one out.

use super::host::{Environment, Host};
use super::jwt_credential::JwtCredential;
use super::subject::Subject;
use super::workspace::Workspace;

/// A value of a credential that depends on the environment of the target org.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Evidence {
    TokenEndpoint,
    CalledUrl,
    Audience,
    /// The suffix of `sub`.
    Subject,
    /// A description of the target org.
    Description,
}

/// The environments that the values of one credential stand for, with a weight: a My Domain names an org, a shared
/// login host or a suffix only hints at its environment.
#[derive(Clone, Debug, Default)]
pub struct EnvironmentVotes(Vec<(Evidence, Environment, u32)>);

impl EnvironmentVotes {
    pub fn new(workspace: &Workspace, credential: &JwtCredential) -> EnvironmentVotes {
        let mut votes = EnvironmentVotes::default();
        if let Some(host) = credential.token_host() {
            votes.add_host(Evidence::TokenEndpoint, &host.value);
        }
        if let Some(host) = credential.url_hosts().find(|host| host.is_my_domain()) {
            votes.add_host(Evidence::CalledUrl, &host.value);
        }
        if let Some(audience) = credential.audience()
            && let Some((url, _)) = audience.only()
        {
            votes.add_host(Evidence::Audience, &Host::parse(&url.host));
        }
        let login = credential.login();
        let suffix = login
            .as_ref()
            .and_then(Subject::username)
            .and_then(|username| username.sandbox_suffix(&workspace.sandboxes));
        if suffix.is_some() {
            votes.0.push((Evidence::Subject, Environment::Test, 1));
        }
        if let Some(org) = credential.described_target.map(|id| workspace.org(id)) {
            votes.0.push((Evidence::Description, org.environment(), 2));
        }
        votes
    }

    fn add_host(&mut self, evidence: Evidence, host: &Host) {
        let weight = if host.is_my_domain() { 2 } else { 1 };
        self.0.push((evidence, host.environment(), weight));
    }

    /// The weight of all evidence for an environment.
    fn weight(&self, environment: Environment) -> u32 {
        let votes = self.0.iter().filter(|(_, known, _)| *known == environment);
        votes.map(|(_, _, weight)| weight).sum()
    }

    /// Whether every other value contradicts this one, and at least two do.
    pub fn is_odd_one_out(&self, evidence: Evidence) -> bool {
        let Some((_, own, _)) = self.0.iter().find(|(known, _, _)| *known == evidence) else {
            return false;
        };
        let others = || self.0.iter().filter(|(known, _, _)| *known != evidence);
        others().filter(|(_, other, _)| own.contradicts(*other)).count() >= 2
            && others().all(|(_, other, _)| other != own)
    }

    /// Whether the token endpoint is a shared login host that all other values contradict.
    pub fn contradict_token_endpoint(&self, credential: &JwtCredential) -> bool {
        credential.token_host().is_some_and(|host| host.is_shared_login())
            && self.is_odd_one_out(Evidence::TokenEndpoint)
    }

    /// Whether the evidence for an environment clearly outweighs that for the other one.
    pub fn favor(&self, environment: Environment) -> bool {
        let against = environment.opposite();
        environment != Environment::Unknown && self.weight(environment) > self.weight(against)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn votes(votes: &[(Evidence, Environment, u32)]) -> EnvironmentVotes {
        EnvironmentVotes(votes.to_vec())
    }

    #[test]
    fn the_value_that_all_others_contradict_is_the_odd_one_out() {
        let endpoint = votes(&[
            (Evidence::TokenEndpoint, Environment::Production, 1),
            (Evidence::CalledUrl, Environment::Test, 2),
            (Evidence::Audience, Environment::Test, 1),
        ]);
        assert!(endpoint.is_odd_one_out(Evidence::TokenEndpoint));
        assert!(!endpoint.is_odd_one_out(Evidence::Audience));
        assert!(endpoint.favor(Environment::Test));
    }

    #[test]
    fn two_values_that_contradict_each_other_are_a_tie() {
        let tie = votes(&[
            (Evidence::TokenEndpoint, Environment::Production, 1),
            (Evidence::Audience, Environment::Test, 1),
        ]);
        assert!(!tie.favor(Environment::Production) && !tie.favor(Environment::Test));
        assert!(
            !votes(&[(Evidence::TokenEndpoint, Environment::Production, 1)])
                .is_odd_one_out(Evidence::TokenEndpoint)
        );
    }
}

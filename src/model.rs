//! The data model: components, orgs and connections, in the terms of Salesforce, OAuth and X.509. It neither reads files
//! nor reports findings.

mod allow;
mod apex;
mod api_path;
mod app;
mod app_use;
mod audience;
mod aws;
mod callout;
mod certificate;
mod component;
mod components;
mod connection;
mod consumer_key;
mod custom_rule;
mod deployment_rules;
mod endpoint;
mod environment_votes;
mod expiry;
mod external_credential;
mod flow;
mod formula;
mod host;
mod index;
mod issuer;
mod jwt_credential;
mod lifetime;
mod login;
mod login_user;
mod metadata_types;
mod named_credential;
mod org;
mod package;
mod permissions;
mod profile_name;
mod provider;
mod record_id;
mod related;
mod scope;
mod secret;
mod secret_name;
mod secret_value;
mod signing;
mod subject;
mod token_use;
mod unfilled;
mod url;
mod user;
mod workspace;
pub use allow::{Allow, AllowScope, matches_rule};
pub use apex::{
    ApexCertificate, ApexEndpoint, ApexUnit, DYNAMIC_PART, EncodedMergeField, PasswordGrant,
    RequestText, SentLabel, is_api_name, is_developer_name,
};
pub use api_path::{Api, ApiPath, NEWEST_DEPRECATED, NEWEST_RETIRED};
pub use app::{
    APP_SETTINGS, App, AppKind, AppSetting, ClientCredentials, OAUTH_GLOBALS, OAUTH_POLICIES,
    OAUTH_SETTINGS, PermittedUsers, SetupPage,
};
pub use app_use::AppUse;
pub use audience::{Audience, Form, environment};
pub use aws::{AwsHost, misspelled_service};
pub use callout::{Callout, MergeField, RequestPart};
pub use certificate::{Certificate, CertificateBody, Key, X509};
pub use component::{
    Component, Field, Named, OrgId, Record, is_of_product, same_component, without_namespace,
};
pub use components::{Components, find_named};
pub use connection::{Connection, MatchedBy};
pub use consumer_key::{ConsumerKey, GENERATED_LENGTH, GENERATED_PREFIX, shortened};
pub use custom_rule::{CustomRule, Requirement, matches_anything};
pub use deployment_rules::{LegacyProtocol, required_elements};
pub use endpoint::{Endpoint, Role, UrlFlaw};
pub use environment_votes::{EnvironmentVotes, Evidence};
pub use external_credential::{
    ExternalCredential, Parameter, ParameterType, Principal, credential_merge_fields,
};
pub use flow::Flow;
pub use formula::{
    DataType, Expression, ExpressionKind, Formula, HeaderFlaw, Misuse, Piece, formulas,
    hyphenated_fields, pieces,
};
pub use host::{Cloud, Environment, Host, HostKind, Partition, api_host_for};
pub use issuer::IntendedApp;
pub use jwt_credential::{Claim, JwtCredential, JwtPart, SigningCertificate, registered_claim};
pub use lifetime::{Lifetime, Misshape, expiry_formula};
pub use login::{AppLogin, Login};
pub use login_user::LoginUser;
pub use metadata_types::{
    DeviationKind, ElementType, MetadataTypes, Node, SchemaViolation, Versions,
};
pub use named_credential::{HttpHeader, NamedCredential, NamedCredentialModel};
pub use org::{Org, OrgKind};
pub use package::{Package, PackageDirectories};
pub use permissions::{
    Grant, MutingPermissionSet, ObjectAccess, PermissionSet, PermissionSetGroup, Profile,
    fold_principal, is_principal_reference, split_principal,
};
pub use profile_name::{
    is_standard_profile, is_system_administrator, same_profile, standard_file_name,
};
pub use provider::{AUTH_PROVIDER, IDENTITY_PROVIDER, Provider, ProviderKind};
pub use record_id::RecordId;
pub use related::RelatedComponents;
pub use scope::Scope;
pub use secret::{HEADER_WORDS, LabelValue, LeakedSecret, SecretKind, encrypted, merge_equal};
pub use secret_name::{SECRET_ELEMENTS, SecretName, is_secret_header};
pub use secret_value::{
    SecretEvidence, bare_secret, evidence_of, is_dummy, is_random, is_secret_value, looks_secret,
    may_be_encrypted, may_be_password, vendor_secrets,
};
pub use signing::{ActiveCertificate, SigningUse};
pub use subject::Subject;
pub use token_use::TokenUse;
pub use unfilled::{RETRIEVED_SECRET, Unfilled};
pub use url::Url;
pub use user::{User, Username, fold_username};
pub use workspace::{
    Contradiction, Described, ForeignSubject, NeedsMyDomain, Unreadable, Workspace, same_value,
};

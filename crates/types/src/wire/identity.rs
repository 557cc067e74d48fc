//! Who the caller is.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{Scope, Timestamp};

/// `GET /auth/me`.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Me {
    /// The user's id.
    pub id: String,
    /// The user's name.
    pub username: String,
    /// Null when unknown.
    pub email: Option<String>,
    /// The names that the user may publish under.
    pub namespaces: Vec<String>,
    /// When the account was made.
    pub created_at: Timestamp,
    /// What signed the caller in.
    pub signed_in_by: SignedInBy,
}

/// What signed a caller in, without its secret.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SignedInBy {
    /// What kind of thing it is.
    pub kind: SignInKind,
    /// The id of a token of this registry, by which it is revoked; null for everything else.
    pub id: Option<String>,
    /// What it may be used for; none: all that the user may do.
    pub scopes: Vec<Scope>,
    /// Until when it is good; null if it does not end by itself.
    pub expires_at: Option<Timestamp>,
}

/// What kind of thing signed a caller in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum SignInKind {
    /// A token of this registry.
    Token,
    /// The registry's shared key.
    Key,
    /// Nothing: the registry is in open mode.
    Open,
    /// A token of an identity provider.
    Identity,
    /// A token of a run of a workflow.
    Workflow,
}

/// `GET /auth/v1/user`: what existing clients ask of Supabase to learn the caller's name.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct UserRecord {
    /// The user's id.
    pub id: String,
    /// Always `authenticated`.
    pub role: String,
    /// Null when unknown.
    pub email: Option<String>,
    /// Where those clients look for the name.
    pub user_metadata: UserMetadata,
    /// When the account was made.
    pub created_at: Timestamp,
}

/// `POST /auth/v1/token?grant_type=refresh_token`. It has no `Debug`, since it holds a token.
#[derive(Deserialize, ToSchema)]
pub struct RefreshRequest {
    /// A token
    pub refresh_token: String,
}

/// What existing clients expect for a refresh token. It has no `Debug`, since it holds a token.
#[derive(Serialize, ToSchema)]
pub struct Session {
    /// The same token
    pub access_token: String,
    /// Always `bearer`.
    pub token_type: String,
    /// For how many seconds it is good yet; if it does not end by itself, after how many to ask again
    pub expires_in: i64,
    /// The same token
    pub refresh_token: String,
    /// Whom it signs in.
    pub user: UserRecord,
}

/// The part of [`UserRecord`] that holds names.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct UserMetadata {
    /// The user's name.
    pub username: String,
    /// The user's name.
    pub user_name: String,
    /// The name for people; the user's name if there is none.
    pub full_name: String,
}

/// A row of `GET /rest/v1/profiles`: the public part of a profile.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ProfileRow {
    /// The user's id.
    pub id: String,
    /// The user's name.
    pub username: String,
    /// The name for people.
    pub display_name: Option<String>,
    /// A picture.
    pub avatar_url: Option<String>,
}

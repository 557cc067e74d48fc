//! A user's tokens.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{Scope, Timestamp};

/// `POST /auth/tokens`. Other fields are refused: a token whose scopes stand under a wrong name would
/// be one for everything.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TokenRequest {
    /// What the token is for, for its user; may be absent
    #[serde(default)]
    #[schema(example = "ci")]
    pub name: Option<String>,
    /// What the token may be used for; none or absent: all that its user may do, as far as the token
    /// that asks may do it
    #[serde(default)]
    #[schema(example = json!(["read", "publish:alice/*"]))]
    pub scopes: Vec<String>,
    /// How long it lives: a number and `m`, `h` or `d`; if absent 90 days, or as long as the token
    /// that asks
    #[serde(default)]
    #[schema(example = "30d")]
    pub expires_in: Option<String>,
}

/// A new token, with its secret, which is never shown again. It has no `Debug`.
#[derive(Serialize, ToSchema)]
pub struct TokenCreated {
    /// The secret
    pub token: String,
    /// What is shown of it from now on
    #[serde(flatten)]
    pub info: TokenInfo,
}

/// A token, without its secret.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TokenInfo {
    /// By which it is revoked.
    pub id: String,
    /// Whose it is.
    pub username: String,
    /// What it is for; may be empty.
    pub name: String,
    /// What it may be used for; none: all that its user may do.
    pub scopes: Vec<Scope>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Until when it is good.
    pub expires_at: Timestamp,
    /// When it was used last, to the minute; null if never.
    pub last_used_at: Option<Timestamp>,
    /// Since when it is no good any more; null if it was not revoked.
    pub revoked_at: Option<Timestamp>,
}

/// `GET /auth/tokens`: the newest first.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TokenList {
    /// Tokens, dead ones that are still kept included.
    pub tokens: Vec<TokenInfo>,
}

//! Who the caller is.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Timestamp;

/// `GET /auth/me`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
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

//! Users, their tools, and whom they trust.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{Timestamp, ToolName, Version, Visibility};

/// `GET /users/U`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct UserInfo {
    /// The user's name.
    pub username: String,
    /// The name for people.
    pub display_name: Option<String>,
    /// A picture.
    pub avatar_url: Option<String>,
    /// When the account was made.
    pub created_at: Timestamp,
    /// How many public tools the user has.
    pub tools_count: u64,
    /// The same, under the name that the documentation of existing clients uses.
    pub tools_published: u64,
}

/// `GET /tools/users/U`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct UserProfile {
    /// The user's name.
    pub username: String,
    /// The name for people.
    pub display_name: Option<String>,
    /// A picture.
    pub avatar_url: Option<String>,
    /// When the account was made.
    pub created_at: Timestamp,
    /// How many public tools the user has.
    pub public_tool_count: u64,
}

/// `GET /tools/users/U/tools`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct UserTools {
    /// The rows of this page, by name.
    pub tools: Vec<UserTool>,
    /// How many there are that the caller sees here.
    pub total: u64,
    /// Rows asked for.
    pub limit: u32,
    /// Rows skipped.
    pub offset: u32,
    /// Whether the caller is that user.
    pub is_own_profile: bool,
}

/// A tool of a user.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct UserTool {
    /// The tool.
    pub name: ToolName,
    /// What it does.
    pub description: String,
    /// Tags.
    pub tags: Vec<String>,
    /// The licence, empty when not stated.
    pub license: String,
    /// Who may see it.
    pub visibility: Visibility,
    /// The latest version.
    pub version: Version,
    /// Downloads of all versions.
    pub downloads: u64,
    /// First publish.
    pub created_at: Timestamp,
    /// Last publish, yank or change of visibility.
    pub updated_at: Timestamp,
}

/// `GET /users/U/trust`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct TrustList {
    /// Whose list it is.
    pub username: String,
    /// Whom the user trusts.
    pub trusted_auditors: Vec<TrustedAuditor>,
}

/// Somebody whom a user trusts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TrustedAuditor {
    /// Like `github:bob`.
    pub identity: String,
    /// Since when.
    pub added_at: Timestamp,
}

/// Body of `PUT /users/me/trust`: the whole new list.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct TrustRequest {
    /// Identities like `github:bob`; at most 500, each at most 500 characters.
    pub trusted_auditors: Vec<String>,
}

/// 200 of `PUT /users/me/trust`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct TrustListChanged {
    /// The list as it is now.
    pub trusted_auditors: Vec<TrustedAuditor>,
    /// When it changed.
    pub updated_at: Timestamp,
}

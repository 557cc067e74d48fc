//! Organisations and their members.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{OwnerName, Role, Timestamp, ToolName, Version, Visibility};

/// An organisation: `GET /orgs/O`, 201 of `POST /orgs`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct OrgInfo {
    /// Never changes.
    pub id: String,
    /// Without the `@`.
    pub name: OwnerName,
    /// The name for people.
    pub display_name: Option<String>,
    /// What it is.
    pub description: Option<String>,
    /// A picture.
    pub avatar_url: Option<String>,
    /// The id of the user who made it.
    pub created_by: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// How many members it has.
    pub member_count: u64,
    /// How many public tools it has.
    pub tool_count: u64,
}

/// Body of `POST /orgs`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct OrgRequest {
    /// With or without the `@`; upper case is lowered.
    pub name: String,
    /// The name for people, at most 500 characters.
    #[serde(default)]
    pub display_name: Option<String>,
    /// What it is, at most 1,024 characters.
    #[serde(default)]
    pub description: Option<String>,
}

/// `GET /orgs/O/members`, in the order in which they joined.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Members {
    /// All members.
    pub members: Vec<Member>,
}

/// A member of an organisation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Member {
    /// The user's id.
    pub user_id: String,
    /// The user's name.
    pub username: String,
    /// The name for people.
    pub display_name: Option<String>,
    /// A picture.
    pub avatar_url: Option<String>,
    /// What the user may do.
    pub role: Role,
    /// Since when.
    pub added_at: Timestamp,
}

/// Body of `POST /orgs/O/members`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct MemberRequest {
    /// Who joins.
    pub username: String,
    /// `member` if absent.
    #[serde(default)]
    pub role: Option<String>,
}

/// Body of `PATCH /orgs/O/members/U`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct RoleRequest {
    /// `member`, `admin` or `owner`.
    pub role: String,
}

/// 201 of a member who was added, 200 of one whose role changed.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct MemberChanged {
    /// The user's name.
    pub username: OwnerName,
    /// What the user may do now.
    pub role: Role,
    /// The organisation.
    pub org: OwnerName,
}

/// 200 of a member who was removed.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct MemberRemoved {
    /// The user's name.
    pub removed: OwnerName,
    /// The organisation.
    pub org: OwnerName,
}

/// `GET /orgs/O/tools`: the public ones.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct OrgTools {
    /// The rows of this page, by name.
    pub tools: Vec<OrgTool>,
    /// How many there are.
    pub total: u64,
    /// Rows asked for.
    pub limit: u32,
    /// Rows skipped.
    pub offset: u32,
}

/// A tool of an organisation.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct OrgTool {
    /// The tool.
    pub name: ToolName,
    /// What it does.
    pub description: String,
    /// Tags.
    pub tags: Vec<String>,
    /// The latest version.
    pub version: Version,
    /// Downloads of all versions.
    pub downloads: u64,
    /// Who may see it.
    pub visibility: Visibility,
}

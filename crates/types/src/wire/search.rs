//! Search results.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::tool::Author;
use crate::{ToolName, Version, Visibility};

/// `GET /tools/search`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SearchPage {
    /// The rows of this page.
    pub tools: Vec<SearchRow>,
    /// How many tools match, after all filters.
    pub total: u64,
    /// Rows asked for.
    pub limit: u32,
    /// Rows skipped.
    pub offset: u32,
    /// `text`, or `browse` for an empty query.
    pub search_type: String,
}

/// One match of a search.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SearchRow {
    /// The tool.
    pub name: ToolName,
    /// What it does.
    pub description: String,
    /// Tags.
    pub tags: Vec<String>,
    /// The latest version.
    pub version: Version,
    /// The namespace that owns it.
    pub author: Author,
    /// Downloads of all versions.
    pub downloads: u64,
    /// How far it is trusted.
    pub trust_status: TrustStatus,
    /// Who may see it.
    pub visibility: Visibility,
}

/// How far a tool is trusted.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
pub struct TrustStatus {
    /// How many auditors attest to it.
    pub auditor_count: u32,
}

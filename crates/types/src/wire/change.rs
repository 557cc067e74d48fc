//! Yanking and visibility.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{Timestamp, ToolName, Version, Visibility};

/// Body of `POST …/yank`; every field may be absent.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
pub struct YankRequest {
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What to use instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replacement_version: Option<String>,
}

/// 200 of a yank.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Yanked {
    /// Always true.
    pub yanked: bool,
    /// The version.
    pub version: Version,
    /// Why.
    pub reason: Option<String>,
    /// What to use instead.
    pub replacement_version: Option<String>,
    /// When; the first time, if it was yanked before.
    pub yanked_at: Timestamp,
}

/// 200 of an unyank.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Unyanked {
    /// Always false.
    pub yanked: bool,
    /// The version.
    pub version: Version,
    /// When.
    pub unyanked_at: Timestamp,
}

/// Body of `PATCH …/visibility`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct VisibilityRequest {
    /// `public`, `unlisted` or `private`.
    pub visibility: String,
}

/// 200 of a change of visibility.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct VisibilityChanged {
    /// The tool.
    pub name: ToolName,
    /// What it is now.
    pub visibility: Visibility,
    /// Always true.
    pub updated: bool,
}

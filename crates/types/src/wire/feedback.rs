//! What users say of tools: ratings, reviews, reports of problems.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{Timestamp, Version};

/// Body of `POST /tools/N/feedback`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct FeedbackRequest {
    /// 1 to 5.
    #[schema(minimum = 1, maximum = 5)]
    pub rating: i64,
    /// The version that was used.
    pub version: String,
    /// At most 4,000 characters.
    #[serde(default)]
    pub comment: Option<String>,
}

/// `GET /tools/N/feedback`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Feedback {
    /// The average, to two decimals; 0 while nobody has rated.
    pub rating: f64,
    /// How many users have rated.
    pub rating_count: u64,
    /// Downloads of all versions.
    pub downloads: u64,
}

/// `GET /tools/N/feedback/reviews`, newest first.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Reviews {
    /// The rows of this page.
    pub reviews: Vec<Review>,
    /// How many there are.
    pub total: u64,
    /// Rows asked for.
    pub limit: u32,
    /// Rows skipped.
    pub offset: u32,
}

/// What one user said; 201 of `POST /tools/N/feedback`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Review {
    /// Who.
    pub username: String,
    /// 1 to 5.
    pub rating: u8,
    /// The version that was used.
    pub version: Version,
    /// In the user's words.
    pub comment: Option<String>,
    /// When, or when it was last changed.
    pub created_at: Timestamp,
}

/// Body of `POST /tools/N/versions/V/reports`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ReportRequest {
    /// `low`, `medium`, `high` or `critical`.
    pub severity: String,
    /// Like `security` or `malware`; at most 64 characters.
    pub category: String,
    /// What is wrong; at most 4,000 characters.
    pub description: String,
    /// What shows it; at most 16,000 characters.
    #[serde(default)]
    pub evidence: Option<String>,
}

/// 201 of a report.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Report {
    /// Its id.
    pub id: String,
    /// `open`.
    pub status: String,
    /// When it was filed.
    pub created_at: Timestamp,
}

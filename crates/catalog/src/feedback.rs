//! Ratings and reviews: one of each user for each tool.

use enact_types::{Timestamp, Version};
use sqlx::Row;

use crate::tools::{count, ok, parsed};
use crate::{Catalog, CatalogError};

/// What one user said of a tool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReviewRecord {
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

impl Catalog {
    /// Keeps what a user says of a tool, in place of what the user said before.
    pub async fn set_feedback(
        &self,
        tool_id: &str,
        user_id: &str,
        review: &ReviewRecord,
    ) -> Result<(), CatalogError> {
        let mut tx = self.begin().await?;
        sqlx::query(
            "INSERT INTO tool_feedback (tool_id, user_id, rating, version, comment, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (tool_id, user_id) DO UPDATE SET \
             rating = excluded.rating, version = excluded.version, comment = excluded.comment, \
             created_at = excluded.created_at",
        )
        .bind(tool_id)
        .bind(user_id)
        .bind(i64::from(review.rating))
        .bind(review.version.as_str())
        .bind(review.comment.as_deref())
        .bind(review.created_at.to_string())
        .execute(&mut *tx)
        .await
        .map_err(CatalogError::of_saying)?;
        tx.commit().await?;
        Ok(())
    }

    /// The sum of a tool's ratings, and how many there are.
    pub async fn ratings(&self, tool_id: &str) -> Result<(u64, u64), CatalogError> {
        let row = sqlx::query(
            "SELECT CAST(COALESCE(SUM(rating), 0) AS BIGINT) AS total, COUNT(*) AS ratings \
             FROM tool_feedback WHERE tool_id = $1",
        )
        .bind(tool_id)
        .fetch_one(&self.readers)
        .await?;
        Ok((count(&row, "total")?, count(&row, "ratings")?))
    }

    /// A page of what users said of a tool, newest first.
    pub async fn reviews(
        &self,
        tool_id: &str,
        limit: u32,
        offset: u32,
    ) -> Result<Vec<ReviewRecord>, CatalogError> {
        let rows = sqlx::query(
            "SELECT p.username, f.rating, f.version, f.comment, f.created_at FROM tool_feedback f \
             JOIN profiles p ON p.id = f.user_id WHERE f.tool_id = $1 \
             ORDER BY f.created_at DESC, p.username LIMIT $2 OFFSET $3",
        )
        .bind(tool_id)
        .bind(i64::from(limit))
        .bind(i64::from(offset))
        .fetch_all(&self.readers)
        .await?;
        rows.iter()
            .map(|row| {
                Ok(ReviewRecord {
                    username: row.try_get("username")?,
                    rating: u8::try_from(row.try_get::<i64, _>("rating")?)
                        .map_err(|error| CatalogError::internal("rating", error))?,
                    version: parsed(row, "version", ok(Version::parse))?,
                    comment: row.try_get("comment")?,
                    created_at: parsed(row, "created_at", Timestamp::parse)?,
                })
            })
            .collect()
    }
}

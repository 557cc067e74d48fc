//! How often bundles were downloaded.

use enact_types::Timestamp;

use crate::{Catalog, CatalogError};

impl Catalog {
    /// Adds downloads of versions, by their ids, to the totals and to the day of `now`. All or
    /// nothing, so that a caller can repeat it. An id that does not exist is passed over.
    pub async fn add_downloads(
        &self,
        counts: &[(String, u64)],
        now: Timestamp,
    ) -> Result<(), CatalogError> {
        let day = now.to_string();
        let day = day.split('T').next().unwrap_or(&day);
        let mut tx = self.begin().await?;
        for (version_id, count) in counts {
            let count = count.cast_signed();
            let updated =
                sqlx::query("UPDATE tool_versions SET downloads = downloads + $1 WHERE id = $2")
                    .bind(count)
                    .bind(version_id)
                    .execute(&mut *tx)
                    .await?;
            if updated.rows_affected() == 0 {
                continue;
            }
            sqlx::query(
                "UPDATE tools SET total_downloads = total_downloads + $1 \
                 WHERE id = (SELECT tool_id FROM tool_versions WHERE id = $2)",
            )
            .bind(count)
            .bind(version_id)
            .execute(&mut *tx)
            .await?;
            sqlx::query(
                "INSERT INTO download_counts (tool_version_id, day, downloads) VALUES ($1, $2, $3) \
                 ON CONFLICT (tool_version_id, day) \
                 DO UPDATE SET downloads = download_counts.downloads + excluded.downloads",
            )
            .bind(version_id)
            .bind(day)
            .bind(count)
            .execute(&mut *tx)
            .await?;
        }
        tx.commit().await?;
        Ok(())
    }
}

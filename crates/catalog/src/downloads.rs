//! How often bundles were downloaded.

use std::collections::BTreeMap;

use enact_types::Timestamp;
use sqlx::{Any, Transaction};

use crate::search::refresh_downloads;
use crate::{Catalog, CatalogError};

/// Downloads of one version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DownloadCount {
    /// The tool's id.
    pub tool_id: String,
    /// The version's id.
    pub version_id: String,
    /// How many.
    pub downloads: u64,
}

impl Catalog {
    /// Adds downloads to the totals and to the day of `now`. All or nothing, so that a caller can
    /// repeat it. A version that does not exist is passed over.
    pub async fn add_downloads(
        &self,
        counts: &[DownloadCount],
        now: Timestamp,
    ) -> Result<(), CatalogError> {
        let day = now.to_string();
        let day = day.split('T').next().unwrap_or(&day);
        let mut totals = BTreeMap::<&str, u64>::new();
        for count in counts {
            *totals.entry(&count.tool_id).or_default() += count.downloads;
        }
        let mut tx = self.begin().await?;
        // Tools first and in order, as every transaction that locks a tool and its versions does:
        // else two of them could wait for each other.
        for (tool_id, downloads) in &totals {
            sqlx::query("UPDATE tools SET total_downloads = total_downloads + $1 WHERE id = $2")
                .bind(downloads.cast_signed())
                .bind(*tool_id)
                .execute(&mut *tx)
                .await?;
        }
        for count in counts {
            add_to_version(&mut tx, count, day).await?;
        }
        let tool_ids: Vec<&str> = totals.into_keys().collect();
        refresh_downloads(&mut tx, &tool_ids).await?;
        tx.commit().await?;
        Ok(())
    }
}

async fn add_to_version(
    tx: &mut Transaction<'static, Any>,
    count: &DownloadCount,
    day: &str,
) -> Result<(), CatalogError> {
    let downloads = count.downloads.cast_signed();
    let updated = sqlx::query("UPDATE tool_versions SET downloads = downloads + $1 WHERE id = $2")
        .bind(downloads)
        .bind(&count.version_id)
        .execute(&mut **tx)
        .await?;
    if updated.rows_affected() == 0 {
        return Ok(());
    }
    sqlx::query(
        "INSERT INTO download_counts (tool_version_id, day, downloads) VALUES ($1, $2, $3) \
         ON CONFLICT (tool_version_id, day) \
         DO UPDATE SET downloads = download_counts.downloads + excluded.downloads",
    )
    .bind(&count.version_id)
    .bind(day)
    .bind(downloads)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

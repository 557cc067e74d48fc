//! Whom users trust.

use enact_types::Timestamp;
use sqlx::Row;

use crate::tools::parsed;
use crate::{Catalog, CatalogError};

impl Catalog {
    /// The identities that a user trusts and since when, in the order in which they were added.
    pub async fn trusted_auditors(
        &self,
        user_id: &str,
    ) -> Result<Vec<(String, Timestamp)>, CatalogError> {
        let rows = sqlx::query(
            "SELECT identity, added_at FROM trusted_auditors WHERE user_id = $1 ORDER BY added_at, identity",
        )
        .bind(user_id)
        .fetch_all(&self.readers)
        .await?;
        rows.iter()
            .map(|row| {
                Ok((
                    row.try_get("identity")?,
                    parsed(row, "added_at", Timestamp::parse)?,
                ))
            })
            .collect()
    }

    /// Replaces the list of a user; identities that stay keep their time.
    pub async fn set_trusted_auditors(
        &self,
        user_id: &str,
        identities: &[String],
        now: Timestamp,
    ) -> Result<(), CatalogError> {
        let mut tx = self.begin().await?;
        // Two changes at once: the second waits, and then replaces the first as a whole.
        sqlx::query("UPDATE profiles SET username = username WHERE id = $1")
            .bind(user_id)
            .execute(&mut *tx)
            .await?;
        let rows = sqlx::query("SELECT identity FROM trusted_auditors WHERE user_id = $1")
            .bind(user_id)
            .fetch_all(&mut *tx)
            .await?;
        for row in &rows {
            let identity: String = row.try_get("identity")?;
            if !identities.contains(&identity) {
                sqlx::query("DELETE FROM trusted_auditors WHERE user_id = $1 AND identity = $2")
                    .bind(user_id)
                    .bind(identity)
                    .execute(&mut *tx)
                    .await?;
            }
        }
        for identity in identities {
            sqlx::query(
                "INSERT INTO trusted_auditors (user_id, identity, added_at) VALUES ($1, $2, $3) \
                 ON CONFLICT (user_id, identity) DO NOTHING",
            )
            .bind(user_id)
            .bind(identity)
            .bind(now.to_string())
            .execute(&mut *tx)
            .await?;
        }
        tx.commit().await?;
        Ok(())
    }
}

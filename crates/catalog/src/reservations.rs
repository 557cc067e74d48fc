//! Who is publishing what right now, and what attempts that failed may have left.

use enact_types::{Timestamp, ToolName, Version};
use sqlx::any::AnyRow;
use sqlx::{Any, Row, Transaction};

use crate::tools::{ok, parsed};
use crate::{Catalog, CatalogError, Excess, delete, usage};

/// The right to publish one version, until it expires.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reservation {
    /// The tool.
    pub name: ToolName,
    /// The version.
    pub version: Version,
    /// 1 for the first attempt at this version, ever; each further one is higher, whatever became
    /// of those before, so that an object key made from it is written once.
    pub attempt: u32,
    /// Tells this attempt from all others.
    pub(crate) token: String,
}

/// Answer to a wish to publish.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reserve {
    /// Go ahead.
    Granted(Reservation),
    /// The version is published.
    Exists,
    /// Somebody else is publishing it right now.
    InProgress,
    /// A tool of that name was deleted; nobody publishes under it again.
    Deleted,
    /// There is as much under that name as there may be; nothing changed.
    OverQuota(Excess),
}

impl Catalog {
    /// Reserves (`name`, `version`) until `expires_at`. Of many callers at once one is granted it.
    /// `token` must be unguessable and new. An expired reservation is taken over, and the attempt
    /// that held it noted as abandoned.
    pub async fn reserve(
        &self,
        name: &ToolName,
        version: &Version,
        token: &str,
        now: Timestamp,
        expires_at: Timestamp,
    ) -> Result<Reserve, CatalogError> {
        self.reserve_for(name, version, token, now, expires_at, 0)
            .await
    }

    /// As [`Catalog::reserve`], and refused already here if the quota leaves no room for a bundle
    /// of `bundle_size` bytes. What is granted may still be refused by the commit, if others take
    /// the room before.
    pub async fn reserve_for(
        &self,
        name: &ToolName,
        version: &Version,
        token: &str,
        now: Timestamp,
        expires_at: Timestamp,
        bundle_size: u64,
    ) -> Result<Reserve, CatalogError> {
        let mut tx = self.begin().await?;
        // Of an attempt that died nobody knows what it uploaded.
        let dead = sqlx::query(
            "UPDATE publish_reservations SET token = '', expires_at = '' \
             WHERE name = $1 AND version = $2 AND token <> '' AND expires_at <= $3 \
             RETURNING name, version, attempt",
        )
        .bind(name.as_str())
        .bind(version.as_str())
        .bind(now.to_string())
        .fetch_optional(&mut *tx)
        .await?;
        if let Some(row) = dead {
            let (name, version, attempt) = attempt_from(&row)?;
            note_abandoned(&mut tx, &name, &version, attempt).await?;
        }
        let row = sqlx::query(
            "INSERT INTO publish_reservations (name, version, attempt, token, expires_at) VALUES ($1, $2, 1, $3, $4) \
             ON CONFLICT (name, version) DO UPDATE SET attempt = publish_reservations.attempt + 1, \
             token = excluded.token, expires_at = excluded.expires_at WHERE publish_reservations.expires_at <= $5 \
             RETURNING attempt",
        )
        .bind(name.as_str())
        .bind(version.as_str())
        .bind(token)
        .bind(expires_at.to_string())
        .bind(now.to_string())
        .fetch_optional(&mut *tx)
        .await?;
        let Some(row) = row else {
            return Ok(Reserve::InProgress);
        };
        // After the reservation, not before: a commit between the two would be missed.
        if version_exists(&mut tx, name, version).await? {
            return Ok(Reserve::Exists);
        }
        if delete::is_deleted(&mut tx, name).await? {
            return Ok(Reserve::Deleted);
        }
        if let Some(excess) = usage::foresee(&mut tx, self.quota, name, bundle_size).await? {
            return Ok(Reserve::OverQuota(excess));
        }
        let attempt: i64 = row.try_get("attempt")?;
        let attempt =
            u32::try_from(attempt).map_err(|error| CatalogError::internal("attempt", error))?;
        tx.commit().await?;
        let (name, version, token) = (name.clone(), version.clone(), token.to_owned());
        Ok(Reserve::Granted(Reservation {
            name,
            version,
            attempt,
            token,
        }))
    }

    /// Extends a reservation; false if it is no longer the caller's.
    pub async fn renew(
        &self,
        reservation: &Reservation,
        expires_at: Timestamp,
    ) -> Result<bool, CatalogError> {
        let mut tx = self.begin().await?;
        let done = sqlx::query(
            "UPDATE publish_reservations SET expires_at = $1 \
             WHERE name = $2 AND version = $3 AND token = $4",
        )
        .bind(expires_at.to_string())
        .bind(reservation.name.as_str())
        .bind(reservation.version.as_str())
        .bind(&reservation.token)
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(done.rows_affected() == 1)
    }

    /// Gives a reservation back after a failure, so that the next attempt need not wait for its
    /// expiry. True means that the attempt, whose object is `bundle_path`, was not committed and
    /// cannot be any more; it is then noted as abandoned (see [`Catalog::abandoned`]).
    pub async fn release(
        &self,
        reservation: &Reservation,
        bundle_path: &str,
    ) -> Result<bool, CatalogError> {
        let mut tx = self.begin().await?;
        // Waits for a commit of this attempt whose answer was lost: it deletes the same row.
        let held = sqlx::query(
            "UPDATE publish_reservations SET token = '', expires_at = '' \
             WHERE name = $1 AND version = $2 AND token = $3",
        )
        .bind(reservation.name.as_str())
        .bind(reservation.version.as_str())
        .bind(&reservation.token)
        .execute(&mut *tx)
        .await?;
        if held.rows_affected() == 0 {
            let row = sqlx::query("SELECT id FROM tool_versions WHERE bundle_path = $1")
                .bind(bundle_path)
                .fetch_optional(&mut *tx)
                .await?;
            if row.is_some() {
                return Ok(false);
            }
        }
        let Reservation { name, version, .. } = reservation;
        note_abandoned(&mut tx, name, version, reservation.attempt).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Takes reservations that expired before `now` from their holders, which died, and notes the
    /// attempts as abandoned. At most `limit` of them; returns how many.
    pub async fn take_expired(&self, now: Timestamp, limit: u32) -> Result<usize, CatalogError> {
        let mut tx = self.begin().await?;
        // The condition stands twice: on Postgres a row that changed since the inner query is
        // checked against the outer one alone.
        let rows = sqlx::query(
            "UPDATE publish_reservations SET token = '', expires_at = '' WHERE (name, version) IN \
             (SELECT name, version FROM publish_reservations WHERE token <> '' AND expires_at <= $1 LIMIT $2) \
             AND token <> '' AND expires_at <= $1 RETURNING name, version, attempt",
        )
        .bind(now.to_string())
        .bind(i64::from(limit))
        .fetch_all(&mut *tx)
        .await?;
        for row in &rows {
            let (name, version, attempt) = attempt_from(row)?;
            note_abandoned(&mut tx, &name, &version, attempt).await?;
        }
        tx.commit().await?;
        Ok(rows.len())
    }

    /// Attempts that were not committed and never will be, and may have left an object; at most
    /// `limit`.
    pub async fn abandoned(
        &self,
        limit: u32,
    ) -> Result<Vec<(ToolName, Version, u32)>, CatalogError> {
        let rows = sqlx::query("SELECT name, version, attempt FROM abandoned_attempts LIMIT $1")
            .bind(i64::from(limit))
            .fetch_all(&self.readers)
            .await?;
        rows.iter().map(attempt_from).collect()
    }

    /// Forgets an abandoned attempt, whose object is gone.
    pub async fn forget_abandoned(
        &self,
        name: &ToolName,
        version: &Version,
        attempt: u32,
    ) -> Result<(), CatalogError> {
        let mut tx = self.begin().await?;
        sqlx::query(
            "DELETE FROM abandoned_attempts WHERE name = $1 AND version = $2 AND attempt = $3",
        )
        .bind(name.as_str())
        .bind(version.as_str())
        .bind(i64::from(attempt))
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(())
    }
}

async fn note_abandoned(
    tx: &mut Transaction<'static, Any>,
    name: &ToolName,
    version: &Version,
    attempt: u32,
) -> Result<(), CatalogError> {
    sqlx::query(
        "INSERT INTO abandoned_attempts (name, version, attempt) VALUES ($1, $2, $3) \
         ON CONFLICT (name, version, attempt) DO NOTHING",
    )
    .bind(name.as_str())
    .bind(version.as_str())
    .bind(i64::from(attempt))
    .execute(&mut **tx)
    .await?;
    Ok(())
}

fn attempt_from(row: &AnyRow) -> Result<(ToolName, Version, u32), CatalogError> {
    let attempt: i64 = row.try_get("attempt")?;
    let attempt =
        u32::try_from(attempt).map_err(|error| CatalogError::internal("attempt", error))?;
    let name = parsed(row, "name", ok(ToolName::parse))?;
    Ok((name, parsed(row, "version", ok(Version::parse))?, attempt))
}

async fn version_exists(
    tx: &mut Transaction<'static, Any>,
    name: &ToolName,
    version: &Version,
) -> Result<bool, CatalogError> {
    let row = sqlx::query(
        "SELECT v.id FROM tool_versions v JOIN tools t ON t.id = v.tool_id WHERE t.name = $1 AND v.version = $2",
    )
    .bind(name.as_str())
    .bind(version.as_str())
    .fetch_optional(&mut **tx)
    .await?;
    Ok(row.is_some())
}

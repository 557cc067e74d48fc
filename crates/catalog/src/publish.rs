//! Publishing: reserving a version before its bundle is uploaded, and the one transaction that
//! makes it visible.

use enact_types::{Digest, Manifest, Timestamp, ToolName, Version, Visibility};
use sqlx::{Any, Row, Transaction};

use crate::error::is_unique_violation;
use crate::owners::ensure_org;
use crate::tools::{parsed, refresh};
use crate::versions::lock_tool;
use crate::{Catalog, CatalogError, FileRecord, Org, Profile, files};

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
    token: String,
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
}

/// Everything that becomes visible with a version.
#[derive(Debug)]
pub struct NewVersion<'a> {
    /// The id of the version.
    pub id: &'a str,
    /// The id of the tool, if this is its first version.
    pub tool_id: &'a str,
    /// Who publishes.
    pub publisher: &'a Profile,
    /// The organisation that an `@org/…` name belongs to; made in the same transaction if there is
    /// none, with this id and the publisher as its owner.
    pub org: Option<&'a Org>,
    /// Who may see the tool from now on.
    pub visibility: Visibility,
    /// The manifest as sent.
    pub manifest: &'a Manifest,
    /// The text of SKILL.md.
    pub raw_manifest: Option<&'a str>,
    /// The digest of the bundle.
    pub bundle_hash: Digest,
    /// The size of the bundle, in bytes.
    pub bundle_size: u64,
    /// The object key of the bundle.
    pub bundle_path: &'a str,
    /// What the bundle holds.
    pub files: &'a [FileRecord],
    /// When it is published.
    pub now: Timestamp,
}

impl Catalog {
    /// Reserves (`name`, `version`) until `expires_at`. Of many callers at once one is granted it.
    /// `token` must be unguessable and new. An expired reservation is taken over.
    pub async fn reserve(
        &self,
        name: &ToolName,
        version: &Version,
        token: &str,
        now: Timestamp,
        expires_at: Timestamp,
    ) -> Result<Reserve, CatalogError> {
        let mut tx = self.begin().await?;
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

    /// Gives a reservation back after a failure, so that the next attempt need not wait for its
    /// expiry. True means that nothing was committed under it and nothing can be any more, so what
    /// was uploaded is garbage; false, that it was committed or taken over.
    pub async fn release(&self, reservation: &Reservation) -> Result<bool, CatalogError> {
        let mut tx = self.begin().await?;
        let done = sqlx::query("UPDATE publish_reservations SET token = '', expires_at = '' WHERE name = $1 AND version = $2 AND token = $3")
            .bind(reservation.name.as_str())
            .bind(reservation.version.as_str())
            .bind(&reservation.token)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(done.rows_affected() == 1)
    }

    /// Reservations that expired before `now` without being given back: their holders died. Each is
    /// taken from its holder by this call, so that it can no longer commit; what it uploaded, if
    /// anything, is garbage.
    pub async fn take_expired(
        &self,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<(ToolName, Version, u32)>, CatalogError> {
        let mut tx = self.begin().await?;
        let rows = sqlx::query(
            "UPDATE publish_reservations SET token = '', expires_at = '' WHERE (name, version) IN \
             (SELECT name, version FROM publish_reservations WHERE token <> '' AND expires_at <= $1 LIMIT $2) \
             RETURNING name, version, attempt",
        )
        .bind(now.to_string())
        .bind(i64::from(limit))
        .fetch_all(&mut *tx)
        .await?;
        let mut taken = Vec::with_capacity(rows.len());
        for row in &rows {
            let attempt: i64 = row.try_get("attempt")?;
            let attempt =
                u32::try_from(attempt).map_err(|error| CatalogError::internal("attempt", error))?;
            let name = parsed(row, "name", |text| ToolName::parse(text).ok())?;
            taken.push((
                name,
                parsed(row, "version", |text| Version::parse(text).ok())?,
                attempt,
            ));
        }
        tx.commit().await?;
        Ok(taken)
    }

    /// Makes the version visible, with everything that follows from it, in one transaction.
    /// False, with nothing changed, if the reservation is no longer the caller's.
    pub async fn commit(
        &self,
        reservation: &Reservation,
        new: &NewVersion<'_>,
    ) -> Result<bool, CatalogError> {
        let mut tx = self.begin().await?;
        let held = sqlx::query(
            "DELETE FROM publish_reservations WHERE name = $1 AND version = $2 AND token = $3",
        )
        .bind(reservation.name.as_str())
        .bind(reservation.version.as_str())
        .bind(&reservation.token)
        .execute(&mut *tx)
        .await?;
        if held.rows_affected() == 0 {
            return Ok(false);
        }
        let tool_id = ensure_tool(&mut tx, reservation, new).await?;
        match insert_version(&mut tx, &tool_id, reservation, new).await {
            Ok(()) => {}
            Err(error) if is_unique_violation(&error) => return Ok(false),
            Err(error) => return Err(error.into()),
        }
        files::insert(&mut tx, new.id, new.files).await?;
        refresh(&mut tx, &tool_id, new.now).await?;
        tx.commit().await?;
        Ok(true)
    }
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

/// The id of the tool, made if this is its first version, with its row locked.
async fn ensure_tool(
    tx: &mut Transaction<'static, Any>,
    reservation: &Reservation,
    new: &NewVersion<'_>,
) -> Result<String, CatalogError> {
    let org_id = match new.org {
        Some(org) => Some(ensure_org(tx, org, new.publisher, new.now).await?),
        None => None,
    };
    sqlx::query(
        "INSERT INTO tools (id, owner_id, org_id, name, short_name, visibility, latest_version, created_at, updated_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8) \
         ON CONFLICT (name) DO UPDATE SET visibility = excluded.visibility, updated_at = excluded.updated_at",
    )
    .bind(new.tool_id)
    .bind(&new.publisher.id)
    .bind(org_id)
    .bind(reservation.name.as_str())
    .bind(reservation.name.short_name())
    .bind(new.visibility.as_str())
    .bind(reservation.version.as_str())
    .bind(new.now.to_string())
    .execute(&mut **tx)
    .await?;
    let row = sqlx::query("SELECT id FROM tools WHERE name = $1")
        .bind(reservation.name.as_str())
        .fetch_one(&mut **tx)
        .await?;
    let id: String = row.try_get("id")?;
    lock_tool(tx, &id, new.now).await?;
    Ok(id)
}

async fn insert_version(
    tx: &mut Transaction<'static, Any>,
    tool_id: &str,
    reservation: &Reservation,
    new: &NewVersion<'_>,
) -> Result<(), sqlx::Error> {
    let encode = |error: serde_json::Error| sqlx::Error::Encode(error.into());
    sqlx::query(
        "INSERT INTO tool_versions (id, tool_id, version, description, license, tags, repository_url, homepage_url, \
         manifest, raw_manifest, bundle_hash, bundle_size, bundle_path, published_by, published_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
    )
    .bind(new.id)
    .bind(tool_id)
    .bind(reservation.version.as_str())
    .bind(&new.manifest.description)
    .bind(new.manifest.license.as_deref())
    .bind(serde_json::to_string(&new.manifest.tags).map_err(encode)?)
    .bind(new.manifest.repository.as_deref())
    .bind(new.manifest.homepage.as_deref())
    .bind(serde_json::to_string(&new.manifest.fields).map_err(encode)?)
    .bind(new.raw_manifest)
    .bind(new.bundle_hash.to_string())
    .bind(new.bundle_size.cast_signed())
    .bind(new.bundle_path)
    .bind(&new.publisher.id)
    .bind(new.now.to_string())
    .execute(&mut **tx)
    .await?;
    Ok(())
}

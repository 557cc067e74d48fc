//! What auditors said of versions.

use enact_types::Timestamp;
use sqlx::any::AnyRow;
use sqlx::{Any, Row, Transaction};

use crate::tools::{count, parsed};
use crate::{Catalog, CatalogError};

/// An attestation, but for its bundle, which can be large.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttestationRecord {
    /// The identity in the certificate.
    pub auditor: String,
    /// Who vouched for it.
    pub auditor_provider: String,
    /// When it was taken in.
    pub signed_at: Timestamp,
    /// The id of its log entry, or empty.
    pub rekor_log_id: String,
    /// The number of its log entry.
    pub rekor_log_index: Option<u64>,
}

/// An attestation to be kept.
#[derive(Debug)]
pub struct NewAttestation<'a> {
    /// A fresh id.
    pub id: &'a str,
    /// What listings show of it.
    pub record: &'a AttestationRecord,
    /// The Sigstore bundle as it was sent.
    pub bundle: &'a str,
    /// The id of the user who sent it.
    pub submitted_by: &'a str,
}

/// What became of an attestation that was to be revoked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Revocation {
    /// It is revoked.
    Done,
    /// Somebody else sent it; nothing changed.
    NotTheirs,
    /// There is none, or it was revoked before.
    Missing,
}

impl Catalog {
    /// Keeps an attestation; false if there is one of the same auditor that is not revoked.
    pub async fn add_attestation(
        &self,
        version_id: &str,
        new: &NewAttestation<'_>,
    ) -> Result<bool, CatalogError> {
        let mut tx = self.begin().await?;
        let added = insert(&mut tx, version_id, new).await?;
        tx.commit().await?;
        Ok(added)
    }

    /// The attestations of a version, newest first, without revoked ones: a page of them, and how
    /// many there are.
    pub async fn attestations(
        &self,
        version_id: &str,
        limit: u32,
        offset: u32,
    ) -> Result<(Vec<AttestationRecord>, u64), CatalogError> {
        let rows = sqlx::query(
            "SELECT auditor, auditor_provider, signed_at, rekor_log_id, rekor_log_index, \
             (SELECT COUNT(*) FROM attestations a WHERE a.tool_version_id = $1 AND a.revoked_at IS NULL) AS total \
             FROM attestations WHERE tool_version_id = $1 AND revoked_at IS NULL ORDER BY signed_at DESC, auditor LIMIT $2 OFFSET $3",
        )
        .bind(version_id)
        .bind(i64::from(limit))
        .bind(i64::from(offset))
        .fetch_all(&self.readers)
        .await?;
        let total = match rows.first() {
            Some(row) => count(row, "total")?,
            None if offset == 0 && limit > 0 => 0,
            // Beyond the end no row says how many there are.
            None => self.attestation_count(version_id).await?,
        };
        let records = rows.iter().map(record_from).collect::<Result<_, _>>()?;
        Ok((records, total))
    }

    async fn attestation_count(&self, version_id: &str) -> Result<u64, CatalogError> {
        let row = sqlx::query(
            "SELECT COUNT(*) AS total FROM attestations WHERE tool_version_id = $1 AND revoked_at IS NULL",
        )
        .bind(version_id)
        .fetch_one(&self.readers)
        .await?;
        count(&row, "total")
    }

    /// The Sigstore bundle of an auditor's attestation, as it was sent.
    pub async fn attestation_bundle(
        &self,
        version_id: &str,
        auditor: &str,
    ) -> Result<Option<String>, CatalogError> {
        let row = sqlx::query(
            "SELECT bundle FROM attestations WHERE tool_version_id = $1 AND auditor = $2 AND revoked_at IS NULL",
        )
        .bind(version_id)
        .bind(auditor)
        .fetch_optional(&self.readers)
        .await?;
        row.map(|row| Ok(row.try_get("bundle")?)).transpose()
    }

    /// Revokes an auditor's attestation, if the user `by` sent it, or for the operator, who is `None`.
    pub async fn revoke_attestation(
        &self,
        version_id: &str,
        auditor: &str,
        by: Option<&str>,
        now: Timestamp,
    ) -> Result<Revocation, CatalogError> {
        let mut tx = self.begin().await?;
        let row = sqlx::query(
            "UPDATE attestations SET revoked_at = CASE WHEN submitted_by = COALESCE($1, submitted_by) THEN $2 END \
             WHERE tool_version_id = $3 AND auditor = $4 AND revoked_at IS NULL RETURNING revoked_at",
        )
        .bind(by)
        .bind(now.to_string())
        .bind(version_id)
        .bind(auditor)
        .fetch_optional(&mut *tx)
        .await?;
        let Some(row) = row else {
            return Ok(Revocation::Missing);
        };
        let revoked_at: Option<String> = row.try_get("revoked_at")?;
        if revoked_at.is_none() {
            return Ok(Revocation::NotTheirs);
        }
        tx.commit().await?;
        Ok(Revocation::Done)
    }
}

/// See [`Catalog::add_attestation`]. The place of a revoked one may be taken again.
pub(crate) async fn insert(
    tx: &mut Transaction<'static, Any>,
    version_id: &str,
    new: &NewAttestation<'_>,
) -> Result<bool, CatalogError> {
    let record = new.record;
    let done = sqlx::query(
        "INSERT INTO attestations (id, tool_version_id, auditor, auditor_provider, bundle, signed_at, \
         rekor_log_id, rekor_log_index, submitted_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) \
         ON CONFLICT (tool_version_id, auditor) DO UPDATE SET id = excluded.id, \
         auditor_provider = excluded.auditor_provider, bundle = excluded.bundle, signed_at = excluded.signed_at, \
         rekor_log_id = excluded.rekor_log_id, rekor_log_index = excluded.rekor_log_index, \
         submitted_by = excluded.submitted_by, revoked_at = NULL WHERE attestations.revoked_at IS NOT NULL",
    )
    .bind(new.id)
    .bind(version_id)
    .bind(&record.auditor)
    .bind(&record.auditor_provider)
    .bind(new.bundle)
    .bind(record.signed_at.to_string())
    .bind(&record.rekor_log_id)
    .bind(record.rekor_log_index.map(u64::cast_signed))
    .bind(new.submitted_by)
    .execute(&mut **tx)
    .await
    .map_err(CatalogError::of_saying)?;
    Ok(done.rows_affected() == 1)
}

fn record_from(row: &AnyRow) -> Result<AttestationRecord, CatalogError> {
    let index: Option<i64> = row.try_get("rekor_log_index")?;
    Ok(AttestationRecord {
        auditor: row.try_get("auditor")?,
        auditor_provider: row.try_get("auditor_provider")?,
        signed_at: parsed(row, "signed_at", Timestamp::parse)?,
        rekor_log_id: row.try_get("rekor_log_id")?,
        rekor_log_index: index.map(i64::cast_unsigned),
    })
}

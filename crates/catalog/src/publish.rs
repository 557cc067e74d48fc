//! The one transaction that makes a version visible.

use enact_types::{Digest, Manifest, Timestamp, Visibility};
use sqlx::{Any, Row, Transaction};

use crate::error::is_unique_violation;
use crate::orgs::ensure_org;
use crate::profiles::ensure_profile;
use crate::tools::{ok, parsed, refresh};
use crate::{
    Catalog, CatalogError, Excess, FileRecord, NewAttestation, NewOrg, Profile, Reservation,
    attestations, delete, files, usage,
};

/// Who a tool belongs to; made in the same transaction if there is none of that name.
#[derive(Debug)]
pub enum Owner<'a> {
    /// A user, who is given this id if there is none of that name.
    User {
        /// The first segment of the tool's name.
        username: &'a str,
        /// A fresh id.
        id: &'a str,
    },
    /// An organisation, with the publisher as its owner if it is made.
    Org(&'a NewOrg),
}

/// What became of a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Commit {
    /// The version is there, of a tool that has this visibility now.
    Done(Visibility),
    /// The reservation is no longer the caller's; nothing changed.
    Lost,
    /// A tool of that name was deleted, so nobody publishes it again; nothing changed.
    Deleted,
    /// The name's first segment is a user's and should be an organisation's, or the other way
    /// round; nothing changed.
    NameTaken,
    /// There would be more under that name than there may be; nothing changed.
    OverQuota(Excess),
}

/// Whether who publishes a version may also change who sees a tool that is there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VisibilityRight {
    /// The tool gets the visibility that was sent along.
    May,
    /// The tool keeps what it has.
    MayNot,
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
    /// Who the tool belongs to.
    pub owner: Owner<'a>,
    /// Who may see the tool from now on; of a tool that is there already, if
    /// [`visibility_right`](Self::visibility_right) lets it be changed.
    pub visibility: Visibility,
    /// Whether a tool that is there already gets that visibility.
    pub visibility_right: VisibilityRight,
    /// The manifest as sent.
    pub manifest: &'a Manifest,
    /// The text of SKILL.md.
    pub raw_manifest: Option<&'a str>,
    /// The list of the bundle's files that was sent along, a JSON object.
    pub checksum_manifest: Option<&'a str>,
    /// The signature of that list that was sent along, a JSON object.
    pub sigstore_bundle: Option<&'a str>,
    /// The attestation that these make.
    pub attestation: Option<&'a NewAttestation<'a>>,
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
    /// Makes the version visible, with everything that follows from it, in one transaction.
    pub async fn commit(
        &self,
        reservation: &Reservation,
        new: &NewVersion<'_>,
    ) -> Result<Commit, CatalogError> {
        let mut tx = self.begin().await?;
        if !take_reservation(&mut tx, reservation).await? {
            return Ok(Commit::Lost);
        }
        let Some((tool_id, visibility)) = ensure_tool(&mut tx, reservation, new).await? else {
            return Ok(Commit::NameTaken);
        };
        // After the tool's row is locked: a deletion that had it before is seen now.
        if delete::is_deleted(&mut tx, &reservation.name).await? {
            return Ok(Commit::Deleted);
        }
        if !insert_version(&mut tx, &tool_id, reservation, new).await? {
            return Ok(Commit::Lost);
        }
        files::insert(&mut tx, new.id, new.files).await?;
        if let Some(attestation) = new.attestation {
            attestations::insert(&mut tx, new.id, attestation).await?;
        }
        refresh(&mut tx, &tool_id, new.now).await?;
        let growth = usage::publish(tool_id == new.tool_id, new.bundle_size);
        let namespace = reservation.name.namespace();
        if let Some(excess) = usage::grow(&mut tx, self.quota, namespace, growth).await? {
            return Ok(Commit::OverQuota(excess));
        }
        tx.commit().await?;
        Ok(Commit::Done(visibility))
    }
}

/// Ends the reservation; false if it is no longer the caller's.
pub(crate) async fn take_reservation(
    tx: &mut Transaction<'static, Any>,
    reservation: &Reservation,
) -> Result<bool, CatalogError> {
    let held = sqlx::query(
        "DELETE FROM publish_reservations WHERE name = $1 AND version = $2 AND token = $3",
    )
    .bind(reservation.name.as_str())
    .bind(reservation.version.as_str())
    .bind(&reservation.token)
    .execute(&mut **tx)
    .await?;
    Ok(held.rows_affected() == 1)
}

/// The ids of the tool's owner and, for an `@org/…` name, of its organisation; made if there are none
/// of that name. `None` if the name is taken by the other kind of owner.
pub(crate) async fn ensure_owner(
    tx: &mut Transaction<'static, Any>,
    new: &NewVersion<'_>,
) -> Result<Option<(String, Option<String>)>, CatalogError> {
    Ok(match new.owner {
        Owner::User { username, id } => ensure_profile(tx, username, id, new.now)
            .await?
            .map(|owner| (owner.id, None)),
        Owner::Org(org) => ensure_org(tx, org, &new.publisher.id, new.now)
            .await?
            .map(|org_id| (new.publisher.id.clone(), Some(org_id))),
    })
}

/// The id of the tool, made if this is its first version, with its row locked, and its visibility.
/// `None` if its owner's name is taken by the other kind of owner.
///
/// Whether the tool is there already, and so whether the right to change its visibility is asked
/// for, is decided by the statement that writes: another publish, or a change of the visibility,
/// may come in between everything else.
async fn ensure_tool(
    tx: &mut Transaction<'static, Any>,
    reservation: &Reservation,
    new: &NewVersion<'_>,
) -> Result<Option<(String, Visibility)>, CatalogError> {
    let Some((owner_id, org_id)) = ensure_owner(tx, new).await? else {
        return Ok(None);
    };
    // The update is also what locks the row.
    let row = sqlx::query(
        "INSERT INTO tools (id, owner_id, org_id, name, short_name, visibility, latest_version, created_at, updated_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8) \
         ON CONFLICT (name) DO UPDATE SET \
         visibility = CASE WHEN $9 = 1 THEN excluded.visibility ELSE tools.visibility END, \
         updated_at = excluded.updated_at \
         RETURNING id, visibility",
    )
    .bind(new.tool_id)
    .bind(owner_id)
    .bind(org_id)
    .bind(reservation.name.as_str())
    .bind(reservation.name.short_name())
    .bind(new.visibility.as_str())
    .bind(reservation.version.as_str())
    .bind(new.now.to_string())
    .bind(i64::from(new.visibility_right == VisibilityRight::May))
    .fetch_one(&mut **tx)
    .await?;
    let visibility = parsed(&row, "visibility", ok(Visibility::parse))?;
    Ok(Some((row.try_get("id")?, visibility)))
}

/// Writes the version's row; false if there is one of that version.
pub(crate) async fn insert_version(
    tx: &mut Transaction<'static, Any>,
    tool_id: &str,
    reservation: &Reservation,
    new: &NewVersion<'_>,
) -> Result<bool, CatalogError> {
    let encode = |error: serde_json::Error| sqlx::Error::Encode(error.into());
    let inserted = sqlx::query(
        "INSERT INTO tool_versions (id, tool_id, version, description, license, tags, repository_url, homepage_url, \
         manifest, raw_manifest, bundle_hash, bundle_size, bundle_path, published_by, published_at, \
         checksum_manifest, sigstore_bundle) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)",
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
    .bind(new.checksum_manifest)
    .bind(new.sigstore_bundle)
    .execute(&mut **tx)
    .await;
    match inserted {
        Ok(_) => Ok(true),
        Err(error) if is_unique_violation(&error) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

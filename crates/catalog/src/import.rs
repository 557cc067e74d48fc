//! What a plain publish cannot set: the past of people, organisations and versions that come from
//! another registry.

use enact_types::{Timestamp, Version, Visibility};
use sqlx::{Any, Row, Transaction};

use crate::namespaces::{Kind, claim};
use crate::publish::{ensure_owner, insert_version, take_reservation};
use crate::tools::{ok, parsed, refresh};
use crate::{Catalog, CatalogError, Commit, NewVersion, Quota, Reservation, delete, files, usage};

/// A person of another registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportedProfile {
    /// Unique among people and organisations.
    pub username: String,
    /// The name that is shown.
    pub display_name: Option<String>,
    /// A picture.
    pub avatar_url: Option<String>,
    /// When the account was made.
    pub created_at: Timestamp,
}

/// An organisation of another registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportedOrg {
    /// Without the `@`; unique among people and organisations.
    pub name: String,
    /// The name that is shown.
    pub display_name: Option<String>,
    /// What it is.
    pub description: Option<String>,
    /// A picture.
    pub avatar_url: Option<String>,
    /// The user name of whoever made it.
    pub created_by: String,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A member of an organisation of another registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The user name.
    pub username: String,
    /// `owner`, `admin` or `member`.
    pub role: &'static str,
    /// Since when.
    pub added_at: Timestamp,
    /// The user name of whoever added them.
    pub added_by: Option<String>,
}

/// What happened to a version, and to its tool, in another registry. [`NewVersion::now`] has when
/// the version was published there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Past {
    /// The tool's first publish.
    pub created_at: Timestamp,
    /// The tool's last change.
    pub updated_at: Timestamp,
    /// How often the version was downloaded.
    pub downloads: u64,
    /// Set if the version is yanked.
    pub yank: Option<Yank>,
}

/// That a version was yanked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Yank {
    /// Why.
    pub reason: Option<String>,
    /// What to use instead.
    pub replacement: Option<Version>,
    /// When.
    pub at: Timestamp,
}

impl Catalog {
    /// Makes the profile with `id`, unless there is one of that user name, which is left as it is.
    /// Returns whether it was made; `None` if an organisation has the name.
    pub async fn import_profile(
        &self,
        id: &str,
        profile: &ImportedProfile,
    ) -> Result<Option<bool>, CatalogError> {
        let mut tx = self.begin().await?;
        if !claim(&mut tx, &profile.username, Kind::User).await? {
            return Ok(None);
        }
        let done = sqlx::query(
            "INSERT INTO profiles (id, username, display_name, avatar_url, created_at) \
             VALUES ($1, $2, $3, $4, $5) ON CONFLICT (username) DO NOTHING",
        )
        .bind(id)
        .bind(&profile.username)
        .bind(profile.display_name.as_deref())
        .bind(profile.avatar_url.as_deref())
        .bind(profile.created_at.to_string())
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(Some(done.rows_affected() == 1))
    }

    /// Makes the organisation with `id` and all its `members` at once, unless there is one of that
    /// name, which is left as it is: who belongs to it was decided here. Returns whether it was
    /// made; `None` if a person has the name. A member without a profile is passed over.
    pub async fn import_org(
        &self,
        id: &str,
        org: &ImportedOrg,
        members: &[Member],
    ) -> Result<Option<bool>, CatalogError> {
        let mut tx = self.begin().await?;
        if !claim(&mut tx, &org.name, Kind::Org).await? {
            return Ok(None);
        }
        let creator = profile_id(&mut tx, &org.created_by)
            .await?
            .ok_or_else(|| CatalogError::internal("organisation", "its maker has no profile"))?;
        let done = sqlx::query(
            "INSERT INTO organizations (id, name, display_name, description, avatar_url, created_by, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (name) DO NOTHING",
        )
        .bind(id)
        .bind(&org.name)
        .bind(org.display_name.as_deref())
        .bind(org.description.as_deref())
        .bind(org.avatar_url.as_deref())
        .bind(creator)
        .bind(org.created_at.to_string())
        .execute(&mut *tx)
        .await?;
        if done.rows_affected() == 0 {
            return Ok(Some(false));
        }
        for member in members {
            let Some(user) = profile_id(&mut tx, &member.username).await? else {
                continue;
            };
            let added_by = match &member.added_by {
                Some(username) => profile_id(&mut tx, username).await?,
                None => None,
            };
            sqlx::query(
                "INSERT INTO org_members (org_id, user_id, role, added_at, added_by) \
                 VALUES ($1, $2, $3, $4, $5) ON CONFLICT (org_id, user_id) DO NOTHING",
            )
            .bind(id)
            .bind(user)
            .bind(member.role)
            .bind(member.added_at.to_string())
            .bind(added_by)
            .execute(&mut *tx)
            .await?;
        }
        tx.commit().await?;
        Ok(Some(true))
    }

    /// As [`Catalog::commit`], for a version with a past. A tool that is here already keeps its
    /// owner, its visibility and the time of its first publish; `new.visibility` is that of a tool
    /// that is made.
    pub async fn commit_imported(
        &self,
        reservation: &Reservation,
        new: &NewVersion<'_>,
        past: &Past,
    ) -> Result<Commit, CatalogError> {
        let mut tx = self.begin().await?;
        if !take_reservation(&mut tx, reservation).await? {
            return Ok(Commit::Lost);
        }
        let Some(tool) = ensure_tool(&mut tx, reservation, new, past).await? else {
            return Ok(Commit::NameTaken);
        };
        let (tool_id, visibility, updated_at) = tool;
        if delete::is_deleted(&mut tx, &reservation.name).await? {
            return Ok(Commit::Deleted);
        }
        if !insert_version(&mut tx, &tool_id, reservation, new).await? {
            return Ok(Commit::Lost);
        }
        set_past(&mut tx, new.id, past).await?;
        files::insert(&mut tx, new.id, new.files).await?;
        refresh(&mut tx, &tool_id, updated_at).await?;
        let growth = usage::publish(tool_id == new.tool_id, new.bundle_size);
        let namespace = reservation.name.namespace();
        // Counted, and not refused: the operator wants it here.
        usage::grow(&mut tx, Quota::default(), namespace, growth).await?;
        tx.commit().await?;
        Ok(Commit::Done(visibility))
    }
}

/// The id of the tool, made if it is not here, with its row locked and the downloads added; its
/// visibility; and when it was changed last, here or there. `None` if its owner's name is taken by the other kind of
/// owner.
async fn ensure_tool(
    tx: &mut Transaction<'static, Any>,
    reservation: &Reservation,
    new: &NewVersion<'_>,
    past: &Past,
) -> Result<Option<(String, Visibility, Timestamp)>, CatalogError> {
    let Some((owner_id, org_id)) = ensure_owner(tx, new).await? else {
        return Ok(None);
    };
    // The update is also what locks the row. Times are texts that sort as they are.
    let row = sqlx::query(
        "INSERT INTO tools (id, owner_id, org_id, name, short_name, visibility, latest_version, \
         total_downloads, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) \
         ON CONFLICT (name) DO UPDATE SET \
         total_downloads = tools.total_downloads + excluded.total_downloads, \
         updated_at = CASE WHEN tools.updated_at < excluded.updated_at THEN excluded.updated_at \
         ELSE tools.updated_at END \
         RETURNING id, visibility, updated_at",
    )
    .bind(new.tool_id)
    .bind(owner_id)
    .bind(org_id)
    .bind(reservation.name.as_str())
    .bind(reservation.name.short_name())
    .bind(new.visibility.as_str())
    .bind(reservation.version.as_str())
    .bind(past.downloads.cast_signed())
    .bind(past.created_at.to_string())
    .bind(past.updated_at.to_string())
    .fetch_one(&mut **tx)
    .await?;
    let visibility = parsed(&row, "visibility", ok(Visibility::parse))?;
    let updated_at = parsed(&row, "updated_at", Timestamp::parse)?;
    Ok(Some((row.try_get("id")?, visibility, updated_at)))
}

async fn set_past(
    tx: &mut Transaction<'static, Any>,
    version_id: &str,
    past: &Past,
) -> Result<(), CatalogError> {
    let yank = past.yank.as_ref();
    sqlx::query(
        "UPDATE tool_versions SET downloads = $1, yanked = $2, yank_reason = $3, \
         yank_replacement = $4, yanked_at = $5 WHERE id = $6",
    )
    .bind(past.downloads.cast_signed())
    .bind(i64::from(yank.is_some()))
    .bind(yank.and_then(|yank| yank.reason.as_deref()))
    .bind(yank.and_then(|yank| yank.replacement.as_ref().map(Version::as_str)))
    .bind(yank.map(|yank| yank.at.to_string()))
    .bind(version_id)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

async fn profile_id(
    tx: &mut Transaction<'static, Any>,
    username: &str,
) -> Result<Option<String>, CatalogError> {
    let row = sqlx::query("SELECT id FROM profiles WHERE username = $1")
        .bind(username)
        .fetch_optional(&mut **tx)
        .await?;
    Ok(row.map(|row| row.try_get("id")).transpose()?)
}

//! People.

use enact_types::Timestamp;
use sqlx::any::AnyRow;
use sqlx::{Any, Row, Transaction};

use crate::namespaces::{Kind, claim};
use crate::{Catalog, CatalogError};

/// A person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// Never changes.
    pub id: String,
    /// Unique among people and organisations.
    pub username: String,
    /// The name for people.
    pub display_name: Option<String>,
    /// A picture.
    pub avatar_url: Option<String>,
    /// When the account was made.
    pub created_at: Timestamp,
}

impl Catalog {
    /// The profile of `username`, made with `id` and `now` if there is none. `None` if an
    /// organisation has that name.
    pub async fn ensure_profile(
        &self,
        username: &str,
        id: &str,
        now: Timestamp,
    ) -> Result<Option<Profile>, CatalogError> {
        if let Some(profile) = self.profile(username).await? {
            return Ok(Some(profile));
        }
        let mut tx = self.begin().await?;
        let profile = ensure_profile(&mut tx, username, id, now).await?;
        if profile.is_some() {
            tx.commit().await?;
        }
        Ok(profile)
    }

    /// The profile of `username`.
    pub async fn profile(&self, username: &str) -> Result<Option<Profile>, CatalogError> {
        let row = sqlx::query(
            "SELECT id, username, display_name, avatar_url, created_at FROM profiles WHERE username = $1",
        )
        .bind(username)
        .fetch_optional(&self.readers)
        .await?;
        row.as_ref().map(profile_from).transpose()
    }

    /// The profile with the id.
    pub async fn profile_by_id(&self, id: &str) -> Result<Option<Profile>, CatalogError> {
        let row = sqlx::query(
            "SELECT id, username, display_name, avatar_url, created_at FROM profiles WHERE id = $1",
        )
        .bind(id)
        .fetch_optional(&self.readers)
        .await?;
        row.as_ref().map(profile_from).transpose()
    }
}

/// See [`Catalog::ensure_profile`]; with `None`, the transaction must not be committed.
pub(crate) async fn ensure_profile(
    tx: &mut Transaction<'static, Any>,
    username: &str,
    id: &str,
    now: Timestamp,
) -> Result<Option<Profile>, CatalogError> {
    if !claim(tx, username, Kind::User).await? {
        return Ok(None);
    }
    insert_profile(tx, username, id, now).await?;
    let row = sqlx::query(
        "SELECT id, username, display_name, avatar_url, created_at FROM profiles WHERE username = $1",
    )
    .bind(username)
    .fetch_one(&mut **tx)
    .await?;
    profile_from(&row).map(Some)
}

/// Makes the profile; false if there is one of that name, which the caller has claimed.
pub(crate) async fn insert_profile(
    tx: &mut Transaction<'static, Any>,
    username: &str,
    id: &str,
    now: Timestamp,
) -> Result<bool, CatalogError> {
    let done = sqlx::query(
        "INSERT INTO profiles (id, username, created_at) VALUES ($1, $2, $3) ON CONFLICT (username) DO NOTHING",
    )
    .bind(id)
    .bind(username)
    .bind(now.to_string())
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

pub(crate) fn profile_from(row: &AnyRow) -> Result<Profile, CatalogError> {
    Ok(Profile {
        id: row.try_get("id")?,
        username: row.try_get("username")?,
        display_name: row.try_get("display_name")?,
        avatar_url: row.try_get("avatar_url")?,
        created_at: crate::tools::parsed(row, "created_at", Timestamp::parse)?,
    })
}

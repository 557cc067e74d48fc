//! People and organisations: who a tool belongs to.

use enact_types::Timestamp;
use sqlx::any::AnyRow;
use sqlx::{Any, Row, Transaction};

use crate::{Catalog, CatalogError};

/// A person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// Never changes.
    pub id: String,
    /// Unique among people and organisations.
    pub username: String,
    /// When the account was made.
    pub created_at: Timestamp,
}

/// An organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Org {
    /// Never changes.
    pub id: String,
    /// Without the `@`.
    pub name: String,
}

impl Catalog {
    /// The profile of `username`, made with `id` and `now` if there is none.
    pub async fn ensure_profile(
        &self,
        username: &str,
        id: &str,
        now: Timestamp,
    ) -> Result<Profile, CatalogError> {
        if let Some(profile) = self.profile(username).await? {
            return Ok(profile);
        }
        let mut tx = self.begin().await?;
        sqlx::query("INSERT INTO profiles (id, username, created_at) VALUES ($1, $2, $3) ON CONFLICT (username) DO NOTHING")
            .bind(id)
            .bind(username)
            .bind(now.to_string())
            .execute(&mut *tx)
            .await?;
        let row = sqlx::query("SELECT id, username, created_at FROM profiles WHERE username = $1")
            .bind(username)
            .fetch_one(&mut *tx)
            .await?;
        tx.commit().await?;
        profile_from(&row)
    }

    /// The profile of `username`.
    pub async fn profile(&self, username: &str) -> Result<Option<Profile>, CatalogError> {
        let row = sqlx::query("SELECT id, username, created_at FROM profiles WHERE username = $1")
            .bind(username)
            .fetch_optional(&self.readers)
            .await?;
        row.as_ref().map(profile_from).transpose()
    }

    /// The organisation `name` (without `@`).
    pub async fn org(&self, name: &str) -> Result<Option<Org>, CatalogError> {
        let row = sqlx::query("SELECT id, name FROM organizations WHERE name = $1")
            .bind(name)
            .fetch_optional(&self.readers)
            .await?;
        row.map(|row| {
            Ok(Org {
                id: row.try_get("id")?,
                name: row.try_get("name")?,
            })
        })
        .transpose()
    }

    /// The names of all organisations that `user_id` belongs to, sorted.
    pub async fn org_names_of(&self, user_id: &str) -> Result<Vec<String>, CatalogError> {
        let rows = sqlx::query(
            "SELECT o.name FROM organizations o JOIN org_members m ON m.org_id = o.id WHERE m.user_id = $1 ORDER BY o.name",
        )
        .bind(user_id)
        .fetch_all(&self.readers)
        .await?;
        rows.iter().map(|row| Ok(row.try_get("name")?)).collect()
    }
}

/// The id of the organisation called `org.name`, made with `org.id` and with `creator` as its owner
/// if there is none.
pub(crate) async fn ensure_org(
    tx: &mut Transaction<'static, Any>,
    org: &Org,
    creator: &Profile,
    now: Timestamp,
) -> Result<String, CatalogError> {
    let inserted = sqlx::query(
        "INSERT INTO organizations (id, name, created_by, created_at) VALUES ($1, $2, $3, $4) ON CONFLICT (name) DO NOTHING",
    )
    .bind(&org.id)
    .bind(&org.name)
    .bind(&creator.id)
    .bind(now.to_string())
    .execute(&mut **tx)
    .await?;
    if inserted.rows_affected() == 0 {
        let row = sqlx::query("SELECT id FROM organizations WHERE name = $1")
            .bind(&org.name)
            .fetch_one(&mut **tx)
            .await?;
        return Ok(row.try_get("id")?);
    }
    sqlx::query(
        "INSERT INTO org_members (org_id, user_id, role, added_at) VALUES ($1, $2, 'owner', $3)",
    )
    .bind(&org.id)
    .bind(&creator.id)
    .bind(now.to_string())
    .execute(&mut **tx)
    .await?;
    Ok(org.id.clone())
}

fn profile_from(row: &AnyRow) -> Result<Profile, CatalogError> {
    Ok(Profile {
        id: row.try_get("id")?,
        username: row.try_get("username")?,
        created_at: crate::tools::parsed(row, "created_at", Timestamp::parse)?,
    })
}

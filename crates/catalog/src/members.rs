//! Who belongs to an organisation, in which role.
//!
//! Every change locks the organisation's row first, so that two changes at once cannot each take
//! the other's last owner away.

use enact_types::{Role, Timestamp};
use sqlx::{Any, Row, Transaction};

use crate::tools::{count, ok, parsed};
use crate::{Catalog, CatalogError};

/// A member of an organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberRecord {
    /// The user's id.
    pub user_id: String,
    /// The user's name.
    pub username: String,
    /// The name for people.
    pub display_name: Option<String>,
    /// A picture.
    pub avatar_url: Option<String>,
    /// What the user may do.
    pub role: Role,
    /// Since when.
    pub added_at: Timestamp,
}

/// What became of a change of a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MemberChange {
    /// It is done.
    Done,
    /// There is no such member.
    NotAMember,
    /// It would have left the organisation without an owner; nothing changed.
    LastOwner,
}

impl Catalog {
    /// All members, in the order in which they joined.
    pub async fn members(&self, org_id: &str) -> Result<Vec<MemberRecord>, CatalogError> {
        let rows = sqlx::query(
            "SELECT m.user_id, p.username, p.display_name, p.avatar_url, m.role, m.added_at \
             FROM org_members m JOIN profiles p ON p.id = m.user_id WHERE m.org_id = $1 \
             ORDER BY m.added_at, p.username",
        )
        .bind(org_id)
        .fetch_all(&self.readers)
        .await?;
        rows.iter()
            .map(|row| {
                Ok(MemberRecord {
                    user_id: row.try_get("user_id")?,
                    username: row.try_get("username")?,
                    display_name: row.try_get("display_name")?,
                    avatar_url: row.try_get("avatar_url")?,
                    role: parsed(row, "role", ok(Role::parse))?,
                    added_at: parsed(row, "added_at", Timestamp::parse)?,
                })
            })
            .collect()
    }

    /// The role of a user in an organisation.
    pub async fn role(&self, org_id: &str, user_id: &str) -> Result<Option<Role>, CatalogError> {
        let row = sqlx::query("SELECT role FROM org_members WHERE org_id = $1 AND user_id = $2")
            .bind(org_id)
            .bind(user_id)
            .fetch_optional(&self.readers)
            .await?;
        row.as_ref()
            .map(|row| parsed(row, "role", ok(Role::parse)))
            .transpose()
    }

    /// Adds a member; false if the user is one already, whose role then stays.
    pub async fn add_member(
        &self,
        org_id: &str,
        user_id: &str,
        role: Role,
        added_by: &str,
        now: Timestamp,
    ) -> Result<bool, CatalogError> {
        let mut tx = self.begin().await?;
        let added = sqlx::query(
            "INSERT INTO org_members (org_id, user_id, role, added_at, added_by) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT (org_id, user_id) DO NOTHING",
        )
        .bind(org_id)
        .bind(user_id)
        .bind(role.as_str())
        .bind(now.to_string())
        .bind(added_by)
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(added.rows_affected() == 1)
    }

    /// Changes a member's role, unless that takes away the last owner.
    pub async fn set_role(
        &self,
        org_id: &str,
        user_id: &str,
        role: Role,
    ) -> Result<MemberChange, CatalogError> {
        let mut tx = self.begin().await?;
        lock_org(&mut tx, org_id).await?;
        let done =
            sqlx::query("UPDATE org_members SET role = $1 WHERE org_id = $2 AND user_id = $3")
                .bind(role.as_str())
                .bind(org_id)
                .bind(user_id)
                .execute(&mut *tx)
                .await?;
        finish(tx, org_id, done.rows_affected()).await
    }

    /// Removes a member, unless it is the last owner.
    pub async fn remove_member(
        &self,
        org_id: &str,
        user_id: &str,
    ) -> Result<MemberChange, CatalogError> {
        let mut tx = self.begin().await?;
        lock_org(&mut tx, org_id).await?;
        let done = sqlx::query("DELETE FROM org_members WHERE org_id = $1 AND user_id = $2")
            .bind(org_id)
            .bind(user_id)
            .execute(&mut *tx)
            .await?;
        finish(tx, org_id, done.rows_affected()).await
    }
}

/// Commits if a member was changed and an owner is left.
async fn finish(
    mut tx: Transaction<'static, Any>,
    org_id: &str,
    changed: u64,
) -> Result<MemberChange, CatalogError> {
    if changed == 0 {
        return Ok(MemberChange::NotAMember);
    }
    let row = sqlx::query(
        "SELECT COUNT(*) AS owners FROM org_members WHERE org_id = $1 AND role = 'owner'",
    )
    .bind(org_id)
    .fetch_one(&mut *tx)
    .await?;
    if count(&row, "owners")? == 0 {
        return Ok(MemberChange::LastOwner);
    }
    tx.commit().await?;
    Ok(MemberChange::Done)
}

async fn lock_org(tx: &mut Transaction<'static, Any>, org_id: &str) -> Result<(), CatalogError> {
    sqlx::query("UPDATE organizations SET name = name WHERE id = $1")
        .bind(org_id)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

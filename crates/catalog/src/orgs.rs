//! Organisations.

use enact_types::{OwnerName, Role, Timestamp};
use sqlx::any::AnyRow;
use sqlx::{Any, Row, Transaction};

use crate::namespaces::{Kind, claim};
use crate::tools::{count, ok, parsed};
use crate::{Catalog, CatalogError};

/// An organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Org {
    /// Never changes.
    pub id: String,
    /// Without the `@`.
    pub name: OwnerName,
    /// The name for people.
    pub display_name: Option<String>,
    /// What it is.
    pub description: Option<String>,
    /// A picture.
    pub avatar_url: Option<String>,
    /// The id of the user who made it.
    pub created_by: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// How many members it has.
    pub member_count: u64,
}

/// An organisation to be made.
#[derive(Debug, Clone)]
pub struct NewOrg {
    /// A fresh id.
    pub id: String,
    /// Without the `@`.
    pub name: OwnerName,
    /// The name for people.
    pub display_name: Option<String>,
    /// What it is.
    pub description: Option<String>,
}

/// What came of making an organisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OrgMade {
    /// It is there.
    Done,
    /// An organisation or a user has that name.
    Taken,
    /// The creator has made this many, which is all that one may.
    TooMany(u64),
}

impl OrgMade {
    /// Whether it is there now.
    pub fn is_done(self) -> bool {
        self == Self::Done
    }
}

impl Catalog {
    /// Makes an organisation with `creator` as its owner, unless that user has made as many as the
    /// quota lets one; `unlimited` is for the operator.
    pub async fn create_org(
        &self,
        org: &NewOrg,
        creator_id: &str,
        unlimited: bool,
        now: Timestamp,
    ) -> Result<OrgMade, CatalogError> {
        let mut tx = self.begin().await?;
        if let Some(max) = self.quota.orgs.filter(|_| !unlimited) {
            // Changes nothing, but has others of the same creator wait.
            sqlx::query("UPDATE profiles SET username = username WHERE id = $1")
                .bind(creator_id)
                .execute(&mut *tx)
                .await?;
            let row =
                sqlx::query("SELECT COUNT(*) AS made FROM organizations WHERE created_by = $1")
                    .bind(creator_id)
                    .fetch_one(&mut *tx)
                    .await?;
            let made = count(&row, "made")?;
            if made >= max.get() {
                return Ok(OrgMade::TooMany(made));
            }
        }
        let made = claim(&mut tx, org.name.as_str(), Kind::Org).await?
            && insert_org(&mut tx, org, creator_id, now).await?;
        if !made {
            return Ok(OrgMade::Taken);
        }
        tx.commit().await?;
        Ok(OrgMade::Done)
    }

    /// The organisation `name`.
    pub async fn org(&self, name: &OwnerName) -> Result<Option<Org>, CatalogError> {
        let row = sqlx::query(
            "SELECT o.id, o.name, o.display_name, o.description, o.avatar_url, o.created_by, o.created_at, \
             (SELECT COUNT(*) FROM org_members m WHERE m.org_id = o.id) AS member_count \
             FROM organizations o WHERE o.name = $1",
        )
        .bind(name.as_str())
        .fetch_optional(&self.readers)
        .await?;
        row.as_ref().map(org_from).transpose()
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

/// The id of the organisation called `org.name`, made with `creator` as its owner if there is none.
/// `None` if a user has that name; the transaction must then not be committed.
pub(crate) async fn ensure_org(
    tx: &mut Transaction<'static, Any>,
    org: &NewOrg,
    creator_id: &str,
    now: Timestamp,
) -> Result<Option<String>, CatalogError> {
    if !claim(tx, org.name.as_str(), Kind::Org).await? {
        return Ok(None);
    }
    if insert_org(tx, org, creator_id, now).await? {
        return Ok(Some(org.id.clone()));
    }
    let row = sqlx::query("SELECT id FROM organizations WHERE name = $1")
        .bind(org.name.as_str())
        .fetch_one(&mut **tx)
        .await?;
    Ok(Some(row.try_get("id")?))
}

/// False if there is one of that name.
async fn insert_org(
    tx: &mut Transaction<'static, Any>,
    org: &NewOrg,
    creator_id: &str,
    now: Timestamp,
) -> Result<bool, CatalogError> {
    let inserted = sqlx::query(
        "INSERT INTO organizations (id, name, display_name, description, created_by, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (name) DO NOTHING",
    )
    .bind(&org.id)
    .bind(org.name.as_str())
    .bind(org.display_name.as_deref())
    .bind(org.description.as_deref())
    .bind(creator_id)
    .bind(now.to_string())
    .execute(&mut **tx)
    .await?;
    if inserted.rows_affected() == 0 {
        return Ok(false);
    }
    sqlx::query(
        "INSERT INTO org_members (org_id, user_id, role, added_at) VALUES ($1, $2, $3, $4)",
    )
    .bind(&org.id)
    .bind(creator_id)
    .bind(Role::Owner.as_str())
    .bind(now.to_string())
    .execute(&mut **tx)
    .await?;
    Ok(true)
}

fn org_from(row: &AnyRow) -> Result<Org, CatalogError> {
    Ok(Org {
        id: row.try_get("id")?,
        name: parsed(row, "name", ok(OwnerName::parse))?,
        display_name: row.try_get("display_name")?,
        description: row.try_get("description")?,
        avatar_url: row.try_get("avatar_url")?,
        created_by: row.try_get("created_by")?,
        created_at: parsed(row, "created_at", Timestamp::parse)?,
        member_count: count(row, "member_count")?,
    })
}

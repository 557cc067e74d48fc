//! Who signs in through an identity provider: its ids of people, each bound to an account once.

use enact_types::{OwnerName, Timestamp};
use sqlx::{Any, Row, Transaction};

use crate::namespaces::{Kind, claim};
use crate::profiles::{Profile, insert_profile, profile_from};
use crate::tools::parsed;
use crate::{Catalog, CatalogError};

/// Somebody at an identity provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Identity<'a> {
    /// The provider's name, the claim `iss` of its tokens.
    pub issuer: &'a str,
    /// The provider's id of somebody, the claim `sub`. Names are what people can change there; this
    /// they cannot.
    pub subject: &'a str,
}

/// The account that an identity is bound to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bound {
    /// Whose it is.
    pub profile: Profile,
    /// Whether the account is closed.
    pub disabled: bool,
}

/// What became of binding an identity to a new account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FirstSight {
    /// The account is made and bound.
    Done(Profile),
    /// There is an account of that name.
    NameTaken,
    /// There is an organisation of that name.
    IsOrg,
    /// The identity is bound already.
    Bound,
}

/// A binding, as the operator sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentityRecord {
    /// The account's name.
    pub username: String,
    /// The provider's name.
    pub issuer: String,
    /// The provider's id of somebody.
    pub subject: String,
    /// Since when.
    pub bound_at: Timestamp,
}

impl Catalog {
    /// The account that an identity is bound to, if it is.
    pub async fn identity(&self, who: Identity<'_>) -> Result<Option<Bound>, CatalogError> {
        let row = sqlx::query(
            "SELECT p.id, p.username, p.display_name, p.avatar_url, p.created_at, \
             CASE WHEN p.disabled_at IS NULL THEN 0 ELSE 1 END AS disabled \
             FROM identities i JOIN profiles p ON p.id = i.user_id \
             WHERE i.issuer = $1 AND i.subject = $2",
        )
        .bind(who.issuer)
        .bind(who.subject)
        .fetch_optional(&self.readers)
        .await?;
        row.map(|row| {
            Ok(Bound {
                profile: profile_from(&row)?,
                disabled: crate::tools::flag(&row, "disabled")?,
            })
        })
        .transpose()
    }

    /// Makes an account of that name, with `id`, and binds an identity to it that has none yet.
    /// Changes nothing unless both can be done; a name that is taken is found without writing.
    pub async fn bind_new(
        &self,
        who: Identity<'_>,
        username: &OwnerName,
        id: &str,
        now: Timestamp,
    ) -> Result<FirstSight, CatalogError> {
        let taken = sqlx::query("SELECT kind FROM namespaces WHERE name = $1")
            .bind(username.as_str())
            .fetch_optional(&self.readers)
            .await?;
        if let Some(row) = taken {
            return Ok(match row.try_get("kind")? {
                "org" => FirstSight::IsOrg,
                _ => FirstSight::NameTaken,
            });
        }
        let mut tx = self.begin().await?;
        if !claim(&mut tx, username.as_str(), Kind::User).await? {
            return Ok(FirstSight::IsOrg);
        }
        if !insert_profile(&mut tx, username.as_str(), id, now).await? {
            return Ok(FirstSight::NameTaken);
        }
        if !bind(&mut tx, who, id, now).await? {
            return Ok(FirstSight::Bound);
        }
        tx.commit().await?;
        Ok(FirstSight::Done(Profile {
            id: id.to_owned(),
            username: username.to_string(),
            display_name: None,
            avatar_url: None,
            created_at: now,
        }))
    }

    /// Binds an identity to an account. False if it is bound already.
    pub async fn bind_identity(
        &self,
        who: Identity<'_>,
        user_id: &str,
        now: Timestamp,
    ) -> Result<bool, CatalogError> {
        let mut tx = self.begin().await?;
        let done = bind(&mut tx, who, user_id, now).await?;
        tx.commit().await?;
        Ok(done)
    }

    /// Takes a binding back. False if there is none.
    pub async fn unbind_identity(&self, who: Identity<'_>) -> Result<bool, CatalogError> {
        let mut tx = self.begin().await?;
        let done = sqlx::query("DELETE FROM identities WHERE issuer = $1 AND subject = $2")
            .bind(who.issuer)
            .bind(who.subject)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(done.rows_affected() == 1)
    }

    /// All bindings, by user. For the operator: reads the whole table.
    pub async fn identities(&self) -> Result<Vec<IdentityRecord>, CatalogError> {
        let rows = sqlx::query(
            "SELECT p.username, i.issuer, i.subject, i.bound_at \
             FROM identities i JOIN profiles p ON p.id = i.user_id \
             ORDER BY p.username, i.issuer, i.subject",
        )
        .fetch_all(&self.readers)
        .await?;
        rows.iter()
            .map(|row| {
                Ok(IdentityRecord {
                    username: row.try_get("username")?,
                    issuer: row.try_get("issuer")?,
                    subject: row.try_get("subject")?,
                    bound_at: parsed(row, "bound_at", Timestamp::parse)?,
                })
            })
            .collect()
    }
}

async fn bind(
    tx: &mut Transaction<'static, Any>,
    who: Identity<'_>,
    user_id: &str,
    now: Timestamp,
) -> Result<bool, CatalogError> {
    let done = sqlx::query(
        "INSERT INTO identities (issuer, subject, user_id, bound_at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (issuer, subject) DO NOTHING",
    )
    .bind(who.issuer)
    .bind(who.subject)
    .bind(user_id)
    .bind(now.to_string())
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

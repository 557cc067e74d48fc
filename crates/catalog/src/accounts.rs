//! Who has an account: making one, and closing it to its user.

use enact_types::{OwnerName, Timestamp};

use crate::namespaces::{Kind, claim};
use crate::profiles::{Profile, insert_profile, profile_from};
use crate::tools::{count, optional};
use crate::{Catalog, CatalogError};

/// What became of a new account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UserAdded {
    /// It is made.
    Done,
    /// There is one of that name.
    Exists,
    /// There is an organisation of that name.
    IsOrg,
}

/// An account, as its operator sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserRecord {
    /// Whose it is.
    pub profile: Profile,
    /// Since when its tokens count for nothing, if they do.
    pub disabled_at: Option<Timestamp>,
    /// How many of its tokens are neither revoked nor expired.
    pub live_tokens: u64,
}

impl Catalog {
    /// Makes an account.
    pub async fn add_user(
        &self,
        username: &OwnerName,
        id: &str,
        now: Timestamp,
    ) -> Result<UserAdded, CatalogError> {
        let mut tx = self.begin().await?;
        if !claim(&mut tx, username.as_str(), Kind::User).await? {
            return Ok(UserAdded::IsOrg);
        }
        if !insert_profile(&mut tx, username.as_str(), id, now).await? {
            return Ok(UserAdded::Exists);
        }
        tx.commit().await?;
        Ok(UserAdded::Done)
    }

    /// All accounts, by name. For the operator: reads the whole table.
    pub async fn users(&self, now: Timestamp) -> Result<Vec<UserRecord>, CatalogError> {
        let rows = sqlx::query(
            "SELECT p.id, p.username, p.display_name, p.avatar_url, p.created_at, p.disabled_at, \
             (SELECT COUNT(*) FROM tokens t WHERE t.user_id = p.id AND t.revoked_at IS NULL \
             AND t.expires_at > $1) AS live_tokens FROM profiles p ORDER BY p.username",
        )
        .bind(now.to_string())
        .fetch_all(&self.readers)
        .await?;
        rows.iter()
            .map(|row| {
                Ok(UserRecord {
                    profile: profile_from(row)?,
                    disabled_at: optional(row, "disabled_at", Timestamp::parse)?,
                    live_tokens: count(row, "live_tokens")?,
                })
            })
            .collect()
    }

    /// Closes an account to its user since `disabled_at`, or opens it again; an account that is
    /// closed already keeps its time. False if there is none of that name.
    pub async fn set_disabled(
        &self,
        username: &OwnerName,
        disabled_at: Option<Timestamp>,
    ) -> Result<bool, CatalogError> {
        let mut tx = self.begin().await?;
        let done = match disabled_at {
            Some(at) => sqlx::query(
                "UPDATE profiles SET disabled_at = COALESCE(disabled_at, $1) WHERE username = $2",
            )
            .bind(at.to_string()),
            None => sqlx::query("UPDATE profiles SET disabled_at = NULL WHERE username = $1"),
        };
        let done = done.bind(username.as_str()).execute(&mut *tx).await?;
        tx.commit().await?;
        Ok(done.rows_affected() == 1)
    }
}

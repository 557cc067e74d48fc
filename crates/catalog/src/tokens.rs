//! Tokens, by their digests: what signs users in.

use enact_types::{Digest, Scopes, Timestamp};
use sqlx::Row;
use sqlx::any::AnyRow;

use crate::profiles::{Profile, profile_from};
use crate::tools::{count, ok, optional, parsed};
use crate::{Catalog, CatalogError};

/// A token to be kept.
#[derive(Debug)]
pub struct NewToken<'a> {
    /// A fresh id.
    pub id: &'a str,
    /// The id of the user whose it is.
    pub user_id: &'a str,
    /// The id of the token of the same user that asks for it, if one does: it must still be good.
    pub asked_by: Option<&'a str>,
    /// What it is for, for its user.
    pub name: &'a str,
    /// What is kept of its secret.
    pub digest: &'a Digest,
    /// What it may be used for.
    pub scopes: &'a Scopes,
    /// When it is made.
    pub now: Timestamp,
    /// Until when it is good.
    pub expires_at: Timestamp,
}

/// What became of a new token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenAdded {
    /// It is kept.
    Done,
    /// Its user has as many good ones as may be.
    TooMany,
    /// Its user's account is closed, or not there any more.
    Closed,
    /// The token that asks for it is no good any more.
    Revoked,
}

/// A token without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenRecord {
    /// Never changes.
    pub id: String,
    /// The name of the user whose it is.
    pub username: String,
    /// What it is for, for its user.
    pub name: String,
    /// What it may be used for.
    pub scopes: Scopes,
    /// When it was made.
    pub created_at: Timestamp,
    /// Until when it is good.
    pub expires_at: Timestamp,
    /// When it was used last, as far as that was written.
    pub last_used_at: Option<Timestamp>,
    /// Since when it is no good any more.
    pub revoked_at: Option<Timestamp>,
}

/// A good token and whose it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignIn {
    /// Whose it is.
    pub profile: Profile,
    /// The token's id.
    pub token_id: String,
    /// What it may be used for.
    pub scopes: Scopes,
    /// Until when it is good.
    pub expires_at: Timestamp,
    /// When it was used last, as far as that was written.
    pub last_used_at: Option<Timestamp>,
}

impl Catalog {
    /// Keeps a token, if its user has fewer than `most` that are good. Of a user who has as many
    /// rows, those that are no good any more are removed first.
    pub async fn add_token(
        &self,
        token: &NewToken<'_>,
        most: u64,
    ) -> Result<TokenAdded, CatalogError> {
        let mut tx = self.begin().await?;
        let now = token.now.to_string();
        // Keeps others who make tokens of the same user waiting, so that they count this one.
        let open = "UPDATE profiles SET username = username WHERE id = $1 AND disabled_at IS NULL";
        let locked = sqlx::query(open)
            .bind(token.user_id)
            .execute(&mut *tx)
            .await?;
        if locked.rows_affected() == 0 {
            return Ok(TokenAdded::Closed);
        }
        if let Some(asking) = token.asked_by {
            // Keeps a revocation waiting; one that came first is seen.
            let good = sqlx::query(
                "UPDATE tokens SET user_id = user_id \
                 WHERE id = $1 AND user_id = $2 AND revoked_at IS NULL AND expires_at > $3",
            )
            .bind(asking)
            .bind(token.user_id)
            .bind(&now)
            .execute(&mut *tx)
            .await?;
            if good.rows_affected() == 0 {
                return Ok(TokenAdded::Revoked);
            }
        }
        let has = "SELECT COUNT(*) AS tokens FROM tokens WHERE user_id = $1";
        let row = sqlx::query(has)
            .bind(token.user_id)
            .fetch_one(&mut *tx)
            .await?;
        let mut kept = count(&row, "tokens")?;
        if kept >= most {
            let dead = sqlx::query(
                "DELETE FROM tokens WHERE user_id = $1 AND (revoked_at IS NOT NULL OR expires_at <= $2)",
            )
            .bind(token.user_id)
            .bind(&now)
            .execute(&mut *tx)
            .await?;
            kept -= dead.rows_affected();
        }
        if kept >= most {
            return Ok(TokenAdded::TooMany);
        }
        sqlx::query(
            "INSERT INTO tokens (id, user_id, name, digest, scopes, created_at, expires_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(token.id)
        .bind(token.user_id)
        .bind(token.name)
        .bind(token.digest.to_string())
        .bind(token.scopes.to_string())
        .bind(now)
        .bind(token.expires_at.to_string())
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(TokenAdded::Done)
    }

    /// Whom the token of this digest signs in; nobody if it is unknown, expired or revoked, or its
    /// user's account is closed: none of these tells itself from the others, in time neither.
    ///
    /// It is found by the index of digests. How long that takes may depend on how many digits a
    /// stored digest shares with the one that is asked for, which helps nobody: to come closer to a
    /// stored digest, one would have to choose what SHA-256 gives.
    pub async fn sign_in(
        &self,
        digest: &Digest,
        now: Timestamp,
    ) -> Result<Option<SignIn>, CatalogError> {
        let row = sqlx::query(
            "SELECT p.id, p.username, p.display_name, p.avatar_url, p.created_at, \
             t.id AS token_id, t.scopes, t.expires_at, t.last_used_at \
             FROM tokens t JOIN profiles p ON p.id = t.user_id \
             WHERE t.digest = $1 AND t.revoked_at IS NULL AND t.expires_at > $2 AND p.disabled_at IS NULL",
        )
        .bind(digest.to_string())
        .bind(now.to_string())
        .fetch_optional(&self.readers)
        .await?;
        row.map(|row| {
            Ok(SignIn {
                profile: profile_from(&row)?,
                token_id: row.try_get("token_id")?,
                scopes: parsed(&row, "scopes", ok(Scopes::parse))?,
                expires_at: parsed(&row, "expires_at", Timestamp::parse)?,
                last_used_at: optional(&row, "last_used_at", Timestamp::parse)?,
            })
        })
        .transpose()
    }

    /// Writes that a token was used, unless that was written after `not_since`.
    pub async fn note_use(
        &self,
        token_id: &str,
        now: Timestamp,
        not_since: Timestamp,
    ) -> Result<(), CatalogError> {
        let mut tx = self.begin().await?;
        sqlx::query(
            "UPDATE tokens SET last_used_at = $1 WHERE id = $2 AND (last_used_at IS NULL OR last_used_at <= $3)",
        )
        .bind(now.to_string())
        .bind(token_id)
        .bind(not_since.to_string())
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(())
    }

    /// The tokens of a user, the newest first.
    pub async fn tokens_of(&self, user_id: &str) -> Result<Vec<TokenRecord>, CatalogError> {
        let rows = sqlx::query(
            "SELECT t.id, p.username, t.name, t.scopes, t.created_at, t.expires_at, t.last_used_at, t.revoked_at \
             FROM tokens t JOIN profiles p ON p.id = t.user_id WHERE t.user_id = $1 \
             ORDER BY t.created_at DESC, t.id",
        )
        .bind(user_id)
        .fetch_all(&self.readers)
        .await?;
        rows.iter().map(token_from).collect()
    }

    /// All tokens, by user, the newest first. For the operator: reads the whole table.
    pub async fn all_tokens(&self) -> Result<Vec<TokenRecord>, CatalogError> {
        let rows = sqlx::query(
            "SELECT t.id, p.username, t.name, t.scopes, t.created_at, t.expires_at, t.last_used_at, t.revoked_at \
             FROM tokens t JOIN profiles p ON p.id = t.user_id \
             ORDER BY p.username, t.created_at DESC, t.id",
        )
        .fetch_all(&self.readers)
        .await?;
        rows.iter().map(token_from).collect()
    }

    /// Whether any token is good. For the start of a server: may read the whole table.
    pub async fn has_live_tokens(&self, now: Timestamp) -> Result<bool, CatalogError> {
        let found = sqlx::query(
            "SELECT id FROM tokens WHERE revoked_at IS NULL AND expires_at > $1 LIMIT 1",
        )
        .bind(now.to_string())
        .fetch_optional(&self.readers)
        .await?;
        Ok(found.is_some())
    }

    /// Makes a token no good any more; one that is not any more keeps its time. False if there is no
    /// such token, or it is another user's than `of_user`, if that is given.
    pub async fn revoke_token(
        &self,
        id: &str,
        of_user: Option<&str>,
        now: Timestamp,
    ) -> Result<bool, CatalogError> {
        let mut tx = self.begin().await?;
        let done = sqlx::query(
            "UPDATE tokens SET revoked_at = COALESCE(revoked_at, $1) WHERE id = $2 AND (user_id = $3 OR $4 = 1)",
        )
        .bind(now.to_string())
        .bind(id)
        .bind(of_user.unwrap_or_default())
        .bind(i64::from(of_user.is_none()))
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(done.rows_affected() == 1)
    }
}

fn token_from(row: &AnyRow) -> Result<TokenRecord, CatalogError> {
    Ok(TokenRecord {
        id: row.try_get("id")?,
        username: row.try_get("username")?,
        name: row.try_get("name")?,
        scopes: parsed(row, "scopes", ok(Scopes::parse))?,
        created_at: parsed(row, "created_at", Timestamp::parse)?,
        expires_at: parsed(row, "expires_at", Timestamp::parse)?,
        last_used_at: optional(row, "last_used_at", Timestamp::parse)?,
        revoked_at: optional(row, "revoked_at", Timestamp::parse)?,
    })
}

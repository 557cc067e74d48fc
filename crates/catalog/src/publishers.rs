//! Rules of trusted publishing: which workflows publish what, as whom.

use enact_types::{RefPattern, Repository, Scopes, Timestamp, WorkflowFile};
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

use crate::profiles::{Profile, profile_from};
use crate::tools::{count, ok, optional, parsed};
use crate::{Catalog, CatalogError};

/// A rule to be kept.
#[derive(Debug)]
pub struct NewPublisher<'a> {
    /// A fresh id.
    pub id: &'a str,
    /// The id of the user as whom is published.
    pub user_id: &'a str,
    /// Who signs the tokens of the workflow's runs.
    pub issuer: &'a str,
    /// Where the workflow is.
    pub repository: &'a Repository,
    /// The provider's number of the repository's owner, if it is known beforehand.
    pub owner_id: Option<&'a str>,
    /// Which workflow; any if there is none.
    pub workflow: Option<&'a WorkflowFile>,
    /// For which branches and tags; any if there is none.
    pub git_ref: Option<&'a RefPattern>,
    /// What may be published.
    pub scopes: &'a Scopes,
    /// When it is made.
    pub now: Timestamp,
}

/// What became of a new rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PublisherAdded {
    /// It is kept.
    Done,
    /// The repository publishes as another user already, of this name.
    OtherUser(String),
    /// Its other rules are for a repository of this other owner.
    OtherOwner(String),
    /// The repository has as many rules as it may.
    TooMany,
}

/// A rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublisherRecord {
    /// Never changes.
    pub id: String,
    /// As whom is published.
    pub profile: Profile,
    /// Whether that user's account is closed.
    pub disabled: bool,
    /// Who signs the tokens of the workflow's runs.
    pub issuer: String,
    /// Where the workflow is.
    pub repository: Repository,
    /// The provider's number of the repository's owner; `None` until the first use.
    pub owner_id: Option<String>,
    /// Which workflow; any if there is none.
    pub workflow: Option<WorkflowFile>,
    /// For which branches and tags; any if there is none.
    pub git_ref: Option<RefPattern>,
    /// What may be published.
    pub scopes: Scopes,
    /// When it was made.
    pub created_at: Timestamp,
}

/// What a row of a rule is read from. Statements are constants of the program.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT p.id, p.username, p.display_name, p.avatar_url, p.created_at, \
             CASE WHEN p.disabled_at IS NULL THEN 0 ELSE 1 END AS disabled, t.id AS rule_id, \
             t.issuer, t.repository, t.owner_id, t.workflow, t.git_ref, t.scopes, \
             t.created_at AS made_at \
             FROM trusted_publishers t JOIN profiles p ON p.id = t.user_id ",
            $rest
        )
    };
}

impl Catalog {
    /// Keeps a rule, unless its repository has `most` of them or publishes as another user.
    pub async fn add_publisher(
        &self,
        new: &NewPublisher<'_>,
        most: u64,
    ) -> Result<PublisherAdded, CatalogError> {
        let mut tx = self.begin().await?;
        lock(&mut tx, new.issuer, new.repository).await?;
        let others = sqlx::query(
            "SELECT COUNT(*) AS rules, MIN(CASE WHEN t.user_id = $1 THEN NULL ELSE p.username END) AS other, \
             MIN(CASE WHEN t.owner_id = $4 THEN NULL ELSE t.owner_id END) AS other_owner \
             FROM trusted_publishers t JOIN profiles p ON p.id = t.user_id \
             WHERE t.issuer = $2 AND t.repository = $3",
        )
        .bind(new.user_id)
        .bind(new.issuer)
        .bind(new.repository.as_str())
        .bind(new.owner_id.unwrap_or_default())
        .fetch_one(&mut *tx)
        .await?;
        if let Some(other) = others.try_get::<Option<String>, _>("other")? {
            return Ok(PublisherAdded::OtherUser(other));
        }
        if let Some(other) = others.try_get::<Option<String>, _>("other_owner")?
            && new.owner_id.is_some()
        {
            return Ok(PublisherAdded::OtherOwner(other));
        }
        if count(&others, "rules")? >= most {
            return Ok(PublisherAdded::TooMany);
        }
        sqlx::query(
            "INSERT INTO trusted_publishers \
             (id, user_id, issuer, repository, owner_id, workflow, git_ref, scopes, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(new.id)
        .bind(new.user_id)
        .bind(new.issuer)
        .bind(new.repository.as_str())
        .bind(new.owner_id)
        .bind(new.workflow.map(WorkflowFile::as_str))
        .bind(new.git_ref.map(RefPattern::as_str))
        .bind(new.scopes.to_string())
        .bind(new.now.to_string())
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(PublisherAdded::Done)
    }

    /// The rules for a repository, the oldest first.
    pub async fn publishers_of(
        &self,
        issuer: &str,
        repository: &Repository,
    ) -> Result<Vec<PublisherRecord>, CatalogError> {
        let rows = sqlx::query(select!(
            "WHERE t.issuer = $1 AND t.repository = $2 ORDER BY t.created_at, t.id"
        ))
        .bind(issuer)
        .bind(repository.as_str())
        .fetch_all(&self.readers)
        .await?;
        rows.iter().map(publisher_from).collect()
    }

    /// All rules, by user. For the operator: reads the whole table.
    pub async fn publishers(&self) -> Result<Vec<PublisherRecord>, CatalogError> {
        let rows = sqlx::query(select!(
            "ORDER BY p.username, t.repository, t.created_at, t.id"
        ))
        .fetch_all(&self.readers)
        .await?;
        rows.iter().map(publisher_from).collect()
    }

    /// Keeps the number of a repository's owner with all rules for it that have none yet. False if
    /// there were none: somebody else was faster.
    pub async fn pin_owner(
        &self,
        issuer: &str,
        repository: &Repository,
        owner_id: &str,
    ) -> Result<bool, CatalogError> {
        let mut tx = self.begin().await?;
        let done = sqlx::query(
            "UPDATE trusted_publishers SET owner_id = $1 \
             WHERE issuer = $2 AND repository = $3 AND owner_id IS NULL",
        )
        .bind(owner_id)
        .bind(issuer)
        .bind(repository.as_str())
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(done.rows_affected() > 0)
    }

    /// Takes a rule back. False if there is none with that id.
    pub async fn remove_publisher(&self, id: &str) -> Result<bool, CatalogError> {
        let mut tx = self.begin().await?;
        let done = sqlx::query("DELETE FROM trusted_publishers WHERE id = $1")
            .bind(id)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(done.rows_affected() == 1)
    }
}

fn publisher_from(row: &AnyRow) -> Result<PublisherRecord, CatalogError> {
    Ok(PublisherRecord {
        id: row.try_get("rule_id")?,
        profile: profile_from(row)?,
        disabled: crate::tools::flag(row, "disabled")?,
        issuer: row.try_get("issuer")?,
        repository: parsed(row, "repository", ok(Repository::parse))?,
        owner_id: row.try_get("owner_id")?,
        workflow: optional(row, "workflow", ok(WorkflowFile::parse))?,
        git_ref: optional(row, "git_ref", ok(RefPattern::parse))?,
        scopes: parsed(row, "scopes", ok(Scopes::parse))?,
        created_at: parsed(row, "made_at", Timestamp::parse)?,
    })
}

/// Has others who make a rule for the repository wait for the end of the transaction.
async fn lock(
    tx: &mut AnyConnection,
    issuer: &str,
    repository: &Repository,
) -> Result<(), CatalogError> {
    for statement in [
        "INSERT INTO publisher_locks (issuer, repository) VALUES ($1, $2) ON CONFLICT DO NOTHING",
        // Changes nothing: the row may have been there.
        "UPDATE publisher_locks SET issuer = issuer WHERE issuer = $1 AND repository = $2",
    ] {
        sqlx::query(statement)
            .bind(issuer)
            .bind(repository.as_str())
            .execute(&mut *tx)
            .await?;
    }
    Ok(())
}

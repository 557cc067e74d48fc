//! Who did what, and what was refused: rows that are added and read, and never changed, which
//! triggers see to.

use enact_types::limits::MAX_AUDIT_PAGE;
use enact_types::{Action, Timestamp, ToolName};
use sqlx::Row;
use sqlx::any::AnyRow;

use crate::sql::Sql;
use crate::tools::parsed;
use crate::{Catalog, CatalogError};

/// What [`AuditRecord::result`] is where something was done.
const DONE: &str = "ok";

/// A row to be added. What comes from outside has been bounded and freed of secrets.
#[derive(Debug, Clone)]
pub struct AuditEntry<'a> {
    /// When.
    pub at: Timestamp,
    /// What was done, or was to be done.
    pub action: Action,
    /// The name of who did it, if that is known.
    pub actor: Option<&'a str>,
    /// What kind of thing signed the actor in.
    pub via: &'a str,
    /// Which one it was; never the secret itself.
    pub credential: Option<&'a str>,
    /// From where.
    pub address: Option<&'a str>,
    /// To which tool.
    pub tool: Option<&'a str>,
    /// To which of its versions.
    pub version: Option<&'a str>,
    /// Whom or what else it was about.
    pub target: Option<&'a str>,
    /// What was said of it.
    pub detail: Option<&'a str>,
    /// The code of the error; `None` if it was done.
    pub error: Option<&'a str>,
    /// The status of the answer, if one was given over HTTP.
    pub status: Option<u16>,
    /// The request's number in the server's log.
    pub request_id: Option<&'a str>,
}

/// A row, as [`AuditEntry`] has it. An action, since a newer version of this program may have written
/// it, is a text here.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are those of AuditEntry")]
pub struct AuditRecord {
    /// Its place among those of the same time.
    pub number: i64,
    pub at: Timestamp,
    pub action: String,
    pub actor: Option<String>,
    pub via: String,
    pub credential: Option<String>,
    pub address: Option<String>,
    pub tool: Option<String>,
    pub version: Option<String>,
    pub target: Option<String>,
    pub detail: Option<String>,
    /// `ok`, or the code of the error.
    pub result: String,
    pub status: Option<i64>,
    pub request_id: Option<String>,
}

/// What came of what is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AuditResult {
    /// It was done.
    Done,
    /// It was not done, for whatever reason.
    Refused,
    /// It was not done, with this error.
    Error(String),
}

/// Which rows are wanted: those that fit all that is said.
#[derive(Debug, Clone, Default)]
pub struct AuditFilter {
    /// Of this time or later.
    pub since: Option<Timestamp>,
    /// By somebody of this name.
    pub actor: Option<String>,
    /// To this tool.
    pub tool: Option<ToolName>,
    /// Of this kind.
    pub action: Option<Action>,
    /// With this result.
    pub result: Option<AuditResult>,
}

impl Catalog {
    /// Adds a row. It is durable when this returns.
    pub async fn add_audit(&self, entry: &AuditEntry<'_>) -> Result<(), CatalogError> {
        let mut tx = self.begin().await?;
        sqlx::query(
            "INSERT INTO audit_log (at, action, actor, via, credential, address, tool, version, \
             target, detail, result, status, request_id) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        )
        .bind(entry.at.to_string())
        .bind(entry.action.as_str())
        .bind(entry.actor)
        .bind(entry.via)
        .bind(entry.credential)
        .bind(entry.address)
        .bind(entry.tool)
        .bind(entry.version)
        .bind(entry.target)
        .bind(entry.detail)
        .bind(entry.error.unwrap_or(DONE))
        .bind(entry.status.map(i64::from))
        .bind(entry.request_id)
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(())
    }

    /// The newest `limit` rows, at most [`MAX_AUDIT_PAGE`], that fit `filter`, and are older than
    /// `before` if that is given: the last row of the page before. The newest comes first.
    pub async fn audit(
        &self,
        filter: &AuditFilter,
        before: Option<&AuditRecord>,
        limit: u32,
    ) -> Result<Vec<AuditRecord>, CatalogError> {
        let limit = limit.min(MAX_AUDIT_PAGE);
        let rows = select(filter, before, limit)
            .build()
            .fetch_all(&self.readers)
            .await?;
        rows.iter().map(audit_from).collect()
    }
}

fn select(filter: &AuditFilter, before: Option<&AuditRecord>, limit: u32) -> Sql {
    // No time is before the empty text, and with a bound each statement is a search of an index.
    let since = filter.since.map(|time| time.to_string());
    let mut sql = Sql::new(
        "SELECT number, at, action, actor, via, credential, address, tool, version, target, detail, \
         result, status, request_id FROM audit_log WHERE at >= ",
    )
    .bind(since.as_deref().unwrap_or_default());
    if let Some(actor) = &filter.actor {
        sql = sql.text(" AND actor = ").bind(actor.as_str());
    }
    if let Some(tool) = &filter.tool {
        sql = sql.text(" AND tool = ").bind(tool.as_str());
    }
    if let Some(action) = filter.action {
        sql = sql.text(" AND action = ").bind(action.as_str());
    }
    sql = match &filter.result {
        None => sql,
        Some(AuditResult::Done) => sql.text(" AND result = ").bind(DONE),
        Some(AuditResult::Refused) => sql.text(" AND result <> ").bind(DONE),
        Some(AuditResult::Error(code)) => sql.text(" AND result = ").bind(code.as_str()),
    };
    if let Some(last) = before {
        sql = sql.text(" AND (at, number) < (");
        sql = sql.bind(&*last.at.to_string()).text(", ");
        sql = sql.bind(last.number).text(")");
    }
    sql.text(" ORDER BY at DESC, number DESC LIMIT ")
        .bind(i64::from(limit))
}

fn audit_from(row: &AnyRow) -> Result<AuditRecord, CatalogError> {
    Ok(AuditRecord {
        number: row.try_get("number")?,
        at: parsed(row, "at", Timestamp::parse)?,
        action: row.try_get("action")?,
        actor: row.try_get("actor")?,
        via: row.try_get("via")?,
        credential: row.try_get("credential")?,
        address: row.try_get("address")?,
        tool: row.try_get("tool")?,
        version: row.try_get("version")?,
        target: row.try_get("target")?,
        detail: row.try_get("detail")?,
        result: row.try_get("result")?,
        status: row.try_get("status")?,
        request_id: row.try_get("request_id")?,
    })
}

//! The statements that the catalog really runs, and how a database would run each.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use sqlx::{AnyConnection, Connection as _, Row as _};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// Notes every statement that the database library logs, while it is the process's subscriber.
#[derive(Debug, Clone, Default)]
pub(crate) struct Statements(Arc<Mutex<BTreeSet<String>>>);

impl Statements {
    /// Makes this the subscriber of the whole process, since statements are logged by threads of
    /// the library. Fails if there is one already.
    pub(crate) fn listen() -> Result<Self, tracing::subscriber::SetGlobalDefaultError> {
        let statements = Self::default();
        tracing::subscriber::set_global_default(statements.clone())?;
        Ok(statements)
    }

    /// What was noted since the last time.
    pub(crate) fn take(&self) -> BTreeSet<String> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Subscriber for Statements {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "sqlx::query"
    }

    fn event(&self, event: &Event<'_>) {
        let mut seen = Seen::default();
        event.record(&mut seen);
        // A short statement is its own summary.
        let whole = if seen.statement.is_empty() {
            seen.summary
        } else {
            seen.statement
        };
        let mut statements = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        statements.insert(whole.trim().to_owned());
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }
    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

#[derive(Default)]
struct Seen {
    summary: String,
    statement: String,
}

impl Visit for Seen {
    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "summary" => value.clone_into(&mut self.summary),
            "db.statement" => value.clone_into(&mut self.statement),
            _ => {}
        }
    }
    fn record_debug(&mut self, _: &Field, _: &dyn std::fmt::Debug) {}
}

/// Whether the statement prepares a connection or bounds a transaction, so that it reads no table.
pub(crate) fn is_setting(statement: &str) -> bool {
    ["PRAGMA ", "SET ", "BEGIN", "COMMIT"]
        .iter()
        .any(|start| statement.starts_with(start))
}

/// The plan of a statement, a line a step. On Postgres it is the plan for parameters that are not
/// known, as a prepared statement has.
pub(crate) async fn plan(database: &mut AnyConnection, statement: &str) -> sqlx::Result<String> {
    let lines = if database.backend_name() == "SQLite" {
        let explain = format!("EXPLAIN QUERY PLAN {statement}");
        let rows = sqlx::query(sqlx::AssertSqlSafe(explain))
            .fetch_all(database)
            .await?;
        let lines = rows.iter().map(|row| row.try_get::<String, _>("detail"));
        lines.collect::<sqlx::Result<Vec<_>>>()?
    } else {
        // Nulls for all parameters: which is of no account to such a plan.
        let parameters = (1..=200).take_while(|n| statement.contains(&format!("${n}")));
        let nulls = vec!["NULL"; parameters.count()];
        let arguments = if nulls.is_empty() {
            String::new()
        } else {
            format!("({})", nulls.join(", "))
        };
        let mut transaction = database.begin().await?;
        for setup in [
            "SET LOCAL plan_cache_mode = force_generic_plan".to_owned(),
            format!("PREPARE explained AS {statement}"),
        ] {
            sqlx::raw_sql(sqlx::AssertSqlSafe(setup))
                .execute(&mut *transaction)
                .await?;
        }
        let explain = sqlx::AssertSqlSafe(format!("EXPLAIN EXECUTE explained{arguments}"));
        let rows = sqlx::raw_sql(explain).fetch_all(&mut *transaction).await?;
        sqlx::raw_sql("DEALLOCATE explained")
            .execute(&mut *transaction)
            .await?;
        transaction.rollback().await?;
        let lines = rows.iter().map(|row| row.try_get::<String, _>(0));
        lines.collect::<sqlx::Result<Vec<_>>>()?
    };
    Ok(lines.join("\n"))
}

/// Whether a plan reads a whole table or a whole index.
pub(crate) fn scans(plan: &str) -> bool {
    plan.lines().map(str::trim).any(|line| {
        line.starts_with("SCAN ") && !line.starts_with("SCAN CONSTANT ROW")
            || line.contains("Seq Scan")
    })
}

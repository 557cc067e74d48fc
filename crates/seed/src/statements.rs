//! The statements that the catalog really runs.

use std::sync::{Arc, Mutex, PoisonError};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// Notes every statement that the database library logs, while it is the process's subscriber.
#[derive(Debug, Clone, Default)]
pub(crate) struct Statements(Arc<Mutex<Vec<(String, u64)>>>);

impl Statements {
    /// Makes this the subscriber of the whole process, since statements are logged by threads of
    /// the library. Fails if there is one already.
    pub(crate) fn listen() -> Result<Self, tracing::subscriber::SetGlobalDefaultError> {
        let statements = Self::default();
        tracing::subscriber::set_global_default(statements.clone())?;
        Ok(statements)
    }

    /// What was noted since the last time, each statement with the number of rows that it gave. A
    /// statement is noted when its connection is done with it, which can be a little after whoever
    /// asked has the answer.
    pub(crate) fn take(&self) -> Vec<(String, u64)> {
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
        statements.push((whole.trim().to_owned(), seen.rows));
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
    rows: u64,
}

impl Visit for Seen {
    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "summary" => value.clone_into(&mut self.summary),
            "db.statement" => value.clone_into(&mut self.statement),
            _ => {}
        }
    }
    fn record_u64(&mut self, field: &Field, value: u64) {
        if field.name() == "rows_returned" {
            self.rows = value;
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

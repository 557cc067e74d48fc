//! What can go wrong in the catalog.

/// An error of the catalog. Its text may name tables and columns: it is for logs, not for clients.
#[derive(Debug, thiserror::Error)]
#[error("catalog: {context}")]
pub struct CatalogError {
    kind: CatalogErrorKind,
    context: &'static str,
    #[source]
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// What a caller can do about a [`CatalogError`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CatalogErrorKind {
    /// The database cannot be reached or is busy; trying again later may help.
    Unavailable,
    /// Anything else: a bug, a broken database, a full disk.
    Internal,
}

impl CatalogError {
    pub(crate) fn internal(
        context: &'static str,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self {
            kind: CatalogErrorKind::Internal,
            context,
            source: Some(source.into()),
        }
    }

    /// What a caller can do about it.
    pub fn kind(&self) -> CatalogErrorKind {
        self.kind
    }
}

impl From<sqlx::Error> for CatalogError {
    fn from(error: sqlx::Error) -> Self {
        let busy = match &error {
            sqlx::Error::PoolTimedOut | sqlx::Error::Io(_) | sqlx::Error::PoolClosed => true,
            // SQLITE_BUSY (5) and its extended codes; Postgres' classes 08 (connection), 40
            // (serialisation, deadlock), 53 (resources) and 57P (shutdown).
            sqlx::Error::Database(database) => {
                database
                    .code()
                    .is_some_and(|code| match code.parse::<u32>() {
                        Ok(number) if number < 10_000 => number & 0xff == 5,
                        _ => ["08", "40", "53", "57P"]
                            .iter()
                            .any(|class| code.starts_with(class)),
                    })
            }
            _ => false,
        };
        let kind = if busy {
            CatalogErrorKind::Unavailable
        } else {
            CatalogErrorKind::Internal
        };
        Self {
            kind,
            context: "query failed",
            source: Some(error.into()),
        }
    }
}

/// Whether `error` says that a unique constraint was violated.
pub(crate) fn is_unique_violation(error: &sqlx::Error) -> bool {
    matches!(error, sqlx::Error::Database(database) if database.is_unique_violation())
}

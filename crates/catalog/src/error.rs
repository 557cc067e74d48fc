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
    /// What something was to be said of has been deleted meanwhile; nothing changed.
    Gone,
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

    /// The error of a statement that says something of a tool or a version, which were there a
    /// moment ago: if a foreign key stops it, they are there no more.
    pub(crate) fn of_saying(error: sqlx::Error) -> Self {
        let gone = matches!(&error, sqlx::Error::Database(database) if database.is_foreign_key_violation());
        let mut error = Self::from(error);
        if gone {
            error.kind = CatalogErrorKind::Gone;
        }
        error
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
            sqlx::Error::Database(database) => database.code().is_some_and(|code| is_busy(&code)),
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

/// Whether a database's own code says that trying again may help. Postgres' codes have five
/// characters: classes 08 (connection), 40 (serialisation, deadlock), 53 (resources), 57 (operator
/// intervention: shutdown, statement timeout). `SQLite`'s are numbers below 10,000, whose lowest
/// byte is 5 for `SQLITE_BUSY` and its extended forms.
fn is_busy(code: &str) -> bool {
    if code.len() == 5 {
        return ["08", "40", "53", "57"]
            .iter()
            .any(|class| code.starts_with(class));
    }
    code.parse::<u32>().is_ok_and(|number| number & 0xff == 5)
}

/// Whether `error` says that a unique constraint was violated.
pub(crate) fn is_unique_violation(error: &sqlx::Error) -> bool {
    matches!(error, sqlx::Error::Database(database) if database.is_unique_violation())
}

#[cfg(test)]
mod tests {
    use super::is_busy;

    #[test]
    fn tells_what_may_pass_from_what_will_not() {
        for code in ["08006", "40P01", "53300", "57P01", "57014", "5", "517"] {
            assert!(is_busy(code), "{code}");
        }
        for code in ["42601", "23505", "1", "2067", "787"] {
            assert!(!is_busy(code), "{code}");
        }
    }
}

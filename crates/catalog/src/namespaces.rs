//! The one name space of users and organisations.

use sqlx::{Any, Row, Transaction};

use crate::CatalogError;

/// What a name belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    User,
    Org,
}

impl Kind {
    fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Org => "org",
        }
    }
}

/// Takes the name for users or for organisations, or finds that it is taken so already; false if
/// the other kind has it. Of two transactions that claim it at once, one waits for the other.
pub(crate) async fn claim(
    tx: &mut Transaction<'static, Any>,
    name: &str,
    kind: Kind,
) -> Result<bool, CatalogError> {
    sqlx::query(
        "INSERT INTO namespaces (name, kind) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING",
    )
    .bind(name)
    .bind(kind.as_str())
    .execute(&mut **tx)
    .await?;
    let row = sqlx::query("SELECT kind FROM namespaces WHERE name = $1")
        .bind(name)
        .fetch_one(&mut **tx)
        .await?;
    Ok(row.try_get::<&str, _>("kind")? == kind.as_str())
}

//! What is inside each bundle, so that a listing never opens it.

use sqlx::{Any, Transaction};

use crate::CatalogError;
use crate::sql::Sql;

/// One file of a bundle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileRecord {
    /// Relative, with `/`.
    pub path: String,
    /// In bytes.
    pub size: u64,
    /// Whether its executable bit is set.
    pub executable: bool,
}

/// Rows of one INSERT. Four values each: well below SQLite's limit of 32,766 and Postgres' of
/// 65,535 placeholders.
const BATCH: usize = 500;

pub(crate) async fn insert(
    tx: &mut Transaction<'static, Any>,
    version_id: &str,
    files: &[FileRecord],
) -> Result<(), CatalogError> {
    for batch in files.chunks(BATCH) {
        let rows = batch.iter().map(|file| {
            [
                version_id.into(),
                file.path.as_str().into(),
                file.size.cast_signed().into(),
                i64::from(file.executable).into(),
            ]
        });
        Sql::new("INSERT INTO version_files (tool_version_id, path, size, executable) VALUES ")
            .rows(rows)
            .build()
            .execute(&mut **tx)
            .await?;
    }
    Ok(())
}

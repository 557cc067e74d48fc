//! What is inside each bundle, so that a listing never opens it.

use enact_types::Digest;
use sqlx::any::AnyRow;
use sqlx::{Any, Row, Transaction};

use crate::sql::Sql;
use crate::tools::{count, flag};
use crate::{Catalog, CatalogError};

/// One file of a bundle, or a folder that has an entry of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileRecord {
    /// Relative, with `/`.
    pub path: String,
    /// Whether it is a folder.
    pub folder: bool,
    /// In bytes; 0 for a folder.
    pub size: u64,
    /// Whether its executable bit is set.
    pub executable: bool,
    /// The digest of its content; `None` for a folder, and for a version that was published before
    /// these were kept.
    pub sha256: Option<Digest>,
}

/// How much the list of a version's files is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FilesSize {
    /// Files and folders.
    pub count: u64,
    /// Their paths together, in bytes.
    pub path_bytes: u64,
}

macro_rules! columns {
    () => {
        "path, folder, size, executable, sha256"
    };
}

impl Catalog {
    /// How much [`Self::files`] would give: asked first, since it can be a lot.
    pub async fn files_size(&self, version_id: &str) -> Result<FilesSize, CatalogError> {
        let row = sqlx::query(
            "SELECT CAST(COUNT(*) AS BIGINT) AS files, \
             CAST(COALESCE(SUM(octet_length(path)), 0) AS BIGINT) AS path_bytes \
             FROM version_files WHERE tool_version_id = $1",
        )
        .bind(version_id)
        .fetch_one(&self.readers)
        .await?;
        Ok(FilesSize {
            count: count(&row, "files")?,
            path_bytes: count(&row, "path_bytes")?,
        })
    }

    /// The files and folders of a version, in the order of their paths' bytes.
    pub async fn files(&self, version_id: &str) -> Result<Vec<FileRecord>, CatalogError> {
        let rows = sqlx::query(concat!(
            "SELECT ",
            columns!(),
            " FROM version_files WHERE tool_version_id = $1 ORDER BY path"
        ))
        .bind(version_id)
        .fetch_all(&self.readers)
        .await?;
        rows.iter().map(file_from).collect()
    }

    /// One file or folder of a version. `path` has no NUL in it.
    pub async fn file(
        &self,
        version_id: &str,
        path: &str,
    ) -> Result<Option<FileRecord>, CatalogError> {
        let row = sqlx::query(concat!(
            "SELECT ",
            columns!(),
            " FROM version_files WHERE tool_version_id = $1 AND path = $2"
        ))
        .bind(version_id)
        .bind(path)
        .fetch_optional(&self.readers)
        .await?;
        row.as_ref().map(file_from).transpose()
    }
}

fn file_from(row: &AnyRow) -> Result<FileRecord, CatalogError> {
    let sha256: Option<String> = row.try_get("sha256")?;
    let sha256 = sha256.map(|text| Digest::parse(&text)).transpose();
    Ok(FileRecord {
        path: row.try_get("path")?,
        folder: flag(row, "folder")?,
        size: count(row, "size")?,
        executable: flag(row, "executable")?,
        sha256: sha256.map_err(|error| CatalogError::internal("sha256", error))?,
    })
}

/// Rows of one INSERT. Six values each: well below SQLite's limit of 32,766 and Postgres' of
/// 65,535 placeholders.
const BATCH: usize = 500;

pub(crate) async fn insert(
    tx: &mut Transaction<'static, Any>,
    version_id: &str,
    files: &[FileRecord],
) -> Result<(), CatalogError> {
    // Folders have none, and files have one always: no NULL, whose type `Any` cannot tell.
    let (with, without): (Vec<_>, Vec<_>) = files.iter().partition(|file| file.sha256.is_some());
    for batch in with.chunks(BATCH) {
        let rows = batch.iter().map(|file| {
            let [version, path, folder, size, executable] = common(version_id, file);
            let sha256 = file.sha256.map(|digest| digest.to_string());
            let sha256 = sha256.unwrap_or_default().as_str().into();
            [version, path, folder, size, executable, sha256]
        });
        Sql::new("INSERT INTO version_files (tool_version_id, path, folder, size, executable, sha256) VALUES ")
            .rows(rows)
            .build()
            .execute(&mut **tx)
            .await?;
    }
    for batch in without.chunks(BATCH) {
        let rows = batch.iter().map(|file| common(version_id, file));
        Sql::new(
            "INSERT INTO version_files (tool_version_id, path, folder, size, executable) VALUES ",
        )
        .rows(rows)
        .build()
        .execute(&mut **tx)
        .await?;
    }
    Ok(())
}

fn common(version_id: &str, file: &FileRecord) -> [crate::sql::Value; 5] {
    [
        version_id.into(),
        file.path.as_str().into(),
        i64::from(file.folder).into(),
        file.size.cast_signed().into(),
        i64::from(file.executable).into(),
    ]
}

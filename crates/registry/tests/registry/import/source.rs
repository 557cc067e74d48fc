//! Data folders like those of the existing server, made by hand: with everything that it, or
//! somebody with an editor, could have left in one.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use enact_types::Digest;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode};
use sqlx::{ConnectOptions as _, Connection as _, SqliteConnection};
use tempfile::TempDir;

use crate::fixture::bundle;

/// The columns that are read, as the existing server types them.
const SCHEMA: &str = "
    CREATE TABLE profiles (id TEXT PRIMARY KEY, username TEXT, display_name TEXT, avatar_url TEXT,
        created_at TEXT);
    CREATE TABLE organizations (id TEXT PRIMARY KEY, name TEXT, display_name TEXT, description TEXT,
        avatar_url TEXT, created_by TEXT, created_at TEXT);
    CREATE TABLE org_members (org_id TEXT, user_id TEXT, role TEXT, added_at TEXT, added_by TEXT);
    CREATE TABLE tools (id TEXT PRIMARY KEY, owner_id TEXT, org_id TEXT, name TEXT, visibility TEXT,
        created_at TEXT, updated_at TEXT);
    CREATE TABLE tool_versions (id TEXT PRIMARY KEY, tool_id TEXT, version TEXT, manifest TEXT,
        raw_manifest TEXT, bundle_hash TEXT, bundle_size INTEGER, bundle_path TEXT, downloads INTEGER,
        yanked INTEGER, yank_reason TEXT, yank_replacement TEXT, yanked_at TEXT, published_by TEXT,
        published_at TEXT);
    CREATE TABLE attestations (id TEXT PRIMARY KEY, tool_version_id TEXT);
    INSERT INTO profiles VALUES ('p1', 'admin', 'Registry Admin', NULL, '2025-01-01 00:00:00');";

pub(crate) struct Source {
    folder: TempDir,
    connection: Option<SqliteConnection>,
}

impl Source {
    /// A folder with one person, `admin`, and nothing else.
    pub(crate) async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let options = SqliteConnectOptions::new()
            .filename(folder.path().join("registry.db"))
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal);
        let mut source = Self {
            connection: Some(options.connect().await.unwrap()),
            folder,
        };
        source.sql(SCHEMA).await;
        source
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) async fn sql(&mut self, sql: &'static str) {
        let connection = self.connection.as_mut().unwrap();
        sqlx::raw_sql(sql).execute(connection).await.unwrap();
    }

    /// Adds a public version with a good bundle.
    pub(crate) async fn publish(&mut self, tool: &str, version: &str) {
        self.publish_bytes(tool, version, &bundle(tool, version))
            .await;
    }

    pub(crate) async fn publish_bytes(&mut self, tool: &str, version: &str, bytes: &[u8]) {
        let connection = self.connection.as_mut().unwrap();
        sqlx::query(
            "INSERT INTO tools VALUES ($1, 'p1', NULL, $1, 'public', '2025-01-02 00:00:00', '2025-01-09 00:00:00') \
             ON CONFLICT DO NOTHING",
        )
        .bind(tool)
        .execute(&mut *connection)
        .await
        .unwrap();
        sqlx::query(
            "INSERT INTO tool_versions VALUES ($1, $2, $3, $4, '# Text', $5, $6, 'ignored', 0, 0, \
             NULL, NULL, NULL, 'p1', '2025-01-03 04:05:06')",
        )
        .bind(format!("{tool}@{version}"))
        .bind(tool)
        .bind(version)
        .bind(format!(
            r#"{{"name": "{tool}", "version": "{version}", "description": "{tool} {version}", "tags": ["t"], "license": "MIT"}}"#
        ))
        .bind(Digest::of(bytes).to_string())
        .bind(i64::try_from(bytes.len()).unwrap())
        .execute(connection)
        .await
        .unwrap();
        let file = self.bundle(tool, version);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, bytes).unwrap();
    }

    pub(crate) fn bundle(&self, tool: &str, version: &str) -> PathBuf {
        let folder = self.path().join("bundles").join(tool).join(version);
        folder.join("bundle.tar.gz")
    }

    /// Folds the log into the file, as the server does when it ends.
    pub(crate) async fn close(&mut self) {
        if let Some(connection) = self.connection.take() {
            connection.close().await.unwrap();
        }
    }

    /// A copy of the folder as a server that was killed leaves it: with what it wrote last in the
    /// log alone.
    pub(crate) fn killed(&self) -> TempDir {
        let copy = tempfile::tempdir().unwrap();
        for file in ["registry.db", "registry.db-wal"] {
            fs::copy(self.path().join(file), copy.path().join(file)).unwrap();
        }
        copy
    }

    /// Every file with its size and when it was changed.
    pub(crate) fn state(&self) -> BTreeMap<PathBuf, (u64, i64, i64)> {
        let (mut state, mut folders) = (BTreeMap::new(), vec![self.path().to_owned()]);
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                let metadata = fs::symlink_metadata(&path).unwrap();
                if metadata.is_dir() {
                    folders.push(path.clone());
                }
                let stamp = (metadata.len(), metadata.mtime(), metadata.mtime_nsec());
                state.insert(path, stamp);
            }
        }
        state
    }
}

//! The databases that the suite runs on.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::future::Future;
use std::path::Path;
use std::pin::Pin;
use std::sync::{Arc, Mutex};

use enact_catalog::{AuditFilter, AuditRecord};
use enact_registry::Registry;
use enact_server::{Catalog, Store, open_registry};
use enact_testkit::Postgres;
use sqlx::{AnyConnection, Connection as _, Row as _};
use tempfile::TempDir;

use crate::secrets;

#[derive(Clone)]
pub(crate) enum Backend {
    Sqlite,
    Postgres(Arc<Mutex<Postgres>>),
}

#[derive(Clone, Copy)]
pub(crate) struct Behaviour {
    pub(crate) name: &'static str,
    pub(crate) test: fn() -> Pin<Box<dyn Future<Output = ()>>>,
}

/// Makes the list of a file's behaviours out of their names.
macro_rules! behaviours {
    ($($name:ident),* $(,)?) => {
        pub(crate) const ALL: &[crate::backend::Behaviour] = &[$(crate::backend::Behaviour {
            name: concat!(module_path!(), "::", stringify!($name)),
            test: || Box::pin($name()),
        }),*];
    };
}

tokio::task_local! {
    static BACKEND: Backend;
}

/// Runs one behaviour; the servers that it starts keep their catalogs in `backend`.
pub(crate) fn run(backend: Backend, behaviour: Behaviour) {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap()
        .block_on(BACKEND.scope(backend, (behaviour.test)()));
}

/// What a server keeps: a folder, and a database there or in PostgreSQL.
pub(crate) struct Data {
    folder: TempDir,
    pub(crate) database_url: Option<String>,
    backend: Backend,
}

/// See [`Data::lock`].
pub(crate) struct Lock(AnyConnection);

impl Lock {
    pub(crate) async fn release(mut self) {
        sqlx::raw_sql("COMMIT").execute(&mut self.0).await.unwrap();
        self.0.close().await.unwrap();
    }
}

impl Drop for Data {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.expose();
        }
    }
}

/// In the URLs of databases.
const PASSWORD: &str = "the-password-of-the-database";

impl Data {
    /// Empty, on the backend of the running test.
    pub(crate) fn new() -> Self {
        let backend = BACKEND.with(Backend::clone);
        Self {
            folder: tempfile::tempdir().unwrap(),
            database_url: match &backend {
                Backend::Sqlite => None,
                Backend::Postgres(postgres) => {
                    let url = postgres.lock().unwrap().new_database().unwrap();
                    // Which nobody asks for; it is there to leak.
                    Some(format!("{url}&password={PASSWORD}"))
                }
            },
            backend,
        }
    }

    /// A folder of its own for another server on this database.
    pub(crate) fn shared(&self) -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            database_url: self.database_url.clone(),
            backend: self.backend.clone(),
        }
    }

    /// Shows what the database holds to whoever looks for secrets there.
    fn expose(&self) {
        let Some(url) = &self.database_url else {
            // A running server has part of it in the log.
            for file in ["registry.db", "registry.db-wal"] {
                if let Ok(bytes) = std::fs::read(self.path().join(file)) {
                    secrets::expose("a SQLite database", bytes);
                }
            }
            return;
        };
        if let Backend::Postgres(postgres) = &self.backend {
            let tables = "SELECT string_agg(format('TABLE %I', tablename), ';') FROM pg_tables WHERE schemaname = 'public'";
            let postgres = postgres.lock().unwrap();
            let tables = postgres.psql(url, tables).unwrap();
            let rows = postgres.psql(url, &tables).unwrap();
            secrets::expose("a PostgreSQL database", rows);
        }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Changes the database behind the server's back.
    pub(crate) async fn execute(&self, sql: &'static str) {
        match &self.database_url {
            None => {
                let url = format!("sqlite://{}", self.path().join("registry.db").display());
                let mut database = sqlx::SqliteConnection::connect(&url).await.unwrap();
                sqlx::query(sql).execute(&mut database).await.unwrap();
                database.close().await.unwrap();
            }
            Some(url) => {
                let mut database = sqlx::PgConnection::connect(url).await.unwrap();
                sqlx::query(sql).execute(&mut database).await.unwrap();
                database.close().await.unwrap();
            }
        }
    }

    /// Its registry, as its operator opens it beside the server.
    pub(crate) async fn registry(&self) -> Registry {
        let catalog = match &self.database_url {
            None => Catalog::Sqlite,
            Some(url) => Catalog::Postgres(url.clone()),
        };
        let opened = open_registry(self.path(), &catalog, Store::Local).await;
        opened.unwrap().0
    }

    /// The audit log, the oldest row first.
    pub(crate) async fn audit(&self) -> Vec<AuditRecord> {
        let registry = self.registry().await;
        let page = registry.audit(&AuditFilter::default(), None, 500).await;
        registry.close().await;
        let mut rows = page.unwrap();
        rows.reverse();
        rows
    }

    /// Keeps everybody from writing to the database, until it is released.
    pub(crate) async fn lock(&self) -> Lock {
        let (url, sql) = match &self.database_url {
            None => {
                let file = self.path().join("registry.db");
                (format!("sqlite://{}", file.display()), "BEGIN IMMEDIATE")
            }
            Some(url) => (
                url.clone(),
                "BEGIN; LOCK TABLE tools, tool_versions; LOCK TABLE tokens IN EXCLUSIVE MODE",
            ),
        };
        sqlx::any::install_default_drivers();
        let mut database = AnyConnection::connect(&url).await.unwrap();
        sqlx::raw_sql(sql).execute(&mut database).await.unwrap();
        Lock(database)
    }

    /// Everything in it, by path: what a refused request must leave as it was. Of the database it is
    /// what it says, since its files change with every reader, but for the audit log, which says what
    /// was refused.
    pub(crate) async fn state(&self) -> BTreeMap<String, Vec<u8>> {
        let mut files = BTreeMap::new();
        collect(self.path(), &mut files);
        files.retain(|path, _| !path.contains("registry.db"));
        let database = match &self.database_url {
            None => sqlite(&self.path().join("registry.db")).await,
            Some(url) => postgres(url).await,
        };
        files.insert("the database".to_owned(), database);
        files
    }
}

fn collect(folder: &Path, files: &mut BTreeMap<String, Vec<u8>>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else {
            files.insert(path.display().to_string(), std::fs::read(&path).unwrap());
        }
    }
}

async fn sqlite(file: &Path) -> Vec<u8> {
    let copy = tempfile::tempdir().unwrap();
    let copy = copy.path().join("copy.db");
    let url = format!("sqlite://{}", file.display());
    let mut database = sqlx::SqliteConnection::connect(&url).await.unwrap();
    sqlx::query("VACUUM INTO $1")
        .bind(copy.to_str())
        .execute(&mut database)
        .await
        .unwrap();
    database.close().await.unwrap();
    let url = format!("sqlite://{}", copy.display());
    let mut database = sqlx::SqliteConnection::connect(&url).await.unwrap();
    let without = "DROP TABLE audit_log; VACUUM";
    sqlx::raw_sql(without).execute(&mut database).await.unwrap();
    database.close().await.unwrap();
    std::fs::read(copy).unwrap()
}

async fn postgres(url: &str) -> Vec<u8> {
    let mut database = sqlx::PgConnection::connect(url).await.unwrap();
    let tables =
        sqlx::query("SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'audit_log' ORDER BY 1")
            .fetch_all(&mut database)
            .await
            .unwrap();
    let mut text = String::new();
    for table in &tables {
        let table: String = table.get(0);
        let rows = sqlx::AssertSqlSafe(format!("SELECT t::text FROM {table} t ORDER BY 1"));
        for row in sqlx::query(rows).fetch_all(&mut database).await.unwrap() {
            writeln!(text, "{table}: {}", row.get::<String, _>(0)).unwrap();
        }
    }
    database.close().await.unwrap();
    text.into_bytes()
}

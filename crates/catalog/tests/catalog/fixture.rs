//! A fresh catalog for each test, and short ways to fill it.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};

use enact_catalog::{
    Catalog, Commit, FileRecord, NewOrg, NewVersion, Owner, Profile, Reservation, Reserve,
    VisibilityRight,
};
use enact_testkit::Postgres;
use enact_types::{Digest, Manifest, Namespace, Timestamp, ToolName, Version, Visibility};
use serde_json::json;
use sqlx::Connection as _;

pub(crate) enum Backend {
    Sqlite,
    Postgres(Arc<Mutex<Postgres>>),
}

#[derive(Clone, Copy)]
pub(crate) struct Behaviour {
    pub(crate) name: &'static str,
    pub(crate) test: fn(Fixture) -> Pin<Box<dyn Future<Output = ()>>>,
}

/// Makes the list of a file's behaviours out of their names.
macro_rules! behaviours {
    ($($name:ident),* $(,)?) => {
        pub(crate) const ALL: &[crate::fixture::Behaviour] = &[$(crate::fixture::Behaviour {
            name: stringify!($name),
            test: |fixture| Box::pin($name(fixture)),
        }),*];
    };
}
pub(crate) use behaviours;

pub(crate) struct Fixture {
    pub(crate) catalog: Catalog,
    pub(crate) alice: Profile,
    /// An empty database, not opened yet.
    pub(crate) fresh_place: Place,
}

#[derive(Clone)]
pub(crate) enum Place {
    File(std::path::PathBuf),
    Url(String),
}

impl Place {
    pub(crate) async fn open(&self) -> Catalog {
        match self {
            Self::File(path) => Catalog::open_sqlite(path).await.unwrap(),
            Self::Url(url) => Catalog::connect_postgres(url).await.unwrap(),
        }
    }

    /// Makes the schema of the first migration and runs `statements` in it.
    pub(crate) async fn make_first_schema(&self, statements: &[&str]) {
        let schema = include_str!("../../migrations/0001_initial.sql");
        let schema = match self {
            Self::File(_) => schema.to_owned(),
            Self::Url(_) => schema.replace("/*bytes*/", "COLLATE \"C\""),
        };
        let versions = "CREATE TABLE schema_migrations (version BIGINT PRIMARY KEY)";
        let first = "INSERT INTO schema_migrations (version) VALUES (1)";
        self.execute(&[versions, first, &schema]).await;
        self.execute(statements).await;
    }

    /// Runs statements past the catalog.
    pub(crate) async fn execute(&self, statements: &[&str]) {
        for sql in statements {
            self.try_execute(sql).await.unwrap();
        }
    }

    /// Runs a statement past the catalog, which may refuse it.
    pub(crate) async fn try_execute(&self, sql: &str) -> sqlx::Result<()> {
        sqlx::any::install_default_drivers();
        let url = match self {
            Self::File(path) => format!("sqlite://{}?mode=rwc", path.display()),
            Self::Url(url) => url.clone(),
        };
        let mut connection = sqlx::AnyConnection::connect(&url).await.unwrap();
        let sql = sqlx::AssertSqlSafe(sql.to_owned());
        let done = sqlx::raw_sql(sql).execute(&mut connection).await;
        connection.close().await.unwrap();
        done.map(drop)
    }
}

pub(crate) fn run(backend: &Backend, test: fn(Fixture) -> Pin<Box<dyn Future<Output = ()>>>) {
    let folder = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let place = |name: &str| match backend {
            Backend::Sqlite => Place::File(folder.path().join(name)),
            Backend::Postgres(postgres) => {
                Place::Url(postgres.lock().unwrap().new_database().unwrap())
            }
        };
        // A name with every character that a URL would misread.
        let catalog = place("a b%20#?&.db").open().await;
        let fresh_place = place("fresh.db");
        let alice = catalog
            .ensure_profile("alice", "id-of-alice", at(0))
            .await
            .unwrap()
            .unwrap();
        let closing = catalog.clone();
        test(Fixture {
            catalog,
            alice,
            fresh_place,
        })
        .await;
        closing.close().await;
    });
}

/// `seconds` after an arbitrary start.
pub(crate) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_millis(1_764_000_000_000 + seconds * 1000).unwrap()
}

pub(crate) fn name(text: &str) -> ToolName {
    text.parse().unwrap()
}

pub(crate) fn version(text: &str) -> Version {
    text.parse().unwrap()
}

impl Fixture {
    pub(crate) async fn reserve(&self, tool: &str, number: &str, token: &str, now: i64) -> Reserve {
        self.catalog
            .reserve(&name(tool), &version(number), token, at(now), at(now + 100))
            .await
            .unwrap()
    }

    pub(crate) async fn granted(
        &self,
        tool: &str,
        number: &str,
        token: &str,
        now: i64,
    ) -> Reservation {
        match self.reserve(tool, number, token, now).await {
            Reserve::Granted(reservation) => reservation,
            other => panic!("{tool}@{number} was not granted: {other:?}"),
        }
    }

    /// Commits with a manifest of `fields`; false if the reservation was lost.
    pub(crate) async fn commit(
        &self,
        reservation: &Reservation,
        visibility: Visibility,
        fields: serde_json::Value,
        now: i64,
    ) -> bool {
        match self.try_commit(reservation, visibility, fields, now).await {
            Commit::Done(_) => true,
            Commit::Lost => false,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) async fn try_commit(
        &self,
        reservation: &Reservation,
        visibility: Visibility,
        fields: serde_json::Value,
        now: i64,
    ) -> Commit {
        self.commit_text(reservation, visibility, fields, "# Text", now)
            .await
    }

    /// Commits with a manifest of `fields` and that SKILL.md.
    pub(crate) async fn commit_text(
        &self,
        reservation: &Reservation,
        visibility: Visibility,
        fields: serde_json::Value,
        text: &str,
        now: i64,
    ) -> Commit {
        let path = format!(
            "bundles/{}/{}~{}",
            reservation.name, reservation.version, reservation.attempt
        );
        let id = format!("owner-{path}");
        let org = NewOrg {
            id: id.clone(),
            name: reservation.name.namespace().name().parse().unwrap(),
            display_name: None,
            description: None,
        };
        let new = NewVersion {
            id: &format!("version-{path}"),
            tool_id: &format!("tool-{path}"),
            publisher: &self.alice,
            owner: match reservation.name.namespace() {
                Namespace::User(username) => Owner::User { username, id: &id },
                Namespace::Org(_) => Owner::Org(&org),
            },
            visibility,
            visibility_right: VisibilityRight::May,
            manifest: &Manifest::from_value(fields).unwrap(),
            raw_manifest: Some(text),
            checksum_manifest: None,
            sigstore_bundle: None,
            attestation: None,
            bundle_hash: Digest::of(path.as_bytes()),
            bundle_size: 42,
            bundle_path: &path,
            files: &[
                FileRecord {
                    path: "empty".to_owned(),
                    folder: true,
                    size: 0,
                    executable: false,
                    sha256: None,
                },
                FileRecord {
                    path: "SKILL.md".to_owned(),
                    folder: false,
                    size: 6,
                    executable: false,
                    sha256: Some(Digest::of(b"# Text")),
                },
            ],
            now: at(now),
        };
        self.catalog.commit(reservation, &new).await.unwrap()
    }

    /// Publishes a public version with the given description.
    pub(crate) async fn publish(&self, tool: &str, number: &str, description: &str) {
        self.publish_as(
            tool,
            number,
            Visibility::Public,
            json!({ "description": description }),
        )
        .await;
    }

    pub(crate) async fn publish_as(
        &self,
        tool: &str,
        number: &str,
        visibility: Visibility,
        fields: serde_json::Value,
    ) {
        self.publish_text(tool, number, visibility, fields, "# Text")
            .await;
    }

    /// Publishes with that SKILL.md.
    pub(crate) async fn publish_text(
        &self,
        tool: &str,
        number: &str,
        visibility: Visibility,
        fields: serde_json::Value,
        text: &str,
    ) {
        let reservation = self
            .granted(tool, number, &format!("token-{tool}-{number}"), 1)
            .await;
        let commit = self
            .commit_text(&reservation, visibility, fields, text, 1)
            .await;
        assert_eq!(commit, Commit::Done(visibility));
    }
}

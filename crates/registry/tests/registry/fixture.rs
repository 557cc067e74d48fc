//! A registry over a folder, with a clock that stands still.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU8, Ordering};

use enact_catalog::Catalog;
use enact_registry::{Account, Caller, Publish, Random, Registry, RegistryError, Selector, Via};
use enact_storage::StorageClient;
use enact_types::wire::Published;
use enact_types::{Clock, Manifest, Scopes, Timestamp, ToolName, Version, Visibility};
use futures_util::TryStreamExt as _;
use serde_json::json;
use sqlx::ConnectOptions as _;
use sqlx::sqlite::SqliteConnectOptions;
use tempfile::TempDir;

pub(crate) use crate::bundle::bundle;

pub(crate) struct Fixture {
    pub(crate) registry: Registry,
    pub(crate) catalog: Catalog,
    pub(crate) storage: StorageClient,
    pub(crate) clock: Arc<Standing>,
    folder: TempDir,
}

/// A clock that a test moves.
pub(crate) struct Standing(AtomicI64);

impl Standing {
    pub(crate) fn advance_secs(&self, seconds: i64) {
        self.0.fetch_add(seconds * 1000, Ordering::SeqCst);
    }
}

impl Clock for Standing {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::SeqCst)).unwrap()
    }
}

/// Counts instead of guessing: every id is new, and the same in every run.
struct Counting(AtomicU8);

impl Random for Counting {
    fn bytes(&self) -> std::io::Result<[u8; 16]> {
        Ok([self.0.fetch_add(1, Ordering::SeqCst); 16])
    }
}

impl Fixture {
    pub(crate) async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let storage = StorageClient::local(folder.path().join("objects")).unwrap();
        Self::build(folder, storage).await
    }

    pub(crate) async fn over(storage: StorageClient) -> Self {
        Self::build(tempfile::tempdir().unwrap(), storage).await
    }

    async fn build(folder: TempDir, storage: StorageClient) -> Self {
        let catalog = Catalog::open_sqlite(&folder.path().join("registry.db"))
            .await
            .unwrap();
        let clock = Arc::new(Standing(AtomicI64::new(1_764_000_000_000)));
        let random = Arc::new(Counting(AtomicU8::new(0)));
        let spool = folder.path().join("spool");
        let registry = Registry::new(
            catalog.clone(),
            storage.clone(),
            &spool,
            clock.clone(),
            random,
        )
        .unwrap();
        Self {
            registry,
            catalog,
            storage,
            clock,
            folder,
        }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(crate) async fn publish(
        &self,
        tool: &str,
        number: &str,
    ) -> Result<Published, RegistryError> {
        self.publish_bytes(tool, number, &bundle(tool, number))
            .await
    }

    pub(crate) async fn publish_bytes(
        &self,
        tool: &str,
        number: &str,
        bytes: &[u8],
    ) -> Result<Published, RegistryError> {
        let caller = self.operator().await;
        self.publish_as(&caller, tool, number, bytes, Visibility::Public)
            .await
    }

    /// Whoever holds the registry's key.
    pub(crate) async fn operator(&self) -> Caller {
        Caller::admin(self.registry.admin().await.unwrap(), Via::Key)
    }

    /// A user with an account, signed in for everything.
    pub(crate) async fn user(&self, username: &str) -> Caller {
        self.user_with(username, "").await
    }

    /// A user with an account, signed in with a token for a day that has these scopes.
    pub(crate) async fn user_with(&self, username: &str, scopes: &str) -> Caller {
        let id = format!("id-of-{username}");
        let profile = self.catalog.ensure_profile(username, &id, self.now()).await;
        Caller::User(Account {
            profile: profile.unwrap().unwrap(),
            scopes: Scopes::parse(scopes).unwrap(),
            via: Via::Token {
                id: format!("token-of-{username}"),
                expires_at: self.now().plus(std::time::Duration::from_hours(24)),
            },
        })
    }

    pub(crate) async fn publish_as(
        &self,
        caller: &Caller,
        tool: &str,
        number: &str,
        bytes: &[u8],
        visibility: Visibility,
    ) -> Result<Published, RegistryError> {
        let slot = self.registry.begin_publish(caller, &name(tool)).await?;
        let mut spool = self.registry.spool().await?;
        spool.write(bytes).await?;
        let manifest = json!({ "name": tool, "version": number });
        let publish = Publish {
            name: name(tool),
            manifest: Manifest::from_value(manifest).unwrap(),
            raw_manifest: None,
            visibility,
            checksum_manifest: None,
            sigstore_bundle: None,
            bundle: spool.finish().await?,
        };
        self.registry.publish(slot, caller, publish).await
    }

    pub(crate) async fn download(&self, tool: &str, number: &str) -> Vec<u8> {
        let selector = Selector::Exact(version(number));
        let bundle = self
            .registry
            .bundle(&Caller::Anonymous, &name(tool), &selector, false)
            .await
            .unwrap();
        let stream = self.registry.open(&bundle, None).await.unwrap();
        stream.try_collect::<Vec<_>>().await.unwrap().concat()
    }

    /// Where uploads are received.
    pub(crate) fn spool(&self) -> PathBuf {
        self.folder.path().join("spool")
    }

    /// The first column of what `sql` finds in the catalog.
    pub(crate) async fn rows(&self, sql: &'static str) -> Vec<String> {
        let options = SqliteConnectOptions::new().filename(self.folder.path().join("registry.db"));
        let mut connection = options.connect().await.unwrap();
        sqlx::query_scalar(sql)
            .fetch_all(&mut connection)
            .await
            .unwrap()
    }

    /// The keys of all objects in the store, sorted.
    pub(crate) fn objects(&self) -> Vec<String> {
        fn walk(folder: &Path, root: &Path, keys: &mut Vec<String>) {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    walk(&path, root, keys);
                } else {
                    keys.push(path.strip_prefix(root).unwrap().display().to_string());
                }
            }
        }
        let root = self.folder.path().join("objects");
        let mut keys = Vec::new();
        walk(&root, &root, &mut keys);
        keys.sort();
        keys
    }
}

pub(crate) fn name(text: &str) -> ToolName {
    text.parse().unwrap()
}

pub(crate) fn version(text: &str) -> Version {
    text.parse().unwrap()
}

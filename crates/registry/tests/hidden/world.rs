//! A registry with a private tool of a user and one of an organisation, and those whom they do not
//! concern.

use std::sync::Arc;
use std::time::Duration;

use enact_catalog::{Catalog, Database};
use enact_registry::{Account, Caller, OsRandom, Publish, Registry, Via};
use enact_storage::StorageClient;
use enact_types::wire::OrgRequest;
use enact_types::{Clock as _, Manifest, Scopes, SystemClock, Timestamp, Visibility};
use serde_json::json;
use tempfile::TempDir;

use crate::bundle::bundle;
use crate::statements::{Statements, is_setting};

pub(crate) struct World {
    database: Database,
    folder: TempDir,
    statements: Statements,
    strangers: Vec<Caller>,
}

impl World {
    pub(crate) async fn new(database: Database, statements: Statements) -> Self {
        let mut world = Self {
            database,
            folder: tempfile::tempdir().unwrap(),
            statements,
            strangers: Vec::new(),
        };
        let (catalog, registry) = world.open().await;
        let alice = user(&catalog, "alice", "").await;
        let acme = OrgRequest {
            name: "acme".to_owned(),
            display_name: None,
            description: None,
        };
        registry.create_org(&alice, acme).await.unwrap();
        for tool in ["alice/secret", "@acme/secret"] {
            publish(&registry, &alice, tool).await;
        }
        world.strangers = vec![
            Caller::Anonymous,
            user(&catalog, "sam", "").await,
            user(&catalog, "sam", "read").await,
        ];
        registry.close().await;
        world
    }

    /// Whom the private tools do not concern.
    pub(crate) fn strangers(&self) -> Vec<Caller> {
        self.strangers.clone()
    }

    /// Whose they are.
    pub(crate) async fn owner(&self) -> Caller {
        let (catalog, registry) = self.open().await;
        let alice = user(&catalog, "alice", "").await;
        registry.close().await;
        alice
    }

    /// Does something with the registry. Gives also the statements that ran from its opening to its
    /// closing, with the number of rows of each: closing waits until each connection is done, and so
    /// until the last statement was noted. Several connections note theirs side by side, so they
    /// are sorted.
    pub(crate) async fn listen<T>(
        &self,
        what: impl AsyncFnOnce(&Registry) -> T,
    ) -> (T, Vec<(String, u64)>) {
        self.statements.take();
        let (_, registry) = self.open().await;
        let result = what(&registry).await;
        registry.close().await;
        let mut ran = self.statements.take();
        ran.retain(|(sql, _)| !is_setting(sql));
        ran.sort();
        (result, ran)
    }

    async fn open(&self) -> (Catalog, Registry) {
        let catalog = Catalog::open(&self.database).await.unwrap();
        let storage = StorageClient::local(self.folder.path().join("objects")).unwrap();
        let spool = self.folder.path().join("spool");
        let (clock, random) = (Arc::new(SystemClock), Arc::new(OsRandom));
        let registry = Registry::new(catalog.clone(), storage, &spool, clock, random);
        (catalog, registry.unwrap())
    }
}

/// A user, signed in with a token of these scopes.
async fn user(catalog: &Catalog, username: &str, scopes: &str) -> Caller {
    let profile = catalog.ensure_profile(username, username, now()).await;
    Caller::User(Account {
        profile: profile.unwrap().unwrap(),
        scopes: Scopes::parse(scopes).unwrap(),
        via: Via::Token {
            id: "token".to_owned(),
            expires_at: now().plus(Duration::from_hours(1)),
        },
    })
}

async fn publish(registry: &Registry, caller: &Caller, tool: &str) {
    let name = tool.parse().unwrap();
    let slot = registry.begin_publish(caller, &name).await.unwrap();
    let mut spool = registry.spool().await.unwrap();
    spool.write(&bundle(tool, "1.0.0")).await.unwrap();
    let manifest = json!({ "name": tool, "version": "1.0.0" });
    let publish = Publish {
        name,
        manifest: Manifest::from_value(manifest).unwrap(),
        raw_manifest: None,
        visibility: Visibility::Private,
        checksum_manifest: None,
        sigstore_bundle: None,
        bundle: spool.finish().await.unwrap(),
    };
    registry.publish(slot, caller, publish).await.unwrap();
}

fn now() -> Timestamp {
    SystemClock.now()
}

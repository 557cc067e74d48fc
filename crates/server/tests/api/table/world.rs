//! The registry that the table is about: everybody in it, and what each cell finds.

use std::collections::BTreeSet;
use std::time::Duration;

use enact_catalog::{
    AttestationRecord, Catalog, Database, Identity, NewAttestation, NewOrg, NewToken, Sees,
    TokenAdded,
};
use enact_registry::{Caller as Publisher, Publish, Registry, Via};
use enact_server::{Store, open_registry};
use enact_testkit::jwt::KeyServer;
use enact_types::limits::MAX_TOKENS_PER_USER;
use enact_types::{
    Clock as _, Digest, Manifest, Role, Scopes, SystemClock, Timestamp, Token, ToolName, Visibility,
};

use super::callers::{AUDIENCE, ISSUER, KEY, Provider, Secret, USERS, token};
use super::cell::{Cell, VERSION};
use super::row::{Given, Scope};
use super::rule::For;
use crate::fixture::{App, bundle, manifest};

pub(super) struct World {
    pub(super) app: App,
    pub(super) provider: Provider,
    _keys: KeyServer,
}

impl World {
    /// A server, and in its registry what these cells ask about.
    pub(super) async fn new(cells: &[Cell]) -> Self {
        let provider = Provider::new();
        let keys = KeyServer::start([&provider.key]).unwrap();
        let app = App::start(&[
            ("ENACT_LIMITS", "off"),
            ("ENACT_REGISTRY_API_KEY", KEY),
            ("ENACT_JWT_JWKS_URL", &keys.url()),
            ("ENACT_JWT_ISSUER", ISSUER),
            ("ENACT_JWT_AUDIENCE", AUDIENCE),
        ])
        .await;
        let seeds = Seeds::open(&app).await;
        seeds.people().await;
        seeds.tools(cells).await;
        for cell in cells {
            seeds.give(cell).await;
        }
        seeds.close().await;
        Self {
            app,
            provider,
            _keys: keys,
        }
    }
}

/// Fills the registry past the API, which would take the longest time of the whole test.
struct Seeds {
    catalog: Catalog,
    registry: Registry,
    operator: Publisher,
}

impl Seeds {
    async fn open(app: &App) -> Self {
        let (at, database) = match &app.data.database_url {
            None => (
                enact_server::Catalog::Sqlite,
                Database::Sqlite(app.data.path().join("registry.db")),
            ),
            Some(url) => (
                enact_server::Catalog::Postgres(url.clone()),
                Database::Postgres(url.clone()),
            ),
        };
        let opened = open_registry(app.data.path(), &at, Store::Local).await;
        let (registry, _) = opened.unwrap();
        let operator = Publisher::admin(registry.admin().await.unwrap(), Via::Key);
        Self {
            catalog: Catalog::open(&database).await.unwrap(),
            registry,
            operator,
        }
    }

    async fn close(self) {
        self.registry.close().await;
        self.catalog.close().await;
    }

    async fn people(&self) {
        for name in USERS {
            self.user(name).await;
            self.token(
                name,
                "all",
                &token(name, Secret::For(For::All)),
                &Scopes::ALL,
            )
            .await;
        }
        let acme = NewOrg {
            id: "id-of-acme".to_owned(),
            name: "acme".parse().unwrap(),
            display_name: None,
            description: None,
        };
        let made = self
            .catalog
            .create_org(&acme, &id_of("olga"), false, now())
            .await;
        assert!(made.unwrap().is_done());
        self.member("adam", Role::Admin).await;
        self.member("mia", Role::Member).await;
        for owner in ["alice", "olga"] {
            let who = Identity {
                issuer: ISSUER,
                subject: owner,
            };
            let bound = self.catalog.bind_identity(who, &id_of(owner), now()).await;
            assert!(bound.unwrap());
            self.tokens_of_an_owner(owner).await;
        }
    }

    async fn tokens_of_an_owner(&self, owner: &str) {
        for scope in Scope::ALL {
            let rest = Scope::ALL.into_iter().filter(|other| *other != scope);
            let rest: Vec<_> = rest.map(Scope::as_str).collect();
            for (purpose, scopes) in [
                (For::AllBut(scope), rest.join(" ")),
                (For::Only(scope), scope.as_str().to_owned()),
            ] {
                let scopes = Scopes::parse(&scopes).unwrap();
                let token = token(owner, Secret::For(purpose));
                self.token(owner, &format!("{purpose:?}"), &token, &scopes)
                    .await;
            }
        }
        let revoked = token(owner, Secret::Revoked);
        self.token(owner, "revoked", &revoked, &Scopes::ALL).await;
        let id = format!("{owner}-revoked");
        assert!(self.catalog.revoke_token(&id, None, now()).await.unwrap());
        let long_ago = Timestamp::from_millis(now().as_millis() - 7_200_000).unwrap();
        let expired = token(owner, Secret::Expired);
        self.token_of(owner, "expired", &expired, &Scopes::ALL, long_ago)
            .await;
    }

    async fn user(&self, name: &str) {
        let id = id_of(name);
        let made = self.catalog.ensure_profile(name, &id, now()).await;
        assert!(made.unwrap().is_some());
    }

    async fn member(&self, name: &str, role: Role) {
        let (org, user, by) = ("id-of-acme", id_of(name), id_of("olga"));
        let added = self.catalog.add_member(org, &user, role, &by, now()).await;
        assert!(added.unwrap());
    }

    async fn token(&self, user: &str, what: &str, token: &Token, scopes: &Scopes) {
        self.token_of(user, what, token, scopes, now()).await;
    }

    /// A token that is good for an hour from then on.
    async fn token_of(
        &self,
        user: &str,
        what: &str,
        token: &Token,
        scopes: &Scopes,
        now: Timestamp,
    ) {
        let new = NewToken {
            id: &format!("{user}-{what}"),
            user_id: &id_of(user),
            asked_by: None,
            name: what,
            digest: &token.digest(),
            scopes,
            now,
            expires_at: now.plus(Duration::from_hours(1)),
        };
        let added = self.catalog.add_token(&new, MAX_TOKENS_PER_USER).await;
        assert_eq!(added.unwrap(), TokenAdded::Done);
    }

    /// Publishes the tools that are asked about, each once.
    async fn tools(&self, cells: &[Cell]) {
        let mut done = BTreeSet::new();
        for cell in cells {
            let named = cell.row.names_a_tool() || cell.row.shows.contains("{name}");
            let tool = cell.tool();
            if named && done.insert(tool.clone()) {
                self.publish(&tool, cell.visibility).await;
            }
        }
    }

    async fn publish(&self, tool: &str, visibility: Visibility) {
        let name: ToolName = tool.parse().unwrap();
        let slot = self.registry.begin_publish(&self.operator, &name).await;
        let mut spool = self.registry.spool().await.unwrap();
        spool.write(&bundle(tool, VERSION)).await.unwrap();
        let publish = Publish {
            name,
            manifest: Manifest::from_value(manifest(tool, VERSION)).unwrap(),
            raw_manifest: Some("# Thing\n".to_owned()),
            visibility,
            checksum_manifest: None,
            sigstore_bundle: None,
            bundle: spool.finish().await.unwrap(),
        };
        let published = self
            .registry
            .publish(slot.unwrap(), &self.operator, publish);
        published.await.unwrap();
    }

    /// What a cell has for itself.
    async fn give(&self, cell: &Cell) {
        let n = cell.n;
        let user = format!("user-{n}");
        match cell.row.given {
            Given::Nothing => {}
            Given::User => self.user(&user).await,
            Given::Member => {
                self.user(&user).await;
                self.member(&user, Role::Member).await;
            }
            Given::Token => {
                let digest = Digest::of(user.as_bytes());
                let new = NewToken {
                    id: &format!("token-{n}"),
                    user_id: &id_of("alice"),
                    asked_by: None,
                    name: "",
                    digest: &digest,
                    scopes: &Scopes::ALL,
                    now: now(),
                    expires_at: now().plus(Duration::from_hours(1)),
                };
                let added = self.catalog.add_token(&new, MAX_TOKENS_PER_USER).await;
                assert_eq!(added.unwrap(), TokenAdded::Done);
            }
            Given::Attestation => self.attest(cell).await,
        }
    }

    async fn attest(&self, cell: &Cell) {
        let name = cell.tool().parse().unwrap();
        let version = VERSION.parse().unwrap();
        let found = self.catalog.resolve(&name, Sees::All, Some(&version)).await;
        let version = found.unwrap().unwrap().version.unwrap();
        let record = AttestationRecord {
            auditor: format!("auditor-{}", cell.n),
            auditor_provider: "github".to_owned(),
            signed_at: now(),
            rekor_log_id: String::new(),
            rekor_log_index: None,
        };
        let new = NewAttestation {
            id: &format!("attestation-{}", cell.n),
            record: &record,
            bundle: "{}",
            submitted_by: &id_of(cell.space.owner()),
        };
        let added = self.catalog.add_attestation(&version.summary.id, &new);
        assert!(added.await.unwrap());
    }
}

/// The id of a user of the table.
fn id_of(name: &str) -> String {
    format!("id-of-{name}")
}

fn now() -> Timestamp {
    SystemClock.now()
}

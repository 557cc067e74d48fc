//! Bodies that come late: after whoever sends them has lost the right to, or so many at once that
//! others would have to wait.

use enact_registry::{Caller, Grant, Registry};
use enact_types::{Scopes, Token};
use reqwest::Method;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::fixture::{App, bundle, form, manifest, send};
use crate::secrets;

behaviours![
    a_revoked_token_makes_no_other,
    what_is_revoked_while_a_body_arrives_changes_nothing,
    what_is_revoked_while_a_bundle_arrives_is_not_published,
    a_body_that_comes_late_is_taken,
    who_publishes_slowly_keeps_nobody_else_from_it,
];

const KEY: &str = "a-key-that-is-long-enough";

struct World {
    app: App,
    registry: Registry,
}

/// A user's token and its id.
struct Holder {
    token: String,
    id: String,
}

/// A request whose head the server has, and which waits for the body.
struct Held {
    stream: TcpStream,
    body: Vec<u8>,
}

impl World {
    /// A registry where alice owns `@acme` and bob is a member.
    async fn new() -> Self {
        let app = App::start(&[("ENACT_REGISTRY_API_KEY", KEY), ("ENACT_LIMITS", "off")]).await;
        let registry = app.data.registry().await;
        for username in ["alice", "bob"] {
            registry.add_user(&username.parse().unwrap()).await.unwrap();
        }
        let world = Self { app, registry };
        let alice = world.holder("alice").await;
        for (path, body) in [
            ("/orgs", json!({ "name": "acme" })),
            ("/orgs/acme/members", json!({ "username": "bob" })),
        ] {
            let request = world.app.request(Method::POST, path).json(&body);
            let answer = send(request.bearer_auth(&alice.token)).await;
            assert_eq!(answer.status, 201, "{answer:?}");
        }
        world
    }

    async fn holder(&self, username: &str) -> Holder {
        let grant = Grant {
            name: None,
            scopes: Scopes::ALL,
            lifetime: None,
        };
        let username = username.parse().unwrap();
        let made = self.registry.grant_token(&username, grant).await.unwrap();
        secrets::note_bearer(&made.token);
        Holder {
            token: made.token,
            id: made.info.id,
        }
    }

    /// Sends the head of a request, and waits until its endpoint asks for the body.
    async fn hold(&self, holder: &Holder, line: &str, kind: &str, body: Vec<u8>) -> Held {
        let address = self.app.url.strip_prefix("http://").unwrap();
        let mut stream = TcpStream::connect(address).await.unwrap();
        let (token, length) = (&holder.token, body.len());
        let head = format!(
            "{line} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\n\
             Content-Type: {kind}\r\nContent-Length: {length}\r\nConnection: close\r\n\
             Expect: 100-continue\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        let told = "HTTP/1.1 100 Continue\r\n\r\n";
        let mut read = vec![0; told.len()];
        stream.read_exact(&mut read).await.unwrap();
        assert_eq!(String::from_utf8(read).unwrap(), told);
        Held { stream, body }
    }

    async fn hold_json(&self, holder: &Holder, line: &str, body: &str) -> Held {
        self.hold(holder, line, "application/json", body.into())
            .await
    }

    async fn hold_publish(&self, holder: &Holder, name: &str) -> Held {
        let line = format!("POST /tools/{name}/versions");
        let kind = "multipart/form-data; boundary=b";
        self.hold(holder, &line, kind, publish(name)).await
    }

    async fn disable(&self, username: &str) {
        let username = username.parse().unwrap();
        self.registry.disable_user(&username).await.unwrap();
    }
}

impl Held {
    /// Sends the body, and gives the status of the answer.
    async fn finish(mut self) -> u16 {
        self.stream.write_all(&self.body).await.unwrap();
        let mut answer = String::new();
        self.stream.read_to_string(&mut answer).await.unwrap();
        answer["HTTP/1.1 ".len()..][..3].parse().unwrap()
    }
}

/// The body of a publish.
fn publish(name: &str) -> Vec<u8> {
    let part = |head: &str, content: &[u8]| {
        let head = format!("--b\r\nContent-Disposition: form-data; name={head}\r\n\r\n");
        [head.as_bytes(), content, b"\r\n"].concat()
    };
    let manifest = manifest(name, "1.0.0").to_string();
    let bundle = bundle(name, "1.0.0");
    [
        part("\"manifest\"", manifest.as_bytes()),
        part("\"bundle\"; filename=\"x\"", &bundle),
        b"--b--\r\n".to_vec(),
    ]
    .concat()
}

async fn a_revoked_token_makes_no_other() {
    let world = World::new().await;
    let holder = world.holder("alice").await;
    // In the eyes of the use case: signed in before the token was revoked.
    let token = Token::parse(&holder.token).unwrap();
    let caller = world.registry.sign_in(&token).await.unwrap();
    let held = world.hold_json(&holder, "POST /auth/tokens", "{}").await;
    world.registry.revoke_token(&holder.id).await.unwrap();
    assert_eq!(held.finish().await, 401);
    let late = world.registry.create_token(&caller, <_>::default()).await;
    let error = late.err().unwrap();
    assert_eq!(*error.kind(), enact_registry::ErrorKind::Unauthorized);
    let now = world.registry.sign_in(&token).await.unwrap();
    assert_eq!(now, Caller::Anonymous);
    world.registry.close().await;
}

async fn what_is_revoked_while_a_body_arrives_changes_nothing() {
    let world = World::new().await;
    let writes = [
        ("POST /orgs", r#"{"name":"late"}"#),
        ("POST /auth/tokens", "{}"),
        ("PATCH /orgs/acme/members/bob", r#"{"role":"owner"}"#),
        ("PUT /users/me/trust", r#"{"trusted_auditors":["x"]}"#),
    ];
    let holder = world.holder("alice").await;
    let mut all = Vec::new();
    for (line, body) in writes {
        all.push(world.hold_json(&holder, line, body).await);
    }
    world.registry.revoke_token(&holder.id).await.unwrap();
    for (held, (line, _)) in all.into_iter().zip(writes) {
        assert_eq!(held.finish().await, 401, "{line}");
    }
    let holder = world.holder("alice").await;
    let held = world
        .hold_json(&holder, "POST /orgs", r#"{"name":"late"}"#)
        .await;
    world.disable("alice").await;
    assert_eq!(held.finish().await, 401);
    assert_eq!(world.app.get("/orgs/late").await.status, 404);
    world.registry.close().await;
}

async fn what_is_revoked_while_a_bundle_arrives_is_not_published() {
    let world = World::new().await;
    let (alice, bob) = (world.holder("alice").await, world.holder("bob").await);
    let revoked = world.hold_publish(&alice, "alice/late").await;
    world.registry.revoke_token(&alice.id).await.unwrap();
    assert_eq!(revoked.finish().await, 401);

    let removed = world.hold_publish(&bob, "@acme/late").await;
    let alice = world.holder("alice").await;
    let request = world.app.request(Method::DELETE, "/orgs/acme/members/bob");
    let answer = send(request.bearer_auth(&alice.token)).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(removed.finish().await, 403);

    let disabled = world.hold_publish(&bob, "bob/late").await;
    world.disable("bob").await;
    assert_eq!(disabled.finish().await, 401);
    for name in ["alice/late", "@acme/late", "bob/late"] {
        let request = world.app.request(Method::GET, &format!("/tools/{name}"));
        assert_eq!(send(request.bearer_auth(KEY)).await.status, 404, "{name}");
    }
    world.registry.close().await;
}

async fn a_body_that_comes_late_is_taken() {
    let world = World::new().await;
    let alice = world.holder("alice").await;
    let held = world
        .hold_json(&alice, "POST /orgs", r#"{"name":"late"}"#)
        .await;
    assert_eq!(held.finish().await, 201);
    let held = world.hold_publish(&alice, "alice/late").await;
    assert_eq!(held.finish().await, 201);
    world.registry.close().await;
}

async fn who_publishes_slowly_keeps_nobody_else_from_it() {
    let world = World::new().await;
    let (alice, bob) = (world.holder("alice").await, world.holder("bob").await);
    let mut held = Vec::new();
    for n in 0..4 {
        // Whatever token it is by.
        let holder = world.holder("alice").await;
        held.push(
            world
                .hold_publish(&holder, &format!("alice/slow-{n}"))
                .await,
        );
    }
    let more = async |token: &str, name: &str| {
        let form = form(&manifest(name, "1.0.0"), bundle(name, "1.0.0"));
        let request = world
            .app
            .request(Method::POST, &format!("/tools/{name}/versions"));
        send(request.bearer_auth(token).multipart(form)).await
    };
    let refused = more(&alice.token, "alice/more").await;
    assert_eq!(
        (refused.status.as_u16(), &*refused.code()),
        (429, "RATE_LIMITED")
    );
    assert_eq!(refused.header("retry-after"), "2");
    assert_eq!(more(&bob.token, "bob/tool").await.status, 201);
    // The operator, for whom programs publish.
    let operator = Holder {
        token: KEY.to_owned(),
        id: String::new(),
    };
    let mut by_operator = Vec::new();
    for n in 0..5 {
        let name = format!("alice/by-operator-{n}");
        by_operator.push(world.hold_publish(&operator, &name).await);
    }
    for held in by_operator {
        assert_eq!(held.finish().await, 201);
    }
    // One that ends makes room, however it ends.
    assert_eq!(held.remove(0).finish().await, 201);
    assert_eq!(more(&alice.token, "alice/more").await.status, 201);
    world.registry.close().await;
}

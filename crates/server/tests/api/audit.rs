//! What each request leaves in the audit log.

use std::collections::BTreeSet;

use enact_catalog::AuditRecord;
use enact_registry::Grant;
use enact_testkit::jwt::{KeyServer, SigningKey};
use enact_types::Scopes;
use reqwest::{Method, RequestBuilder};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::backend::Data;
use crate::downloading::{first, on_s3};
use crate::fixture::{Answer, App, StoppedClock, bundle, form, manifest, send};
use crate::identities::now;
use crate::{sayings, secrets};

behaviours![
    every_request_that_changes_something_leaves_one_row,
    what_is_refused_leaves_one_row_with_its_error,
    a_row_says_by_what_its_actor_signed_in,
    a_row_says_where_a_request_came_from,
    reading_leaves_no_row_but_for_a_token_that_is_refused,
    a_link_to_what_is_private_leaves_a_row,
    a_flood_of_refusals_leaves_few_rows_and_their_number,
    one_who_hangs_up_leaves_a_row,
    what_cannot_be_recorded_is_not_called_done,
    a_token_in_the_wrong_place_is_not_kept,
];

const KEY: &str = "a-key-that-is-long-enough";

/// A registry with users, whose tokens [`World::tokens`] are, in this order.
struct World {
    app: App,
    tokens: Vec<(String, String)>,
}

impl World {
    async fn new(users: &[&str], vars: &[(&str, &str)]) -> Self {
        let mut all = vec![("ENACT_REGISTRY_API_KEY", KEY), ("ENACT_LIMITS", "off")];
        all.extend_from_slice(vars);
        let app = App::start(&all).await;
        let registry = app.data.registry().await;
        let mut tokens = Vec::new();
        for user in users {
            let user = user.parse().unwrap();
            registry.add_user(&user).await.unwrap();
            let grant = Grant {
                name: None,
                scopes: Scopes::ALL,
                lifetime: None,
            };
            let created = registry.grant_token(&user, grant).await.unwrap();
            secrets::note("a new token", &created.token);
            tokens.push((created.info.id.clone(), created.token));
        }
        registry.close().await;
        Self { app, tokens }
    }

    /// A request of the first user.
    fn request(&self, method: &str, path: &str) -> RequestBuilder {
        let request = self.app.request(method.parse().unwrap(), path);
        request.bearer_auth(&self.tokens[0].1)
    }

    /// The rows of requests.
    async fn rows(&self) -> Vec<AuditRecord> {
        requests(&self.app.data).await
    }
}

/// The rows of requests; what the operator did beside the server is left out.
async fn requests(data: &Data) -> Vec<AuditRecord> {
    let mut rows = data.audit().await;
    rows.retain(|row| row.via != "operator");
    rows
}

fn publish(app: &App, name: &str, visibility: &'static str) -> RequestBuilder {
    let form = form(&manifest(name, "1.0.0"), bundle(name, "1.0.0"));
    app.request(Method::POST, &format!("/tools/{name}/versions"))
        .multipart(form.text("visibility", visibility))
}

/// What a row says of what was done to what: action, tool, version, target, detail and result.
fn said(row: &AuditRecord) -> String {
    let text = |text: &Option<String>| text.as_deref().unwrap_or("-").to_owned();
    let texts = [&row.tool, &row.version, &row.target, &row.detail].map(text);
    format!("{} {} {}", row.action, texts.join(" "), row.result)
}

/// Requests of alice, one after the other: what is sent, what is answered, and what is recorded.
/// `{token}` is the id of her token, `{attestation}` is one of a/b.
const STEPS: &[(&str, &str, u16, &str)] = &[
    (
        "POST /orgs",
        r#"{"name":"Acme"}"#,
        201,
        "org.create - - @acme - ok",
    ),
    (
        "POST /orgs/acme/members",
        r#"{"username":"bob"}"#,
        201,
        "org.member.add - - @acme bob member ok",
    ),
    (
        "PATCH /orgs/@acme/members/bob",
        r#"{"role":"admin"}"#,
        200,
        "org.member.role - - @acme bob admin ok",
    ),
    (
        "DELETE /orgs/acme/members/bob",
        "",
        200,
        "org.member.remove - - @acme bob ok",
    ),
    (
        "PUT /users/me/trust",
        r#"{"trusted_auditors":["github:x"]}"#,
        200,
        "trust.set - - - - ok",
    ),
    (
        "POST /tools/alice/greeter/feedback",
        r#"{"rating":5,"version":"1.0.0"}"#,
        201,
        "tool.feedback alice/greeter - - - ok",
    ),
    (
        "POST /tools/alice/greeter/versions/latest/reports",
        r#"{"severity":"low","category":"x","description":"y"}"#,
        201,
        "tool.report alice/greeter latest - - ok",
    ),
    (
        "POST /tools/alice/greeter/versions/1.0.0/attestations",
        "{attestation}",
        422,
        "tool.attest alice/greeter 1.0.0 - - ATTESTATION_VERIFICATION_FAILED",
    ),
    (
        "POST /tools/a/b/versions/1.0.0/attestations",
        "{attestation}",
        201,
        "tool.attest a/b 1.0.0 auditor@example.com - ok",
    ),
    (
        "DELETE /tools/a/b/versions/1.0.0/attestations?auditor=auditor@example.com",
        "",
        200,
        "tool.attest.revoke a/b 1.0.0 auditor@example.com - ok",
    ),
    (
        "POST /tools/alice/greeter/versions/latest/yank",
        r#"{"reason":"nobody's affair"}"#,
        200,
        "tool.yank alice/greeter 1.0.0 - - ok",
    ),
    (
        "POST /tools/alice/greeter/versions/latest/unyank",
        "",
        200,
        "tool.unyank alice/greeter 1.0.0 - - ok",
    ),
    (
        "PATCH /tools/alice/greeter/visibility",
        r#"{"visibility":"private"}"#,
        200,
        "tool.visibility alice/greeter - - private ok",
    ),
    (
        "DELETE /tools/alice/greeter",
        "",
        204,
        "tool.delete alice/greeter - - - ok",
    ),
    (
        "DELETE /functions/v1//auth/tokens/{token}/",
        "",
        204,
        "token.revoke - - {token} - ok",
    ),
];

async fn every_request_that_changes_something_leaves_one_row() {
    let world = World::new(&["alice", "bob"], &[]).await;
    let (id, token) = &world.tokens[0];
    for (name, secret) in [("alice/greeter", &**token), ("a/b", KEY)] {
        let answer = send(publish(&world.app, name, "public").bearer_auth(secret)).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        let row = world.rows().await.pop().unwrap();
        assert_eq!(said(&row), format!("tool.publish {name} 1.0.0 - - ok"));
    }
    let answer = send(world.request("POST", "/auth/tokens").json(&json!({}))).await;
    let row = world.rows().await.pop().unwrap();
    let made = answer.json()["id"].as_str().unwrap().to_owned();
    assert_eq!(said(&row), format!("token.create - - {made} - ok"));

    let attestation = json!({ "bundle": sayings::good("auditor@example.com") }).to_string();
    let (mut before, mut actions) = (3, BTreeSet::new());
    for (request, body, status, expected) in STEPS {
        let (method, path) = request.split_once(' ').unwrap();
        let body = body.replace("{attestation}", &attestation);
        let answer = world
            .request(method, &path.replace("{token}", id))
            .body(body);
        let answer = send(answer).await;
        assert_eq!(answer.status, *status, "{request}: {answer:?}");
        let rows = world.rows().await;
        assert_eq!(rows.len(), before + 1, "{request}: {rows:?}");
        before = rows.len();
        let row = &rows[before - 1];
        assert_eq!(said(row), expected.replace("{token}", id), "{request}");
        assert_eq!(row.status, Some((*status).into()));
        assert_eq!(
            row.request_id.as_deref(),
            Some(answer.header("x-request-id"))
        );
        let who = [&row.actor, &row.credential, &row.address].map(|text| text.as_deref().unwrap());
        assert_eq!((who, &*row.via), (["alice", id, "127.0.0.1"], "token"));
        actions.insert(row.action.clone());
    }
    // A route that is not tried here would be missed. The two above are not among the steps.
    let document = world.app.get("/openapi.json").await.json();
    let paths = document["paths"].as_object().unwrap().iter();
    // That one asks by POST since it sends a secret along.
    let paths = paths.filter(|(path, _)| *path != "/auth/v1/token");
    let methods = paths.flat_map(|(_, path)| path.as_object().unwrap().keys());
    let changing = methods.filter(|method| *method != "get").count();
    assert_eq!(actions.len() + 2, changing, "{actions:?}");
}

async fn what_is_refused_leaves_one_row_with_its_error() {
    let world = World::new(&["alice"], &[]).await;
    let app = &world.app;
    let token = world.tokens[0].1.as_str();
    let answer = send(publish(app, "bob/tool", "public").bearer_auth(KEY)).await;
    assert_eq!(answer.status, 201);
    let yank = |name: &str| format!("/tools/{name}/versions/1.0.0/yank");
    let mut before = world.rows().await.len();
    for (token, path, via, actor, result) in [
        (None, yank("bob/tool"), "none", None, "UNAUTHORIZED"),
        (
            Some("no-token-of-this-registry"),
            yank("bob/tool"),
            "wrong-token",
            None,
            "UNAUTHORIZED",
        ),
        (
            Some("eyJhbGciOiJIUzI1NiJ9.e30.AAAA"),
            yank("bob/tool"),
            "wrong-token",
            None,
            "UNAUTHORIZED",
        ),
        (
            Some(token),
            yank("bob/tool"),
            "token",
            Some("alice"),
            "FORBIDDEN",
        ),
        (
            Some(token),
            yank("alice/none"),
            "token",
            Some("alice"),
            "NOT_FOUND",
        ),
        (
            Some(token),
            "/orgs".to_owned(),
            "token",
            Some("alice"),
            "BAD_REQUEST",
        ),
    ] {
        let mut request = app.request(Method::POST, &path);
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        let answer = send(request).await;
        assert_eq!(answer.code(), result, "{path}");
        let rows = world.rows().await;
        assert_eq!(rows.len(), before + 1, "{path}: {rows:?}");
        before = rows.len();
        let row = &rows[before - 1];
        assert_eq!(
            (row.actor.as_deref(), &*row.via, &*row.result),
            (actor, via, result)
        );
        assert_eq!(row.status, Some(answer.status.as_u16().into()));
    }
    // What leads nowhere changes nothing.
    for (method, path) in [
        ("POST", "/no/such/route"),
        ("DELETE", "/health"),
        ("POST", "/tools/A%00/b/versions"),
        ("PATCH", "/tools/bob/tool"),
    ] {
        let answer = send(world.request(method, path)).await;
        assert!(answer.status.is_client_error(), "{answer:?}");
    }
    assert_eq!(world.rows().await.len(), before);
}

async fn a_row_says_by_what_its_actor_signed_in() {
    let (people, runs) = (
        SigningKey::p256("p").unwrap(),
        SigningKey::p256("r").unwrap(),
    );
    let (provider, actions) = (
        KeyServer::start([&people]).unwrap(),
        KeyServer::start([&runs]).unwrap(),
    );
    let world = World::new(
        &["alice"],
        &[
            ("ENACT_JWT_JWKS_URL", &provider.url()),
            ("ENACT_JWT_ISSUER", "https://id.example"),
            ("ENACT_JWT_AUDIENCE", "here"),
            ("ENACT_TRUSTED_PUBLISHING", "here"),
            ("ENACT_TRUSTED_PUBLISHING_ISSUER", &actions.url()),
        ],
    )
    .await;
    let registry = world.app.data.registry().await;
    let rule = enact_registry::PublisherRule {
        username: "alice".parse().unwrap(),
        issuer: actions.url(),
        repository: "octo/skills".parse().unwrap(),
        owner_id: None,
        workflow: None,
        git_ref: None,
        names: vec![enact_types::Pattern::parse("alice/*").unwrap()],
    };
    registry.add_publisher(rule).await.unwrap();
    registry.close().await;
    let person = json!({
        "iss": "https://id.example", "aud": "here", "sub": "7", "exp": now() + 600,
        "user_metadata": { "username": "bob" },
    });
    let run = json!({
        "iss": actions.url(), "aud": "here", "exp": now() + 300, "repository": "octo/skills",
        "repository_owner_id": "42", "ref": "refs/heads/main", "event_name": "push", "run_id": "99",
        "workflow_ref": "octo/skills/.github/workflows/release.yml@refs/heads/main",
    });
    let (person, run) = (people.token(&person).unwrap(), runs.token(&run).unwrap());
    let workflow = "octo/skills/.github/workflows/release.yml for refs/heads/main, run 99";
    for (secret, name, actor, via, credential) in [
        (KEY, "a/b", "admin", "key", None),
        (
            &world.tokens[0].1,
            "alice/one",
            "alice",
            "token",
            Some(&*world.tokens[0].0),
        ),
        (
            &person,
            "bob/one",
            "bob",
            "identity",
            Some("https://id.example 7"),
        ),
        (&run, "alice/two", "alice", "workflow", Some(workflow)),
    ] {
        let answer = send(publish(&world.app, name, "public").bearer_auth(secret)).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        let row = world.rows().await.pop().unwrap();
        assert_eq!(row.tool.as_deref(), Some(name));
        let who = (row.actor.as_deref(), &*row.via, row.credential.as_deref());
        assert_eq!(who, (Some(actor), via, credential));
    }

    let open = App::open().await;
    open.given("a/b", "1.0.0").await;
    let row = requests(&open.data).await.pop().unwrap();
    assert_eq!(
        (row.actor.as_deref(), &*row.via),
        (Some("admin"), "open-mode")
    );
}

async fn a_row_says_where_a_request_came_from() {
    let world = World::new(&["alice"], &[("ENACT_TRUSTED_PROXIES", "127.0.0.0/8")]).await;
    for (header, address) in [
        ("2001:db8::1", "2001:db8::1"),
        ("made up, 192.0.2.1", "192.0.2.1"),
        ("made up", "127.0.0.1"),
    ] {
        let request = world.request("POST", "/orgs").json(&json!({ "name": "" }));
        send(request.header("x-forwarded-for", header)).await;
        let row = world.rows().await.pop().unwrap();
        assert_eq!(row.address.as_deref(), Some(address));
    }
    let world = World::new(&["alice"], &[]).await;
    let request = world.request("POST", "/orgs").json(&json!({ "name": "" }));
    send(request.header("x-forwarded-for", "192.0.2.1")).await;
    let row = world.rows().await.pop().unwrap();
    assert_eq!(row.address.as_deref(), Some("127.0.0.1"));
}

async fn reading_leaves_no_row_but_for_a_token_that_is_refused() {
    let clock = StoppedClock::new();
    let app = App::start_at(
        &clock,
        &[("ENACT_REGISTRY_API_KEY", KEY), ("ENACT_LIMIT_AUTH", "2")],
    )
    .await;
    let get = async |path: &str, token: Option<&str>| {
        let request = app.request(Method::GET, path);
        send(match token {
            Some(token) => request.bearer_auth(token),
            None => request,
        })
        .await
    };
    for (path, token, status) in [
        ("/tools/search?q=x", None, 200),
        ("/tools/search?q=x", Some(KEY), 200),
        ("/tools/a/b", Some(KEY), 404),
        ("/auth/me", Some(KEY), 200),
        ("/auth/me", None, 401),
        // As good as none.
        ("/tools/search?q=x", Some("no-token-of-this-registry"), 200),
    ] {
        assert_eq!(get(path, token).await.status, status, "{path}");
    }
    assert_eq!(requests(&app.data).await, []);
    clock.advance(60);
    let refused = get("/auth/me", Some("no-token-of-this-registry")).await;
    assert_eq!(refused.status, 401);
    let read = get("/tools/a/b", Some("no-token-of-this-registry")).await;
    assert_eq!(read.status, 404);
    // From now on none is looked at.
    for token in [KEY, "no-token-of-this-registry"] {
        assert_eq!(get("/tools/a/b", Some(token)).await.status, 429);
    }
    let rows = requests(&app.data).await;
    let told: Vec<_> = rows
        .iter()
        .map(|row| (&*row.action, &*row.via, &*row.result))
        .collect();
    let expected = [
        ("sign-in", "wrong-token", "UNAUTHORIZED"),
        ("sign-in", "unchecked", "RATE_LIMITED"),
        ("sign-in", "unchecked", "RATE_LIMITED"),
    ];
    assert_eq!(told, expected);
}

async fn a_link_to_what_is_private_leaves_a_row() {
    let (app, s3) = on_s3(&[("ENACT_REGISTRY_API_KEY", KEY)]).await;
    for (name, visibility) in [("a/open", "public"), ("a/secret", "private")] {
        let answer = send(publish(&app, name, visibility).bearer_auth(KEY)).await;
        assert_eq!(answer.status, 201, "{answer:?}");
    }
    let before = requests(&app.data).await.len();
    let path = |name: &str| format!("/tools/{name}/versions/latest/download?redirect=true");
    for (name, token, status) in [
        ("a/open", Some(KEY), 302),
        ("a/secret", None, 404),
        ("a/secret", Some(KEY), 302),
    ] {
        assert_eq!(first(&app, &path(name), token).await.status, status);
    }
    let rows = requests(&app.data).await;
    assert_eq!(rows.len(), before + 1, "{rows:?}");
    let row = &rows[before];
    assert_eq!(said(row), "tool.link a/secret 1.0.0 - - ok");
    assert_eq!(
        (row.actor.as_deref(), &*row.via, row.status),
        (Some("admin"), "key", Some(302))
    );
    tokio::task::spawn_blocking(move || drop(s3)).await.unwrap();
}

async fn a_flood_of_refusals_leaves_few_rows_and_their_number() {
    let vars = [
        ("ENACT_REGISTRY_API_KEY", KEY),
        ("ENACT_LIMITS", "off"),
        ("ENACT_TRUSTED_PROXIES", "127.0.0.0/8"),
    ];
    let app = App::start_at(&StoppedClock::new(), &vars).await;
    let yank = |from: &str| {
        let request = app.request(Method::POST, "/tools/a/b/versions/1.0.0/yank");
        send(
            request
                .header("x-forwarded-for", from)
                .bearer_auth("no-token-of-this-registry"),
        )
    };
    for _ in 0..50 {
        assert_eq!(yank("192.0.2.1").await.status, 401);
    }
    assert_eq!(requests(&app.data).await.len(), 10, "of one address");
    for n in 0..100 {
        assert_eq!(yank(&format!("2001:db8:0:{n}::1")).await.status, 401);
    }
    assert_eq!(requests(&app.data).await.len(), 30, "of all together");
    // Whoever has an account is recorded all the same.
    let answer = send(publish(&app, "a/b", "public").bearer_auth(KEY)).await;
    assert_eq!(answer.status, 201);
    let rows = requests(&app.stop().await).await;
    let [.., publish, omitted] = rows.as_slice() else {
        panic!("{rows:?}");
    };
    assert_eq!(rows.len(), 32);
    assert_eq!(said(publish), "tool.publish a/b 1.0.0 - - ok");
    assert_eq!(said(omitted), "audit.omit - - - 120 rows ok");
    assert_eq!(omitted.via, "server");
}

async fn one_who_hangs_up_leaves_a_row() {
    let app = App::open().await;
    app.given("a/b", "1.0.0").await;
    let address = app.url.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head = format!(
        "POST /tools/a/b/versions/1.0.0/yank HTTP/1.1\r\nHost: {address}\r\nContent-Length: 2\r\n\
         Content-Type: application/json\r\nExpect: 100-continue\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    // The server asks for the body when the request has come as far as its endpoint.
    let mut told = [0; 12];
    stream.read_exact(&mut told).await.unwrap();
    assert_eq!(&told, b"HTTP/1.1 100");
    let lock = app.data.lock().await;
    stream.write_all(b"{}").await.unwrap();
    drop(stream);
    // By the time of these the server knows, and still waits for the database.
    for _ in 0..20 {
        assert_eq!(app.get("/health").await.status, 200);
    }
    lock.release().await;
    let rows = requests(&app.stop().await).await;
    let [_, row] = rows.as_slice() else {
        panic!("{rows:?}");
    };
    assert_eq!(said(row), "tool.yank a/b 1.0.0 - - ok");
}

async fn what_cannot_be_recorded_is_not_called_done() {
    let app = App::open().await;
    app.given("a/b", "1.0.0").await;
    app.data
        .execute("ALTER TABLE audit_log RENAME TO elsewhere")
        .await;
    let answer = app.post("/tools/a/b/versions/1.0.0/yank", "{}").await;
    assert_eq!(
        (answer.status.as_u16(), &*answer.code()),
        (500, "INTERNAL_ERROR")
    );
    assert!(
        answer.message().contains("could not be recorded"),
        "{answer:?}"
    );
    assert_ne!(answer.header("x-request-id"), "");
    assert_eq!(
        app.get("/tools/a/b/versions/1.0.0").await.json()["yanked"],
        true
    );
    // Nothing that was refused becomes another refusal.
    let answer = app.post("/tools/a/c/versions/1.0.0/yank", "{}").await;
    assert_eq!(answer.code(), "NOT_FOUND");
}

async fn a_token_in_the_wrong_place_is_not_kept() {
    let world = World::new(&["alice"], &[]).await;
    let token = &world.tokens[0].1;
    let paths: [(&str, String); 4] = [
        ("DELETE", format!("/auth/tokens/{token}")),
        ("DELETE", format!("/orgs/acme/members/{token}")),
        ("POST", format!("/tools/{token}/x/versions/1.0.0/yank")),
        ("POST", format!("/orgs/{token}/members")),
    ];
    for (method, path) in &paths {
        let answer: Answer = send(world.request(method, path).json(&json!({}))).await;
        assert!(answer.status.is_client_error(), "{answer:?}");
    }
    let rows = world.rows().await;
    assert_eq!(rows.len(), paths.len());
    assert!(!format!("{rows:?}").contains(token.as_str()), "{rows:?}");
    // Nor is it in the log of requests, however it is written, which the suite looks at in the end.
    for secret in [token.as_str(), KEY] {
        let encoded: String = secret
            .bytes()
            .fold(String::new(), |text, byte| text + &format!("%{byte:02X}"));
        secrets::note("a secret in a path", &encoded);
        for path in [
            format!("/auth/tokens/{secret}"),
            format!("/auth/tokens/{encoded}"),
        ] {
            let answer = send(world.request("DELETE", &path)).await;
            assert_eq!(answer.status, 404, "{answer:?}");
        }
    }
}

//! What programs and people are told when they sign in: who they are, by what, and for how long.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use enact_registry::Grant;
use enact_testkit::jwt::{KeyServer, SigningKey};
use enact_types::{Lifetime, Scopes};
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};

use crate::fixture::{Answer, App, send};
use crate::identities::now;
use crate::secrets;

behaviours![
    who_signs_in_waits_for_nobody_who_writes,
    who_asks_is_told_what_signed_them_in,
    a_token_that_is_refreshed_is_the_same_one,
    what_is_no_token_is_not_refreshed,
    the_page_may_do_what_it_is_for_and_nothing_else,
    the_page_is_for_ports_of_users_alone,
];

const KEY: &str = "a-key-that-is-long-enough";
const ISSUER: &str = "https://id.example/auth/v1";

struct World {
    app: App,
    /// Signs as the identity provider.
    signer: SigningKey,
    _provider: KeyServer,
    /// A token of alice's for reading, and what is known of it.
    token: String,
    info: Value,
}

impl World {
    async fn new() -> Self {
        let signer = SigningKey::p256("ec").unwrap();
        let provider = KeyServer::start([&signer]).unwrap();
        let app = App::start(&[
            ("ENACT_LIMITS", "off"),
            ("ENACT_REGISTRY_API_KEY", KEY),
            ("ENACT_JWT_JWKS_URL", &provider.url()),
            ("ENACT_JWT_ISSUER", ISSUER),
            ("ENACT_JWT_AUDIENCE", "authenticated"),
        ])
        .await;
        // As its operator does it, beside the server.
        let registry = app.data.registry().await;
        let alice = "alice".parse().unwrap();
        registry.add_user(&alice).await.unwrap();
        let grant = Grant {
            name: None,
            scopes: Scopes::parse("read").unwrap(),
            lifetime: Some(Lifetime::parse("1h").unwrap()),
        };
        let created = registry.grant_token(&alice, grant).await.unwrap();
        registry.close().await;
        secrets::note("a new token", &created.token);
        Self {
            app,
            signer,
            _provider: provider,
            token: created.token.clone(),
            info: serde_json::to_value(&created.info).unwrap(),
        }
    }

    /// A token of bob's at the provider, good for so many seconds.
    fn of_provider(&self, seconds: i64) -> String {
        let claims = json!({
            "iss": ISSUER, "aud": "authenticated", "sub": "1", "exp": now() + seconds,
            "user_metadata": { "username": "bob" },
        });
        self.signer.token(&claims).unwrap()
    }

    async fn refresh(&self, token: &str) -> Answer {
        refresh(
            &self.app,
            "refresh_token",
            &json!({ "refresh_token": token }),
        )
        .await
    }
}

async fn refresh(app: &App, grant: &str, body: &Value) -> Answer {
    let path = format!("/auth/v1/token?grant_type={grant}");
    send(app.request(Method::POST, &path).json(body)).await
}

async fn me(app: &App, token: &str) -> Value {
    let request = app.request(Method::GET, "/auth/me").bearer_auth(token);
    let answer = send(request).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

async fn who_asks_is_told_what_signed_them_in() {
    let world = World::new().await;
    let alice = me(&world.app, &world.token).await;
    assert_eq!(alice["username"], "alice");
    let by = json!({
        "kind": "token", "id": world.info["id"], "scopes": ["read"],
        "expires_at": world.info["expires_at"],
    });
    assert_eq!(alice["signed_in_by"], by);
    let by = json!({ "kind": "key", "id": null, "scopes": [], "expires_at": null });
    assert_eq!(me(&world.app, KEY).await["signed_in_by"], by);
    let bob = me(&world.app, &world.of_provider(300)).await;
    assert_eq!(bob["signed_in_by"]["kind"], "identity");
    assert_eq!(bob["signed_in_by"]["id"], json!(null));
    assert!(bob["signed_in_by"]["expires_at"].is_string());

    let open = App::open().await;
    let by = json!({ "kind": "open", "id": null, "scopes": [], "expires_at": null });
    assert_eq!(open.get("/auth/me").await.json()["signed_in_by"], by);
}

async fn a_token_that_is_refreshed_is_the_same_one() {
    let world = World::new().await;
    let week = 7 * 24 * 3600;
    let of_provider = world.of_provider(300);
    for (token, user, life) in [
        (&*world.token, "alice", 3500..=3600),
        (&*of_provider, "bob", 200..=300),
        (KEY, "admin", week..=week),
    ] {
        let answer = world.refresh(token).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_eq!(answer.header("cache-control"), "no-store");
        let session = answer.json();
        assert_eq!(session["access_token"], token);
        assert_eq!(session["refresh_token"], token);
        assert_eq!(session["token_type"], "bearer");
        assert_eq!(session["user"]["user_metadata"]["username"], user);
        let left = session["expires_in"].as_i64().unwrap();
        assert!(life.contains(&left), "{left}");
    }
    // No more than before.
    let alice = me(&world.app, &world.token).await;
    assert_eq!(
        alice["signed_in_by"]["expires_at"],
        world.info["expires_at"]
    );
    let tokens = world.app.request(Method::GET, "/auth/tokens");
    let tokens = send(tokens.bearer_auth(KEY)).await.json();
    assert_eq!(tokens["tokens"], json!([]), "none was made");

    let open = App::open().await;
    let body = json!({ "refresh_token": "anything" });
    assert_eq!(refresh(&open, "refresh_token", &body).await.status, 200);
    let path = "/auth/v1/token?grant_type=refresh_token";
    let page = open.request(Method::POST, path).json(&body);
    let page = send(page.header("origin", "https://evil.example")).await;
    assert_eq!(page.status, 403, "not for a page of another site");
}

async fn what_is_no_token_is_not_refreshed() {
    let world = World::new().await;
    let mut revoke = world.app.request(
        Method::DELETE,
        &format!("/auth/tokens/{}", world.info["id"].as_str().unwrap()),
    );
    revoke = revoke.bearer_auth(&world.token);
    assert_eq!(send(revoke).await.status, 204);
    let expired = world.of_provider(-3600);
    for token in [&*world.token, &expired, "wrong", "", "a.b.c"] {
        let answer = world.refresh(token).await;
        assert_eq!(
            (answer.status.as_u16(), &*answer.code()),
            (401, "UNAUTHORIZED"),
            "{answer:?}"
        );
    }
    // Who is calling does not matter.
    let path = "/auth/v1/token?grant_type=refresh_token";
    let request = world.app.request(Method::POST, path).bearer_auth(KEY);
    let body = json!({ "refresh_token": "wrong" });
    assert_eq!(send(request.json(&body)).await.status, 401);

    let good = json!({ "refresh_token": KEY });
    for (grant, body) in [
        ("password", &good),
        ("", &good),
        ("refresh_token", &json!({})),
        ("refresh_token", &json!({ "refresh_token": 7 })),
        ("refresh_token", &json!([KEY])),
    ] {
        let answer = refresh(&world.app, grant, body).await;
        assert_eq!(
            (answer.status.as_u16(), &*answer.code()),
            (400, "BAD_REQUEST"),
            "{answer:?}"
        );
        assert!(!answer.message().contains(KEY));
    }
}

/// What stands between two marks.
fn between<'a>(text: &'a str, open: &str, close: &str) -> &'a str {
    let (_, rest) = text.split_once(open).unwrap();
    rest.split_once(close).unwrap().0
}

async fn the_page_may_do_what_it_is_for_and_nothing_else() {
    let app = App::start(&[("ENACT_AUTH", "tokens")]).await;
    for prefix in ["", "/functions/v1"] {
        let answer = app
            .get(&format!("{prefix}/auth/cli?port=8118&state=%3Cb%3E"))
            .await;
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
        assert_eq!(answer.header("cache-control"), "no-store");
        assert_eq!(answer.header("referrer-policy"), "no-referrer");
        assert_eq!(answer.header("cross-origin-opener-policy"), "same-origin");
        let html = String::from_utf8(answer.bytes.clone()).unwrap();
        let named = |open: &str, close: &str| {
            let text = between(&html, open, close);
            let digest = ring::digest::digest(&ring::digest::SHA256, text.as_bytes());
            format!("'sha256-{}'", STANDARD.encode(digest))
        };
        let policy = [
            "default-src 'none'".to_owned(),
            format!("script-src {}", named("<script>", "</script>")),
            format!("style-src {}", named("<style>", "</style>")),
            "connect-src 'self' http://127.0.0.1:8118".to_owned(),
            "base-uri 'none'".to_owned(),
            "form-action 'none'".to_owned(),
            "frame-ancestors 'none'".to_owned(),
        ];
        assert_eq!(answer.header("content-security-policy"), policy.join("; "));
        // Nothing of the request is in it, and nothing from elsewhere.
        let other = app.get(&format!("{prefix}/auth/cli?port=65535")).await;
        assert_eq!(other.bytes, answer.bytes);
        for foreign in ["src=", "href=", "@import", "url(", "https://", "onclick"] {
            assert!(!html.contains(foreign), "the page has {foreign}");
        }
    }
}

async fn the_page_is_for_ports_of_users_alone() {
    let app = App::start(&[("ENACT_AUTH", "tokens")]).await;
    for port in [
        "port=1024",
        "port=65535",
        // The last one counts, for the page's script too.
        "port=1&port=8118",
    ] {
        let answer = app.get(&format!("/auth/cli?{port}")).await;
        assert_eq!(answer.status, 200, "{port}");
    }
    for port in [
        "",
        "port=",
        "port=80",
        "port=1023",
        "port=65536",
        "port=-8118",
        "port=%2B8118",
        "port=08118",
        "port=8118.",
        "port=8118%20http://evil.example",
        "port=8118;script-src%20*",
        "port=x",
        "port=8118&port=1",
    ] {
        let answer = app.get(&format!("/auth/cli?{port}")).await;
        assert_eq!(
            (answer.status.as_u16(), &*answer.code()),
            (400, "BAD_REQUEST"),
            "{port}"
        );
        assert!(answer.message().contains("enact login"));
    }
}

async fn who_signs_in_waits_for_nobody_who_writes() {
    let world = World::new().await;
    let lock = world.app.data.lock().await;
    // The lock is held until all are answered. Many at once, as those of one page are.
    let asked = (0..20).map(|_| {
        let request = world.app.request(Method::GET, "/auth/me");
        send(request.bearer_auth(&world.token))
    });
    for answer in join_all(asked).await {
        assert_eq!(answer.json()["username"], "alice", "{answer:?}");
    }
    lock.release().await;
}

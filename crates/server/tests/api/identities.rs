//! Signing in with the token of an identity provider, which lives in the test.

use enact_testkit::jwt::{KeyServer, SigningKey};
use enact_types::{Clock as _, SystemClock};
use reqwest::Method;
use serde_json::{Value, json};

use crate::fixture::{Answer, App, bundle, form, manifest, send};

behaviours![
    a_token_of_the_provider_signs_its_user_in,
    a_shared_secret_signs_in_as_well,
    a_wrong_token_reads_like_none_and_writes_nothing,
    a_name_is_whose_it_was_first,
    a_new_key_of_the_provider_is_good_at_once,
    a_provider_that_is_down_is_told_from_a_wrong_token,
];

const ISSUER: &str = "https://id.example/auth/v1";
const AUDIENCE: &str = "authenticated";
const SECRET: &str = "thirty-two bytes of a secret, all";

/// The key that the hosted registry gives to everybody and that existing clients send along, as far
/// as it matters here: another issuer, and a signature that nobody here can verify.
const HOSTED: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJzdXBhYmFzZSIsInJlZiI6IngiLCJyb2xlIjoiYW5vbiIsImV4cCI6OTk5OTk5OTk5OX0.AAAA";

pub(crate) fn now() -> i64 {
    SystemClock.now().as_millis() / 1000
}

/// Good claims of somebody.
fn claims(subject: &str, username: &str) -> Value {
    json!({
        "iss": ISSUER, "aud": AUDIENCE, "sub": subject, "exp": now() + 3600,
        "user_metadata": { "username": username },
    })
}

async fn start(server: &KeyServer) -> App {
    App::start(&[
        ("ENACT_LIMITS", "off"),
        ("ENACT_JWT_JWKS_URL", &server.url()),
        ("ENACT_JWT_ISSUER", ISSUER),
        ("ENACT_JWT_AUDIENCE", AUDIENCE),
    ])
    .await
}

fn p256(id: &str) -> SigningKey {
    SigningKey::p256(id).unwrap()
}

async fn get(app: &App, path: &str, token: &str) -> Answer {
    send(app.request(Method::GET, path).bearer_auth(token)).await
}

pub(crate) async fn publish(app: &App, token: &str, name: &str, visibility: &str) -> Answer {
    let form = form(&manifest(name, "1.0.0"), bundle(name, "1.0.0"));
    let form = form.text("visibility", visibility.to_owned());
    let request = app.request(Method::POST, &format!("/tools/{name}/versions"));
    send(request.bearer_auth(token).multipart(form)).await
}

async fn a_token_of_the_provider_signs_its_user_in() {
    let (ec, rsa) = (p256("ec"), SigningKey::rsa("rsa").unwrap());
    let server = KeyServer::start([&ec, &rsa]).unwrap();
    let app = start(&server).await;
    let alice = ec.token(&claims("1", "alice")).unwrap();
    let answer = publish(&app, &alice, "alice/secret", "private").await;
    assert_eq!(answer.status, 201, "{answer:?}");
    // The same user, whichever key the provider took.
    let again = rsa.token(&claims("1", "alice")).unwrap();
    assert_eq!(get(&app, "/tools/alice/secret", &again).await.status, 200);
    let me = get(&app, "/auth/me", &again).await.json();
    assert_eq!(
        (&me["username"], &me["namespaces"]),
        (&json!("alice"), &json!(["alice"]))
    );
    let user = get(&app, "/auth/v1/user", &alice).await.json();
    assert_eq!(user["user_metadata"]["username"], "alice");
    let other = publish(&app, &alice, "bob/tool", "public").await;
    assert_eq!(
        (other.status.as_u16(), &*other.code()),
        (403, "NAMESPACE_MISMATCH")
    );
    // It makes tokens of this registry, which outlive it.
    let request = app
        .request(Method::POST, "/auth/tokens")
        .bearer_auth(&alice);
    let made = send(request.json(&json!({ "expires_in": "30d" }))).await;
    assert_eq!(made.status, 201, "{made:?}");
    let token = made.json()["token"].as_str().unwrap().to_owned();
    assert_eq!(get(&app, "/tools/alice/secret", &token).await.status, 200);
    let request = app
        .request(Method::POST, "/auth/tokens")
        .bearer_auth(&alice);
    let refused = send(request.json(&json!({ "expires_in": "200d" }))).await;
    assert_eq!(refused.status, 403, "{refused:?}");
    assert_eq!(server.requests(), 1);
}

async fn a_shared_secret_signs_in_as_well() {
    let app = App::start(&[
        ("ENACT_JWT_SECRET", SECRET),
        ("ENACT_JWT_ISSUER", ISSUER),
        ("ENACT_JWT_AUDIENCE", AUDIENCE),
        ("ENACT_JWT_USERNAME_CLAIM", "preferred_username"),
    ])
    .await;
    let key = SigningKey::secret("", SECRET.as_bytes());
    let mut claims = claims("1", "alice");
    claims["preferred_username"] = json!("bob");
    let token = key.token(&claims).unwrap();
    let answer = publish(&app, &token, "bob/tool", "public").await;
    assert_eq!(answer.status, 201, "{answer:?}");
}

/// Tokens that are no good, for all that the provider publishes these keys, and what is wrong.
fn wrong_tokens(key: &SigningKey, rsa: &SigningKey) -> Vec<(&'static str, String)> {
    let with = |name: &str, value: Value| {
        let mut claims = claims("1", "alice");
        claims[name] = value;
        key.token(&claims).unwrap()
    };
    let sign = |key: &SigningKey, header: Value| key.sign(&header, &claims("1", "alice")).unwrap();
    let good = key.token(&claims("1", "alice")).unwrap();
    let (signed, signature) = good.rsplit_once('.').unwrap();
    let public = rsa.jwk()["n"].as_str().unwrap().to_owned();
    let forger = SigningKey::secret("rsa", public.as_bytes());
    vec![
        ("audience", with("aud", json!("anon"))),
        ("no audience", with("aud", json!(null))),
        ("issuer", with("iss", json!("https://evil.example"))),
        ("expired", with("exp", json!(now() - 3600))),
        ("never expires", with("exp", json!(null))),
        ("not yet", with("nbf", json!(now() + 3600))),
        ("nobody", with("sub", json!(null))),
        ("anonymous", with("is_anonymous", json!(true))),
        (
            "public key as secret",
            sign(&forger, json!({ "alg": "HS256", "kid": "rsa" })),
        ),
        (
            "algorithm",
            sign(rsa, json!({ "alg": "RS512", "kid": "rsa" })),
        ),
        (
            "algorithm of another key",
            sign(key, json!({ "alg": "RS256", "kid": "ec" })),
        ),
        ("none", sign(key, json!({ "alg": "none" }))),
        ("none, unsigned", {
            let token = sign(key, json!({ "alg": "none" }));
            format!("{}.", token.rsplit_once('.').unwrap().0)
        }),
        (
            "key",
            sign(&p256("ec"), json!({ "alg": "ES256", "kid": "ec" })),
        ),
        (
            "unknown key",
            sign(&p256("x"), json!({ "alg": "ES256", "kid": "x" })),
        ),
        (
            "purpose",
            sign(
                key,
                json!({ "alg": "ES256", "kid": "ec", "typ": "logout+jwt" }),
            ),
        ),
        (
            "signature",
            format!("{signed}.{}", "A".repeat(signature.len())),
        ),
        ("no signature", format!("{signed}.")),
        ("cut", signed.to_owned()),
        ("too long", with("x", json!("x".repeat(8 * 1024)))),
        ("another's name", key.token(&claims("9", "alice")).unwrap()),
        (
            "the operator's name",
            key.token(&claims("9", "admin")).unwrap(),
        ),
        ("no name", key.token(&claims("9", "No Name")).unwrap()),
        ("hosted", HOSTED.to_owned()),
    ]
}

async fn a_wrong_token_reads_like_none_and_writes_nothing() {
    let (key, rsa) = (p256("ec"), SigningKey::rsa("rsa").unwrap());
    let server = KeyServer::start([&key, &rsa]).unwrap();
    let app = start(&server).await;
    let good = key.token(&claims("1", "alice")).unwrap();
    for (name, visibility) in [("alice/secret", "private"), ("alice/open", "public")] {
        let answer = publish(&app, &good, name, visibility).await;
        assert_eq!(answer.status, 201, "{answer:?}");
    }
    let closed = key.token(&claims("2", "carol")).unwrap();
    assert_eq!(get(&app, "/auth/me", &closed).await.status, 200);
    app.data
        .execute("UPDATE profiles SET disabled_at = created_at WHERE username = 'carol'")
        .await;

    let mut wrong = wrong_tokens(&key, &rsa);
    wrong.push(("closed", closed));
    let before = app.state().await;
    let none = app.get("/tools/alice/secret").await;
    assert_eq!(none.status, 404);
    for (what, token) in &wrong {
        for path in [
            "/tools/alice/secret",
            "/tools/alice/secret/versions/1.0.0",
            "/tools/alice/secret/versions/1.0.0/download",
            "/tools/alice/secret/versions/1.0.0/files",
            "/tools/alice/secret/versions/1.0.0/attestations",
        ] {
            let answer = get(&app, path, token).await;
            let anonymous = app.get(path).await;
            assert_eq!(answer.status, 404, "{what}: {path}");
            assert_eq!(answer.bytes, anonymous.bytes, "{what}: {path}");
        }
        for path in [
            "/tools/alice/open",
            "/tools/search?q=open",
            "/tools/users/alice/tools?include_private=true",
        ] {
            let answer = get(&app, path, token).await;
            assert_eq!(answer.status, 200, "{what}: {answer:?}");
            assert_eq!(answer.bytes, app.get(path).await.bytes, "{what}");
        }
        let me = get(&app, "/auth/me", token).await;
        assert_eq!(
            (me.status.as_u16(), &*me.code()),
            (401, "UNAUTHORIZED"),
            "{what}"
        );
        for (name, visibility) in [("alice/secret", "private"), ("alice/new", "public")] {
            let answer = publish(&app, token, name, visibility).await;
            assert_eq!(answer.status, 401, "{what}: {answer:?}");
            assert!(answer.message().starts_with("Unauthorized: "), "{what}");
        }
        let yank = app.request(Method::POST, "/tools/alice/open/versions/1.0.0/yank");
        let yank = send(yank.bearer_auth(token).json(&json!({}))).await;
        assert_eq!(yank.status, 401, "{what}");
    }
    assert!(before == app.state().await, "something was written");
    assert_eq!(get(&app, "/tools/alice/secret", &good).await.status, 200);
    // Once for the keys, once for the key that nobody knows.
    assert_eq!(server.requests(), 2);
}

async fn a_name_is_whose_it_was_first() {
    let key = p256("ec");
    let server = KeyServer::start([&key]).unwrap();
    let app = start(&server).await;
    let token = |subject: &str, name: &str| key.token(&claims(subject, name)).unwrap();
    let answer = publish(&app, &token("1", "alice"), "alice/secret", "private").await;
    assert_eq!(answer.status, 201, "{answer:?}");

    // Users of Supabase choose their names, and change them.
    let mallory = token("2", "alice");
    assert_eq!(get(&app, "/tools/alice/secret", &mallory).await.status, 404);
    let refused = publish(&app, &mallory, "alice/evil", "public").await;
    assert_eq!(refused.status, 401);
    assert!(
        refused.message().contains("somebody's here already"),
        "{refused:?}"
    );
    let answer = publish(&app, &token("2", "mallory"), "mallory/tool", "public").await;
    assert_eq!(answer.status, 201, "{answer:?}");
    // One who has an account keeps it, whatever name comes later.
    for name in ["alice", "admin", "bob"] {
        let token = token("2", name);
        let me = get(&app, "/auth/me", &token).await;
        assert_eq!(me.json()["username"], "mallory");
        assert_eq!(get(&app, "/tools/alice/secret", &token).await.status, 404);
        let refused = publish(&app, &token, "alice/evil", "public").await;
        assert_eq!(
            (refused.status.as_u16(), &*refused.code()),
            (403, "NAMESPACE_MISMATCH")
        );
    }
    // The first comer of a name is one of many at once.
    let (one, two) = (token("3", "carol"), token("4", "carol"));
    let (one, two) = tokio::join!(get(&app, "/auth/me", &one), get(&app, "/auth/me", &two));
    let mut statuses = [one.status.as_u16(), two.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 401]);
    let same = token("5", "dave");
    let (one, two) = tokio::join!(get(&app, "/auth/me", &same), get(&app, "/auth/me", &same));
    assert_eq!(one.json()["id"], two.json()["id"]);
    // An organisation's name is no user's.
    let org = app.request(Method::POST, "/orgs").bearer_auth(&same);
    assert_eq!(send(org.json(&json!({ "name": "acme" }))).await.status, 201);
    let refused = get(&app, "/auth/me", &token("6", "acme")).await;
    assert!(refused.message().contains("organisation"), "{refused:?}");
}

async fn a_new_key_of_the_provider_is_good_at_once() {
    let (old, new) = (p256("old"), p256("new"));
    let server = KeyServer::start([&old]).unwrap();
    let app = start(&server).await;
    let me = async |key: &SigningKey| {
        let token = key.token(&claims("1", "alice")).unwrap();
        get(&app, "/auth/me", &token).await.status
    };
    assert_eq!(me(&old).await, 200);
    assert_eq!(me(&new).await, 401);
    assert_eq!(server.requests(), 2);
    drop(app);
    let app = start(&server).await;
    let me = async |key: &SigningKey| {
        let token = key.token(&claims("1", "alice")).unwrap();
        get(&app, "/auth/me", &token).await.status
    };
    assert_eq!(me(&old).await, 200);
    server.publish([&new]);
    assert_eq!(me(&new).await, 200);
    assert_eq!(me(&old).await, 401);
}

async fn a_provider_that_is_down_is_told_from_a_wrong_token() {
    let key = p256("ec");
    let server = KeyServer::start([&key]).unwrap();
    server.answer(500, "", "down");
    let app = start(&server).await;
    let token = key.token(&claims("1", "alice")).unwrap();
    let search = get(&app, "/tools/search?q=x", &token).await;
    assert_eq!(search.status, 200, "{search:?}");
    for path in ["/auth/me", "/auth/tokens"] {
        let answer = get(&app, path, &token).await;
        assert_eq!(
            (answer.status.as_u16(), &*answer.code()),
            (503, "UNAVAILABLE")
        );
        assert!(!answer.header("retry-after").is_empty());
    }
    let answer = publish(&app, &token, "alice/tool", "public").await;
    assert_eq!(answer.status, 503, "{answer:?}");
    // Strangers need no key of this provider, whatever they send.
    let answer = publish(&app, HOSTED, "alice/tool", "public").await;
    assert_eq!(answer.status, 401, "{answer:?}");
    assert_eq!(server.requests(), 1, "it is left alone for a while");
}

//! What a publish may change of a tool that is there already.

use enact_registry::{Grant, Registry};
use enact_types::Scopes;
use reqwest::Method;
use serde_json::json;

use crate::fixture::{Answer, App, bundle, form, manifest, send};

behaviours![
    a_publish_changes_who_sees_a_tool_for_those_alone_who_may,
    a_publish_says_who_sees_a_new_tool,
];

const KEY: &str = "a-key-that-is-long-enough";

/// A token of these scopes, as the operator gives it.
async fn token(registry: &Registry, username: &str, scopes: &str) -> String {
    let grant = Grant {
        name: None,
        scopes: Scopes::parse(scopes).unwrap(),
        lifetime: None,
    };
    let username = username.parse().unwrap();
    registry.grant_token(&username, grant).await.unwrap().token
}

/// A registry where alice owns `@acme`, carol is an admin of it and bob a member.
async fn with_acme() -> (App, Registry) {
    let app = App::start(&[("ENACT_REGISTRY_API_KEY", KEY), ("ENACT_LIMITS", "off")]).await;
    let registry = app.data.registry().await;
    for username in ["alice", "bob", "carol"] {
        registry.add_user(&username.parse().unwrap()).await.unwrap();
    }
    let alice = token(&registry, "alice", "").await;
    for (path, body) in [
        ("/orgs", json!({ "name": "acme" })),
        (
            "/orgs/acme/members",
            json!({ "username": "bob", "role": "member" }),
        ),
        (
            "/orgs/acme/members",
            json!({ "username": "carol", "role": "admin" }),
        ),
    ] {
        let request = app.request(Method::POST, path).bearer_auth(&alice);
        let answer = send(request.json(&body)).await;
        assert_eq!(answer.status, 201, "{answer:?}");
    }
    (app, registry)
}

async fn publish(app: &App, token: &str, name: &str, version: &str, visibility: &str) -> Answer {
    let form = form(&manifest(name, version), bundle(name, version));
    let form = form.text("visibility", visibility.to_owned());
    let request = app.request(Method::POST, &format!("/tools/{name}/versions"));
    send(request.bearer_auth(token).multipart(form)).await
}

async fn a_publish_changes_who_sees_a_tool_for_those_alone_who_may() {
    let (app, registry) = with_acme().await;
    for (n, (username, scopes, space, may)) in [
        ("alice", "", "alice", true),
        ("alice", "publish manage:alice/*", "alice", true),
        ("alice", "publish", "alice", false),
        ("alice", "publish:alice/* manage:@acme/*", "alice", false),
        ("alice", "", "@acme", true),
        ("carol", "", "@acme", true),
        ("carol", "publish read orgs", "@acme", false),
        ("bob", "", "@acme", false),
        ("bob", "publish manage", "@acme", false),
    ]
    .into_iter()
    .enumerate()
    {
        let who = token(&registry, username, scopes).await;
        for (was, sent) in [("private", "public"), ("public", "private")] {
            let name = format!("{space}/{was}-{n}");
            let made = publish(&app, KEY, &name, "1.0.0", was).await;
            assert_eq!(made.status, 201, "{made:?}");
            let answer = publish(&app, &who, &name, "1.1.0", sent).await;
            assert_eq!(answer.status, 201, "{username} {scopes}: {answer:?}");
            let wanted = if may { sent } else { was };
            let case = format!("{username} {scopes}: {was} to {sent}");
            assert_eq!(answer.json()["visibility"], wanted, "{case}");
            let strangers = app.get(&format!("/tools/{name}")).await;
            let status = if wanted == "private" { 404 } else { 200 };
            assert_eq!(strangers.status, status, "{case}");
            let found = app.get(&format!("/tools/search?q={was}-{n}")).await.json();
            let total = u64::from(wanted == "public");
            assert_eq!(found["total"], total, "{case}");
        }
    }
    registry.close().await;
}

async fn a_publish_says_who_sees_a_new_tool() {
    let (app, registry) = with_acme().await;
    let bob = token(&registry, "bob", "publish").await;
    for visibility in ["private", "unlisted", "public"] {
        let name = format!("@acme/{visibility}");
        let answer = publish(&app, &bob, &name, "1.0.0", visibility).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        assert_eq!(answer.json()["visibility"], visibility);
    }
    registry.close().await;
}

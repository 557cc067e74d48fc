//! Who a request was from, and from where.

use enact_testkit::jwt::{KeyServer, SigningKey};
use serde_json::json;

use super::{KEY, World, publish, requests};
use crate::fixture::{App, send};
use crate::identities::now;

behaviours![
    a_row_says_by_what_its_actor_signed_in,
    a_row_says_where_a_request_came_from,
];

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

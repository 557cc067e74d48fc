//! Trusted publishing: workflows that publish with the tokens of their runs.

use enact_registry::PublisherRule;
use enact_testkit::jwt::{KeyServer, SigningKey};
use enact_types::Pattern;
use reqwest::Method;
use serde_json::{Value, json};

use crate::fixture::{App, bundle, form, manifest, send};
use crate::identities::{now, publish};

behaviours![
    a_run_that_a_rule_is_for_publishes,
    a_run_that_no_rule_is_for_publishes_nothing,
    people_and_workflows_have_providers_of_their_own,
];

const AUDIENCE: &str = "https://enact.example";

/// The claims of a run, as GitHub gives them.
fn claims(issuer: &str) -> Value {
    json!({
        "iss": issuer, "aud": AUDIENCE, "exp": now() + 300, "nbf": now() - 10, "iat": now(),
        "jti": "f8a4", "sub": "repo:Octo/Skills:ref:refs/tags/v1.0.0", "actor": "octocat",
        "repository": "Octo/Skills", "repository_id": "77", "repository_owner": "Octo",
        "repository_owner_id": "42", "repository_visibility": "public", "ref": "refs/tags/v1.0.0",
        "ref_type": "tag", "event_name": "push", "workflow": "Release", "run_id": "1234567890",
        "workflow_ref": "Octo/Skills/.github/workflows/release.yml@refs/tags/v1.0.0",
        "job_workflow_ref": "Octo/Skills/.github/workflows/release.yml@refs/tags/v1.0.0",
    })
}

struct World {
    app: App,
    key: SigningKey,
    server: KeyServer,
}

impl World {
    /// A registry where `release.yml` of `octo/skills` publishes `alice/*` for tags.
    async fn new(vars: &[(&str, &str)]) -> Self {
        let key = SigningKey::rsa("github").unwrap();
        let server = KeyServer::start([&key]).unwrap();
        let url = server.url();
        let mut all = vec![
            ("ENACT_LIMITS", "off"),
            ("ENACT_TRUSTED_PUBLISHING", AUDIENCE),
            ("ENACT_TRUSTED_PUBLISHING_ISSUER", url.as_str()),
        ];
        all.extend_from_slice(vars);
        let app = App::start(&all).await;
        // As its operator does it, beside the server.
        let registry = app.data.registry().await;
        registry.add_user(&"alice".parse().unwrap()).await.unwrap();
        let rule = PublisherRule {
            username: "alice".parse().unwrap(),
            issuer: url,
            repository: "octo/skills".parse().unwrap(),
            owner_id: None,
            workflow: Some("release.yml".parse().unwrap()),
            git_ref: Some("refs/tags/*".parse().unwrap()),
            names: vec![Pattern::parse("alice/*").unwrap()],
        };
        registry.add_publisher(rule).await.unwrap();
        registry.close().await;
        Self { app, key, server }
    }

    /// A token of a run with these claims instead.
    fn token(&self, changes: &Value) -> String {
        let mut claims = claims(&self.server.url());
        for (name, value) in changes.as_object().unwrap() {
            claims[name] = value.clone();
        }
        self.key.token(&claims).unwrap()
    }
}

async fn a_run_that_a_rule_is_for_publishes() {
    let world = World::new(&[]).await;
    let (app, token) = (&world.app, world.token(&json!({})));
    let answer = publish(app, &token, "alice/greeter", "private").await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let answer = publish(app, &token, "bob/greeter", "public").await;
    assert_eq!(
        (answer.status.as_u16(), &*answer.code()),
        (403, "FORBIDDEN")
    );
    // Nor does it change who sees what it publishes.
    let name = "alice/greeter";
    let form = form(&manifest(name, "1.1.0"), bundle(name, "1.1.0"));
    let request = app.request(Method::POST, &format!("/tools/{name}/versions"));
    let form = form.text("visibility", "public");
    let answer = send(request.bearer_auth(&token).multipart(form)).await;
    assert_eq!(
        (answer.status.as_u16(), &answer.json()["visibility"]),
        (201, &json!("private"))
    );
    // And nothing else: it neither reads what is private, nor changes anything, nor makes tokens.
    let request = |method, path| app.request(method, path).bearer_auth(&token);
    let read = send(request(Method::GET, "/tools/alice/greeter")).await;
    assert_eq!(read.status, 404, "{read:?}");
    for (method, path, body) in [
        (
            Method::PATCH,
            "/tools/alice/greeter/visibility",
            json!({ "visibility": "public" }),
        ),
        (
            Method::POST,
            "/tools/alice/greeter/versions/1.0.0/yank",
            json!({}),
        ),
        (Method::DELETE, "/tools/alice/greeter", json!({})),
        (Method::POST, "/orgs", json!({ "name": "acme" })),
        (Method::POST, "/auth/tokens", json!({})),
        (
            Method::PUT,
            "/users/me/trust",
            json!({ "trusted_auditors": [] }),
        ),
    ] {
        let answer = send(request(method, path).json(&body)).await;
        assert_eq!(answer.status, 403, "{path}: {answer:?}");
    }
}

async fn a_run_that_no_rule_is_for_publishes_nothing() {
    let world = World::new(&[]).await;
    let app = &world.app;
    let answer = publish(app, &world.token(&json!({})), "alice/greeter", "private").await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let of = |repository: &str, file: &str| {
        let workflow = format!("{repository}/.github/workflows/{file}@refs/tags/v1.0.0");
        json!({ "repository": repository, "workflow_ref": workflow })
    };
    let before = app.state().await;
    for (what, changes) in [
        ("repository", of("octo/skills2", "release.yml")),
        ("repository of another", of("evil/skills", "release.yml")),
        ("workflow", of("octo/skills", "test.yml")),
        (
            "workflow of another repository",
            json!({ "workflow_ref": "evil/skills/.github/workflows/release.yml@refs/tags/v1.0.0" }),
        ),
        ("no workflow", json!({ "workflow_ref": null })),
        ("ref", json!({ "ref": "refs/heads/main" })),
        ("no ref", json!({ "ref": null })),
        (
            "pull request",
            json!({ "ref": "refs/pull/1/merge", "event_name": "pull_request" }),
        ),
        (
            "pull request's target",
            json!({ "event_name": "pull_request_target" }),
        ),
        ("workflow run", json!({ "event_name": "workflow_run" })),
        ("comment", json!({ "event_name": "issue_comment" })),
        (
            "owner that took the name over",
            json!({ "repository_owner_id": "43" }),
        ),
        ("no owner", json!({ "repository_owner_id": null })),
        ("audience", json!({ "aud": "https://github.com/Octo" })),
        (
            "issuer",
            json!({ "iss": "https://token.actions.githubusercontent.com" }),
        ),
        ("expired", json!({ "exp": now() - 120 })),
    ] {
        let token = world.token(&changes);
        let read = app.request(Method::GET, "/tools/alice/greeter");
        assert_eq!(send(read.bearer_auth(&token)).await.status, 404, "{what}");
        let answer = publish(app, &token, "alice/other", "public").await;
        assert_eq!(
            (answer.status.as_u16(), &*answer.code()),
            (401, "UNAUTHORIZED"),
            "{what}"
        );
    }
    let forged = SigningKey::p256("github").unwrap();
    let forged = forged.token(&claims(&world.server.url())).unwrap();
    let answer = publish(app, &forged, "alice/other", "public").await;
    assert_eq!(answer.status, 401, "{answer:?}");
    assert!(before == app.state().await, "something was written");
}

async fn people_and_workflows_have_providers_of_their_own() {
    let people = SigningKey::p256("people").unwrap();
    let server = KeyServer::start([&people]).unwrap();
    let world = World::new(&[
        ("ENACT_JWT_JWKS_URL", &server.url()),
        ("ENACT_JWT_ISSUER", "https://id.example"),
        ("ENACT_JWT_AUDIENCE", AUDIENCE),
        ("ENACT_JWT_USERNAME_CLAIM", "actor"),
    ])
    .await;
    let app = &world.app;
    let mut person = json!({ "iss": "https://id.example", "aud": AUDIENCE, "sub": "1" });
    person["exp"] = json!(now() + 3600);
    person["actor"] = json!("bob");
    let answer = publish(app, &people.token(&person).unwrap(), "bob/tool", "public").await;
    assert_eq!(answer.status, 201, "{answer:?}");
    // Neither signs for the other.
    let run = people.token(&claims(&world.server.url())).unwrap();
    let answer = publish(app, &run, "alice/greeter", "public").await;
    assert_eq!(answer.status, 401, "{answer:?}");
    let person = world.key.token(&person).unwrap();
    let answer = publish(app, &person, "bob/other", "public").await;
    assert_eq!(answer.status, 401, "{answer:?}");
    // A run is nobody among people.
    let token = world.token(&json!({ "iss": "https://id.example" }));
    let answer = publish(app, &token, "bob/other", "public").await;
    assert_eq!(answer.status, 401, "{answer:?}");
}

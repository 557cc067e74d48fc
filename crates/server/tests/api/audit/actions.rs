//! What was done to what, and what of it was refused.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::json;

use super::{KEY, World, publish, said};
use crate::fixture::send;
use crate::sayings;

behaviours![
    every_request_that_changes_something_leaves_one_row,
    what_is_refused_leaves_one_row_with_its_error,
];

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

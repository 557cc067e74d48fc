//! Organisations, users and trust lists over HTTP. Who may do what is in the tests of the use cases.

use reqwest::Method;
use serde_json::{Value, json};

use crate::fixture::{Answer, App, send};

behaviours![
    an_organisation_is_made_and_shown,
    members_come_change_and_go,
    what_is_wrong_with_an_organisation_is_told,
    users_are_shown_with_what_they_published,
    trust_lists_are_kept,
    existing_clients_learn_who_is_calling,
];

impl App {
    async fn call(&self, method: &str, path: &str, body: Value) -> Answer {
        let method = method.parse().unwrap();
        send(self.request(method, path).body(body.to_string())).await
    }
}

async fn an_organisation_is_made_and_shown() {
    let app = App::open().await;
    let request = json!({ "name": "@Acme", "display_name": "Acme Inc", "description": "d" });
    let made = app.call("POST", "/orgs", request.clone()).await;
    assert_eq!(made.status, 201, "{made:?}");
    let me = app.get("/auth/me").await.json();
    assert_eq!(me["namespaces"], json!(["admin", "@acme"]));
    app.given("@acme/hammer", "1.0.0").await;
    for path in [
        "/orgs/acme",
        "/orgs/@acme",
        "/orgs/%40acme",
        "/functions/v1/orgs/acme",
    ] {
        let org = app.get(path).await.json();
        for (field, value) in [
            ("name", json!("acme")),
            ("display_name", json!("Acme Inc")),
            ("description", json!("d")),
            ("avatar_url", Value::Null),
            ("created_by", me["id"].clone()),
            ("member_count", json!(1)),
            ("tool_count", json!(1)),
        ] {
            assert_eq!(org[field], value, "{path} {field}");
        }
        assert!(org["created_at"].as_str().unwrap().ends_with('Z'));
    }
    let tools = app.get("/orgs/acme/tools").await.json();
    assert_eq!(
        tools["tools"],
        json!([{ "name": "@acme/hammer", "description": "Does a thing", "tags": ["thing"],
            "version": "1.0.0", "downloads": 0, "visibility": "public" }])
    );
    let again = app.call("POST", "/orgs", request).await;
    assert_eq!(
        (again.status.as_u16(), again.code()),
        (409, "CONFLICT".to_owned())
    );
    let user = app.call("POST", "/orgs", json!({ "name": "admin" })).await;
    assert_eq!(user.status, 409, "a user has that name");
}

async fn members_come_change_and_go() {
    let app = App::open().await;
    app.given("bob/x", "1.0.0").await;
    app.call("POST", "/orgs", json!({ "name": "acme" })).await;
    let members = "/orgs/acme/members";
    let added = app
        .call(
            "POST",
            members,
            json!({ "username": "bob", "role": "member" }),
        )
        .await;
    assert_eq!(added.status, 201);
    assert_eq!(
        added.json(),
        json!({ "username": "bob", "role": "member", "org": "acme" })
    );
    let again = app
        .call("POST", members, json!({ "username": "bob" }))
        .await;
    assert_eq!(again.status, 409);
    let bob = "/orgs/acme/members/bob";
    let changed = app.call("PATCH", bob, json!({ "role": "admin" })).await;
    assert_eq!(
        changed.json(),
        json!({ "username": "bob", "role": "admin", "org": "acme" })
    );
    let listed = app.get(members).await.json();
    let row = &listed["members"][1];
    assert_eq!(
        (&row["username"], &row["role"]),
        (&json!("bob"), &json!("admin"))
    );
    for field in ["user_id", "display_name", "avatar_url", "added_at"] {
        assert!(row.get(field).is_some(), "{field}");
    }
    let gone = app.call("DELETE", bob, Value::Null).await;
    assert_eq!(gone.json(), json!({ "removed": "bob", "org": "acme" }));
    let gone = app.call("DELETE", bob, Value::Null).await;
    assert_eq!(gone.status, 404);
    for (method, body) in [
        ("DELETE", Value::Null),
        ("PATCH", json!({ "role": "member" })),
    ] {
        let last = app.call(method, "/orgs/acme/members/admin", body).await;
        assert_eq!(
            (last.status.as_u16(), last.code()),
            (409, "CONFLICT".to_owned())
        );
    }
}

async fn what_is_wrong_with_an_organisation_is_told() {
    let app = App::open().await;
    app.call("POST", "/orgs", json!({ "name": "acme" })).await;
    let before = app.state().await;
    let long = "x".repeat(2000);
    for (method, path, body, status, code) in [
        (
            "POST",
            "/orgs",
            json!({ "name": "a b" }),
            422,
            "VALIDATION_ERROR",
        ),
        (
            "POST",
            "/orgs",
            json!({ "name": "../x" }),
            422,
            "VALIDATION_ERROR",
        ),
        (
            "POST",
            "/orgs",
            json!({ "name": "x", "description": long }),
            422,
            "VALIDATION_ERROR",
        ),
        (
            "POST",
            "/orgs",
            json!({ "name": "x", "display_name": "a\0b" }),
            422,
            "VALIDATION_ERROR",
        ),
        ("POST", "/orgs", json!({ "name": 1 }), 400, "BAD_REQUEST"),
        ("POST", "/orgs", json!([]), 400, "BAD_REQUEST"),
        ("GET", "/orgs/none", Value::Null, 404, "ORG_NOT_FOUND"),
        (
            "GET",
            "/orgs/none/members",
            Value::Null,
            404,
            "ORG_NOT_FOUND",
        ),
        ("GET", "/orgs/none/tools", Value::Null, 404, "ORG_NOT_FOUND"),
        ("GET", "/orgs/a%00b", Value::Null, 404, "NOT_FOUND"),
        ("GET", "/orgs/%ff", Value::Null, 400, "BAD_REQUEST"),
        (
            "POST",
            "/orgs/acme/members",
            json!({ "username": "nobody" }),
            404,
            "NOT_FOUND",
        ),
        (
            "POST",
            "/orgs/acme/members",
            json!({ "username": "a\0b" }),
            422,
            "VALIDATION_ERROR",
        ),
        (
            "POST",
            "/orgs/acme/members",
            json!({ "username": "admin", "role": "king" }),
            422,
            "VALIDATION_ERROR",
        ),
        (
            "PATCH",
            "/orgs/acme/members/admin",
            json!({ "role": "" }),
            422,
            "VALIDATION_ERROR",
        ),
        (
            "PATCH",
            "/orgs/acme/members/nobody",
            json!({ "role": "admin" }),
            404,
            "NOT_FOUND",
        ),
        ("PUT", "/orgs/acme", Value::Null, 405, "METHOD_NOT_ALLOWED"),
    ] {
        let answer = app.call(method, path, body.clone()).await;
        assert_eq!(
            (answer.status.as_u16(), answer.code().as_str()),
            (status, code),
            "{method} {path} {body}"
        );
    }
    assert!(app.state().await == before);
}

async fn users_are_shown_with_what_they_published() {
    let app = App::open().await;
    app.given("bob/x", "1.0.0").await;
    app.given("bob/y", "1.0.0").await;
    app.patch("/tools/bob/y/visibility", r#"{"visibility":"private"}"#)
        .await;
    let user = app.get("/users/bob").await.json();
    assert_eq!(
        (&user["username"], &user["tools_count"]),
        (&json!("bob"), &json!(1))
    );
    let profile = app.get("/tools/users/bob").await.json();
    assert_eq!(
        (&profile["username"], &profile["public_tool_count"]),
        (&json!("bob"), &json!(1))
    );
    let tools = app.get("/tools/users/bob/tools").await.json();
    assert_eq!(
        (&tools["total"], &tools["is_own_profile"]),
        (&json!(1), &json!(false))
    );
    let row = &tools["tools"][0];
    for field in [
        "name",
        "description",
        "tags",
        "license",
        "visibility",
        "version",
        "downloads",
        "created_at",
        "updated_at",
    ] {
        assert!(!row[field].is_null(), "{field}");
    }
    // Open mode: every caller is the operator.
    let all = app
        .get("/tools/users/bob/tools?include_private=true&limit=1&offset=1")
        .await
        .json();
    assert_eq!(
        (&all["total"], &all["tools"][0]["name"]),
        (&json!(2), &json!("bob/y"))
    );
    for path in [
        "/users/nobody",
        "/tools/users/nobody",
        "/tools/users/nobody/tools",
        "/users/No",
    ] {
        assert_eq!(app.get(path).await.code(), "NOT_FOUND", "{path}");
    }
}

async fn trust_lists_are_kept() {
    let app = App::open().await;
    let empty = app.get("/users/admin/trust").await.json();
    assert_eq!(
        empty,
        json!({ "username": "admin", "trusted_auditors": [] })
    );
    let put = json!({ "trusted_auditors": ["github:bob", "google:eve@example.org", "github:bob"] });
    let changed = app.call("PUT", "/users/me/trust", put).await.json();
    assert!(changed["updated_at"].as_str().unwrap().ends_with('Z'));
    for path in [
        "/users/admin/trust",
        "/users/me/trust",
        "/functions/v1/users/admin/trust",
    ] {
        let list = app.get(path).await.json();
        assert_eq!(list["trusted_auditors"], changed["trusted_auditors"]);
        assert_eq!(list["trusted_auditors"].as_array().unwrap().len(), 2);
        assert_eq!(list["trusted_auditors"][0]["identity"], "github:bob");
    }
    for bad in [
        json!([""]),
        json!(["a\0b"]),
        json!(vec!["x"; 501]),
        json!(["x".repeat(501)]),
    ] {
        let answer = app
            .call("PUT", "/users/me/trust", json!({ "trusted_auditors": bad }))
            .await;
        assert_eq!(answer.code(), "VALIDATION_ERROR");
    }
    let emptied = app
        .call("PUT", "/users/me/trust", json!({ "trusted_auditors": [] }))
        .await;
    assert_eq!(emptied.json()["trusted_auditors"], json!([]));
}

async fn existing_clients_learn_who_is_calling() {
    let app = App::open().await;
    let me = app.get("/auth/me").await.json();
    let user = app.get("/auth/v1/user").await.json();
    assert_eq!(
        (&user["id"], &user["user_metadata"]["username"]),
        (&me["id"], &json!("admin"))
    );
    let id = me["id"].as_str().unwrap();
    let path = format!("/rest/v1/profiles?id=eq.{id}&select=username,display_name");
    let rows = app.get(&path).await.json();
    assert_eq!(rows[0]["username"], "admin");
    for path in [
        "/rest/v1/profiles",
        "/rest/v1/profiles?id=eq.x",
        "/rest/v1/profiles?id=eq.%00",
    ] {
        assert_eq!(app.get(path).await.json(), json!([]), "{path}");
    }
    let page = app
        .request(Method::GET, "/auth/v1/user")
        .header("origin", "https://evil.example");
    assert_eq!(send(page).await.code(), "UNAUTHORIZED");
}

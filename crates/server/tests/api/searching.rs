//! Search as the API offers it; what is found and in which order is the catalog's suite.

use serde_json::json;

use crate::fixture::App;

behaviours![
    a_row_has_every_field_that_clients_read,
    any_query_is_answered,
    only_public_tools_are_listed,
];

async fn a_row_has_every_field_that_clients_read() {
    let app = App::open().await;
    app.given("alice/greeter", "1.0.0").await;
    let page = app
        .get("/tools/search?q=greeter&tags=thing%2Cfoo&limit=5&offset=0")
        .await
        .json();
    assert_eq!(
        page,
        json!({
            "tools": [{
                "name": "alice/greeter", "description": "Does a thing", "tags": ["thing"], "version": "1.0.0",
                "author": { "username": "alice", "avatar_url": null }, "downloads": 0, "visibility": "public",
                "trust_status": { "auditor_count": 0 },
            }],
            "total": 1, "limit": 5, "offset": 0, "search_type": "text",
        })
    );
    for (author, total) in [("alice", 1), ("ALICE", 1), ("bob", 0), ("%40alice", 0)] {
        let path = format!("/tools/search?q=greeter&author={author}");
        assert_eq!(app.get(&path).await.json()["total"], total, "{author}");
    }
    assert_eq!(
        app.get("/functions/v1/tools/search?q=").await.json()["search_type"],
        "browse"
    );
    assert_eq!(app.get("/tools/search?q=*").await.json()["total"], 1);
    assert_eq!(
        app.get("/tools/search?q=nothing").await.json()["tools"],
        json!([])
    );
}

async fn any_query_is_answered() {
    let app = App::open().await;
    app.given("alice/greeter", "1.0.0").await;
    for query in [
        "",
        "?",
        "?q=%22",
        "?q=%00",
        "?q=%FF",
        "?q='%3B--",
        "?limit=x&offset=y",
        "?limit=-1&offset=-5",
        "?limit=1e99&offset=1e99",
        "?limit=0",
        "?tags=,,,",
        "?tags=%00",
        "?author=%00",
        "?author=",
        "?q=a&q=b",
        "?&&&=&",
        "?threshold=0.5",
    ] {
        let answer = app.get(&format!("/tools/search{query}")).await;
        assert_eq!(answer.status, 200, "{query}: {answer:?}");
        let limit = answer.json()["limit"].as_u64().unwrap();
        assert!((1..=100).contains(&limit), "{query}");
    }
    let long = "w".repeat(7000);
    assert_eq!(
        app.get(&format!("/tools/search?q={long}")).await.status,
        200
    );
}

async fn only_public_tools_are_listed() {
    let app = App::open().await;
    app.given("alice/greeter", "1.0.0").await;
    for (visibility, total) in [("unlisted", 0), ("private", 0), ("public", 1)] {
        let body = match visibility {
            "unlisted" => r#"{"visibility":"unlisted"}"#,
            "private" => r#"{"visibility":"private"}"#,
            _ => r#"{"visibility":"public"}"#,
        };
        let answer = app.patch("/tools/alice/greeter/visibility", body).await;
        assert_eq!(
            answer.json(),
            json!({ "name": "alice/greeter", "visibility": visibility, "updated": true })
        );
        assert_eq!(
            app.get("/tools/search?q=greeter").await.json()["total"],
            total,
            "{visibility}"
        );
    }
}

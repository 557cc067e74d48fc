//! What the server says of itself.

use serde_json::json;

use crate::fixture::App;

behaviours![
    readiness_asks_catalog_and_store,
    the_description_is_a_document_and_a_page,
];

async fn readiness_asks_catalog_and_store() {
    let app = App::open().await;
    let ready = app.get("/ready").await;
    assert_eq!(
        ready.json(),
        json!({ "status": "ready", "catalog": "ok", "store": "ok" })
    );
    let unreachable = [
        ("R2_ENDPOINT", "http://127.0.0.1:1"),
        ("R2_ACCESS_KEY_ID", "id"),
        ("R2_SECRET_ACCESS_KEY", "the-secret-key-of-nobody"),
    ];
    let app = App::start(&unreachable).await;
    let ready = app.get("/ready").await;
    assert_eq!(
        (ready.status.as_u16(), ready.code()),
        (503, "UNAVAILABLE".to_owned())
    );
    assert!(ready.header("retry-after").parse::<u32>().unwrap() < 10);
    assert_eq!(
        app.get("/health").await.status,
        200,
        "the process itself is well"
    );
}

async fn the_description_is_a_document_and_a_page() {
    let app = App::open().await;
    let document = app.get("/openapi.json").await.json();
    assert_eq!(document["openapi"], "3.1.0");
    let paths = document["paths"].as_object().unwrap();
    assert!(paths.contains_key("/tools/{name}/versions/{version}/download"));
    let page = app.get("/docs").await;
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    assert!(
        page.header("content-security-policy")
            .starts_with("default-src 'none'")
    );
    let html = String::from_utf8(page.bytes).unwrap();
    for path in paths.keys() {
        assert!(html.contains(&format!("<code>{path}</code>")), "{path}");
    }
    assert!(
        html.contains(
            "<p><a href=\"#Attestation\">Attestation</a> or <a href=\"#Report\">Report</a>"
        ),
        "a body of one shape or another is shown as both"
    );
    for foreign in ["<script", "http://", "https://", "@import", "url("] {
        assert!(!html.contains(foreign), "the page has {foreign}");
    }
}

//! Showing tools and versions, and downloading bundles.

use reqwest::Method;
use serde_json::{Value, json};

use crate::fixture::{App, bundle, manifest, send};

behaviours![
    a_tool_has_every_field_that_clients_read,
    a_version_has_every_field_that_clients_read,
    a_download_is_the_published_bytes_with_their_digest,
    a_known_bundle_is_not_sent_again_and_head_sends_none,
    damaged_bytes_never_arrive_whole,
    what_does_not_exist_is_404_in_the_error_shape,
    health_and_identity,
    a_version_with_large_texts_is_answered_whole,
];

async fn a_tool_has_every_field_that_clients_read() {
    let app = App::open().await;
    app.given("alice/greeter", "1.0.0").await;
    let info = app.get("/tools/alice/greeter").await.json();
    for (field, value) in [
        ("name", json!("alice/greeter")),
        ("description", json!("Does a thing")),
        ("tags", json!(["thing"])),
        ("license", json!("")),
        ("author", json!({ "username": "alice", "avatar_url": null })),
        ("repository", Value::Null),
        ("homepage", Value::Null),
        ("visibility", json!("public")),
        ("latest_version", json!("1.0.0")),
        ("versions_total", json!(1)),
        ("total_downloads", json!(0)),
    ] {
        assert_eq!(info[field], value, "{field}");
    }
    for field in ["created_at", "updated_at"] {
        assert!(info[field].as_str().unwrap().ends_with('Z'), "{field}");
    }
    let version = &info["versions"][0];
    assert_eq!(version["version"], "1.0.0");
    assert_eq!(version["yanked"], false);
    assert_eq!(
        version["bundle_size"],
        bundle("alice/greeter", "1.0.0").len()
    );
}

async fn a_version_has_every_field_that_clients_read() {
    let app = App::open().await;
    app.given("alice/greeter", "1.0.0").await;
    let details = app.get("/tools/alice/greeter/versions/1.0.0").await.json();
    for (field, value) in [
        ("name", json!("alice/greeter")),
        ("version", json!("1.0.0")),
        ("description", json!("Does a thing")),
        ("license", json!("")),
        ("yanked", json!(false)),
        ("yank_reason", Value::Null),
        ("yank_replacement", Value::Null),
        ("yanked_at", Value::Null),
        ("manifest", manifest("alice/greeter", "1.0.0")),
        ("rawManifest", Value::Null),
        ("attestations", json!([])),
        (
            "published_by",
            json!({ "username": "admin", "avatar_url": null }),
        ),
        ("downloads", json!(0)),
    ] {
        assert_eq!(details[field], value, "{field}");
    }
    let bytes = bundle("alice/greeter", "1.0.0");
    assert_eq!(
        details["bundle"]["hash"],
        enact_types::Digest::of(&bytes).to_string()
    );
    assert_eq!(details["bundle"]["size"], bytes.len());
    assert_eq!(
        details["bundle"]["download_url"],
        "/tools/alice/greeter/versions/1.0.0/download"
    );
    let attestations = app
        .get("/tools/alice/greeter/versions/1.0.0/attestations")
        .await
        .json();
    assert_eq!(attestations["attestations"], json!([]));
    assert_eq!(
        (&attestations["total"], &attestations["limit"]),
        (&json!(0), &json!(20))
    );
}

async fn a_download_is_the_published_bytes_with_their_digest() {
    let app = App::open().await;
    app.given("alice/utils/greeter", "1.0.0-rc.1+b5").await;
    let bytes = bundle("alice/utils/greeter", "1.0.0-rc.1+b5");
    let hash = enact_types::Digest::of(&bytes).to_string();
    let path = "/tools/alice/utils/greeter/versions/1.0.0-rc.1+b5/download";
    for path in [
        path,
        &path.replace('+', "%2B"),
        "/tools/alice/utils/greeter/versions/latest/download",
    ] {
        let answer = app.get(path).await;
        assert_eq!(
            (answer.status.as_u16(), &answer.bytes),
            (200, &bytes),
            "{path}"
        );
        assert_eq!(answer.header("content-type"), "application/gzip");
        assert_eq!(answer.header("content-length"), bytes.len().to_string());
        assert_eq!(answer.header("content-encoding"), "");
        assert_eq!(answer.header("etag"), format!("\"{hash}\""));
        assert_eq!(answer.header("x-bundle-hash"), hash);
        assert_eq!(
            answer.header("content-disposition"),
            "attachment; filename=\"alice-utils-greeter-1.0.0-rc.1+b5.tar.gz\""
        );
    }
    assert_eq!(
        app.get(path).await.header("cache-control"),
        "public, max-age=31536000, immutable"
    );
    let latest = app
        .get("/tools/alice/utils/greeter/versions/latest/download")
        .await;
    assert_eq!(latest.header("cache-control"), "no-cache");
}

async fn a_known_bundle_is_not_sent_again_and_head_sends_none() {
    let app = App::open().await;
    app.given("a/b", "1.0.0").await;
    let path = "/tools/a/b/versions/1.0.0/download";
    let etag = app.get(path).await.header("etag").to_owned();
    let answer = send(
        app.request(Method::GET, path)
            .header("if-none-match", &etag),
    )
    .await;
    assert_eq!((answer.status.as_u16(), answer.bytes.len()), (304, 0));
    let answer = send(
        app.request(Method::GET, path)
            .header("if-none-match", "\"other\""),
    )
    .await;
    assert_eq!(answer.status, 200);
    let answer = send(app.request(Method::HEAD, path)).await;
    assert_eq!((answer.status.as_u16(), answer.bytes.len()), (200, 0));
    assert_eq!(
        answer.header("content-length"),
        bundle("a/b", "1.0.0").len().to_string()
    );
}

async fn damaged_bytes_never_arrive_whole() {
    let app = App::open().await;
    app.given("a/b", "1.0.0").await;
    let object = app
        .state()
        .await
        .into_keys()
        .find(|path| path.ends_with("1.0.0.tar.gz"))
        .unwrap();
    let good = std::fs::read(&object).unwrap();
    let mut flipped = good.clone();
    flipped[20] ^= 1;
    for damaged in [
        flipped,
        good[..good.len() - 1].to_vec(),
        [good.as_slice(), b"x"].concat(),
    ] {
        std::fs::write(&object, &damaged).unwrap();
        let whole = match app
            .request(Method::GET, "/tools/a/b/versions/1.0.0/download")
            .send()
            .await
        {
            Ok(response) => response.bytes().await,
            Err(error) => Err(error),
        };
        assert!(
            whole.is_err(),
            "a client received {whole:?} as a complete answer"
        );
    }
    std::fs::remove_file(&object).unwrap();
    assert_eq!(
        app.get("/tools/a/b/versions/1.0.0/download").await.code(),
        "NOT_FOUND"
    );
}

async fn what_does_not_exist_is_404_in_the_error_shape() {
    let app = App::open().await;
    app.given("a/b", "1.0.0").await;
    for path in [
        "/tools/a/c",
        "/tools/a",
        "/tools/A/B",
        "/tools/a/..%2f..%2fb",
        "/tools/a/b/versions/2.0.0",
        "/tools/a/b/versions/1.0",
        "/tools/a/b/versions/2.0.0/download",
        "/tools/a/b/versions/2.0.0/attestations",
        "/tools/a/c/versions/latest",
        "/tools/a/b/versions/1.0.0/nothing",
        "/nothing",
        "/",
        "/tools",
    ] {
        let answer = app.get(path).await;
        assert_eq!(
            (answer.status.as_u16(), answer.code()),
            (404, "NOT_FOUND".to_owned()),
            "{path}"
        );
    }
}

async fn health_and_identity() {
    let app = App::open().await;
    let health = app.get("/health").await.json();
    assert_eq!(
        (&health["status"], &health["version"]),
        (&json!("ok"), &json!(env!("CARGO_PKG_VERSION")))
    );
    let me = app.get("/functions/v1/auth/me").await.json();
    assert_eq!(
        (&me["username"], &me["namespaces"], &me["email"]),
        (&json!("admin"), &json!(["admin"]), &Value::Null)
    );
    assert_eq!(app.get("/auth/me").await.json()["id"], me["id"]);
}

async fn a_version_with_large_texts_is_answered_whole() {
    let app = App::open().await;
    let text = "# A long text\n".repeat(50_000);
    let mut manifest = manifest("a/b", "1.0.0");
    manifest["doc"] = text.clone().into();
    let form = crate::fixture::form(&manifest, bundle("a/b", "1.0.0"))
        .text("raw_manifest", text.clone())
        .text("visibility", "public");
    assert_eq!(app.publish_form("a/b", form).await.status, 201);
    // More often than there are turns for large answers.
    for _ in 0..20 {
        let answer = app.get("/tools/a/b/versions/1.0.0").await;
        assert_eq!(answer.header("content-type"), "application/json");
        assert_eq!(
            answer.header("content-length"),
            answer.bytes.len().to_string()
        );
        let details = answer.json();
        assert_eq!(
            (&details["rawManifest"], &details["manifest"]),
            (&text.clone().into(), &manifest)
        );
    }
}

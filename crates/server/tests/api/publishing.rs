//! Publishing what is good.

use reqwest::Method;
use reqwest::multipart::Form;
use serde_json::json;

use crate::fixture::{App, archive, bundle, file, form, manifest, noise, send};

behaviours![
    answers_with_what_was_published,
    takes_both_routes_the_hosted_prefix_and_sloppy_slashes,
    takes_parts_in_any_order_and_passes_over_unknown_ones,
    is_private_unless_told_otherwise,
    an_org_namespace_is_made_by_the_operator_s_first_publish,
    a_version_is_published_once,
    of_many_at_once_one_wins_and_its_bytes_are_stored,
    the_tool_shows_its_latest_version,
    a_bundle_without_a_statement_takes_the_manifest_sent,
];

async fn answers_with_what_was_published() {
    let app = App::open().await;
    let bytes = bundle("alice/utils/greeter", "1.0.0");
    let answer = app
        .publish(&manifest("alice/utils/greeter", "1.0.0"), bytes.clone())
        .await;
    assert_eq!(answer.status, 201);
    let body = answer.json();
    assert_eq!(body["name"], "alice/utils/greeter");
    assert_eq!(body["version"], "1.0.0");
    assert_eq!(body["bundle_size"], bytes.len());
    assert_eq!(
        body["bundle_hash"],
        enact_types::Digest::of(&bytes).to_string()
    );
    assert_eq!(
        body["download_url"],
        "/tools/alice/utils/greeter/versions/1.0.0/download"
    );
    assert_eq!(body["attestation"], json!(null));
    assert!(body["published_at"].as_str().unwrap().ends_with('Z'));
    let download = app.get(body["download_url"].as_str().unwrap()).await;
    assert_eq!(download.bytes, bytes);
}

async fn takes_both_routes_the_hosted_prefix_and_sloppy_slashes() {
    let app = App::open().await;
    for (n, path) in [
        "/tools/a/b",
        "/tools/a/b/versions",
        "/functions/v1/tools/a/b/versions",
        "//functions/v1//tools/a/b/",
    ]
    .iter()
    .enumerate()
    {
        let version = format!("1.0.{n}");
        let form = form(&manifest("a/b", &version), bundle("a/b", &version));
        let answer = send(app.request(Method::POST, path).multipart(form)).await;
        assert_eq!(answer.status, 201, "{path}: {answer:?}");
    }
}

async fn takes_parts_in_any_order_and_passes_over_unknown_ones() {
    let app = App::open().await;
    let form = Form::new()
        .text("readme", "x".repeat(300_000))
        .text("visibility", "unlisted")
        .part("bundle", file(bundle("a/b", "1.0.0")))
        .text("raw_manifest", "---\r\nname: a/b\r\n---\r\n# Thing\r\n")
        .text("manifest", manifest("a/b", "1.0.0").to_string());
    assert_eq!(app.publish_form("a/b", form).await.status, 201);
    assert_eq!(app.get("/tools/a/b").await.json()["visibility"], "unlisted");
    let details = app.get("/tools/a/b/versions/1.0.0").await.json();
    assert_eq!(
        details["rawManifest"],
        "---\r\nname: a/b\r\n---\r\n# Thing\r\n"
    );
}

async fn is_private_unless_told_otherwise() {
    let app = App::open().await;
    let form = form(&manifest("a/b", "1.0.0"), bundle("a/b", "1.0.0"));
    assert_eq!(app.publish_form("a/b", form).await.status, 201);
    assert_eq!(app.get("/tools/a/b").await.json()["visibility"], "private");
}

async fn an_org_namespace_is_made_by_the_operator_s_first_publish() {
    let app = App::open().await;
    app.given("@acme/hammer", "1.0.0").await;
    assert_eq!(
        app.get("/tools/@acme/hammer").await.json()["author"]["username"],
        "@acme"
    );
    assert_eq!(app.get("/tools/%40acme%2Fhammer").await.status, 200);
    assert_eq!(
        app.get("/auth/me").await.json()["namespaces"],
        json!(["admin", "@acme"])
    );
}

async fn a_version_is_published_once() {
    let app = App::open().await;
    app.given("a/b", "1.0.0").await;
    let before = app.get("/tools/a/b").await.bytes;
    let other = json!({ "name": "a/b", "version": "1.0.0", "description": "other" });
    let answer = app
        .publish_form("a/b", form(&other, archive(&[("SKILL.md", b"other")])))
        .await;
    assert_eq!(
        (answer.status.as_u16(), answer.code()),
        (409, "CONFLICT".to_owned())
    );
    // Refused without `--public`, and still public: a refused publish changes nothing.
    assert_eq!(app.get("/tools/a/b").await.bytes, before);
    assert_eq!(
        app.get("/tools/a/b/versions/1.0.0/download").await.bytes,
        bundle("a/b", "1.0.0")
    );
}

async fn of_many_at_once_one_wins_and_its_bytes_are_stored() {
    let app = App::open().await;
    let attempts = (0..12).map(|n| {
        let text = format!("attempt {n}");
        let bytes = archive(&[
            ("SKILL.md", text.as_bytes()),
            ("data.bin", &noise(50_000 + n)),
        ]);
        let manifest = json!({ "name": "a/b", "version": "1.0.0", "description": text });
        let form = form(&manifest, bytes.clone()).text("visibility", "public");
        let request = app
            .request(Method::POST, "/tools/a/b/versions")
            .multipart(form);
        tokio::spawn(async move { (send(request).await, bytes, text) })
    });
    let attempts: Vec<_> = attempts.collect();
    let mut winner = None;
    for attempt in attempts {
        let (answer, bytes, text) = attempt.await.unwrap();
        match answer.status.as_u16() {
            201 => assert!(
                winner.replace((bytes, text)).is_none(),
                "two publishes of one version succeeded"
            ),
            status => assert_eq!((status, answer.code()), (409, "CONFLICT".to_owned())),
        }
    }
    let (bytes, text) = winner.expect("one publish succeeds");
    assert_eq!(
        app.get("/tools/a/b/versions/1.0.0/download").await.bytes,
        bytes
    );
    assert_eq!(
        app.get("/tools/a/b/versions/1.0.0").await.json()["description"],
        text
    );
    let objects = app
        .state()
        .await
        .into_keys()
        .filter(|path| path.contains("objects") && path.ends_with(".tar.gz"))
        .count();
    assert_eq!(objects, 1);
}

async fn the_tool_shows_its_latest_version() {
    let app = App::open().await;
    for (version, description) in [
        ("2.0.0", "two"),
        ("1.9.0", "back-port"),
        ("3.0.0-rc.1", "candidate"),
    ] {
        let manifest = json!({ "name": "a/b", "version": version, "description": description });
        assert_eq!(
            app.publish(&manifest, archive(&[("SKILL.md", b"x")]))
                .await
                .status,
            201
        );
    }
    let info = app.get("/tools/a/b").await.json();
    assert_eq!(info["latest_version"], "2.0.0");
    assert_eq!(info["description"], "two");
    let versions: Vec<_> = info["versions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|version| version["version"].clone())
        .collect();
    assert_eq!(versions, ["3.0.0-rc.1", "2.0.0", "1.9.0"]);
    assert_eq!(
        app.get("/tools/a/b/versions/latest").await.json()["version"],
        "2.0.0"
    );
}

async fn a_bundle_without_a_statement_takes_the_manifest_sent() {
    let app = App::open().await;
    for (n, files) in [
        &[("SKILL.md", b"# no front matter".as_slice())],
        &[(
            "SKILL.md",
            b"---\nname: greeter\ndescription: x\n---\n# bare name".as_slice(),
        )],
        &[(
            "skill.package.yml",
            b"description: nothing else\n".as_slice(),
        )],
        &[("enact.md", b"---\nname: a/b\n---\n".as_slice())],
    ]
    .iter()
    .enumerate()
    {
        let answer = app
            .publish(&manifest("a/b", &format!("1.0.{n}")), archive(*files))
            .await;
        assert_eq!(answer.status, 201, "{answer:?}");
    }
}

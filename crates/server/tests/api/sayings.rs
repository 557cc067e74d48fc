//! Feedback, reports, attestations, and deleting what they are about.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use enact_types::Digest;
use rcgen::{CertificateParams, CustomExtension, KeyPair, SanType};
use reqwest::Method;
use serde_json::{Value, json};

use crate::fixture::{App, bundle, form, manifest, send};

behaviours![
    a_tool_is_rated_and_reviewed,
    problems_are_reported,
    an_attestation_is_kept_listed_and_revoked,
    an_attestation_of_something_else_is_refused,
    a_failed_audit_is_a_report_and_no_attestation,
    a_locally_signed_publish_brings_its_attestation,
    a_bad_signature_does_not_keep_a_bundle_out,
    a_deleted_tool_is_gone_for_ever,
    versions_are_listed_as_asked_for,
];

const V: &str = "/tools/a/b/versions/1.0.0";

/// A Sigstore bundle of `auditor` that states `digest` of `subject`. Nobody signed it: nothing here
/// verifies a signature yet, and nothing says that it was verified.
pub(crate) fn sigstore(auditor: &str, subject: &str, digest: &str, predicate: &str) -> Value {
    let mut params = CertificateParams::default();
    params.subject_alt_names = vec![SanType::Rfc822Name(auditor.try_into().unwrap())];
    params.custom_extensions = vec![CustomExtension::from_oid_content(
        &[1, 3, 6, 1, 4, 1, 57264, 1, 1],
        b"https://github.com/login/oauth".to_vec(),
    )];
    let certificate = params.self_signed(&KeyPair::generate().unwrap()).unwrap();
    let statement = json!({
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{ "name": subject, "digest": { "sha256": digest } }],
        "predicateType": format!("https://enact.tools/attestation/{predicate}/v1"),
        "predicate": {},
    });
    json!({
        "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
        "verificationMaterial": {
            "certificate": { "rawBytes": STANDARD.encode(certificate.der()) },
            "tlogEntries": [{ "logIndex": "1234", "logId": { "keyId": "bG9n" } }],
        },
        "dsseEnvelope": {
            "payload": STANDARD.encode(statement.to_string()),
            "payloadType": "application/vnd.in-toto+json",
            "signatures": [{ "sig": "AA==" }],
        },
    })
}

/// As existing clients sign remotely: the digest of the digest's text.
pub(crate) fn good(auditor: &str) -> Value {
    let hash = Digest::of(&bundle("a/b", "1.0.0")).to_string();
    sigstore(
        auditor,
        "a/b@1.0.0",
        &Digest::of(hash.as_bytes()).to_hex(),
        "tool",
    )
}

async fn post(app: &App, path: &str, body: Value) -> crate::fixture::Answer {
    send(app.request(Method::POST, path).body(body.to_string())).await
}

async fn a_tool_is_rated_and_reviewed() {
    let app = App::open().await;
    app.given("a/b", "1.0.0").await;
    let none = app.get("/tools/a/b/feedback").await.json();
    assert_eq!(
        none,
        json!({ "rating": 0.0, "rating_count": 0, "downloads": 0 })
    );
    for rating in [2, 4] {
        let body = json!({ "rating": rating, "version": "1.0.0", "comment": "nice" });
        assert_eq!(post(&app, "/tools/a/b/feedback", body).await.status, 201);
    }
    let feedback = app.get("/tools/a/b/feedback").await.json();
    assert_eq!(
        (&feedback["rating"], &feedback["rating_count"]),
        (&json!(4.0), &json!(1))
    );
    let reviews = app.get("/tools/a/b/feedback/reviews").await.json();
    assert_eq!(reviews["total"], 1);
    assert_eq!(reviews["reviews"][0]["comment"], "nice");
    for bad in [
        json!({ "rating": 0, "version": "1.0.0" }),
        json!({ "rating": 6, "version": "1.0.0" }),
        json!({ "rating": 3, "version": "x" }),
        json!({ "rating": 3, "version": "1.0.0", "comment": "x".repeat(4001) }),
        json!({ "rating": 3, "version": "1.0.0", "comment": "a\0b" }),
    ] {
        assert_eq!(
            post(&app, "/tools/a/b/feedback", bad).await.code(),
            "VALIDATION_ERROR"
        );
    }
    let missing = json!({ "rating": 3, "version": "2.0.0" });
    assert_eq!(
        post(&app, "/tools/a/b/feedback", missing).await.code(),
        "NOT_FOUND"
    );
    assert_eq!(app.get("/tools/a/c/feedback").await.code(), "NOT_FOUND");
}

async fn problems_are_reported() {
    let app = App::open().await;
    app.given("a/b", "1.0.0").await;
    let good =
        json!({ "severity": "high", "category": "security", "description": "It phones home" });
    let reports = "/tools/a/b/versions/latest/reports";
    let filed = post(&app, reports, good.clone()).await;
    assert_eq!(
        (filed.status.as_u16(), &filed.json()["status"]),
        (201, &json!("open"))
    );
    for (field, value) in [
        ("severity", json!("fatal")),
        ("category", json!("")),
        ("description", json!("  ")),
        ("evidence", json!("x".repeat(16_001))),
    ] {
        let mut bad = good.clone();
        bad[field] = value;
        assert_eq!(
            post(&app, reports, bad).await.code(),
            "VALIDATION_ERROR",
            "{field}"
        );
    }
    for _ in 0..19 {
        assert_eq!(post(&app, reports, good.clone()).await.status, 201);
    }
    assert_eq!(post(&app, reports, good).await.code(), "CONFLICT");
}

async fn an_attestation_is_kept_listed_and_revoked() {
    let app = App::open().await;
    app.given("a/b", "1.0.0").await;
    let (attestations, bundle) = (format!("{V}/attestations"), good("bob@example.org"));
    let kept = post(&app, &attestations, json!({ "bundle": bundle })).await;
    assert_eq!(kept.status, 201, "{kept:?}");
    let item = kept.json();
    for (field, value) in [
        ("auditor", json!("bob@example.org")),
        ("auditor_provider", json!("github")),
        ("rekor_log_id", json!("bG9n")),
        ("rekor_log_index", json!(1234)),
        (
            "verification",
            json!({ "verified": false, "verified_at": null, "rekor_verified": false,
                "certificate_verified": false, "signature_verified": false }),
        ),
    ] {
        assert_eq!(item[field], value, "{field}");
    }
    let list = app.get(&attestations).await.json();
    assert_eq!(
        (&list["total"], &list["attestations"]),
        (&json!(1), &json!([item]))
    );
    assert_eq!(app.get(V).await.json()["attestations"], json!([item]));
    let one = format!("{V}/trust/attestations/bob%40example.org");
    assert_eq!(app.get(&one).await.json(), bundle);
    let again = post(
        &app,
        &attestations,
        json!({ "bundle": good("bob@example.org") }),
    )
    .await;
    assert_eq!(again.code(), "CONFLICT");
    let revoke = format!("{attestations}?auditor=bob%40example.org");
    let revoked = send(app.request(Method::DELETE, &revoke)).await.json();
    assert_eq!(
        (&revoked["auditor"], &revoked["revoked"]),
        (&json!("bob@example.org"), &json!(true))
    );
    assert_eq!(
        send(app.request(Method::DELETE, &revoke)).await.code(),
        "NOT_FOUND"
    );
    assert_eq!(
        send(app.request(Method::DELETE, &attestations))
            .await
            .code(),
        "BAD_REQUEST"
    );
    assert_eq!(app.get(&one).await.code(), "NOT_FOUND");
    assert_eq!(app.get(&attestations).await.json()["total"], 0);
    for odd in ["%00", "nobody", "a%2Fb%2F%2Fc"] {
        let path = format!("{V}/trust/attestations/{odd}");
        assert_eq!(app.get(&path).await.code(), "NOT_FOUND", "{odd}");
    }
}

async fn an_attestation_of_something_else_is_refused() {
    let app = App::open().await;
    app.given("a/b", "1.0.0").await;
    let before = app.state().await;
    let attestations = format!("{V}/attestations");
    let hash = Digest::of(&bundle("a/b", "1.0.0")).to_string();
    let digest = Digest::of(hash.as_bytes()).to_hex();
    let changed = |path: &[&str], value: Value| {
        let mut bundle = good("bob@example.org");
        let place = path.iter().fold(&mut bundle, |place, key| &mut place[*key]);
        *place = value;
        bundle
    };
    for (bundle, code) in [
        (
            sigstore("b@c.de", "a/c@1.0.0", &digest, "tool"),
            "ATTESTATION_VERIFICATION_FAILED",
        ),
        (
            sigstore("b@c.de", "a/b@1.0.1", &digest, "tool"),
            "ATTESTATION_VERIFICATION_FAILED",
        ),
        (
            sigstore("b@c.de", "a/b@1.0.0", "00", "tool"),
            "ATTESTATION_VERIFICATION_FAILED",
        ),
        (
            sigstore("b@c.de", "a/b@1.0.0", &digest, "other"),
            "ATTESTATION_VERIFICATION_FAILED",
        ),
        (
            changed(&["dsseEnvelope", "payloadType"], json!("text/plain")),
            "ATTESTATION_VERIFICATION_FAILED",
        ),
        (
            changed(&["dsseEnvelope", "signatures"], json!([])),
            "ATTESTATION_VERIFICATION_FAILED",
        ),
        (
            changed(&["dsseEnvelope", "payload"], json!("e30=")),
            "VALIDATION_ERROR",
        ),
        (
            changed(&["dsseEnvelope", "payload"], json!("%")),
            "VALIDATION_ERROR",
        ),
        (
            changed(&["verificationMaterial", "certificate"], Value::Null),
            "VALIDATION_ERROR",
        ),
        (
            changed(
                &["verificationMaterial", "certificate", "rawBytes"],
                json!("MIIB"),
            ),
            "VALIDATION_ERROR",
        ),
        (json!({}), "VALIDATION_ERROR"),
    ] {
        let answer = post(&app, &attestations, json!({ "bundle": bundle })).await;
        assert_eq!(
            (answer.status.as_u16(), answer.code().as_str()),
            (422, code),
            "{bundle}"
        );
    }
    for body in [json!({}), json!({ "bundle": "x".repeat(300_000) })] {
        assert_eq!(post(&app, &attestations, body).await.code(), "BAD_REQUEST");
    }
    assert!(app.state().await == before);
}

async fn a_failed_audit_is_a_report_and_no_attestation() {
    let app = App::open().await;
    app.given("a/b", "1.0.0").await;
    let hash = Digest::of(&bundle("a/b", "1.0.0")).to_string();
    let audit = sigstore(
        "b@c.de",
        "a/b@1.0.0",
        &Digest::of(hash.as_bytes()).to_hex(),
        "audit",
    );
    let filed = post(
        &app,
        &format!("{V}/attestations"),
        json!({ "bundle": audit }),
    )
    .await;
    assert_eq!(
        (filed.status.as_u16(), &filed.json()["status"]),
        (201, &json!("open"))
    );
    assert_eq!(
        app.get(&format!("{V}/attestations")).await.json()["total"],
        0
    );
    let kept = post(
        &app,
        &format!("{V}/attestations"),
        json!({ "bundle": good("b@c.de") }),
    )
    .await;
    assert_eq!(described_as(&app, &filed.json()).await, ["Report"]);
    assert_eq!(described_as(&app, &kept.json()).await, ["Attestation"]);
}

/// Which of the shapes that `/openapi.json` names for a bundle that was taken in are that of `body`.
async fn described_as(app: &App, body: &Value) -> Vec<String> {
    let document = app.get("/openapi.json").await.json();
    let resolve = |reference: &Value| {
        let name = reference["$ref"].as_str().unwrap().rsplit('/').next();
        let name = name.unwrap().to_owned();
        (document["components"]["schemas"][&name].clone(), name)
    };
    let post = &document["paths"]["/tools/{name}/versions/{version}/attestations"]["post"];
    let (outcome, _) = resolve(&post["responses"]["201"]["content"]["application/json"]["schema"]);
    let shapes = outcome["oneOf"].as_array().unwrap().iter().map(resolve);
    let body = body.as_object().unwrap();
    let is_of = |shape: &Value| {
        let required = shape["required"].as_array().unwrap();
        let mut required = required.iter().map(|name| name.as_str().unwrap());
        required.all(|name| body.contains_key(name))
            && body
                .keys()
                .all(|name| shape["properties"].get(name).is_some())
    };
    let fitting = shapes.filter(|(shape, _)| is_of(shape));
    fitting.map(|(_, name)| name).collect()
}

/// A checksum manifest of the bundle in the fixture, and its digest.
fn checksums(size_of_skill: usize) -> (Value, Digest) {
    let package = "name: \"a/b\"\nversion: 1.0.0\n";
    let file = |path: &str, text: &str, size: usize| json!({ "path": path, "sha256": Digest::of(text.as_bytes()).to_hex(), "size": size });
    let mut manifest = json!({
        "files": [file("SKILL.md", "# Thing\n", size_of_skill), file("skill.package.yml", package, package.len())],
        "tool": { "name": "a/b", "version": "1.0.0" },
        "version": "1.0",
    });
    manifest.sort_all_objects();
    let digest = Digest::of(manifest.to_string().as_bytes());
    manifest["manifestHash"] = json!({ "algorithm": "sha256", "digest": digest.to_hex() });
    (manifest, digest)
}

async fn publish_signed(app: &App, checksums: String, signature: String) -> Value {
    let form = form(&manifest("a/b", "1.0.0"), bundle("a/b", "1.0.0"))
        .text("visibility", "public")
        .text("checksum_manifest", checksums)
        .text("sigstore_bundle", signature);
    let answer = app.publish_form("a/b", form).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    answer.json()["attestation"].clone()
}

async fn a_locally_signed_publish_brings_its_attestation() {
    let app = App::open().await;
    let (checksums, digest) = checksums(8);
    let signed = Digest::of(digest.to_hex().as_bytes()).to_hex();
    let signature = sigstore("bob@example.org", "a/b@1.0.0", &signed, "tool");
    let attestation = publish_signed(&app, checksums.to_string(), signature.to_string()).await;
    assert_eq!(
        attestation,
        json!({ "auditor": "bob@example.org", "auditor_provider": "github", "verified": false })
    );
    let list = app.get(&format!("{V}/attestations")).await.json();
    assert_eq!(
        (&list["total"], &list["attestations"][0]["auditor"]),
        (&json!(1), &json!("bob@example.org"))
    );
    // Another auditor may sign the same list later.
    let eve = sigstore("eve@example.org", "a/b@1.0.0", &signed, "tool");
    let kept = post(&app, &format!("{V}/attestations"), json!({ "bundle": eve })).await;
    assert_eq!(kept.status, 201);
}

async fn a_bad_signature_does_not_keep_a_bundle_out() {
    let (good_checksums, digest) = checksums(8);
    let signed = Digest::of(digest.to_hex().as_bytes()).to_hex();
    let signature = sigstore("bob@example.org", "a/b@1.0.0", &signed, "tool").to_string();
    for (checksums, signature) in [
        (good_checksums.to_string(), "no JSON".to_owned()),
        (good_checksums.to_string(), "{}".to_owned()),
        (checksums(9).0.to_string(), signature.clone()),
        ("[]".to_owned(), signature),
    ] {
        let app = App::open().await;
        assert_eq!(
            publish_signed(&app, checksums, signature).await,
            Value::Null
        );
        assert_eq!(
            app.get(&format!("{V}/attestations")).await.json()["total"],
            0
        );
    }
}

async fn a_deleted_tool_is_gone_for_ever() {
    let app = App::open().await;
    app.given("a/b", "1.0.0").await;
    app.given("a/b", "1.1.0").await;
    post(
        &app,
        &format!("{V}/attestations"),
        json!({ "bundle": good("b@c.de") }),
    )
    .await;
    post(
        &app,
        "/tools/a/b/feedback",
        json!({ "rating": 5, "version": "1.0.0" }),
    )
    .await;
    let gone = send(app.request(Method::DELETE, "/tools/a/b")).await;
    assert_eq!((gone.status.as_u16(), gone.bytes.len()), (204, 0));
    for suffix in [
        "",
        "/versions",
        "/versions/1.0.0",
        "/versions/1.0.0/download",
        "/feedback",
    ] {
        assert_eq!(
            app.get(&format!("/tools/a/b{suffix}")).await.code(),
            "NOT_FOUND",
            "{suffix}"
        );
    }
    assert_eq!(app.get("/tools/search?q=b").await.json()["total"], 0);
    assert_eq!(
        send(app.request(Method::DELETE, "/tools/a/b")).await.code(),
        "NOT_FOUND"
    );
    for version in ["1.0.0", "2.0.0"] {
        let again = app
            .publish(&manifest("a/b", version), bundle("a/b", version))
            .await;
        assert_eq!(again.code(), "CONFLICT", "{version}");
        assert!(again.message().contains("deleted"), "{}", again.message());
    }
    let left: Vec<_> = app
        .state()
        .await
        .into_keys()
        .filter(|path| path.contains("bundles"))
        .collect();
    assert_eq!(left, Vec::<String>::new(), "bundles are still in the store");
}

async fn versions_are_listed_as_asked_for() {
    let app = App::open().await;
    for version in ["1.0.0", "3.0.0", "2.0.0"] {
        app.given("a/b", version).await;
    }
    app.get("/tools/a/b/versions/2.0.0/download").await;
    app.post("/tools/a/b/versions/3.0.0/yank", "{}").await;
    let listed = async |path: &str| {
        let body = app.get(path).await.json();
        let versions = body["versions"].as_array().unwrap();
        let versions: Vec<_> = versions
            .iter()
            .map(|row| row["version"].as_str().unwrap())
            .collect();
        let total = body.get("total").unwrap_or(&body["versions_total"]);
        (versions.join(" "), total.as_u64().unwrap())
    };
    for (query, expected, total) in [
        ("", "3.0.0 2.0.0 1.0.0", 3),
        ("?sort=newest", "2.0.0 3.0.0 1.0.0", 3),
        ("?sort=oldest", "1.0.0 3.0.0 2.0.0", 3),
        ("?sort=nonsense&limit=1&offset=1", "2.0.0", 3),
        ("?include_yanked=false", "2.0.0 1.0.0", 2),
    ] {
        let path = format!("/tools/a/b/versions{query}");
        assert_eq!(listed(&path).await, (expected.to_owned(), total), "{query}");
    }
    for (query, expected) in [
        ("", "3.0.0 2.0.0 1.0.0"),
        ("?versions_limit=1", "3.0.0"),
        ("?versions_offset=1", "2.0.0 1.0.0"),
    ] {
        assert_eq!(
            listed(&format!("/tools/a/b{query}")).await,
            (expected.to_owned(), 3)
        );
    }
    let info = listed("/tools/a/b?include_yanked=false").await;
    assert_eq!(info, ("2.0.0 1.0.0".to_owned(), 2));
    assert_eq!(
        app.get("/tools/a/b/versions").await.json()["tool_name"],
        "a/b"
    );
}

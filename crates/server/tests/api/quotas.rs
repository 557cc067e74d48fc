//! How much may be published under one name.

use enact_registry::Grant;
use enact_types::Scopes;
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::json;

use crate::fixture::{Answer, App, archive, bundle, form, manifest, noise, send};
use crate::secrets;

behaviours![
    one_user_makes_so_many_organisations,
    a_full_namespace_says_what_there_is_too_much_of,
    publishes_at_once_do_not_go_beyond_a_quota_and_leave_nothing,
    without_a_setting_nothing_is_refused,
];

async fn publish(app: &App, name: &str, version: &str) -> Answer {
    let form = form(&manifest(name, version), bundle(name, version));
    app.publish_form(name, form.text("visibility", "public"))
        .await
}

#[track_caller]
fn refused(answer: &Answer, namespace: &str, quota: &str, used: u64, max: u64) {
    assert_eq!(answer.status, 403, "{answer:?}");
    assert_eq!(answer.code(), "QUOTA_EXCEEDED");
    let details = &answer.json()["error"]["details"];
    let told =
        serde_json::json!({ "namespace": namespace, "quota": quota, "used": used, "max": max });
    assert_eq!(*details, told);
    let message = answer.message();
    for number in [used, max] {
        assert!(message.contains(&number.to_string()), "{message}");
    }
}

async fn one_user_makes_so_many_organisations() {
    const KEY: &str = "a-key-that-is-long-enough";
    let vars = [("ENACT_REGISTRY_API_KEY", KEY), ("ENACT_QUOTA_ORGS", "2")];
    let app = App::start(&[&vars[..], &[("ENACT_LIMITS", "off")]].concat()).await;
    let registry = app.data.registry().await;
    let alice = "alice".parse().unwrap();
    registry.add_user(&alice).await.unwrap();
    let grant = Grant {
        name: None,
        scopes: Scopes::ALL,
        lifetime: None,
    };
    let token = registry.grant_token(&alice, grant).await.unwrap().token;
    secrets::note("a new token", &token);
    registry.close().await;
    let make = async |token: &str, name: String| {
        let request = app.request(Method::POST, "/orgs").bearer_auth(token);
        send(request.json(&json!({ "name": name }))).await
    };
    let at_once = (0..6).map(|n| make(&token, format!("org-{n}")));
    let answers = join_all(at_once).await;
    let succeeded = answers.iter().filter(|answer| answer.status == 201).count();
    assert_eq!(succeeded, 2, "{answers:?}");
    for answer in answers.iter().filter(|answer| answer.status != 201) {
        assert_eq!(
            (answer.status.as_u16(), &*answer.code()),
            (403, "QUOTA_EXCEEDED")
        );
    }
    // The operator's are not counted.
    for name in ["a", "b", "c"] {
        assert_eq!(make(KEY, name.to_owned()).await.status, 201);
    }
}

async fn a_full_namespace_says_what_there_is_too_much_of() {
    let app = App::start(&[
        ("ENACT_QUOTA_TOOLS", "2"),
        ("ENACT_QUOTA_VERSIONS", "3"),
        ("ENACT_QUOTA_BYTES", "10KiB"),
    ])
    .await;
    for (name, version) in [("a/one", "1.0.0"), ("a/two", "1.0.0")] {
        assert_eq!(publish(&app, name, version).await.status, 201);
    }
    let before = app.state().await;
    let another = publish(&app, "a/three", "1.0.0").await;
    refused(&another, "a", "tools", 2, 2);
    assert!(app.state().await == before);

    assert_eq!(publish(&app, "a/one", "1.1.0").await.status, 201);
    let before = app.state().await;
    refused(
        &publish(&app, "a/one", "1.2.0").await,
        "a",
        "versions",
        3,
        3,
    );
    // A repeated publish is still told that it is there.
    let again = publish(&app, "a/one", "1.1.0").await;
    assert_eq!(again.code(), "CONFLICT");
    assert!(app.state().await == before);

    // Bytes are those of the bundles as they were sent.
    let large = archive(&[("SKILL.md", b"x"), ("data", &noise(20_000))]);
    let sent = app.publish(&manifest("@b/large", "1.0.0"), large).await;
    refused(&sent, "@b", "bytes", 0, 10 * 1024);

    // What is deleted makes room.
    let delete = app.request(Method::DELETE, "/tools/a/one");
    assert_eq!(send(delete).await.status, 204);
    assert_eq!(publish(&app, "a/three", "1.0.0").await.status, 201);
}

async fn publishes_at_once_do_not_go_beyond_a_quota_and_leave_nothing() {
    let app = App::start(&[("ENACT_QUOTA_TOOLS", "3")]).await;
    let names: Vec<_> = (0..12).map(|n| format!("a/tool-{n}")).collect();
    let answers = join_all(names.iter().map(|name| publish(&app, name, "1.0.0"))).await;
    let mut published = 0;
    for (answer, name) in answers.iter().zip(&names) {
        let tool = app.get(&format!("/tools/{name}")).await;
        if answer.status == 201 {
            published += 1;
            assert_eq!(tool.status, 200);
        } else {
            refused(answer, "a", "tools", 3, 3);
            assert_eq!(tool.status, 404);
        }
    }
    assert_eq!(published, 3);
    let kept = app.state().await;
    let bundles = kept.keys().filter(|path| path.ends_with(".tar.gz"));
    assert_eq!(bundles.count(), 3, "{:?}", kept.keys());
}

async fn without_a_setting_nothing_is_refused() {
    let app = App::start(&[("ENACT_QUOTA_TOOLS", "0")]).await;
    for n in 0..3 {
        let answer = publish(&app, &format!("a/tool-{n}"), "1.0.0").await;
        assert_eq!(answer.status, 201);
    }
}

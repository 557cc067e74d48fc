//! Yanking, unyanking, and what downloads make of it.

use serde_json::{Value, json};

use crate::fixture::{App, bundle};

behaviours![
    a_yanked_version_is_gone_unless_it_is_asked_for_knowingly,
    the_body_of_a_yank_may_be_empty_or_nothing,
    what_is_missing_or_wrong_is_told,
];

async fn a_yanked_version_is_gone_unless_it_is_asked_for_knowingly() {
    let app = App::open().await;
    app.given("a/b", "1.0.0").await;
    app.given("a/b", "1.1.0").await;
    let yank = app
        .post(
            "/tools/a/b/versions/1.1.0/yank",
            r#"{"reason":"CVE-1","replacement_version":"1.0.0"}"#,
        )
        .await;
    let body = yank.json();
    assert_eq!(
        (yank.status.as_u16(), &body["yanked"], &body["version"]),
        (200, &json!(true), &json!("1.1.0"))
    );
    assert_eq!(
        (&body["reason"], &body["replacement_version"]),
        (&json!("CVE-1"), &json!("1.0.0"))
    );
    let yanked_at = body["yanked_at"].clone();

    let gone = app.get("/tools/a/b/versions/1.1.0/download").await;
    assert_eq!(
        (gone.status.as_u16(), gone.code()),
        (410, "VERSION_YANKED".to_owned())
    );
    assert_eq!(
        gone.json()["error"]["details"],
        json!({
            "reason": "CVE-1", "replacement": "1.0.0", "yanked_at": yanked_at,
            "yank_reason": "CVE-1", "replacement_version": "1.0.0",
        })
    );
    assert_eq!(
        app.get("/tools/a/b/versions/1.1.0/download?acknowledge_yanked=1")
            .await
            .status,
        410
    );
    let known = app
        .get("/tools/a/b/versions/1.1.0/download?acknowledge_yanked=true")
        .await;
    assert_eq!(known.bytes, bundle("a/b", "1.1.0"));

    let details = app.get("/tools/a/b/versions/1.1.0").await;
    assert_eq!(details.header("x-enact-yanked"), "true");
    assert_eq!(details.header("x-enact-yank-reason"), "CVE-1");
    assert_eq!(details.header("x-enact-yank-replacement"), "1.0.0");
    let details = details.json();
    assert_eq!(
        (
            &details["yanked"],
            &details["yank_reason"],
            &details["yank_replacement"]
        ),
        (&json!(true), &json!("CVE-1"), &json!("1.0.0"))
    );
    assert_eq!(
        app.get("/tools/a/b").await.json()["latest_version"],
        "1.0.0"
    );

    let unyank = app
        .post("/tools/a/b/versions/1.1.0/unyank", "")
        .await
        .json();
    assert_eq!(
        (&unyank["yanked"], &unyank["version"]),
        (&json!(false), &json!("1.1.0"))
    );
    assert!(unyank["unyanked_at"].as_str().unwrap().ends_with('Z'));
    assert_eq!(
        app.get("/tools/a/b/versions/1.1.0/download").await.status,
        200
    );
    assert_eq!(
        app.get("/tools/a/b").await.json()["latest_version"],
        "1.1.0"
    );
}

async fn the_body_of_a_yank_may_be_empty_or_nothing() {
    let app = App::open().await;
    app.given("a/b", "1.0.0").await;
    for body in ["{}", "", "  ", r#"{"reason":null}"#, r#"{"reason":""}"#] {
        let answer = app
            .post("/functions/v1/tools/a/b/versions/1.0.0/yank", body)
            .await;
        assert_eq!(
            (answer.status.as_u16(), &answer.json()["reason"]),
            (200, &Value::Null),
            "{body}"
        );
    }
    let first = app
        .post("/tools/a/b/versions/1.0.0/yank", r#"{"reason":"x"}"#)
        .await
        .json();
    let again = app
        .post("/tools/a/b/versions/latest/yank", r#"{"reason":"y"}"#)
        .await
        .json();
    assert_eq!(
        (&again["reason"], &again["yanked_at"]),
        (&json!("y"), &first["yanked_at"])
    );
}

async fn what_is_missing_or_wrong_is_told() {
    let app = App::open().await;
    app.given("a/b", "1.0.0").await;
    for path in [
        "/tools/a/b/versions/2.0.0",
        "/tools/a/c/versions/1.0.0",
        "/tools/a/c/versions/latest",
    ] {
        for action in ["yank", "unyank"] {
            let answer = app.post(&format!("{path}/{action}"), "").await;
            assert_eq!(
                (answer.status.as_u16(), answer.code()),
                (404, "NOT_FOUND".to_owned()),
                "{path}/{action}"
            );
        }
    }
    for (body, status) in [
        ("{", 400),
        ("[]", 400),
        (r#"{"reason":1}"#, 400),
        (r#"{"replacement_version":"x"}"#, 422),
    ] {
        assert_eq!(
            app.post("/tools/a/b/versions/1.0.0/yank", body)
                .await
                .status,
            status,
            "{body}"
        );
    }
    assert_eq!(
        app.patch("/tools/a/c/visibility", r#"{"visibility":"public"}"#)
            .await
            .code(),
        "NOT_FOUND"
    );
    for (body, status) in [
        ("", 400),
        ("{}", 400),
        (r#"{"visibility":"secret"}"#, 422),
        (r#"{"visibility":3}"#, 400),
    ] {
        assert_eq!(
            app.patch("/tools/a/b/visibility", body).await.status,
            status,
            "{body}"
        );
    }
    assert_eq!(app.get("/tools/a/b").await.json()["visibility"], "public");
    assert_eq!(
        app.get("/tools/a/b/versions/1.0.0").await.json()["yanked"],
        false
    );
}

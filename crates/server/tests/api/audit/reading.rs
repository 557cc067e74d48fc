//! What reading leaves.

use reqwest::Method;

use super::{KEY, publish, requests, said};
use crate::downloading::{first, on_s3};
use crate::fixture::{App, StoppedClock, send};

behaviours![
    reading_leaves_no_row_but_for_a_token_that_is_refused,
    a_link_to_what_is_private_leaves_a_row,
];

async fn reading_leaves_no_row_but_for_a_token_that_is_refused() {
    let clock = StoppedClock::new();
    let app = App::start_at(
        &clock,
        &[("ENACT_REGISTRY_API_KEY", KEY), ("ENACT_LIMIT_AUTH", "2")],
    )
    .await;
    let get = async |path: &str, token: Option<&str>| {
        let request = app.request(Method::GET, path);
        send(match token {
            Some(token) => request.bearer_auth(token),
            None => request,
        })
        .await
    };
    for (path, token, status) in [
        ("/tools/search?q=x", None, 200),
        ("/tools/search?q=x", Some(KEY), 200),
        ("/tools/a/b", Some(KEY), 404),
        ("/auth/me", Some(KEY), 200),
        ("/auth/me", None, 401),
        // As good as none.
        ("/tools/search?q=x", Some("no-token-of-this-registry"), 200),
    ] {
        assert_eq!(get(path, token).await.status, status, "{path}");
    }
    assert_eq!(requests(&app.data).await, []);
    clock.advance(60);
    let refused = get("/auth/me", Some("no-token-of-this-registry")).await;
    assert_eq!(refused.status, 401);
    let read = get("/tools/a/b", Some("no-token-of-this-registry")).await;
    assert_eq!(read.status, 404);
    // From now on none is looked at.
    for token in [KEY, "no-token-of-this-registry"] {
        assert_eq!(get("/tools/a/b", Some(token)).await.status, 429);
    }
    let rows = requests(&app.data).await;
    let told: Vec<_> = rows
        .iter()
        .map(|row| (&*row.action, &*row.via, &*row.result))
        .collect();
    let expected = [
        ("sign-in", "wrong-token", "UNAUTHORIZED"),
        ("sign-in", "unchecked", "RATE_LIMITED"),
        ("sign-in", "unchecked", "RATE_LIMITED"),
    ];
    assert_eq!(told, expected);
}

async fn a_link_to_what_is_private_leaves_a_row() {
    let (app, s3) = on_s3(&[("ENACT_REGISTRY_API_KEY", KEY)]).await;
    for (name, visibility) in [("a/open", "public"), ("a/secret", "private")] {
        let answer = send(publish(&app, name, visibility).bearer_auth(KEY)).await;
        assert_eq!(answer.status, 201, "{answer:?}");
    }
    let before = requests(&app.data).await.len();
    let path = |name: &str| format!("/tools/{name}/versions/latest/download?redirect=true");
    for (name, token, status) in [
        ("a/open", Some(KEY), 302),
        ("a/secret", None, 404),
        ("a/secret", Some(KEY), 302),
    ] {
        assert_eq!(first(&app, &path(name), token).await.status, status);
    }
    let rows = requests(&app.data).await;
    assert_eq!(rows.len(), before + 1, "{rows:?}");
    let row = &rows[before];
    assert_eq!(said(row), "tool.link a/secret 1.0.0 - - ok");
    assert_eq!(
        (row.actor.as_deref(), &*row.via, row.status),
        (Some("admin"), "key", Some(302))
    );
    tokio::task::spawn_blocking(move || drop(s3)).await.unwrap();
}

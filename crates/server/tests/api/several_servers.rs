//! Several servers on one database and one bucket are one registry.

use enact_testkit::{S3, s3_env};
use reqwest::Method;

use crate::backend::Data;
use crate::fixture::{App, bundle, form, manifest, send};

behaviours![what_one_server_was_told_the_other_obeys];

const KEY: &str = "a-key-that-is-long-enough";

/// No server keeps what the database says, so the very next request to the other is answered anew.
async fn what_one_server_was_told_the_other_obeys() {
    let data = Data::new();
    if data.database_url.is_none() {
        // A SQLite file belongs to one server.
        return;
    }
    // It has a runtime of its own, which neither starts nor ends within this one.
    let s3 = tokio::task::spawn_blocking(S3::in_process).await;
    let s3 = s3.unwrap().unwrap();
    let env = s3_env(&s3);
    let mut vars: Vec<_> = env.iter().map(|(name, value)| (*name, &**value)).collect();
    vars.push(("ENACT_REGISTRY_API_KEY", KEY));
    let shared = data.shared();
    let (one, two) = tokio::join!(App::start_in(data, &vars), App::start_in(shared, &vars));
    let write = async |app: &App, method: Method, path: &str, body: &'static str| {
        let request = app.request(method, path).bearer_auth(KEY).body(body);
        let answer = send(request).await;
        assert_eq!(answer.status, 200, "{path}: {answer:?}");
    };
    let found = async |app: &App| app.get("/tools/search?q=greeter").await.json()["total"].clone();

    let form = form(
        &manifest("a/greeter", "1.0.0"),
        bundle("a/greeter", "1.0.0"),
    );
    let publish = one
        .request(Method::POST, "/tools/a/greeter/versions")
        .multipart(form.text("visibility", "public"));
    assert_eq!(send(publish.bearer_auth(KEY)).await.status, 201);
    let version = "/tools/a/greeter/versions/1.0.0";
    let download = format!("{version}/download");
    assert_eq!(two.get(&download).await.bytes, bundle("a/greeter", "1.0.0"));
    assert_eq!(found(&two).await, 1);

    let yank = format!("{version}/yank");
    write(&two, Method::POST, &yank, r#"{"reason":"broken"}"#).await;
    assert_eq!(one.get(version).await.json()["yank_reason"], "broken");
    assert_eq!(one.get(&download).await.code(), "VERSION_YANKED");
    assert_eq!(found(&one).await, 0);
    write(&one, Method::POST, &format!("{version}/unyank"), "").await;
    assert_eq!(two.get(&download).await.status, 200);
    assert_eq!(found(&two).await, 1);

    for (visibility, status, total) in [
        (r#"{"visibility":"private"}"#, 404, 0),
        (r#"{"visibility":"unlisted"}"#, 200, 0),
        (r#"{"visibility":"public"}"#, 200, 1),
    ] {
        for (teller, hearer) in [(&one, &two), (&two, &one)] {
            let path = "/tools/a/greeter/visibility";
            write(teller, Method::PATCH, path, visibility).await;
            for path in ["/tools/a/greeter", version, &download] {
                let answer = hearer.get(path).await;
                assert_eq!(answer.status, status, "{visibility} {path}");
            }
            assert_eq!(found(hearer).await, total, "{visibility}");
        }
    }
    tokio::task::spawn_blocking(move || drop(s3)).await.unwrap();
}

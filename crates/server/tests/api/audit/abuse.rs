//! Floods, clients that hang up, secrets in the wrong place, and a log that cannot be written.

use reqwest::Method;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::{KEY, World, publish, requests, said};
use crate::fixture::{Answer, App, StoppedClock, send};
use crate::secrets;

behaviours![
    a_flood_of_refusals_leaves_few_rows_and_their_number,
    one_who_hangs_up_leaves_a_row,
    what_cannot_be_recorded_is_not_called_done,
    a_token_in_the_wrong_place_is_not_kept,
];

async fn a_flood_of_refusals_leaves_few_rows_and_their_number() {
    let vars = [
        ("ENACT_REGISTRY_API_KEY", KEY),
        ("ENACT_LIMITS", "off"),
        ("ENACT_TRUSTED_PROXIES", "127.0.0.0/8"),
    ];
    let app = App::start_at(&StoppedClock::new(), &vars).await;
    let yank = |from: &str| {
        let request = app.request(Method::POST, "/tools/a/b/versions/1.0.0/yank");
        send(
            request
                .header("x-forwarded-for", from)
                .bearer_auth("no-token-of-this-registry"),
        )
    };
    for _ in 0..50 {
        assert_eq!(yank("192.0.2.1").await.status, 401);
    }
    assert_eq!(requests(&app.data).await.len(), 10, "of one address");
    for n in 0..100 {
        assert_eq!(yank(&format!("2001:db8:0:{n}::1")).await.status, 401);
    }
    assert_eq!(requests(&app.data).await.len(), 30, "of all together");
    // Whoever has an account is recorded all the same.
    let answer = send(publish(&app, "a/b", "public").bearer_auth(KEY)).await;
    assert_eq!(answer.status, 201);
    let rows = requests(&app.stop().await).await;
    let [.., publish, omitted] = rows.as_slice() else {
        panic!("{rows:?}");
    };
    assert_eq!(rows.len(), 32);
    assert_eq!(said(publish), "tool.publish a/b 1.0.0 - - ok");
    assert_eq!(said(omitted), "audit.omit - - - 120 rows ok");
    assert_eq!(omitted.via, "server");
}

async fn one_who_hangs_up_leaves_a_row() {
    let app = App::open().await;
    app.given("a/b", "1.0.0").await;
    let address = app.url.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head = format!(
        "POST /tools/a/b/versions/1.0.0/yank HTTP/1.1\r\nHost: {address}\r\nContent-Length: 2\r\n\
         Content-Type: application/json\r\nExpect: 100-continue\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    // The server asks for the body when the request has come as far as its endpoint.
    let mut told = [0; 12];
    stream.read_exact(&mut told).await.unwrap();
    assert_eq!(&told, b"HTTP/1.1 100");
    let lock = app.data.lock().await;
    stream.write_all(b"{}").await.unwrap();
    drop(stream);
    // By the time of these the server knows, and still waits for the database.
    for _ in 0..20 {
        assert_eq!(app.get("/health").await.status, 200);
    }
    lock.release().await;
    let rows = requests(&app.stop().await).await;
    let [_, row] = rows.as_slice() else {
        panic!("{rows:?}");
    };
    assert_eq!(said(row), "tool.yank a/b 1.0.0 - - ok");
}

async fn what_cannot_be_recorded_is_not_called_done() {
    let app = App::open().await;
    app.given("a/b", "1.0.0").await;
    app.data
        .execute("ALTER TABLE audit_log RENAME TO elsewhere")
        .await;
    let answer = app.post("/tools/a/b/versions/1.0.0/yank", "{}").await;
    assert_eq!(
        (answer.status.as_u16(), &*answer.code()),
        (500, "INTERNAL_ERROR")
    );
    assert!(
        answer.message().contains("could not be recorded"),
        "{answer:?}"
    );
    assert_ne!(answer.header("x-request-id"), "");
    assert_eq!(
        app.get("/tools/a/b/versions/1.0.0").await.json()["yanked"],
        true
    );
    // Nothing that was refused becomes another refusal.
    let answer = app.post("/tools/a/c/versions/1.0.0/yank", "{}").await;
    assert_eq!(answer.code(), "NOT_FOUND");
}

async fn a_token_in_the_wrong_place_is_not_kept() {
    let world = World::new(&["alice"], &[]).await;
    let token = &world.tokens[0].1;
    let paths: [(&str, String); 4] = [
        ("DELETE", format!("/auth/tokens/{token}")),
        ("DELETE", format!("/orgs/acme/members/{token}")),
        ("POST", format!("/tools/{token}/x/versions/1.0.0/yank")),
        ("POST", format!("/orgs/{token}/members")),
    ];
    for (method, path) in &paths {
        let answer: Answer = send(world.request(method, path).json(&json!({}))).await;
        assert!(answer.status.is_client_error(), "{answer:?}");
    }
    let rows = world.rows().await;
    assert_eq!(rows.len(), paths.len());
    assert!(!format!("{rows:?}").contains(token.as_str()), "{rows:?}");
    // Nor is it in the log of requests, however it is written, which the suite looks at in the end.
    for secret in [token.as_str(), KEY] {
        let encoded: Vec<_> = secret.bytes().map(|byte| format!("%{byte:02X}")).collect();
        let encoded = encoded.concat();
        secrets::note("a secret in a path", &encoded);
        for path in [
            format!("/auth/tokens/{secret}"),
            format!("/auth/tokens/{encoded}"),
        ] {
            let answer = send(world.request("DELETE", &path)).await;
            assert_eq!(answer.status, 404, "{answer:?}");
        }
    }
}

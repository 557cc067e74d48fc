//! Requests that are no requests: always the JSON error shape, never a 5xx, and the server lives on.

use reqwest::Method;
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::fixture::{App, send};

behaviours![
    a_wrong_method_is_405,
    a_body_that_is_too_large_or_strange_is_400,
    every_answer_carries_an_id_and_the_cors_header,
    noise_on_the_wire_ends_that_connection_alone,
    an_upload_that_breaks_off_leaves_nothing,
];

async fn a_wrong_method_is_405() {
    let app = App::open().await;
    app.given("a/b", "1.0.0").await;
    for (method, path) in [
        (Method::DELETE, "/health"),
        (Method::POST, "/auth/me"),
        (Method::POST, "/tools/search"),
        (Method::PUT, "/tools/a/b"),
        (Method::POST, "/tools/a/b/versions/1.0.0/download"),
        (Method::GET, "/tools/a/b/versions/1.0.0/yank"),
        (Method::PATCH, "/tools/a/b"),
    ] {
        let answer = send(app.request(method.clone(), path)).await;
        assert_eq!(
            (answer.status.as_u16(), answer.code()),
            (405, "METHOD_NOT_ALLOWED".to_owned()),
            "{method} {path}"
        );
    }
}

async fn a_body_that_is_too_large_or_strange_is_400() {
    let app = App::open().await;
    app.given("a/b", "1.0.0").await;
    for body in [
        "x".repeat(100_000),
        "[".repeat(60_000),
        "\u{0}".to_owned(),
        "\"\\ud800\"".to_owned(),
    ] {
        let answer = send(
            app.request(Method::POST, "/tools/a/b/versions/1.0.0/yank")
                .body(body),
        )
        .await;
        assert_eq!(
            (answer.status.as_u16(), answer.code()),
            (400, "BAD_REQUEST".to_owned())
        );
    }
    assert_eq!(app.get("/tools/a/%ff").await.code(), "BAD_REQUEST");
}

async fn every_answer_carries_an_id_and_the_cors_header() {
    let app = App::open().await;
    for path in ["/health", "/nothing", "/tools/a/b"] {
        let answer = app.get(path).await;
        assert!(answer.header("x-request-id").len() >= 10, "{path}");
        assert_eq!(answer.header("access-control-allow-origin"), "*", "{path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
    }
}

async fn noise_on_the_wire_ends_that_connection_alone() {
    let app = App::open().await;
    let address = app.url.strip_prefix("http://").unwrap();
    let long = format!("GET /{} HTTP/1.1\r\nhost: x\r\n\r\n", "a".repeat(200_000));
    let many = format!("GET /health HTTP/1.1\r\n{}\r\n", "x: y\r\n".repeat(200));
    for noise in [
        "\0\0\0\0\r\n\r\n",
        "GET\r\n\r\n",
        "GET / HTTP/9.9\r\n\r\n",
        "G@T / HTTP/1.1\r\nhost: x\r\n\r\n",
        "GET /health HTTP/1.1\r\nhost\r\n\r\n",
        many.as_str(),
        long.as_str(),
    ] {
        let mut stream = TcpStream::connect(address).await.unwrap();
        // The server may hang up before it has taken all of it.
        let _ = stream.write_all(noise.as_bytes()).await;
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer).await;
        let answer = String::from_utf8_lossy(&answer).into_owned();
        // It may be lost when the server hangs up on what it has not taken.
        let Some((head, body)) = answer.split_once("\r\n\r\n") else {
            assert!(
                answer.is_empty() && noise.len() > 64 * 1024,
                "{noise:.20}: {answer}"
            );
            continue;
        };
        assert!(head.starts_with("HTTP/1.1 4"), "{answer}");
        let body: Value = serde_json::from_str(body).unwrap();
        assert_eq!(body["error"]["code"], "BAD_REQUEST", "{answer}");
    }
    assert_eq!(app.get("/health").await.status, 200);
}

async fn an_upload_that_breaks_off_leaves_nothing() {
    let app = App::open().await;
    let before = app.state().await;
    let address = app.url.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head = "POST /tools/a/b/versions HTTP/1.1\r\nhost: x\r\ncontent-length: 100000\r\n\
                content-type: multipart/form-data; boundary=x\r\n\r\n\
                --x\r\nContent-Disposition: form-data; name=\"bundle\"; filename=\"b\"\r\n\r\nsome bytes";
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.shutdown().await.unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    assert_eq!(app.get("/tools/a/b").await.status, 404);
    assert!(app.state().await == before);
}

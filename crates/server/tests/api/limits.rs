//! How much one caller and one address may ask for.

use std::sync::Arc;

use reqwest::{Method, RequestBuilder};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::fixture::{Answer, App, StoppedClock, bundle, form, manifest, send};

behaviours![
    requests_are_answered_up_to_the_limit_and_again_after_a_while,
    each_kind_of_request_has_a_limit_of_its_own,
    with_a_key_the_limits_are_those_that_clients_know,
    on_this_machine_in_open_mode_nothing_is_limited_unless_asked_for,
    one_caller_has_one_limit_whatever_the_address,
    one_address_has_one_limit_whoever_calls,
    an_address_that_somebody_claims_is_believed_of_named_proxies_alone,
    the_addresses_of_one_site_are_one_client,
    guessing_tokens_is_limited_and_the_answer_tells_nothing,
    a_token_to_be_refreshed_is_a_guess_like_every_other,
    tokens_that_are_guessed_at_once_are_all_counted,
    tokens_of_other_registries_are_no_guesses,
    a_publish_over_the_limit_leaves_nothing,
    the_answer_to_a_head_that_is_too_large_is_short,
    one_address_holds_so_many_connections_and_no_more,
];

const KEY: &str = "a-key-that-is-long-enough";
const SEARCH: &str = "/tools/search?q=x";

/// A server with these limits behind a proxy on this machine.
async fn limited(vars: &[(&str, &str)]) -> (App, Arc<StoppedClock>) {
    let mut all = vec![
        ("ENACT_REGISTRY_API_KEY", KEY),
        ("ENACT_TRUSTED_PROXIES", "127.0.0.0/8"),
    ];
    all.extend_from_slice(vars);
    let clock = StoppedClock::new();
    (App::start_at(&clock, &all).await, clock)
}

fn from(address: &str, request: RequestBuilder) -> RequestBuilder {
    request.header("x-forwarded-for", address)
}

async fn get_from(app: &App, address: &str, path: &str) -> Answer {
    send(from(address, app.request(Method::GET, path))).await
}

fn publish(app: &App, name: &str) -> RequestBuilder {
    let form = form(&manifest(name, "1.0.0"), bundle(name, "1.0.0"));
    app.request(Method::POST, &format!("/tools/{name}/versions"))
        .multipart(form)
}

#[track_caller]
fn refused(answer: &Answer, seconds: &str) {
    assert_eq!(answer.status, 429, "{answer:?}");
    assert_eq!(answer.code(), "RATE_LIMITED");
    assert_eq!(answer.header("retry-after"), seconds);
    assert_eq!(answer.header("x-ratelimit-remaining"), "0");
    // Existing clients take these words for something else.
    for word in ["fetch", "network", "timeout", "json"] {
        assert!(!answer.message().contains(word), "{}", answer.message());
    }
}

async fn requests_are_answered_up_to_the_limit_and_again_after_a_while() {
    let (app, clock) = limited(&[("ENACT_LIMIT_SEARCH", "3")]).await;
    for (remaining, reset) in [("2", 20), ("1", 40), ("0", 60)] {
        let answer = app.get(SEARCH).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("x-ratelimit-limit"), "3");
        assert_eq!(answer.header("x-ratelimit-remaining"), remaining);
        let full_at = (1_800_000_000 + reset).to_string();
        assert_eq!(answer.header("x-ratelimit-reset"), full_at);
    }
    refused(&app.get(SEARCH).await, "20");
    clock.advance(19);
    refused(&app.get(SEARCH).await, "1");
    clock.advance(1);
    assert_eq!(app.get(SEARCH).await.status, 200);
    refused(&app.get(SEARCH).await, "20");
    // A refusal is an answer like every other.
    let refusal = app.get(SEARCH).await;
    assert_ne!(refusal.header("x-request-id"), "");
    assert_eq!(refusal.header("access-control-allow-origin"), "*");
    clock.advance(60);
    for _ in 0..3 {
        assert_eq!(app.get(SEARCH).await.status, 200);
    }
    refused(&app.get(SEARCH).await, "20");
}

async fn each_kind_of_request_has_a_limit_of_its_own() {
    let one = [
        ("ENACT_LIMIT_SEARCH", "1"),
        ("ENACT_LIMIT_DOWNLOAD", "1"),
        ("ENACT_LIMIT_READ", "1"),
        ("ENACT_LIMIT_PUBLISH", "1"),
        ("ENACT_LIMIT_WRITE", "1"),
        ("ENACT_LIMIT_AUTH", "1"),
    ];
    let (app, _clock) = limited(&one).await;
    let requests = [
        (Method::GET, SEARCH),
        (Method::GET, "/tools/a/b/versions/1.0.0/download"),
        (Method::GET, "/tools/a/b"),
        (Method::POST, "/tools/a/b/versions"),
        (Method::POST, "/tools/a/b/versions/1.0.0/yank"),
        (Method::GET, "/auth/me"),
    ];
    for (method, path) in &requests {
        let first = send(app.request(method.clone(), path)).await;
        assert_ne!(first.status, 429, "{method} {path}");
    }
    for (method, path) in requests {
        let second = send(app.request(method.clone(), path)).await;
        assert_eq!(second.status, 429, "{method} {path}");
    }
    // The same under the other names of a path.
    for path in [
        "/functions/v1/tools/search?q=x",
        "//tools//search/?q=y",
        "/tools/c/d/versions/2.0.0/download",
        "/ready",
        "/no/such/route",
    ] {
        assert_eq!(app.get(path).await.status, 429, "{path}");
    }
    // Whoever watches over the server is always answered.
    let health = app.get("/health").await;
    assert_eq!(health.status, 200);
    assert_eq!(health.header("x-ratelimit-limit"), "");
}

async fn with_a_key_the_limits_are_those_that_clients_know() {
    let app = App::start(&[("ENACT_REGISTRY_API_KEY", KEY)]).await;
    for (method, path, limit) in [
        (Method::GET, SEARCH, "100"),
        (Method::GET, "/tools/a/b/versions/1.0.0/download", "1000"),
        (Method::GET, "/tools/a/b", "1000"),
        (Method::POST, "/tools/a/b/versions", "10"),
        (Method::GET, "/auth/me", "20"),
    ] {
        let answer = send(app.request(method, path)).await;
        assert_eq!(answer.header("x-ratelimit-limit"), limit, "{path}");
    }
}

async fn on_this_machine_in_open_mode_nothing_is_limited_unless_asked_for() {
    let vars = [("ENACT_LIMIT_SEARCH", "1")];
    let app = App::start(&vars).await;
    for _ in 0..3 {
        let answer = app.get(SEARCH).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("x-ratelimit-limit"), "");
    }
    let app = App::start(&[vars[0], ("ENACT_LIMITS", "on")]).await;
    assert_eq!(app.get(SEARCH).await.status, 200);
    assert_eq!(app.get(SEARCH).await.status, 429);
}

async fn one_caller_has_one_limit_whatever_the_address() {
    let (app, _clock) = limited(&[("ENACT_LIMIT_SEARCH", "2")]).await;
    let search = |address: &'static str| from(address, app.request(Method::GET, SEARCH));
    for address in ["192.0.2.1", "192.0.2.2"] {
        let answer = send(search(address).bearer_auth(KEY)).await;
        assert_eq!(answer.status, 200);
    }
    refused(&send(search("192.0.2.3").bearer_auth(KEY)).await, "30");
    // Somebody else there is not concerned.
    assert_eq!(send(search("192.0.2.4")).await.status, 200);
}

async fn one_address_has_one_limit_whoever_calls() {
    let (app, _clock) = limited(&[("ENACT_LIMIT_SEARCH", "2")]).await;
    let search = || from("192.0.2.1", app.request(Method::GET, SEARCH));
    assert_eq!(send(search()).await.status, 200);
    let answer = send(search().bearer_auth(KEY)).await;
    // What is told is the bucket that is emptier.
    assert_eq!(answer.header("x-ratelimit-remaining"), "0");
    refused(&send(search()).await, "30");
    refused(&send(search().bearer_auth(KEY)).await, "30");
    assert_eq!(get_from(&app, "192.0.2.2", SEARCH).await.status, 200);
}

async fn an_address_that_somebody_claims_is_believed_of_named_proxies_alone() {
    // The client writes the header itself, a new address each time.
    let app = App::start(&[
        ("ENACT_REGISTRY_API_KEY", KEY),
        ("ENACT_LIMIT_SEARCH", "2"),
        ("ENACT_TRUSTED_PROXIES", "10.0.0.0/8"),
    ])
    .await;
    for (n, status) in [(1, 200), (2, 200), (3, 429)] {
        let answer = get_from(&app, &format!("192.0.2.{n}"), SEARCH).await;
        assert_eq!(answer.status, status);
    }
    // And what it writes before a proxy's own word is passed over.
    let (app, _clock) = limited(&[("ENACT_LIMIT_SEARCH", "2")]).await;
    for (made_up, status) in [("1.1.1.1", 200), ("2.2.2.2, 127.0.0.9", 200), ("x", 429)] {
        let header = format!("{made_up}, 192.0.2.1");
        let answer = get_from(&app, &header, SEARCH).await;
        assert_eq!(answer.status, status, "{header}");
    }
}

async fn the_addresses_of_one_site_are_one_client() {
    let (app, _clock) = limited(&[("ENACT_LIMIT_SEARCH", "2")]).await;
    for (address, status) in [
        ("2001:db8::1", 200),
        ("2001:db8::ffff:1", 200),
        ("2001:db8::2", 429),
        ("2001:db8:0:1::2", 200),
        ("192.0.2.1", 200),
        ("::ffff:192.0.2.1", 200),
        ("192.0.2.1", 429),
    ] {
        let answer = get_from(&app, address, SEARCH).await;
        assert_eq!(answer.status, status, "{address}");
    }
}

async fn guessing_tokens_is_limited_and_the_answer_tells_nothing() {
    let (app, clock) = limited(&[("ENACT_LIMIT_AUTH", "3")]).await;
    let read = |address: &'static str, token: &str| {
        from(address, app.request(Method::GET, SEARCH)).bearer_auth(token)
    };
    // Also where a wrong token reads like none: a private tool would tell it from the right one.
    for guess in ["wrong-1", "wrong-2", "wrong-3"] {
        assert_eq!(send(read("192.0.2.1", guess)).await.status, 200);
    }
    refused(&send(read("192.0.2.1", "wrong-4")).await, "20");
    refused(&send(read("192.0.2.1", KEY)).await, "20");
    // Nobody else suffers, and at that address nobody who has no token.
    assert_eq!(send(read("192.0.2.2", KEY)).await.status, 200);
    assert_eq!(get_from(&app, "192.0.2.1", SEARCH).await.status, 200);
    clock.advance(20);
    // The right token costs nothing there, however often.
    for _ in 0..10 {
        assert_eq!(send(read("192.0.2.1", KEY)).await.status, 200);
    }
}

async fn a_token_to_be_refreshed_is_a_guess_like_every_other() {
    let (app, clock) = limited(&[("ENACT_LIMIT_AUTH", "3")]).await;
    let refresh = |token: &str| {
        let path = "/auth/v1/token?grant_type=refresh_token";
        let body = json!({ "refresh_token": token });
        from("192.0.2.1", app.request(Method::POST, path).json(&body))
    };
    let read = |token: &str| {
        let request = app.request(Method::GET, SEARCH);
        from("192.0.2.1", request).bearer_auth(token)
    };
    // Tokens of other registries are none.
    let other = "eyJhbGciOiJIUzI1NiJ9.eyJyb2xlIjoiYW5vbiJ9.x";
    assert_eq!(send(refresh(other)).await.status, 401);
    assert_eq!(send(refresh("wrong-1")).await.status, 401);
    for guess in ["wrong-2", "wrong-3"] {
        assert_eq!(send(read(guess)).await.status, 200);
    }
    // One request of this kind is left, and no guess.
    refused(&send(refresh(KEY)).await, "20");
    refused(&send(read(KEY)).await, "20");
    let rows = app.data.audit().await.into_iter();
    let told = rows.map(|row| {
        let texts = [row.action, row.via, row.result].join(" ");
        (texts, row.actor, row.address)
    });
    let told: Vec<_> = told.collect();
    let address = Some("192.0.2.1".to_owned());
    let expected = [
        "sign-in wrong-token UNAUTHORIZED",
        "sign-in wrong-token UNAUTHORIZED",
        "sign-in unchecked RATE_LIMITED",
        "sign-in unchecked RATE_LIMITED",
    ];
    let expected = expected.map(|texts| (texts.to_owned(), None, address.clone()));
    assert_eq!(told, expected);
    clock.advance(20);
    assert_eq!(send(refresh(KEY)).await.status, 200);
}

async fn tokens_that_are_guessed_at_once_are_all_counted() {
    let (app, clock) = limited(&[("ENACT_LIMIT_AUTH", "2")]).await;
    let guess = || {
        let request = app.request(Method::GET, SEARCH);
        send(from("192.0.2.1", request).bearer_auth("wrong"))
    };
    let answers = futures_util::future::join_all((0..20).map(|_| guess())).await;
    let looked_at = answers.iter().filter(|answer| answer.status == 200).count();
    // One a half minute is given back: with a limit of 2, all that were looked at but one are paid
    // for before another is.
    let looked_at = i64::try_from(looked_at).unwrap();
    assert!(looked_at >= 2);
    clock.advance(30 * (looked_at - 1) - 1);
    assert_eq!(guess().await.status, 429);
    clock.advance(1);
    assert_eq!(guess().await.status, 200);
}

async fn tokens_of_other_registries_are_no_guesses() {
    let (app, _clock) = limited(&[("ENACT_LIMIT_AUTH", "1")]).await;
    for n in 0..5 {
        let token = format!("eyJhbGciOiJIUzI1NiJ9.eyJyb2xlIjoiYW5vbiJ9.{n}");
        let read = app.request(Method::GET, SEARCH).bearer_auth(token);
        assert_eq!(send(read).await.status, 200);
    }
    let key = app.request(Method::GET, SEARCH).bearer_auth(KEY);
    assert_eq!(send(key).await.status, 200);
}

async fn a_publish_over_the_limit_leaves_nothing() {
    let (app, _clock) = limited(&[("ENACT_LIMIT_PUBLISH", "1")]).await;
    let answer = send(publish(&app, "a/b").bearer_auth(KEY)).await;
    assert_eq!(answer.status, 201);
    let before = app.state().await;
    refused(&send(publish(&app, "a/c").bearer_auth(KEY)).await, "60");
    assert!(app.state().await == before);
}

async fn the_answer_to_a_head_that_is_too_large_is_short() {
    let app = App::open().await;
    let mut many = app.request(Method::GET, "/health");
    for n in 0..101 {
        many = many.header(format!("x-{n}"), "x");
    }
    assert_eq!(many.send().await.unwrap().status(), 431);
    let large = app.request(Method::GET, "/health");
    let large = large.header("x-large", "x".repeat(200 * 1024));
    // The connection may break before the client has sent all of it.
    if let Ok(answer) = large.send().await {
        assert_eq!(answer.status(), 431);
    }
    assert_eq!(app.get("/health").await.status, 200);
}

async fn one_address_holds_so_many_connections_and_no_more() {
    let app = App::start(&[("ENACT_MAX_CONNECTIONS_PER_ADDRESS", "2")]).await;
    let address = app.url.strip_prefix("http://").unwrap();
    // Whether a new connection is answered; it stays open.
    let connect = async || {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let request = format!("GET /health HTTP/1.1\r\nHost: {address}\r\n\r\n");
        // The server may be quicker to close it.
        let _ = stream.write_all(request.as_bytes()).await;
        let mut first = [0];
        let answered = stream.read_exact(&mut first).await.is_ok();
        answered.then_some(stream)
    };
    let (first, second) = (connect().await.unwrap(), connect().await.unwrap());
    assert!(connect().await.is_none());
    drop(first);
    // The server hears of it when it hears of it.
    let mut third = None;
    while third.is_none() {
        third = connect().await;
    }
    assert!(connect().await.is_none());
    drop((second, third));
}

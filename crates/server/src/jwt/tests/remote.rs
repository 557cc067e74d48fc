//! Keys that a provider publishes: rotation, outage, strangers.

use super::*;

fn token(key: &SigningKey) -> String {
    let claims = claims_with(&json!({ "exp": NOW + 1_000_000 }));
    key.token(&claims).unwrap()
}

#[tokio::test]
async fn a_key_that_is_new_is_asked_for_once_it_is_used() {
    let clock = Standing::new();
    let (old, new) = (p256("old"), p256("new"));
    let server = KeyServer::start([&old]).unwrap();
    let verifier = remote(&clock, &server);
    assert_eq!(server.requests(), 0, "nobody needs a key yet");
    identity(&verifier, &token(&old)).await;
    server.publish([&old, &new]);
    identity(&verifier, &token(&new)).await;
    identity(&verifier, &token(&old)).await;
    assert_eq!(server.requests(), 2);
    // One that is withdrawn is good until the keys are asked for anew.
    server.publish([&new]);
    clock.advance(599);
    identity(&verifier, &token(&old)).await;
    clock.advance(1);
    assert_eq!(rejected(&verifier, &token(&old)).await, Rejected::Key);
    identity(&verifier, &token(&new)).await;
}

#[tokio::test]
async fn any_number_of_unknown_keys_makes_one_request_in_a_while() {
    let clock = Standing::new();
    let key = p256("mine");
    let server = KeyServer::start([&key]).unwrap();
    let verifier = Arc::new(remote(&clock, &server));
    identity(&verifier, &token(&key)).await;
    for round in 0..3 {
        let strangers = (0..50).map(|n| {
            let (verifier, token) = (verifier.clone(), token(&p256(&format!("stranger-{n}"))));
            tokio::spawn(async move { rejected(&verifier, &token).await })
        });
        for stranger in strangers.collect::<Vec<_>>() {
            assert_eq!(stranger.await.unwrap(), Rejected::Key);
        }
        assert_eq!(server.requests(), 2 + round);
        identity(&verifier, &token(&key)).await;
        clock.advance(29);
        assert_eq!(rejected(&verifier, &token(&p256("x"))).await, Rejected::Key);
        assert_eq!(server.requests(), 2 + round);
        clock.advance(1);
    }
}

#[tokio::test]
async fn those_who_come_at_once_share_the_first_request() {
    let clock = Standing::new();
    let key = p256("mine");
    let server = KeyServer::start([&key]).unwrap();
    let verifier = Arc::new(remote(&clock, &server));
    let users = (0..50).map(|_| {
        let (verifier, token) = (verifier.clone(), token(&key));
        tokio::spawn(async move { identity(&verifier, &token).await })
    });
    for user in users.collect::<Vec<_>>() {
        user.await.unwrap();
    }
    assert_eq!(server.requests(), 1);
}

#[tokio::test]
async fn keys_are_kept_while_the_provider_cannot_be_asked_and_not_for_ever() {
    let clock = Standing::new();
    let key = p256("mine");
    let server = KeyServer::start([&key]).unwrap();
    let verifier = remote(&clock, &server);
    identity(&verifier, &token(&key)).await;
    let good = server_answers(&server, 503, "down");
    clock.advance(600);
    for _ in 0..3 {
        identity(&verifier, &token(&key)).await;
    }
    assert_eq!(server.requests(), 2, "it is left alone for a while");
    clock.advance(10);
    identity(&verifier, &token(&key)).await;
    assert_eq!(server.requests(), 3);
    // A day after they were to be asked for.
    clock.advance(24 * 3600 - 11);
    identity(&verifier, &token(&key)).await;
    clock.advance(1);
    let missing = rejected(&verifier, &token(&key)).await;
    assert_eq!(missing, Rejected::KeysMissing);
    good(&key);
    assert_eq!(
        rejected(&verifier, &token(&key)).await,
        Rejected::KeysMissing
    );
    clock.advance(10);
    identity(&verifier, &token(&key)).await;
}

/// Answers like this; the answer publishes a key again.
fn server_answers<'a>(
    server: &'a KeyServer,
    status: u16,
    body: &str,
) -> impl Fn(&SigningKey) + use<'a> {
    server.answer(status, "", body);
    move |key| server.publish([key])
}

#[tokio::test]
async fn what_is_no_set_of_keys_is_as_good_as_no_answer() {
    let key = p256("mine");
    let server = KeyServer::start([&key]).unwrap();
    let good = enact_testkit::jwt::jwks([&key]);
    let padded = |size: usize| format!("{good}{}", " ".repeat(size - good.len()));
    let to = format!("location: {}/\r\n", server.url());
    for (status, headers, body) in [
        (200, "", String::new()),
        (200, "", "[]".to_owned()),
        (200, "", json!({ "keys": [] }).to_string()),
        (
            200,
            "",
            json!({ "keys": [{ "kty": "oct", "k": "AA" }] }).to_string(),
        ),
        (200, "", padded(256 * 1024 + 1)),
        (404, "", good.clone()),
        (302, &*to, good.clone()),
    ] {
        let verifier = remote(&Standing::new(), &server);
        server.answer(status, headers, body);
        let missing = rejected(&verifier, &token(&key)).await;
        assert_eq!(missing, Rejected::KeysMissing, "{status}");
    }
    server.answer(200, "", padded(256 * 1024));
    identity(&remote(&Standing::new(), &server), &token(&key)).await;
    // A document that breaks off.
    let verifier = remote(&Standing::new(), &server);
    server.answer(200, "content-length: 999999\r\n", good);
    let missing = rejected(&verifier, &token(&key)).await;
    assert_eq!(missing, Rejected::KeysMissing);
    // Nobody there at all.
    let verifier = remote(&Standing::new(), &server);
    drop(server);
    let missing = rejected(&verifier, &token(&key)).await;
    assert_eq!(missing, Rejected::KeysMissing);
}

#[tokio::test]
async fn how_long_keys_are_kept_is_for_the_provider_to_say_within_bounds() {
    for (headers, seconds) in [
        ("", 600),
        ("cache-control: public, max-age=3600\r\n", 3600),
        ("cache-control: MAX-AGE=120\r\n", 120),
        ("cache-control: max-age=1\r\n", 60),
        ("cache-control: no-store\r\n", 60),
        ("cache-control: max-age=99999999\r\n", 24 * 3600),
        ("cache-control: max-age=soon\r\n", 600),
    ] {
        let (clock, key) = (Standing::new(), p256("mine"));
        let server = KeyServer::start([&key]).unwrap();
        server.answer(200, headers, enact_testkit::jwt::jwks([&key]));
        let verifier = remote(&clock, &server);
        identity(&verifier, &token(&key)).await;
        clock.advance(seconds - 1);
        identity(&verifier, &token(&key)).await;
        assert_eq!(server.requests(), 1, "{headers}");
        clock.advance(1);
        identity(&verifier, &token(&key)).await;
        assert_eq!(server.requests(), 2, "{headers}");
    }
}

#[tokio::test]
async fn keys_for_other_purposes_are_passed_by() {
    let (clock, key) = (Standing::new(), p256("mine"));
    let server = KeyServer::start([&key]).unwrap();
    let rsa = SigningKey::rsa("mine").unwrap().jwk();
    let (mut encrypts, mut other_alg, mut small, mut off) =
        (key.jwk(), rsa.clone(), rsa.clone(), key.jwk());
    encrypts["use"] = json!("enc");
    other_alg["alg"] = json!("PS256");
    small["n"] = json!("AQAB");
    off["x"] = json!("AQAB");
    let mut wraps = key.jwk();
    wraps["key_ops"] = json!(["wrapKey"]);
    let unusable = json!([
        7, {}, { "kty": "EC" }, { "kty": "RSA", "kid": 7 }, { "kty": "OKP", "crv": "Ed25519", "x": "AA" },
        encrypts, other_alg, small, off, wraps,
    ]);
    let mut all = unusable.as_array().unwrap().clone();
    let verifier = remote(&clock, &server);
    server.answer(200, "", json!({ "keys": all }).to_string());
    let missing = rejected(&verifier, &token(&key)).await;
    assert_eq!(missing, Rejected::KeysMissing);
    all.push(key.jwk());
    server.answer(200, "", json!({ "keys": all }).to_string());
    clock.advance(10);
    identity(&verifier, &token(&key)).await;
    // A token that names no key is verified with the only one there is for its algorithm.
    let header = json!({ "alg": "ES256" });
    let nameless = key.sign(&header, &claims()).unwrap();
    identity(&verifier, &nameless).await;
    server.publish([&key, &p256("second")]);
    clock.advance(600);
    assert_eq!(rejected(&verifier, &nameless).await, Rejected::Key);
}

#[tokio::test]
async fn a_clock_that_is_set_back_does_not_keep_old_keys() {
    let (clock, old, new) = (Standing::new(), p256("old"), p256("new"));
    let server = KeyServer::start([&old]).unwrap();
    let verifier = remote(&clock, &server);
    clock.advance(900_000);
    identity(&verifier, &token(&old)).await;
    server.publish([&new]);
    clock.advance(-900_000);
    assert_eq!(rejected(&verifier, &token(&old)).await, Rejected::Key);
    identity(&verifier, &token(&new)).await;
}

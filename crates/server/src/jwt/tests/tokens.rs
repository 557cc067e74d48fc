//! One token at a time.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use enact_testkit::jwt::jwks;
use enact_types::limits::MAX_JWT_BYTES;

use super::*;
use crate::jwt::jws::Algorithm;
use crate::jwt::keys::KeySet;

fn secret() -> SigningKey {
    SigningKey::secret("", SECRET.as_bytes())
}

fn of_secret(clock: &Arc<Standing>) -> Verifier {
    verifier(clock, &[("ENACT_JWT_SECRET", SECRET)])
}

#[tokio::test]
async fn each_algorithm_signs_in_the_one_whom_the_token_names() {
    let clock = Standing::new();
    let (ec, rsa) = (p256("ec"), SigningKey::rsa("rsa").unwrap());
    let server = KeyServer::start([&ec, &rsa]).unwrap();
    let (asymmetric, symmetric) = (remote(&clock, &server), of_secret(&clock));
    let expected = SignedIdentity {
        issuer: ISSUER.to_owned(),
        subject: "id-1".to_owned(),
        username: Some("alice".to_owned()),
        expires_at: at(NOW + 3600),
    };
    for (key, verifier) in [
        (&ec, &asymmetric),
        (&rsa, &asymmetric),
        (&secret(), &symmetric),
    ] {
        let token = key.token(&claims()).unwrap();
        assert_eq!(identity(verifier, &token).await, expected);
        let (signed, signature) = token.rsplit_once('.').unwrap();
        let mut bytes = URL_SAFE_NO_PAD.decode(signature).unwrap();
        bytes[10] ^= 1;
        let signature = URL_SAFE_NO_PAD.encode(bytes);
        let forged = rejected(verifier, &format!("{signed}.{signature}")).await;
        assert_eq!(forged, Rejected::Signature, "{}", key.algorithm());
        let none = rejected(verifier, &format!("{signed}.")).await;
        assert_eq!(none, Rejected::Signature);
    }
    assert_eq!(server.requests(), 1);
}

/// The example of RFC 7515, A.2, that others made, and the one of A.1.
#[test]
fn the_examples_of_the_standard_verify() {
    let key = SigningKey::rsa("rsa").unwrap();
    let keys = KeySet::parse(jwks([&key]).as_bytes()).unwrap();
    let key = keys.find(None, Algorithm::Rs256).unwrap();
    let signed = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
    let signature = URL_SAFE_NO_PAD
        .decode("cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw")
        .unwrap();
    assert!(key.verify((signed.as_bytes(), &signature)));
    assert!(!key.verify((&signed.as_bytes()[1..], &signature)));
}

#[tokio::test]
async fn an_algorithm_is_what_the_key_is_for_and_nothing_that_a_token_says() {
    let clock = Standing::new();
    let (ec, rsa) = (p256("ec"), SigningKey::rsa("rsa").unwrap());
    let server = KeyServer::start([&ec, &rsa]).unwrap();
    let (asymmetric, symmetric) = (remote(&clock, &server), of_secret(&clock));
    let header = |alg: &str, kid: &str| json!({ "alg": alg, "typ": "JWT", "kid": kid });
    // A public key that is taken for a secret, by whoever knows it.
    let public = rsa.jwk()["n"].as_str().unwrap().to_owned();
    for bytes in [
        public.as_bytes(),
        &URL_SAFE_NO_PAD.decode(&public).unwrap(),
        rsa.jwk().to_string().as_bytes(),
    ] {
        let forger = SigningKey::secret("rsa", bytes);
        for alg in ["HS256", "RS256"] {
            let token = forger.sign(&header(alg, "rsa"), &claims()).unwrap();
            assert!(asymmetric.verify(&token).await.is_err(), "{alg}");
        }
    }
    let token = secret().sign(&header("HS256", "ec"), &claims()).unwrap();
    assert_eq!(rejected(&asymmetric, &token).await, Rejected::Algorithm);
    for alg in [
        "none", "None", "", "HS512", "RS512", "ES384", "PS256", "EdDSA", "hs256",
    ] {
        let token = secret().sign(&header(alg, ""), &claims()).unwrap();
        let (unsigned, _) = token.rsplit_once('.').unwrap();
        for token in [&token, &format!("{unsigned}.")] {
            assert_eq!(rejected(&symmetric, token).await, Rejected::Algorithm);
            assert_eq!(rejected(&asymmetric, token).await, Rejected::Algorithm);
        }
    }
    // The right algorithm with another kind of key, or another's name.
    for (alg, kid) in [("RS256", "ec"), ("ES256", "rsa"), ("ES256", "other")] {
        let token = ec.sign(&header(alg, kid), &claims()).unwrap();
        assert_eq!(rejected(&asymmetric, &token).await, Rejected::Key, "{alg}");
    }
    for alg in ["RS256", "ES256"] {
        let token = ec.sign(&header(alg, "ec"), &claims()).unwrap();
        assert_eq!(rejected(&symmetric, &token).await, Rejected::Algorithm);
    }
    // One of the same name that is not the provider's.
    let token = p256("ec").token(&claims()).unwrap();
    assert_eq!(rejected(&asymmetric, &token).await, Rejected::Signature);
}

#[tokio::test]
async fn issuer_audience_and_times_must_hold() {
    let clock = Standing::new();
    let (verifier, key) = (of_secret(&clock), secret());
    let good = [
        json!({ "aud": ["other", AUDIENCE] }),
        json!({ "exp": NOW - 59 }),
        json!({ "exp": 1_764_000_000.5 }),
        json!({ "nbf": NOW + 60 }),
        json!({ "nbf": 0, "iat": NOW + 9999 }),
    ];
    for changes in good {
        let token = key.token(&claims_with(&changes)).unwrap();
        identity(&verifier, &token).await;
    }
    let bad = [
        (
            json!({ "iss": "https://id.example/auth" }),
            Rejected::Foreign,
        ),
        (json!({ "iss": [ISSUER] }), Rejected::Foreign),
        (json!({ "iss": null }), Rejected::Foreign),
        (json!({ "aud": "anon" }), Rejected::Audience),
        (json!({ "aud": ["anon"] }), Rejected::Audience),
        (json!({ "aud": [] }), Rejected::Audience),
        (json!({ "aud": { AUDIENCE: true } }), Rejected::Audience),
        (json!({ "aud": null }), Rejected::Audience),
        (json!({ "exp": NOW - 60 }), Rejected::Expired(at(NOW - 60))),
        (json!({ "exp": 0 }), Rejected::Expired(at(0))),
        (json!({ "exp": null }), Rejected::NoExpiry),
        (json!({ "exp": (NOW + 60).to_string() }), Rejected::NoExpiry),
        (json!({ "exp": 1e300 }), Rejected::NoExpiry),
        (json!({ "exp": i64::MAX }), Rejected::NoExpiry),
        (json!({ "nbf": NOW + 61 }), Rejected::NotYet),
        (json!({ "nbf": "0" }), Rejected::NotYet),
        (json!({ "nbf": { "a": 1 } }), Rejected::NotYet),
        (json!({ "sub": null }), Rejected::Subject),
        (json!({ "sub": "" }), Rejected::Subject),
        (json!({ "sub": 7 }), Rejected::Subject),
        (json!({ "is_anonymous": true }), Rejected::Anonymous),
    ];
    for (changes, why) in bad {
        let token = key.token(&claims_with(&changes)).unwrap();
        assert_eq!(rejected(&verifier, &token).await, why, "{changes}");
    }
    let token = key.token(&claims()).unwrap();
    clock.advance(3600 + 59);
    identity(&verifier, &token).await;
    clock.advance(1);
    let expired = Rejected::Expired(at(NOW + 3600));
    assert_eq!(rejected(&verifier, &token).await, expired);
}

#[tokio::test]
async fn a_token_for_another_purpose_or_with_unknown_extensions_is_refused() {
    let clock = Standing::new();
    let (verifier, key) = (of_secret(&clock), secret());
    let sign = |header: Value| key.sign(&header, &claims()).unwrap();
    for header in [
        json!({ "alg": "HS256" }),
        json!({ "alg": "HS256", "typ": "jwt" }),
        json!({ "alg": "HS256", "typ": "application/at+JWT" }),
        json!({ "alg": "HS256", "jwk": { "kty": "oct", "k": "AA" }, "jku": "https://evil.example" }),
    ] {
        identity(&verifier, &sign(header)).await;
    }
    let token = sign(json!({ "alg": "HS256", "typ": "logout+jwt" }));
    assert_eq!(rejected(&verifier, &token).await, Rejected::Type);
    let token = sign(json!({ "alg": "HS256", "crit": ["b64"], "b64": false }));
    assert_eq!(rejected(&verifier, &token).await, Rejected::Critical);
}

#[tokio::test]
async fn what_is_no_token_is_nobodys() {
    let clock = Standing::new();
    let verifier = of_secret(&clock);
    let token = secret().token(&claims()).unwrap();
    let parts: Vec<_> = token.split('.').collect();
    let (header, body, signature) = (parts[0], parts[1], parts[2]);
    let array = URL_SAFE_NO_PAD.encode("[]");
    let long = secret()
        .token(&claims_with(&json!({ "x": "x".repeat(MAX_JWT_BYTES) })))
        .unwrap();
    for text in [
        "",
        ".",
        "..",
        "...",
        "enact_0123",
        &format!("{header}.{body}"),
        &format!("{token}.{signature}"),
        &format!("{token}="),
        &format!("{header}.{body}=.{signature}"),
        &format!("{array}.{body}.{signature}"),
        &format!("{header}.{array}.{signature}"),
        &format!("{header} .{body}.{signature}"),
        &format!("ä{header}.{body}.{signature}"),
        &long,
    ] {
        assert_eq!(rejected(&verifier, text).await, Rejected::Foreign, "{text}");
    }
    let shorter = secret()
        .token(&claims_with(&json!({ "x": "x".repeat(MAX_JWT_BYTES / 2) })))
        .unwrap();
    identity(&verifier, &shorter).await;
}

#[tokio::test]
async fn the_claim_that_names_the_user_is_a_setting() {
    let clock = Standing::new();
    let key = secret();
    let changed = claims_with(&json!({
        "preferred_username": "bob", "https://example/name": "carol", "a": { "b": { "c": "dave" } },
        "a.b": "erin", "n": 7,
    }));
    let name = async |vars: &[(&str, &str)], claims: &Value| {
        let mut all = vec![("ENACT_JWT_SECRET", SECRET)];
        all.extend_from_slice(vars);
        let token = key.token(claims).unwrap();
        identity(&verifier(&clock, &all), &token).await.username
    };
    for (path, expected) in [
        ("preferred_username", Some("bob")),
        ("https://example/name", Some("carol")),
        ("a.b.c", Some("dave")),
        ("a.b", Some("erin")),
        ("sub", Some("id-1")),
        ("n", None),
        ("a", None),
        ("missing.too", None),
    ] {
        let found = name(&[("ENACT_JWT_USERNAME_CLAIM", path)], &changed).await;
        assert_eq!(found.as_deref(), expected, "{path}");
    }
    let found = async |changes| name(&[], &claims_with(&changes)).await;
    assert_eq!(found(json!({})).await.as_deref(), Some("alice"));
    for nameless in [
        json!({ "user_metadata": null }),
        json!({ "user_metadata": { "username": "" } }),
        json!({ "user_metadata": { "username": 7 } }),
        json!({ "user_metadata": "alice" }),
    ] {
        assert_eq!(found(nameless).await.as_deref(), Some("id-1"));
    }
}

#[tokio::test]
async fn the_token_of_a_run_says_what_runs() {
    let clock = Standing::new();
    let key = p256("k");
    let server = KeyServer::start([&key]).unwrap();
    let vars = [
        ("ENACT_TRUSTED_PUBLISHING", "enact.example"),
        ("ENACT_TRUSTED_PUBLISHING_ISSUER", &*server.url()),
    ];
    let verifier = Verifier::new(&settings(&vars).unwrap(), clock.clone()).unwrap();
    let claims = json!({
        "iss": server.url(), "aud": "enact.example", "exp": NOW + 300, "nbf": NOW,
        "sub": "repo:Octo/Repo:ref:refs/tags/v1", "repository": "Octo/Repo",
        "repository_owner_id": "42", "ref": "refs/tags/v1", "event_name": "push",
        "workflow_ref": "Octo/Repo/.github/workflows/release.yml@refs/tags/v1", "run_id": "7",
    });
    let token = key.token(&claims).unwrap();
    let Ok(Verified::Run(run)) = verifier.verify(&token).await else {
        panic!("not a run");
    };
    assert_eq!(run.repository.as_str(), "octo/repo");
    assert_eq!(run.workflow.file.as_str(), "release.yml");
    assert_eq!(
        (&*run.owner_id, &*run.git_ref, &*run.event),
        ("42", "refs/tags/v1", "push")
    );
    assert_eq!(run.run_id.as_deref(), Some("7"));
    assert_eq!(run.expires_at, at(NOW + 300));
    for name in [
        "repository",
        "repository_owner_id",
        "ref",
        "event_name",
        "workflow_ref",
    ] {
        let mut less = claims.clone();
        less[name] = json!(7);
        let token = key.token(&less).unwrap();
        assert_eq!(rejected(&verifier, &token).await, Rejected::Run(name));
    }
    let mut other = claims.clone();
    other["aud"] = json!("https://github.com/Octo");
    let token = key.token(&other).unwrap();
    assert_eq!(rejected(&verifier, &token).await, Rejected::Audience);
}

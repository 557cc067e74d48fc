//! Tokens of a provider that lives in the test: what is believed, and what is not.

mod remote;
mod settings;
mod tokens;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use enact_testkit::jwt::{KeyServer, SigningKey};
use enact_types::{Clock, Timestamp};
use serde_json::{Value, json};

use super::*;

const ISSUER: &str = "https://id.example/auth/v1";
const AUDIENCE: &str = "authenticated";
const SECRET: &str = "thirty-two bytes of a secret, all";

/// Seconds since 1970, at the start of each test.
const NOW: i64 = 1_764_000_000;

/// A clock that a test moves.
struct Standing(AtomicI64);

impl Standing {
    fn new() -> Arc<Self> {
        Arc::new(Self(AtomicI64::new(NOW)))
    }

    fn advance(&self, seconds: i64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }
}

impl Clock for Standing {
    fn now(&self) -> Timestamp {
        at(self.0.load(Ordering::SeqCst))
    }
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_millis(seconds * 1000).unwrap()
}

fn settings(vars: &[(&str, &str)]) -> Result<JwtSettings, JwtSettingsError> {
    JwtSettings::from_vars(|name| {
        let found = vars.iter().find(|(key, _)| *key == name);
        found.map(|(_, value)| (*value).to_owned())
    })
}

/// A verifier of tokens of [`ISSUER`] with these further settings.
fn verifier(clock: &Arc<Standing>, vars: &[(&str, &str)]) -> Verifier {
    let mut all = vec![
        ("ENACT_JWT_ISSUER", ISSUER),
        ("ENACT_JWT_AUDIENCE", AUDIENCE),
    ];
    all.extend_from_slice(vars);
    Verifier::new(&settings(&all).unwrap(), clock.clone()).unwrap()
}

/// A verifier that has its keys from `server`.
fn remote(clock: &Arc<Standing>, server: &KeyServer) -> Verifier {
    verifier(clock, &[("ENACT_JWT_JWKS_URL", &server.url())])
}

/// Claims that are good for an hour.
fn claims() -> Value {
    json!({
        "iss": ISSUER, "aud": AUDIENCE, "sub": "id-1", "exp": NOW + 3600,
        "user_metadata": { "username": "alice" },
    })
}

/// [`claims`] with these instead; `null` takes one away.
fn claims_with(changes: &Value) -> Value {
    let mut claims = claims();
    for (name, value) in changes.as_object().unwrap() {
        if value.is_null() {
            claims.as_object_mut().unwrap().remove(name);
        } else {
            claims[name] = value.clone();
        }
    }
    claims
}

async fn rejected(verifier: &Verifier, token: &str) -> Rejected {
    verifier.verify(token).await.unwrap_err()
}

async fn identity(verifier: &Verifier, token: &str) -> SignedIdentity {
    match verifier.verify(token).await.unwrap() {
        Verified::Identity(identity) => identity,
        Verified::Run(run) => panic!("{run:?}"),
    }
}

fn p256(id: &str) -> SigningKey {
    SigningKey::p256(id).unwrap()
}

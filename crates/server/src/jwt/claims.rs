//! What a token claims, and what of it must hold for the token to be good.

use std::time::Duration;

use enact_types::Timestamp;
use serde_json::{Map, Value};

use super::Rejected;

/// How far the clocks of the provider and of this server may differ.
const LEEWAY: Duration = Duration::from_mins(1);

/// The claims of a token whose signature was verified.
#[derive(Debug)]
pub(super) struct Claims {
    all: Map<String, Value>,
    /// Until when the token is good.
    pub(super) expires_at: Timestamp,
}

impl Claims {
    /// Checks who signed the token, for whom, and that now is its time. `exp` must be there, `nbf`
    /// must hold if it is.
    pub(super) fn check(
        all: Map<String, Value>,
        issuer: &str,
        audience: &str,
        now: Timestamp,
    ) -> Result<Self, Rejected> {
        if all.get("iss").and_then(Value::as_str) != Some(issuer) {
            return Err(Rejected::Foreign);
        }
        let for_us = match all.get("aud") {
            Some(Value::String(one)) => one == audience,
            Some(Value::Array(many)) => many.iter().any(|one| one.as_str() == Some(audience)),
            _ => false,
        };
        if !for_us {
            return Err(Rejected::Audience);
        }
        let expires_at = time(all.get("exp")).ok_or(Rejected::NoExpiry)?;
        if expires_at.plus(LEEWAY) <= now {
            return Err(Rejected::Expired(expires_at));
        }
        if let Some(not_before) = all.get("nbf") {
            let not_before = time(Some(not_before)).ok_or(Rejected::NotYet)?;
            if not_before > now.plus(LEEWAY) {
                return Err(Rejected::NotYet);
            }
        }
        Ok(Self { all, expires_at })
    }

    /// A claim that is a text.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.all.get(name)?.as_str()
    }

    /// Whether a claim is `true`.
    pub(super) fn is(&self, name: &str) -> bool {
        self.all.get(name) == Some(&Value::Bool(true))
    }

    /// The text at a path like `user_metadata.username`. A claim that has the whole path for its
    /// name comes first: some providers name claims like URLs.
    pub(super) fn at(&self, path: &str) -> Option<&str> {
        if let Some(value) = self.all.get(path) {
            return value.as_str();
        }
        let mut names = path.split('.');
        let mut value = self.all.get(names.next()?)?;
        for name in names {
            value = value.get(name)?;
        }
        value.as_str()
    }
}

/// Seconds since 1970, which may have a fraction; nothing that is not a number, nor out of range.
fn time(value: Option<&Value>) -> Option<Timestamp> {
    let value = value?;
    let seconds = value.as_i64().or_else(|| whole(value.as_f64()?))?;
    Timestamp::from_millis(seconds.checked_mul(1000)?)
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a fraction of a second is dropped"
)]
fn whole(seconds: f64) -> Option<i64> {
    // Up to the year 9999 or so, where it is exact to the second.
    (0.0..=2.5e11).contains(&seconds).then_some(seconds as i64)
}

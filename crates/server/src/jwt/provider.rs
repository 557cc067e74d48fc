//! Somebody whose tokens are believed: a name, the audience that tokens for this registry have, and
//! the keys.

use std::sync::Arc;

use enact_types::Timestamp;

use super::Rejected;
use super::claims::Claims;
use super::jws::Unverified;
use super::keys::Key;
use super::remote::{Missing, RemoteKeys};

/// One provider.
pub(super) struct Provider {
    pub(super) issuer: String,
    pub(super) audience: String,
    pub(super) keys: Keys,
}

/// Where its keys are.
pub(super) enum Keys {
    /// A secret that is shared with it.
    Secret(Arc<Key>),
    /// It publishes them.
    Remote(Arc<RemoteKeys>),
}

impl Provider {
    /// Verifies a token that says it is this provider's: the signature first, then what it claims.
    pub(super) async fn verify(
        &self,
        token: Unverified<'_>,
        now: Timestamp,
    ) -> Result<Claims, Rejected> {
        let (algorithm, kid) = token.header()?;
        let key = match &self.keys {
            Keys::Secret(key) if key.algorithm() == algorithm => key.clone(),
            // No key that somebody publishes is for HMAC: no need to ask for one.
            Keys::Remote(keys) if algorithm != super::jws::Algorithm::Hs256 => keys
                .find(kid, algorithm)
                .await
                .map_err(|missing| match missing {
                    Missing::Unknown => Rejected::Key,
                    Missing::Unavailable => Rejected::KeysMissing,
                })?,
            Keys::Secret(_) | Keys::Remote(_) => return Err(Rejected::Algorithm),
        };
        if !key.verify(token.signature()) {
            return Err(Rejected::Signature);
        }
        Claims::check(token.into_claims(), &self.issuer, &self.audience, now)
    }
}

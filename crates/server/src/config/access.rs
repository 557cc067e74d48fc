//! Who may do what, as it is set.

use std::fmt;
use std::net::IpAddr;

use enact_types::Digest;
use subtle::ConstantTimeEq as _;

use super::ConfigError;

/// Who may do what.
#[derive(Debug, Clone)]
pub enum Access {
    /// Everybody on this machine may do everything. The server listens on a loopback address.
    Open {
        /// Whether somebody said so in words; if not, it is what a server does that is told nothing.
        said: bool,
    },
    /// Everybody who reaches the server may do everything. Somebody asked for that in words.
    OpenToAll,
    /// Users do with their tokens what their accounts give them, and all others read what is public.
    Closed {
        /// Whoever holds it is the operator and may do everything.
        key: Option<ApiKey>,
    },
}

/// A shared key. Kept as its digest, so that it cannot leak from here.
#[derive(Clone)]
pub struct ApiKey(Digest);

impl Access {
    /// Chooses by `ENACT_AUTH` and `ENACT_REGISTRY_API_KEY`, which `set` reads unless they are empty;
    /// by `--open`; by whether tokens of `others` are believed; and by whether `proxies` are, which
    /// stand before it then. Without a word, open is only what others than `host` cannot reach.
    pub(super) fn from_vars(
        host: IpAddr,
        open: bool,
        others: bool,
        proxies: bool,
        set: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, ConfigError> {
        const KEY: &str = "ENACT_REGISTRY_API_KEY";
        let key = set(KEY).as_deref().map(ApiKey::new).transpose()?;
        let (tokens, opened) = match set("ENACT_AUTH").as_deref() {
            None => (false, None),
            Some("tokens") => (true, None),
            Some("open") => (false, Some("ENACT_AUTH=open")),
            Some(_) => return Err(ConfigError::Auth),
        };
        let closed = if key.is_some() {
            Some(KEY)
        } else if tokens {
            Some("ENACT_AUTH=tokens")
        } else if others {
            Some("ENACT_JWT_ISSUER or ENACT_TRUSTED_PUBLISHING")
        } else {
            None
        };
        match (open.then_some("--open").or(opened), closed) {
            (Some(open), Some(closed)) => Err(ConfigError::Contradiction { open, closed }),
            (None, Some(_)) => Ok(Self::Closed { key }),
            // A proxy has others reach it too.
            (_, None) if open && (proxies || !host.is_loopback()) => Ok(Self::OpenToAll),
            (_, None) if proxies => Err(ConfigError::OpenBehindProxy),
            (opened, None) if host.is_loopback() => Ok(Self::Open {
                said: opened.is_some(),
            }),
            (_, None) => Err(ConfigError::OpenToOthers(host)),
        }
    }
}

impl ApiKey {
    /// The shortest key that is accepted, in characters.
    pub const MIN_CHARS: usize = 16;

    /// A key. Fails if it is short enough to be guessed, or looks like a token of the hosted
    /// registry: those are not counted as attempts at guessing.
    pub fn new(key: &str) -> Result<Self, ConfigError> {
        let chars = key.chars().count();
        if chars < Self::MIN_CHARS {
            return Err(ConfigError::WeakKey(chars));
        }
        if is_jwt(key) {
            return Err(ConfigError::JwtKey);
        }
        Ok(Self(Digest::of(key.as_bytes())))
    }

    /// Whether `token` is the key: takes the same time whatever they have in common.
    pub(crate) fn matches(&self, token: &str) -> bool {
        let digest = Digest::of(token.as_bytes());
        digest.as_bytes().ct_eq(self.0.as_bytes()).into()
    }
}

/// Whether it has the shape of a JSON web token. Existing clients send such a one, of the hosted
/// registry, to every registry.
pub(crate) fn is_jwt(token: &str) -> bool {
    token.starts_with("eyJ") && token.matches('.').count() == 2
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiKey(…)")
    }
}

//! Whose tokens are believed: settings of the environment.

use std::fmt;

use enact_types::limits::MAX_IDENTITY_BYTES;
use url::{Host, Url};

use super::claims::Claims;

/// The issuer of the tokens of GitHub's runs:
/// <https://docs.github.com/actions/reference/security/oidc>.
pub const GITHUB_ACTIONS: &str = "https://token.actions.githubusercontent.com";

/// The name of a user of Supabase, which users give themselves.
const SUPABASE_USERNAME: &str = "user_metadata.username";

/// The shortest secret that is accepted, in bytes: as many as the hash has (RFC 7518, 3.2).
const MIN_SECRET_BYTES: usize = 32;

/// Whose tokens are believed; nobody's by default.
#[derive(Debug, Clone, Default)]
pub struct JwtSettings {
    /// Who says who people are.
    pub identity: Option<IdentityProvider>,
    /// Who says what runs of workflows are.
    pub publishing: Option<TrustedPublishing>,
}

/// Who says who people are.
#[derive(Debug, Clone)]
pub struct IdentityProvider {
    /// The claim `iss` of its tokens.
    pub issuer: String,
    /// The claim `aud` of tokens for this registry.
    pub audience: String,
    /// What its tokens are verified with.
    pub keys: KeySource,
    /// Which claim names the user.
    pub username: UsernameClaim,
}

/// What tokens are verified with.
#[derive(Debug, Clone)]
pub enum KeySource {
    /// A shared secret: HS256.
    Secret(Secret),
    /// The keys that are published at this URL: RS256 and ES256.
    Jwks(Url),
}

/// A secret, which `Debug` does not show.
#[derive(Clone)]
pub struct Secret(String);

/// Which claim names the user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UsernameClaim {
    /// The name that users of Supabase have, or the id of those who have none.
    Supabase,
    /// The one at this path.
    At(String),
}

/// Who says what runs of workflows are.
#[derive(Debug, Clone)]
pub struct TrustedPublishing {
    /// The claim `iss` of the tokens of runs.
    pub issuer: String,
    /// The claim `aud` of tokens for this registry.
    pub audience: String,
    /// Where the issuer publishes its keys.
    pub jwks: Url,
}

/// Why the settings do not work.
#[derive(Debug, thiserror::Error)]
pub enum JwtSettingsError {
    /// Two sources of keys.
    #[error("ENACT_JWT_SECRET and ENACT_JWT_JWKS_URL are both set")]
    TwoSources,
    /// Something is set, but not what is needed with it.
    #[error("{set} is set, but {missing} is not")]
    Incomplete {
        /// What is there.
        set: &'static str,
        /// What is not.
        missing: &'static str,
    },
    /// A secret that can be guessed.
    #[error("ENACT_JWT_SECRET has {0} bytes, fewer than {MIN_SECRET_BYTES}")]
    ShortSecret(usize),
    /// Not a URL that keys may come from.
    #[error("{0} is not an https:// URL (nor an http:// one of this machine)")]
    Url(&'static str),
    /// Too long, or with characters that no name has.
    #[error("{0} is longer than {MAX_IDENTITY_BYTES} bytes or holds control characters")]
    Text(&'static str),
    /// One issuer for both.
    #[error("the identity provider and the issuer of trusted publishing are the same")]
    SameIssuer,
}

impl JwtSettingsError {
    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::TwoSources => {
                "set ENACT_JWT_SECRET for HS256, or ENACT_JWT_JWKS_URL for RS256 and ES256"
            }
            Self::Incomplete { .. } => {
                "an identity provider takes ENACT_JWT_ISSUER, ENACT_JWT_AUDIENCE, and \
                 ENACT_JWT_SECRET or ENACT_JWT_JWKS_URL: see docs/sign-in.md"
            }
            Self::ShortSecret(_) => "it is the provider's own secret: copy it whole",
            Self::Url(_) => "keys that somebody on the way can change verify nothing",
            Self::Text(_) => "it is compared with a claim of each token, to the letter",
            Self::SameIssuer => "runs of workflows are not people: they have rules of their own",
        }
    }
}

impl JwtSettings {
    /// Reads `ENACT_JWT_*` and `ENACT_TRUSTED_PUBLISHING*` through `var`.
    pub fn from_vars(var: impl Fn(&str) -> Option<String>) -> Result<Self, JwtSettingsError> {
        let set = |name: &'static str| -> Result<Option<String>, JwtSettingsError> {
            let value = var(name).filter(|value| !value.is_empty());
            match value {
                Some(value)
                    if value.len() > MAX_IDENTITY_BYTES || value.contains(char::is_control) =>
                {
                    Err(JwtSettingsError::Text(name))
                }
                value => Ok(value),
            }
        };
        let secret = var("ENACT_JWT_SECRET").filter(|value| !value.is_empty());
        let settings = Self {
            identity: IdentityProvider::from_vars(&set, secret)?,
            publishing: TrustedPublishing::from_vars(&set)?,
        };
        let issuers = (&settings.identity, &settings.publishing);
        if let (Some(identity), Some(publishing)) = issuers
            && identity.issuer == publishing.issuer
        {
            return Err(JwtSettingsError::SameIssuer);
        }
        Ok(settings)
    }

    /// Whether anybody's tokens are believed.
    pub fn is_set(&self) -> bool {
        self.identity.is_some() || self.publishing.is_some()
    }
}

impl IdentityProvider {
    fn from_vars(
        set: &impl Fn(&'static str) -> Result<Option<String>, JwtSettingsError>,
        secret: Option<String>,
    ) -> Result<Option<Self>, JwtSettingsError> {
        let jwks = set("ENACT_JWT_JWKS_URL")?;
        let (source, keys) = match (secret, jwks) {
            (Some(_), Some(_)) => return Err(JwtSettingsError::TwoSources),
            (Some(secret), None) => ("ENACT_JWT_SECRET", KeySource::Secret(Secret::new(secret)?)),
            (None, Some(url)) => (
                "ENACT_JWT_JWKS_URL",
                KeySource::Jwks(key_url(&url, "ENACT_JWT_JWKS_URL")?),
            ),
            (None, None) => {
                let others = [
                    "ENACT_JWT_ISSUER",
                    "ENACT_JWT_AUDIENCE",
                    "ENACT_JWT_USERNAME_CLAIM",
                ];
                for name in others {
                    if set(name)?.is_some() {
                        return Err(JwtSettingsError::Incomplete {
                            set: name,
                            missing: "ENACT_JWT_SECRET or ENACT_JWT_JWKS_URL",
                        });
                    }
                }
                return Ok(None);
            }
        };
        let needed = |missing: &'static str| {
            let error = JwtSettingsError::Incomplete {
                set: source,
                missing,
            };
            set(missing)?.ok_or(error)
        };
        Ok(Some(Self {
            issuer: needed("ENACT_JWT_ISSUER")?,
            audience: needed("ENACT_JWT_AUDIENCE")?,
            keys,
            username: match set("ENACT_JWT_USERNAME_CLAIM")? {
                Some(path) => UsernameClaim::At(path),
                None => UsernameClaim::Supabase,
            },
        }))
    }
}

impl TrustedPublishing {
    fn from_vars(
        set: &impl Fn(&'static str) -> Result<Option<String>, JwtSettingsError>,
    ) -> Result<Option<Self>, JwtSettingsError> {
        const AUDIENCE: &str = "ENACT_TRUSTED_PUBLISHING";
        const ISSUER: &str = "ENACT_TRUSTED_PUBLISHING_ISSUER";
        let issuer = set(ISSUER)?;
        let Some(audience) = set(AUDIENCE)? else {
            return match issuer {
                None => Ok(None),
                Some(_) => Err(JwtSettingsError::Incomplete {
                    set: ISSUER,
                    missing: AUDIENCE,
                }),
            };
        };
        let issuer = issuer.unwrap_or_else(|| GITHUB_ACTIONS.to_owned());
        let jwks = format!("{}/.well-known/jwks", issuer.trim_end_matches('/'));
        Ok(Some(Self {
            jwks: key_url(&jwks, ISSUER)?,
            issuer,
            audience,
        }))
    }
}

impl Secret {
    /// A secret. Fails if it is short enough to be guessed.
    pub fn new(secret: String) -> Result<Self, JwtSettingsError> {
        if secret.len() < MIN_SECRET_BYTES {
            return Err(JwtSettingsError::ShortSecret(secret.len()));
        }
        Ok(Self(secret))
    }

    pub(super) fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl UsernameClaim {
    pub(super) fn of(&self, claims: &Claims) -> Option<String> {
        let name = match self {
            Self::At(path) => claims.at(path),
            Self::Supabase => claims
                .at(SUPABASE_USERNAME)
                .filter(|name| !name.is_empty())
                .or(claims.text("sub")),
        };
        name.map(ToOwned::to_owned)
    }
}

/// A URL that keys may come from: one that nobody on the way can answer for.
fn key_url(text: &str, name: &'static str) -> Result<Url, JwtSettingsError> {
    let url = Url::parse(text).map_err(|_| JwtSettingsError::Url(name))?;
    let secure = url.scheme() == "https" || (url.scheme() == "http" && is_loopback(&url));
    let bare = url.username().is_empty() && url.password().is_none();
    if secure && bare && url.has_host() {
        Ok(url)
    } else {
        Err(JwtSettingsError::Url(name))
    }
}

/// Whether a URL leads to this machine.
pub(super) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

//! JSON Web Tokens of others, as proof of who calls: those of an identity provider, and those of the
//! runs of workflows. Nothing here knows of HTTP requests or of accounts.
//!
//! What is done here and not by a library is little, and taking a token apart is the smaller half of
//! it: the crate `jsonwebtoken` (version 11) verifies with aws-lc or with the crates of `RustCrypto`
//! and not with `ring`, which is in this program for TLS, reads the time from the system, and does
//! not ask for keys. Signatures are verified by `ring`.

mod claims;
mod jws;
mod keys;
mod provider;
mod remote;
mod run;
mod settings;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use enact_registry::{Run, SignedIdentity};
use enact_types::{Clock, Timestamp};

use self::jws::Unverified;
use self::keys::Key;
use self::provider::{Keys, Provider};
use self::remote::RemoteKeys;
pub use self::settings::{
    GITHUB_ACTIONS, IdentityProvider, JwtSettings, JwtSettingsError, KeySource, Secret,
    TrustedPublishing, UsernameClaim,
};

/// Why a token is not good, for whoever holds it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Rejected {
    /// Of a provider that is not trusted here.
    #[error("the token is of another issuer")]
    Foreign,
    #[error("the token is signed with another algorithm than this registry takes from its issuer")]
    Algorithm,
    #[error("the token's header has extensions that this registry does not know")]
    Critical,
    #[error("the token's \"typ\" is that of one for another purpose")]
    Type,
    #[error("the token is signed with a key that its issuer does not publish")]
    Key,
    /// The keys cannot be had right now.
    #[error("the issuer's keys cannot be had")]
    KeysMissing,
    #[error("the token's signature is not good")]
    Signature,
    #[error("the token is for another audience")]
    Audience,
    #[error("the token does not say when it expires")]
    NoExpiry,
    #[error("the token expired at {0}")]
    Expired(Timestamp),
    #[error("the token is not good yet")]
    NotYet,
    #[error("the token's \"sub\" is no id")]
    Subject,
    #[error("the token is that of an anonymous user")]
    Anonymous,
    #[error("the token lacks {0}, which tokens of GitHub Actions have")]
    Run(&'static str),
}

/// What a good token says.
#[derive(Debug)]
pub(crate) enum Verified {
    /// Somebody at the identity provider.
    Identity(SignedIdentity),
    /// A run of a workflow.
    Run(Box<Run>),
}

/// Verifies the tokens of those who are trusted.
pub(crate) struct Verifier {
    identity: Option<(Provider, UsernameClaim)>,
    publishing: Option<Provider>,
    clock: Arc<dyn Clock>,
}

impl Verifier {
    /// Trusts whom the settings say. Asks for no keys yet. Fails if there is no cryptography for TLS.
    pub(crate) fn new(
        settings: &JwtSettings,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, reqwest::Error> {
        let remote = |url: &url::Url| RemoteKeys::new(url.clone(), clock.clone()).map(Keys::Remote);
        let identity = settings.identity.as_ref().map(|settings| {
            let keys = match &settings.keys {
                KeySource::Secret(secret) => {
                    Keys::Secret(Arc::new(Key::secret(secret.expose().as_bytes())))
                }
                KeySource::Jwks(url) => remote(url)?,
            };
            let provider = Provider {
                issuer: settings.issuer.clone(),
                audience: settings.audience.clone(),
                keys,
            };
            Ok::<_, reqwest::Error>((provider, settings.username.clone()))
        });
        let publishing = settings.publishing.as_ref().map(|settings| {
            Ok::<_, reqwest::Error>(Provider {
                issuer: settings.issuer.clone(),
                audience: settings.audience.clone(),
                keys: remote(&settings.jwks)?,
            })
        });
        Ok(Self {
            identity: identity.transpose()?,
            publishing: publishing.transpose()?,
            clock,
        })
    }

    /// What a good token says. [`Rejected::Foreign`] is also what is not a token at all.
    pub(crate) async fn verify(&self, token: &str) -> Result<Verified, Rejected> {
        let token = Unverified::parse(token).ok_or(Rejected::Foreign)?;
        let issuer = token.issuer().ok_or(Rejected::Foreign)?.to_owned();
        let now = self.clock.now();
        if let Some((provider, username)) = &self.identity
            && provider.issuer == issuer
        {
            let claims = provider.verify(token, now).await?;
            // Supabase gives tokens to visitors who did not say who they are.
            if claims.is("is_anonymous") {
                return Err(Rejected::Anonymous);
            }
            let subject = claims.text("sub").filter(|sub| !sub.is_empty());
            return Ok(Verified::Identity(SignedIdentity {
                issuer,
                subject: subject.ok_or(Rejected::Subject)?.to_owned(),
                username: username.of(&claims),
                expires_at: claims.expires_at,
            }));
        }
        if let Some(provider) = &self.publishing
            && provider.issuer == issuer
        {
            let claims = provider.verify(token, now).await?;
            return Ok(Verified::Run(Box::new(run::run(issuer, &claims)?)));
        }
        Err(Rejected::Foreign)
    }
}

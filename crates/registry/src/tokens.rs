//! Tokens: making them, signing in with them, revoking them. Users do so for themselves, as far as
//! the token that they are signed in with goes; the operator for everybody, beside the server.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use enact_catalog::{NewToken, Profile, SignIn, TokenAdded, TokenRecord};
use enact_types::limits::{MAX_TOKEN_NAME_CHARS, MAX_TOKENS_PER_USER};
use enact_types::wire::{TokenCreated, TokenInfo, TokenList, TokenRequest};
use enact_types::{Action, Lifetime, Needs, OwnerName, Scope, Scopes, Timestamp, Token};

use crate::access::{Account, Caller, Via};
use crate::accounts::not_the_operator;
use crate::error::ErrorKind;
use crate::texts::optional;
use crate::{Registry, RegistryError, Subject};

/// How exactly the time of a token's last use is kept. So that reading writes nothing, as a rule.
const USE_PERIOD_MILLIS: i64 = 60_000;

/// What a token is made for.
#[derive(Debug, Clone)]
pub struct Grant {
    /// What it is for, for its user.
    pub name: Option<String>,
    /// What it may be used for.
    pub scopes: Scopes,
    /// How long it lives.
    pub lifetime: Option<Lifetime>,
}

/// How long a request waits for the note that its token is used: longer than a write takes, shorter
/// than a person notices.
const NOTE_PATIENCE: Duration = Duration::from_millis(100);

/// The tokens whose use is being noted.
#[derive(Debug, Default)]
pub(crate) struct Noting(Mutex<HashSet<String>>);

impl Noting {
    /// False if it is being noted already.
    fn begin(&self, id: &str) -> bool {
        self.lock().insert(id.to_owned())
    }

    fn end(&self, id: &str) {
        self.lock().remove(id);
    }

    fn lock(&self) -> MutexGuard<'_, HashSet<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Registry {
    /// Whom the token signs in: nobody if it is unknown, expired or revoked, or its user's account
    /// is closed. Asks the catalog every time, so that all servers obey a revocation at once.
    pub async fn sign_in(&self, token: &Token) -> Result<Caller, RegistryError> {
        let (catalog, now) = (&self.inner.catalog, self.now());
        let Some(signed_in) = catalog.sign_in(&token.digest(), now).await? else {
            return Ok(Caller::Anonymous);
        };
        let SignIn {
            profile,
            token_id: id,
            scopes,
            expires_at,
            last_used_at,
        } = signed_in;
        let not_since = Timestamp::from_millis(now.as_millis() - USE_PERIOD_MILLIS).unwrap_or(now);
        if last_used_at.is_none_or(|used| used <= not_since) {
            self.note_use(&id, now, not_since).await;
        }
        Ok(Caller::User(Account {
            profile,
            scopes,
            via: Via::Token { id, expires_at },
        }))
    }

    /// Notes that the token is used, once however many requests of it come meanwhile. What is asked
    /// for does not depend on it, so it waits only a moment for whoever writes to the catalog.
    async fn note_use(&self, id: &str, now: Timestamp, not_since: Timestamp) {
        if !self.inner.noting.begin(id) {
            return;
        }
        let (inner, id) = (Arc::clone(&self.inner), id.to_owned());
        let noted = self.finish(async move {
            if let Err(error) = inner.catalog.note_use(&id, now, not_since).await {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(token = id, error, "could not note the use of a token");
            }
            inner.noting.end(&id);
        });
        let _ = tokio::time::timeout(NOTE_PATIENCE, noted).await;
    }

    /// Makes a token for the caller, which may do no more than the one that asks for it and lives no
    /// longer. A provider's token lives for an hour or so and is there to make tokens with: what it
    /// makes lives as long as tokens do for which nothing is asked, at most, so that one that is
    /// stolen is no key for a year.
    pub async fn create_token(
        &self,
        caller: &Caller,
        request: TokenRequest,
    ) -> Result<TokenCreated, RegistryError> {
        let profile = caller.may(Needs::Account)?;
        let scopes = request.scopes.iter().map(|scope| Scope::parse(scope));
        let asked = scopes.collect::<Result<Vec<_>, _>>().and_then(Scopes::new);
        let asked = asked.map_err(|error| RegistryError::invalid(format!("scopes: {error}")))?;
        let lifetime = request.expires_in.as_deref().map(Lifetime::parse);
        let lifetime = lifetime
            .transpose()
            .map_err(|error| RegistryError::invalid(format!("expires_in: {error}")))?;
        let Account { scopes, via, .. } = caller.signed_in()?;
        // Nothing asked for is all that the caller has.
        let scopes = if request.scopes.is_empty() {
            scopes.clone()
        } else if scopes.cover(&asked) {
            asked
        } else {
            return Err(too_wide(
                "A token can only make tokens for what it may be used for",
            ));
        };
        let mut expires_at = self
            .now()
            .plus(lifetime.unwrap_or(Lifetime::DEFAULT).as_duration());
        let end = match via {
            Via::Token { expires_at, .. } | Via::Workflow { expires_at, .. } => Some(*expires_at),
            Via::Identity { .. } => Some(self.now().plus(Lifetime::DEFAULT.as_duration())),
            Via::Key | Via::OpenMode => None,
        };
        if let Some(end) = end
            && end < expires_at
        {
            if lifetime.is_some() {
                return Err(too_wide(format!(
                    "What you are signed in with can only make tokens that end by {end}"
                )));
            }
            expires_at = end;
        }
        // It may have been revoked since it signed the caller in.
        let asked_by = match via {
            Via::Token { id, .. } => Some(id.as_str()),
            Via::Key | Via::OpenMode | Via::Identity { .. } | Via::Workflow { .. } => None,
        };
        self.keep_token(profile, asked_by, request.name, scopes, expires_at)
            .await
    }

    /// Makes a token for a user, as the operator.
    pub async fn grant_token(
        &self,
        username: &OwnerName,
        grant: Grant,
    ) -> Result<TokenCreated, RegistryError> {
        let subject = Subject::default().with_detail(username);
        self.operate(Action::TokenCreate, subject, async |subject| {
            let profile = self.user(username).await?;
            let life = grant.lifetime.unwrap_or(Lifetime::DEFAULT).as_duration();
            let end = self.now().plus(life);
            let created = self.keep_token(&profile, None, grant.name, grant.scopes, end);
            let created = created.await?;
            subject.target = Some(created.info.id.clone());
            Ok(created)
        })
        .await
    }

    async fn keep_token(
        &self,
        profile: &Profile,
        asked_by: Option<&str>,
        name: Option<String>,
        scopes: Scopes,
        expires_at: Timestamp,
    ) -> Result<TokenCreated, RegistryError> {
        let username = OwnerName::parse(&profile.username).map_err(RegistryError::internal)?;
        not_the_operator(&username)?;
        let name = optional("name", name, MAX_TOKEN_NAME_CHARS)?.unwrap_or_default();
        let token = self.new_token()?;
        let (id, now) = (self.new_id()?, self.now());
        let new = NewToken {
            id: &id,
            user_id: &profile.id,
            asked_by,
            name: &name,
            digest: &token.digest(),
            scopes: &scopes,
            now,
            expires_at,
        };
        let catalog = &self.inner.catalog;
        let (kind, why) = match catalog.add_token(&new, MAX_TOKENS_PER_USER).await? {
            TokenAdded::Done => {
                return Ok(TokenCreated {
                    token: token.expose().to_owned(),
                    info: TokenInfo {
                        id,
                        username: profile.username.clone(),
                        name,
                        scopes: scopes.iter().cloned().collect(),
                        created_at: now,
                        expires_at,
                        last_used_at: None,
                        revoked_at: None,
                    },
                });
            }
            TokenAdded::TooMany => (
                ErrorKind::Conflict,
                format!("\"{username}\" has {MAX_TOKENS_PER_USER} tokens: revoke one first"),
            ),
            TokenAdded::Closed => (
                ErrorKind::Conflict,
                format!("The account of \"{username}\" is disabled"),
            ),
            TokenAdded::Revoked => (
                ErrorKind::Unauthorized,
                "Unauthorized: the token that asks for it is no good any more".to_owned(),
            ),
        };
        Err(RegistryError::new(kind, why))
    }

    fn new_token(&self) -> Result<Token, RegistryError> {
        let (one, two) = (self.inner.random.bytes()?, self.inner.random.bytes()?);
        let mut bytes = [0; 24];
        for (byte, random) in bytes.iter_mut().zip(one.into_iter().chain(two)) {
            *byte = random;
        }
        Ok(Token::new(bytes))
    }

    /// The caller's own tokens.
    pub async fn own_tokens(&self, caller: &Caller) -> Result<TokenList, RegistryError> {
        let profile = caller.may(Needs::Account)?;
        let records = self.inner.catalog.tokens_of(&profile.id).await?;
        Ok(TokenList {
            tokens: records.into_iter().map(shown).collect(),
        })
    }

    /// Revokes a token of the caller's. Whatever a token may be used for, it may revoke itself.
    pub async fn revoke_own_token(&self, caller: &Caller, id: &str) -> Result<(), RegistryError> {
        let account = caller.signed_in()?;
        if !matches!(&account.via, Via::Token { id: own, .. } if own == id) {
            caller.may(Needs::Account)?;
        }
        self.revoke(id, Some(&account.profile.id)).await
    }

    /// The tokens of a user, or of all.
    pub async fn tokens(&self, of: Option<&OwnerName>) -> Result<Vec<TokenInfo>, RegistryError> {
        let catalog = &self.inner.catalog;
        let records = match of {
            Some(username) => catalog.tokens_of(&self.user(username).await?.id).await?,
            None => catalog.all_tokens().await?,
        };
        Ok(records.into_iter().map(shown).collect())
    }

    /// Revokes any token, as the operator.
    pub async fn revoke_token(&self, id: &str) -> Result<(), RegistryError> {
        self.operate(Action::TokenRevoke, Subject::default(), async |subject| {
            self.revoke(id, None).await?;
            // What is no id could be the token itself.
            subject.target = Some(id.to_owned());
            Ok(())
        })
        .await
    }

    async fn revoke(&self, id: &str, of_user: Option<&str>) -> Result<(), RegistryError> {
        // Postgres has no NUL in its texts, and no id has one either.
        let catalog = &self.inner.catalog;
        if !id.contains('\0') && catalog.revoke_token(id, of_user, self.now()).await? {
            return Ok(());
        }
        Err(RegistryError::new(
            ErrorKind::NotFound,
            "There is no such token",
        ))
    }
}

fn shown(record: TokenRecord) -> TokenInfo {
    TokenInfo {
        id: record.id,
        username: record.username,
        name: record.name,
        scopes: record.scopes.iter().cloned().collect(),
        created_at: record.created_at,
        expires_at: record.expires_at,
        last_used_at: record.last_used_at,
        revoked_at: record.revoked_at,
    }
}

fn too_wide(message: impl Into<String>) -> RegistryError {
    RegistryError::new(ErrorKind::Forbidden, message)
}

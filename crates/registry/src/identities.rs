//! Signing in as somebody at an identity provider whose token was verified. The provider's id of
//! somebody is bound to an account at first sight, and from then on that binding alone counts: in
//! some providers users can change every claim of theirs but that id.

use enact_catalog::{FirstSight, Identity, IdentityRecord};
use enact_types::limits::MAX_IDENTITY_BYTES;
use enact_types::{Action, OwnerName, Scopes, Timestamp};

use crate::access::{Account, Caller, Refused, Via};
use crate::accounts::{OPERATOR, not_the_operator};
use crate::error::ErrorKind;
use crate::{Registry, RegistryError, Subject};

/// What a verified token says of its holder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedIdentity {
    /// The provider's name.
    pub issuer: String,
    /// The provider's id of the user.
    pub subject: String,
    /// The name that the user goes by there, if the token has one.
    pub username: Option<String>,
    /// Until when the token is good.
    pub expires_at: Timestamp,
}

impl Registry {
    /// Whom a verified token of the identity provider signs in, with all that its user may do. The
    /// first one of somebody makes an account of the name that it states, if nobody has that name.
    /// A closed account signs nobody in.
    pub async fn sign_in_identity(&self, signed: &SignedIdentity) -> Result<Caller, RegistryError> {
        let who = Identity {
            issuer: &signed.issuer,
            subject: &signed.subject,
        };
        if is_no_identity(who) {
            return Ok(refused("the token's \"sub\" is no id"));
        }
        let catalog = &self.inner.catalog;
        if let Some(bound) = catalog.identity(who).await? {
            return Ok(signed_in(bound, signed));
        }
        let Some(username) = &signed.username else {
            return Ok(refused("the token does not say its user's name"));
        };
        let Ok(name) = OwnerName::parse(username) else {
            return Ok(refused(
                "the user name in the token is none that this registry has: 1 to 64 characters of \
                 a-z, 0-9, \"-\" and \"_\". Its operator can bind another one to you",
            ));
        };
        if name.as_str() == OPERATOR {
            return Ok(refused(format!("\"{name}\" is the operator's name")));
        }
        // To its end, so that hanging up is no way around its rows in the audit log.
        let (registry, newcomer, wanted) = (self.clone(), signed.clone(), name.clone());
        let met = self.finish(async move { registry.meet(&newcomer, &wanted).await });
        let why = match met.await.map_err(RegistryError::internal)?? {
            FirstSight::Done(profile) => return Ok(account(profile, signed)),
            FirstSight::IsOrg => format!("\"{name}\" is an organisation here"),
            FirstSight::NameTaken | FirstSight::Bound => {
                // Perhaps by another request of the same user, a moment ago.
                if let Some(bound) = catalog.identity(who).await? {
                    return Ok(signed_in(bound, signed));
                }
                format!(
                    "the user name \"{name}\" is somebody's here already. If it is you, ask the \
                     operator of this registry to bind it to you"
                )
            }
        };
        Ok(refused(why))
    }

    /// Makes an account for somebody who was not here before, and records it.
    async fn meet(
        &self,
        signed: &SignedIdentity,
        name: &OwnerName,
    ) -> Result<FirstSight, RegistryError> {
        let who = Identity {
            issuer: &signed.issuer,
            subject: &signed.subject,
        };
        let (id, now) = (self.new_id()?, self.now());
        let met = self.inner.catalog.bind_new(who, name, &id, now).await?;
        if let FirstSight::Done(profile) = &met {
            let caller = account(profile.clone(), signed);
            let added = Subject::target(name);
            let bound = added.clone().with_detail(&shown(who));
            for (action, subject) in [(Action::UserAdd, added), (Action::IdentityBind, bound)] {
                self.record_brought_about(&caller, action, &subject).await?;
            }
        }
        Ok(met)
    }

    /// Binds an identity to an account that is there, as the operator.
    pub async fn bind_identity(
        &self,
        username: &OwnerName,
        who: Identity<'_>,
    ) -> Result<(), RegistryError> {
        let subject = Subject::target(username).with_detail(&shown(who));
        self.operate(Action::IdentityBind, subject, async |_| {
            self.bind(username, who).await
        })
        .await
    }

    async fn bind(&self, username: &OwnerName, who: Identity<'_>) -> Result<(), RegistryError> {
        not_the_operator(username)?;
        if is_no_identity(who) || who.issuer.is_empty() {
            return Err(RegistryError::invalid(format!(
                "An issuer and a subject are texts of 1 to {MAX_IDENTITY_BYTES} bytes"
            )));
        }
        let profile = self.user(username).await?;
        let catalog = &self.inner.catalog;
        if catalog.bind_identity(who, &profile.id, self.now()).await? {
            return Ok(());
        }
        let bound = catalog.identity(who).await?;
        let whose = bound.map_or_else(|| "somebody".to_owned(), |bound| bound.profile.username);
        Err(RegistryError::new(
            ErrorKind::Conflict,
            format!("That identity is bound to \"{whose}\" already"),
        ))
    }

    /// Takes a binding back, as the operator. The account stays.
    pub async fn unbind_identity(&self, who: Identity<'_>) -> Result<(), RegistryError> {
        let subject = Subject::default().with_detail(&shown(who));
        self.operate(Action::IdentityUnbind, subject, async |_| {
            if !is_no_identity(who) && self.inner.catalog.unbind_identity(who).await? {
                return Ok(());
            }
            Err(RegistryError::new(
                ErrorKind::NotFound,
                "That identity is bound to no account",
            ))
        })
        .await
    }

    /// All bindings, by user.
    pub async fn identities(&self) -> Result<Vec<IdentityRecord>, RegistryError> {
        Ok(self.inner.catalog.identities().await?)
    }
}

/// An identity, for the audit log.
fn shown(who: Identity<'_>) -> String {
    format!("{} {}", who.issuer, who.subject)
}

fn is_no_identity(who: Identity<'_>) -> bool {
    let bad = |text: &str| text.len() > MAX_IDENTITY_BYTES || text.chars().any(char::is_control);
    who.subject.is_empty() || bad(who.subject) || bad(who.issuer)
}

fn signed_in(bound: enact_catalog::Bound, signed: &SignedIdentity) -> Caller {
    if bound.disabled {
        // As with the tokens of such an account.
        return Caller::Anonymous;
    }
    account(bound.profile, signed)
}

fn account(profile: enact_catalog::Profile, signed: &SignedIdentity) -> Caller {
    Caller::User(Account {
        profile,
        scopes: Scopes::ALL,
        via: Via::Identity {
            issuer: signed.issuer.clone(),
            subject: signed.subject.clone(),
            expires_at: signed.expires_at,
        },
    })
}

fn refused(why: impl Into<String>) -> Caller {
    Caller::Refused(Refused::Because(why.into()))
}

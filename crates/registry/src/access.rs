//! Who may do what. The only place that decides it.

use enact_catalog::{Org, Profile, Sees, ToolRecord, VisibilityRight};
use enact_types::{Namespace, Needs, OwnerName, Role, Scopes, Timestamp, ToolName};

use crate::error::ErrorKind;
use crate::{Registry, RegistryError};

/// The role that it takes to change who sees a tool, however that is done.
pub(crate) const SETS_VISIBILITY: Role = Role::Admin;

/// Who is asking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Caller {
    /// Anybody: no token, or one that is not ours. Existing clients send the tokens of other
    /// registries along, so an unknown token reads like none.
    Anonymous,
    /// Anybody too, and it is known why: what was shown to sign in is of a provider that this
    /// registry trusts, but not good. Told when something is asked for that takes a user.
    Refused(Refused),
    /// Somebody with an account.
    User(Account),
    /// The operator: holds the registry's key, or uses a registry in open mode. May do everything.
    Admin(Account),
}

/// An account, and as much of it as what signed its user in gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Whose it is.
    pub profile: Profile,
    /// What may be done of all that the user may do.
    pub scopes: Scopes,
    /// What signed the user in.
    pub via: Via,
}

/// Why a provider's token signs nobody in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    /// For this reason, which may be told to whoever holds the token.
    Because(String),
    /// The provider's keys cannot be had right now.
    KeysMissing,
}

/// What signed a user in; never the secret itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Via {
    /// The registry's shared key.
    Key,
    /// Nothing: the registry is in open mode.
    OpenMode,
    /// A token of this registry.
    Token {
        /// The token's id, which is no secret.
        id: String,
        /// Until when it is good.
        expires_at: Timestamp,
    },
    /// A token of an identity provider.
    Identity {
        /// The provider's name.
        issuer: String,
        /// The provider's id of the user.
        subject: String,
        /// Until when the token is good.
        expires_at: Timestamp,
    },
    /// A token of a run of a workflow, by the rules of trusted publishing.
    Workflow {
        /// The workflow: its repository and file.
        workflow: String,
        /// The branch or tag that it ran for.
        git_ref: String,
        /// The provider's number of the run, if it gave one.
        run_id: Option<String>,
        /// Until when the token is good.
        expires_at: Timestamp,
    },
}

/// Who may publish something, and how far.
#[derive(Debug, Clone)]
pub(crate) struct Publisher {
    /// Whoever publishes.
    pub(crate) profile: Profile,
    /// Whether the publish may change who sees a tool that is there already, which takes what
    /// changing it without a publish takes.
    pub(crate) visibility: VisibilityRight,
}

impl Caller {
    /// The operator, signed in by something that is no token.
    pub fn admin(profile: Profile, via: Via) -> Self {
        Self::Admin(Account {
            profile,
            scopes: Scopes::ALL,
            via,
        })
    }

    /// Which tools the caller sees at all. Every answer about another must be the one for a tool
    /// that does not exist. A token that is not for reading sees what anybody sees.
    pub(crate) fn sees(&self) -> Sees<'_> {
        match self {
            Self::User(account) if account.scopes.allow(Needs::Read) => {
                Sees::AlsoOf(&account.profile.id)
            }
            Self::Anonymous | Self::Refused(_) | Self::User(_) => Sees::NotPrivate,
            Self::Admin(_) => Sees::All,
        }
    }

    /// Which tools the caller may find in order to change them, after [`may`](Self::may) allowed
    /// the change: a token for yanking needs none for reading.
    pub(crate) fn sees_to_change(&self) -> Sees<'_> {
        match self {
            Self::Anonymous | Self::Refused(_) => Sees::NotPrivate,
            Self::User(account) => Sees::AlsoOf(&account.profile.id),
            Self::Admin(_) => Sees::All,
        }
    }

    /// Whether the caller reads as this user, or as the operator.
    pub(crate) fn reads_as(&self, username: &OwnerName) -> bool {
        self.account().is_some_and(|account| {
            account.profile.username == username.as_str() && account.scopes.allow(Needs::Read)
        })
    }

    /// The caller's profile, if what signed the caller in is good for this. Decided from that alone,
    /// before anything is read, so that a refusal tells nothing about what there is.
    pub(crate) fn may(&self, needs: Needs<'_>) -> Result<&Profile, RegistryError> {
        let account = self.signed_in()?;
        if account.scopes.allow(needs) {
            return Ok(&account.profile);
        }
        Err(RegistryError::new(
            ErrorKind::Forbidden,
            format!("This token may not be used for that: it lacks the scope {needs}"),
        ))
    }

    /// The caller's account, or the error of somebody who did not sign in.
    pub(crate) fn signed_in(&self) -> Result<&Account, RegistryError> {
        let why = match self {
            Self::User(account) | Self::Admin(account) => return Ok(account),
            Self::Anonymous => "this needs a valid token of this registry",
            Self::Refused(Refused::Because(why)) => why,
            Self::Refused(Refused::KeysMissing) => {
                return Err(RegistryError::busy(
                    "The keys of the identity provider cannot be had right now, so its tokens cannot be checked; try again shortly",
                ));
            }
        };
        Err(RegistryError::new(
            ErrorKind::Unauthorized,
            format!("Unauthorized: {why}"),
        ))
    }

    /// The caller's account; anybody has none.
    pub fn account(&self) -> Option<&Account> {
        match self {
            Self::User(account) | Self::Admin(account) => Some(account),
            Self::Anonymous | Self::Refused(_) => None,
        }
    }

    pub(crate) fn is_admin(&self) -> bool {
        matches!(self, Self::Admin(_))
    }
}

impl Registry {
    /// Who publishes `name`, if the caller may: users under their own name, members under their
    /// organisations', the operator under every name, which may be a new one.
    pub(crate) async fn may_publish(
        &self,
        caller: &Caller,
        name: &ToolName,
    ) -> Result<Publisher, RegistryError> {
        let profile = caller.may(Needs::Publish(name))?;
        let role = if caller.is_admin() {
            Some(Role::Owner)
        } else {
            self.role_in(profile, name.namespace()).await?
        };
        let Some(role) = role else {
            return Err(RegistryError::new(
                ErrorKind::NamespaceMismatch {
                    tool: name.namespace().to_string(),
                    user: profile.username.clone(),
                },
                format!("\"{}\" is not yours to publish under", name.namespace()),
            ));
        };
        let manages = role >= SETS_VISIBILITY && caller.may(Needs::Manage(name)).is_ok();
        Ok(Publisher {
            profile: profile.clone(),
            visibility: if manages {
                VisibilityRight::May
            } else {
                VisibilityRight::MayNot
            },
        })
    }

    /// The tool, if the caller may do with it what takes this scope and `role`. Somebody who may not
    /// see it learns nothing more than that it is missing.
    pub(crate) async fn writable_tool(
        &self,
        caller: &Caller,
        name: &ToolName,
        needs: Needs<'_>,
        role: Role,
    ) -> Result<ToolRecord, RegistryError> {
        let profile = caller.may(needs)?;
        let tool = self.seen_tool(caller.sees_to_change(), name).await?;
        if caller.is_admin() {
            return Ok(tool);
        }
        match self.role_in(profile, name.namespace()).await? {
            Some(has) if has >= role => Ok(tool),
            Some(_) => Err(org_permission_denied(role)),
            None => Err(RegistryError::new(
                ErrorKind::Forbidden,
                format!("\"{name}\" is not yours to change"),
            )),
        }
    }

    /// The organisation, if the caller is a member with at least `role`, or the operator.
    pub(crate) async fn writable_org(
        &self,
        caller: &Caller,
        name: &OwnerName,
        role: Role,
    ) -> Result<Org, RegistryError> {
        let profile = caller.may(Needs::Orgs)?;
        let org = self.org(name).await?;
        if caller.is_admin() || self.inner.catalog.role(&org.id, &profile.id).await? >= Some(role) {
            return Ok(org);
        }
        Err(org_permission_denied(role))
    }

    /// What a user is in a name space: its owner, or what the organisation says.
    pub(crate) async fn role_in(
        &self,
        profile: &Profile,
        namespace: Namespace<'_>,
    ) -> Result<Option<Role>, RegistryError> {
        match namespace {
            Namespace::User(user) => Ok((user == profile.username).then_some(Role::Owner)),
            Namespace::Org(org) => {
                // The first segment of a tool's name is such a name.
                let name = OwnerName::parse(org).map_err(RegistryError::internal)?;
                let org = self.org(&name).await?;
                Ok(self.inner.catalog.role(&org.id, &profile.id).await?)
            }
        }
    }
}

fn org_permission_denied(role: Role) -> RegistryError {
    RegistryError::new(
        ErrorKind::OrgPermissionDenied,
        match role {
            Role::Member => "This is for members of the organisation".to_owned(),
            Role::Admin => "This is for admins and owners of the organisation".to_owned(),
            Role::Owner => "This is for owners of the organisation".to_owned(),
        },
    )
}

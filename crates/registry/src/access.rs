//! Who may do what. The only place that decides it.

use enact_catalog::{Org, Profile, Sees, ToolRecord};
use enact_types::{Namespace, OwnerName, Role, ToolName};

use crate::error::ErrorKind;
use crate::{Registry, RegistryError};

/// Who is asking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Caller {
    /// Anybody: no token, or one that is not ours. Existing clients send the tokens of other
    /// registries along, so an unknown token reads like none.
    Anonymous,
    /// Somebody with an account.
    User(Profile),
    /// The operator: holds the registry's key, or uses a registry in open mode. May do everything.
    Admin(Profile),
}

impl Caller {
    /// Which tools the caller sees at all. Every answer about another must be the one for a tool
    /// that does not exist.
    pub(crate) fn sees(&self) -> Sees<'_> {
        match self {
            Self::Anonymous => Sees::NotPrivate,
            Self::User(profile) => Sees::AlsoOf(&profile.id),
            Self::Admin(_) => Sees::All,
        }
    }

    /// The caller's profile, or the error of somebody who did not sign in.
    pub(crate) fn signed_in(&self) -> Result<&Profile, RegistryError> {
        match self {
            Self::User(profile) | Self::Admin(profile) => Ok(profile),
            Self::Anonymous => Err(RegistryError::new(
                ErrorKind::Unauthorized,
                "Unauthorized: this needs a valid token of this registry",
            )),
        }
    }

    pub(crate) fn is_admin(&self) -> bool {
        matches!(self, Self::Admin(_))
    }
}

impl Registry {
    /// The profile to publish `name` with, if the caller may: users under their own name, members
    /// under their organisations', the operator under every name, which may be a new one.
    pub(crate) async fn may_publish<'a>(
        &self,
        caller: &'a Caller,
        name: &ToolName,
    ) -> Result<&'a Profile, RegistryError> {
        let profile = caller.signed_in()?;
        if caller.is_admin() || self.role_in(profile, name.namespace()).await?.is_some() {
            return Ok(profile);
        }
        Err(RegistryError::new(
            ErrorKind::NamespaceMismatch {
                tool: name.namespace().to_string(),
                user: profile.username.clone(),
            },
            format!("\"{}\" is not yours to publish under", name.namespace()),
        ))
    }

    /// The tool, if the caller may do with it what takes `role`. Somebody who may not see it learns
    /// nothing more than that it is missing.
    pub(crate) async fn writable_tool(
        &self,
        caller: &Caller,
        name: &ToolName,
        role: Role,
    ) -> Result<ToolRecord, RegistryError> {
        let profile = caller.signed_in()?;
        let tool = self.visible_tool(caller, name).await?;
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
        let profile = caller.signed_in()?;
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

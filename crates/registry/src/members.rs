//! The members of an organisation. Admins add members and admins; only owners make owners, change
//! roles and remove others; everybody may leave; the last owner may not.

use enact_catalog::{MemberChange, Profile};
use enact_types::wire::{
    Member, MemberChanged, MemberRemoved, MemberRequest, Members, RoleRequest,
};
use enact_types::{Needs, OwnerName, Role};

use crate::error::ErrorKind;
use crate::{Caller, Registry, RegistryError};

impl Registry {
    /// All members, in the order in which they joined.
    pub async fn members(&self, org: &OwnerName) -> Result<Members, RegistryError> {
        let org = self.org(org).await?;
        let members = self.inner.catalog.members(&org.id).await?;
        Ok(Members {
            members: members
                .into_iter()
                .map(|member| Member {
                    user_id: member.user_id,
                    username: member.username,
                    display_name: member.display_name,
                    avatar_url: member.avatar_url,
                    role: member.role,
                    added_at: member.added_at,
                })
                .collect(),
        })
    }

    /// Adds a member.
    pub async fn add_member(
        &self,
        caller: &Caller,
        org: &OwnerName,
        request: &MemberRequest,
    ) -> Result<MemberChanged, RegistryError> {
        let role = match &request.role {
            None => Role::Member,
            Some(role) => parse_role(role)?,
        };
        let username = OwnerName::parse(&request.username)
            .map_err(|error| RegistryError::invalid(format!("username: {error}")))?;
        let needs = if role == Role::Owner {
            Role::Owner
        } else {
            Role::Admin
        };
        let org = self.writable_org(caller, org, needs).await?;
        let user = self.user(&username).await?;
        let by = &caller.signed_in()?.profile;
        let added = self
            .inner
            .catalog
            .add_member(&org.id, &user.id, role, &by.id, self.now())
            .await?;
        if !added {
            return Err(RegistryError::new(
                ErrorKind::Conflict,
                format!("\"{username}\" is a member already"),
            ));
        }
        Ok(MemberChanged {
            username,
            role,
            org: org.name,
        })
    }

    /// Changes a member's role.
    pub async fn set_role(
        &self,
        caller: &Caller,
        org: &OwnerName,
        username: OwnerName,
        request: &RoleRequest,
    ) -> Result<MemberChanged, RegistryError> {
        let role = parse_role(&request.role)?;
        let org = self.writable_org(caller, org, Role::Owner).await?;
        let user = self.user(&username).await?;
        let change = self.inner.catalog.set_role(&org.id, &user.id, role).await?;
        done(change, &username)?;
        Ok(MemberChanged {
            username,
            role,
            org: org.name,
        })
    }

    /// Removes a member, or lets one leave.
    pub async fn remove_member(
        &self,
        caller: &Caller,
        org: &OwnerName,
        username: OwnerName,
    ) -> Result<MemberRemoved, RegistryError> {
        let leaves = caller.may(Needs::Orgs)?.username == username.as_str();
        let org = if leaves {
            self.org(org).await?
        } else {
            self.writable_org(caller, org, Role::Owner).await?
        };
        let user = self.user(&username).await?;
        let change = self.inner.catalog.remove_member(&org.id, &user.id).await?;
        done(change, &username)?;
        Ok(MemberRemoved {
            removed: username,
            org: org.name,
        })
    }

    pub(crate) async fn user(&self, username: &OwnerName) -> Result<Profile, RegistryError> {
        let profile = self.inner.catalog.profile(username.as_str()).await?;
        profile.ok_or_else(|| not_found(username))
    }
}

fn parse_role(text: &str) -> Result<Role, RegistryError> {
    Role::parse(text).map_err(|error| RegistryError::invalid(format!("role: {error}")))
}

fn done(change: MemberChange, username: &OwnerName) -> Result<(), RegistryError> {
    match change {
        MemberChange::Done => Ok(()),
        MemberChange::NotAMember => Err(RegistryError::new(
            ErrorKind::NotFound,
            format!("\"{username}\" is no member of the organisation"),
        )),
        MemberChange::LastOwner => Err(RegistryError::new(
            ErrorKind::Conflict,
            "An organisation must keep an owner: make somebody else one first",
        )),
    }
}

pub(crate) fn not_found(username: &OwnerName) -> RegistryError {
    RegistryError::new(
        ErrorKind::NotFound,
        format!("User \"{username}\" not found"),
    )
}

//! Who the caller is.

use enact_types::OwnerName;
use enact_types::wire::{Me, ProfileRow, SignInKind, SignedInBy, UserMetadata, UserRecord};

use crate::{Account, Caller, Registry, RegistryError, Via};

impl Registry {
    /// The caller's account and the names that it may publish under.
    pub async fn me(&self, caller: &Caller) -> Result<Me, RegistryError> {
        let account = caller.signed_in()?;
        let profile = &account.profile;
        let orgs = self.inner.catalog.org_names_of(&profile.id).await?;
        let mut namespaces = vec![profile.username.clone()];
        namespaces.extend(orgs.iter().map(|org| format!("@{org}")));
        Ok(Me {
            id: profile.id.clone(),
            username: profile.username.clone(),
            email: None,
            namespaces,
            created_at: profile.created_at,
            signed_in_by: signed_in_by(account),
        })
    }

    /// The caller's account, in the shape that existing clients ask Supabase for.
    pub fn user_record(&self, caller: &Caller) -> Result<UserRecord, RegistryError> {
        let profile = caller.signed_in()?.profile.clone();
        let name = profile.username;
        Ok(UserRecord {
            id: profile.id,
            role: "authenticated".to_owned(),
            email: None,
            user_metadata: UserMetadata {
                full_name: profile.display_name.unwrap_or_else(|| name.clone()),
                user_name: name.clone(),
                username: name,
            },
            created_at: profile.created_at,
        })
    }

    /// The name of the caller.
    pub fn name_of(&self, caller: &Caller) -> Result<OwnerName, RegistryError> {
        let name = &caller.signed_in()?.profile.username;
        OwnerName::parse(name).map_err(RegistryError::internal)
    }

    /// The public part of the profile with an id.
    pub async fn profile(&self, id: &str) -> Result<Option<ProfileRow>, RegistryError> {
        // Postgres has no NUL in its texts, and no id has one either.
        if id.contains('\0') {
            return Ok(None);
        }
        let profile = self.inner.catalog.profile_by_id(id).await?;
        Ok(profile.map(|profile| ProfileRow {
            id: profile.id,
            display_name: profile.display_name,
            username: profile.username,
            avatar_url: profile.avatar_url,
        }))
    }
}

fn signed_in_by(account: &Account) -> SignedInBy {
    let (kind, id, expires_at) = match &account.via {
        Via::Key => (SignInKind::Key, None, None),
        Via::OpenMode => (SignInKind::Open, None, None),
        Via::Token { id, expires_at } => (SignInKind::Token, Some(id.clone()), Some(*expires_at)),
        Via::Identity { expires_at, .. } => (SignInKind::Identity, None, Some(*expires_at)),
        Via::Workflow { expires_at, .. } => (SignInKind::Workflow, None, Some(*expires_at)),
    };
    SignedInBy {
        kind,
        id,
        scopes: account.scopes.iter().cloned().collect(),
        expires_at,
    }
}

//! Who the caller is.

use enact_types::OwnerName;
use enact_types::wire::{Me, ProfileRow, UserMetadata, UserRecord};

use crate::{Caller, Registry, RegistryError};

impl Registry {
    /// The caller's account and the names that it may publish under.
    pub async fn me(&self, caller: &Caller) -> Result<Me, RegistryError> {
        let profile = &caller.signed_in()?.profile;
        let orgs = self.inner.catalog.org_names_of(&profile.id).await?;
        let mut namespaces = vec![profile.username.clone()];
        namespaces.extend(orgs.iter().map(|org| format!("@{org}")));
        Ok(Me {
            id: profile.id.clone(),
            username: profile.username.clone(),
            email: None,
            namespaces,
            created_at: profile.created_at,
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

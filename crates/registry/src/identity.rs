//! Who the caller is.

use enact_types::wire::Me;

use crate::{Caller, Registry, RegistryError};

impl Registry {
    /// The caller's account and the names that it may publish under.
    pub async fn me(&self, caller: &Caller) -> Result<Me, RegistryError> {
        let profile = caller.signed_in()?;
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
}

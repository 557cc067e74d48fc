//! Whom users trust. The list is public: it is for others to build on.

use enact_types::limits::{MAX_SHORT_TEXT_CHARS, MAX_TRUSTED_AUDITORS};
use enact_types::wire::{TrustList, TrustListChanged, TrustedAuditor};
use enact_types::{Needs, OwnerName};

use crate::texts::required;
use crate::{Caller, Registry, RegistryError};

impl Registry {
    /// Whom a user trusts.
    pub async fn trust_list(&self, username: &OwnerName) -> Result<TrustList, RegistryError> {
        let user = self.user(username).await?;
        Ok(TrustList {
            trusted_auditors: self.trusted_auditors(&user.id).await?,
            username: user.username,
        })
    }

    /// Replaces the caller's list.
    pub async fn set_trust_list(
        &self,
        caller: &Caller,
        identities: Vec<String>,
    ) -> Result<TrustListChanged, RegistryError> {
        let user = caller.may(Needs::Account)?;
        if identities.len() > MAX_TRUSTED_AUDITORS {
            return Err(RegistryError::invalid(format!(
                "trusted_auditors has at most {MAX_TRUSTED_AUDITORS} entries"
            )));
        }
        let mut list: Vec<String> = Vec::with_capacity(identities.len());
        for identity in identities {
            let identity = required("trusted_auditors", identity, MAX_SHORT_TEXT_CHARS)?;
            if !list.contains(&identity) {
                list.push(identity);
            }
        }
        let now = self.now();
        self.inner
            .catalog
            .set_trusted_auditors(&user.id, &list, now)
            .await?;
        Ok(TrustListChanged {
            trusted_auditors: self.trusted_auditors(&user.id).await?,
            updated_at: now,
        })
    }

    async fn trusted_auditors(&self, user_id: &str) -> Result<Vec<TrustedAuditor>, RegistryError> {
        let list = self.inner.catalog.trusted_auditors(user_id).await?;
        Ok(list
            .into_iter()
            .map(|(identity, added_at)| TrustedAuditor { identity, added_at })
            .collect())
    }
}

//! Who may do what. The only place that decides it.

use enact_catalog::{Profile, Sees};
use enact_types::ToolName;

use crate::RegistryError;
use crate::error::ErrorKind;

/// Who is asking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Caller {
    /// Anybody: no token, or one that is not ours. Existing clients send the tokens of other
    /// registries along, so an unknown token reads like none.
    Anonymous,
    /// The operator: holds the registry's key, or uses a registry in open mode. May do everything.
    Admin(Profile),
}

impl Caller {
    /// Which tools the caller sees at all. Every answer about another must be the one for a tool
    /// that does not exist.
    pub(crate) fn sees(&self) -> Sees {
        match self {
            Self::Anonymous => Sees::NotPrivate,
            Self::Admin(_) => Sees::All,
        }
    }

    /// The profile to publish `_name` with: the operator may use every namespace, and nobody else
    /// has an account yet.
    pub(crate) fn may_publish(&self, _name: &ToolName) -> Result<&Profile, RegistryError> {
        self.signed_in()
    }

    /// The caller's profile, or the error of somebody who did not sign in.
    pub(crate) fn signed_in(&self) -> Result<&Profile, RegistryError> {
        match self {
            Self::Admin(profile) => Ok(profile),
            Self::Anonymous => Err(RegistryError::new(
                ErrorKind::Unauthorized,
                "Unauthorized: this needs a valid token of this registry",
            )),
        }
    }
}

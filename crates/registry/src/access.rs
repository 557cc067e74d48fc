//! Who may do what. The only place that decides it.

use enact_catalog::{Profile, ToolRecord};
use enact_types::Visibility;

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
    /// Whether the caller may see the tool at all. If not, every answer about it must be the one
    /// for a tool that does not exist.
    pub(crate) fn may_see(&self, tool: &ToolRecord) -> bool {
        match tool.visibility {
            Visibility::Public | Visibility::Unlisted => true,
            Visibility::Private => matches!(self, Self::Admin(_)),
        }
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

//! Attestations of a version. None can be submitted yet, so the list is empty; it must not fail
//! for a version that exists, since clients read a failure as "install without checking".

use enact_types::ToolName;
use enact_types::limits::{DEFAULT_PAGE, MAX_PAGE};
use enact_types::wire::Attestations;

use crate::{Caller, Registry, RegistryError, Selector};

impl Registry {
    /// The attestations of a version.
    pub async fn attestations(
        &self,
        caller: &Caller,
        name: &ToolName,
        selector: &Selector,
        limit: Option<u32>,
        offset: u32,
    ) -> Result<Attestations, RegistryError> {
        let (_, version) = self.resolve(caller, name, selector).await?;
        Ok(Attestations {
            attestations: Vec::new(),
            total: 0,
            limit: limit.unwrap_or(DEFAULT_PAGE).clamp(1, MAX_PAGE),
            offset,
            tool: name.clone(),
            version: version.summary.version,
            bundle_hash: version.summary.bundle_hash,
        })
    }
}

//! Which version a command is about when its user named none.

use enact_types::Version;

use crate::client::Client;
use crate::exit::Failure;
use crate::tool_spec::ToolSpec;

/// The version that `spec` names, else the latest one.
pub(super) async fn version(client: &Client, spec: &ToolSpec) -> Result<Version, Failure> {
    if let Some(version) = &spec.version {
        return Ok(version.clone());
    }
    let info = client.tool(&spec.name).await?;
    info.latest_version.ok_or_else(|| {
        let message = format!("{} has no version", spec.name);
        Failure::new("NOT_FOUND", message)
    })
}

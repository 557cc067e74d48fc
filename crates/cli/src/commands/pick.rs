//! Which version a command that only looks is about.

use enact_types::Version;

use crate::client::Client;
use crate::exit::{Exit, Failure};
use crate::installer::highest;
use crate::tool_request::{ToolRequest, Wanted};

/// The version that is asked for: of a range the highest, one that was yanked only if there is no
/// other, since to look at it does no harm; without any the latest.
pub(super) async fn version(client: &Client, tool: &ToolRequest) -> Result<Version, Failure> {
    let range = match &tool.wanted {
        Some(Wanted::Exact(version)) => return Ok(version.clone()),
        Some(Wanted::Range(range)) => Some(range),
        Some(Wanted::Latest) | None => None,
    };
    let info = client.tool(&tool.name).await?;
    match range {
        Some(range) => {
            highest(&info, range, true).map_err(|failure| failure.with_exit(Exit::Failure))
        }
        None => info.latest_version.ok_or_else(|| {
            let message = format!("{} has no version", tool.name);
            Failure::new("NOT_FOUND", message)
        }),
    }
}

//! `GET /tools/N/versions/V` — whoever may see the tool. One version with its manifest; `latest`
//! is an alias.

use axum::response::Response;
use enact_registry::{Caller, Selector};
use enact_types::ToolName;
use enact_types::wire::VersionDetails;

use crate::error::ApiError;
use crate::openapi::errors::{Failures, Missing};
use crate::state::AppState;

#[utoipa::path(
    get,
    path = "/tools/{name}/versions/{version}",
    tag = "Versions",
    summary = "One version with its manifest",
    params(("name" = String, Path, description = "The skill's name; its slashes may be written as `%2F`", example = "alice/greeter"), ("version" = String, Path, description = "A version, or `latest`", example = "1.0.0")),
    responses((status = 200, body = VersionDetails), Failures, Missing)
)]
pub(crate) async fn version(
    state: &AppState,
    caller: &Caller,
    name: &ToolName,
    version: &Selector,
) -> Result<Response, ApiError> {
    let details = state
        .registry
        .version_details(caller, name, version)
        .await?;
    let turn = state.large_answers.turn(details.text_bytes()).await?;
    turn.json(&details.read().await?)
}

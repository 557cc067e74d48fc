//! `DELETE /tools/N` — the owner. Deletes the tool with all its versions, for ever.

use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use enact_registry::{Caller, Registry};
use enact_types::ToolName;

use crate::error::ApiError;
use crate::openapi::errors::{Denied, Failures, Missing};

#[utoipa::path(
    delete,
    path = "/tools/{name}",
    tag = "Skills",
    summary = "Delete a skill for ever; its name is never given out again",
    params(("name" = String, Path, description = "The skill's name; its slashes may be written as `%2F`", example = "alice/utils/greeter")),
    responses((status = 204, description = "It is gone"), Failures, Missing, Denied)
)]
pub(crate) async fn delete(
    registry: &Registry,
    caller: &Caller,
    name: &ToolName,
) -> Result<Response, ApiError> {
    registry.delete_tool(caller, name).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

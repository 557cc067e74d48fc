//! `GET /tools/N` — whoever may see the tool. The tool with all its versions.

use axum::Json;
use axum::response::{IntoResponse as _, Response};
use enact_registry::{Caller, Registry};
use enact_types::ToolName;

use crate::error::ApiError;

pub(crate) async fn info(
    registry: &Registry,
    caller: &Caller,
    name: &ToolName,
) -> Result<Response, ApiError> {
    Ok(Json(registry.tool_info(caller, name).await?).into_response())
}

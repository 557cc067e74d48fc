//! `POST /tools/N/versions/V/unyank` — whoever may publish the tool. The body is not read.

use axum::Json;
use axum::response::{IntoResponse as _, Response};
use enact_registry::{Caller, Registry, Selector};
use enact_types::ToolName;

use crate::error::ApiError;

pub(crate) async fn unyank(
    registry: &Registry,
    caller: &Caller,
    name: &ToolName,
    version: &Selector,
) -> Result<Response, ApiError> {
    Ok(Json(registry.unyank(caller, name, version).await?).into_response())
}

//! `GET /tools/N/versions/V` — whoever may see the tool. One version with its manifest; `latest`
//! is an alias.

use axum::Json;
use axum::response::{IntoResponse as _, Response};
use enact_registry::{Caller, Registry, Selector};
use enact_types::ToolName;

use crate::error::ApiError;

pub(crate) async fn version(
    registry: &Registry,
    caller: &Caller,
    name: &ToolName,
    version: &Selector,
) -> Result<Response, ApiError> {
    Ok(Json(registry.version_details(caller, name, version).await?).into_response())
}

//! `POST /tools/N/versions/V/yank` — whoever may publish the tool. Body: reason and replacement,
//! both optional, as is the body.

use axum::Json;
use axum::body::Body;
use axum::response::{IntoResponse as _, Response};
use enact_registry::{Caller, Registry, Selector};
use enact_types::ToolName;

use crate::error::ApiError;
use crate::http::json_body;

pub(crate) async fn yank(
    registry: &Registry,
    caller: &Caller,
    name: &ToolName,
    version: &Selector,
    body: Body,
) -> Result<Response, ApiError> {
    let body = json_body::read(body).await?.unwrap_or_default();
    Ok(Json(registry.yank(caller, name, version, body).await?).into_response())
}

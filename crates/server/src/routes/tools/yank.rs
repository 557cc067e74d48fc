//! `POST /tools/N/versions/V/yank` — whoever may publish the tool. Body: reason and replacement,
//! both optional, as is the body.

use axum::body::Body;
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Json};
use enact_registry::{Caller, Registry, Selector, Subject};
use enact_types::ToolName;
use enact_types::wire::{YankRequest, Yanked};

use crate::error::ApiError;
use crate::http::json_body;
use crate::openapi::errors::{BadBody, Denied, Failures, Missing};

#[utoipa::path(
    post,
    path = "/tools/{name}/versions/{version}/yank",
    tag = "Versions",
    summary = "Yank a version: it stays downloadable for those who insist",
    params(("name" = String, Path, description = "The skill's name; its slashes may be written as `%2F`", example = "alice/utils/greeter"), ("version" = String, Path, description = "A version, or `latest`", example = "1.0.0")),
    request_body = Option<YankRequest>,
    responses((status = 200, body = Yanked), Failures, Missing, Denied, BadBody)
)]
pub(crate) async fn yank(
    registry: &Registry,
    caller: &Caller,
    name: &ToolName,
    version: &Selector,
    body: Body,
) -> Result<Response, ApiError> {
    let body = json_body::read(body).await?.unwrap_or_default();
    let yanked = registry.yank(caller, name, version, body).await?;
    let subject = Extension(Subject::found(&yanked.version));
    Ok((subject, Json(yanked)).into_response())
}

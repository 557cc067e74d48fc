//! `PATCH /tools/N/visibility` — whoever owns the tool. Changes who may see it.

use axum::body::Body;
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Json};
use enact_registry::{Caller, Registry, Subject};
use enact_types::wire::{VisibilityChanged, VisibilityRequest};
use enact_types::{ToolName, Visibility};

use crate::error::ApiError;
use crate::http::json_body;
use crate::openapi::errors::{BadBody, Denied, Failures, Missing};

#[utoipa::path(
    patch,
    path = "/tools/{name}/visibility",
    tag = "Skills",
    summary = "Change who may see a skill",
    params(("name" = String, Path, description = "The skill's name; its slashes may be written as `%2F`", example = "alice/utils/greeter")),
    request_body = VisibilityRequest,
    responses((status = 200, body = VisibilityChanged), Failures, Missing, Denied, BadBody)
)]
pub(crate) async fn visibility(
    registry: &Registry,
    caller: &Caller,
    name: &ToolName,
    body: Body,
) -> Result<Response, ApiError> {
    let body: VisibilityRequest = json_body::read(body).await?.ok_or_else(|| {
        ApiError::bad_request("The body must be like {\"visibility\": \"public\"}")
    })?;
    let visibility = Visibility::parse(&body.visibility)
        .map_err(|error| ApiError::invalid(error.to_string()))?;
    let changed = registry.set_visibility(caller, name, visibility).await?;
    let subject = Extension(Subject::default().with_detail(&changed.visibility));
    Ok((subject, Json(changed)).into_response())
}

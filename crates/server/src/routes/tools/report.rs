//! `POST /tools/N/versions/V/reports` — signed in, and sees the tool. Reports a problem.

use axum::Json;
use axum::body::Body;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use enact_registry::{Caller, Registry, Selector};
use enact_types::ToolName;
use enact_types::wire::{Report, ReportRequest};

use crate::error::ApiError;
use crate::http::json_body;
use crate::openapi::errors::{BadBody, Denied, Failures, Missing, Taken};

#[utoipa::path(
    post,
    path = "/tools/{name}/versions/{version}/reports",
    tag = "Feedback",
    summary = "Report a problem with a version",
    params(("name" = String, Path, description = "The skill's name; its slashes may be written as `%2F`", example = "alice/utils/greeter"), ("version" = String, Path, description = "A version, or `latest`", example = "1.0.0")),
    request_body = ReportRequest,
    responses((status = 201, body = Report), Failures, Missing, Denied, BadBody, Taken)
)]
pub(crate) async fn report(
    registry: &Registry,
    caller: &Caller,
    name: &ToolName,
    version: &Selector,
    body: Body,
) -> Result<Response, ApiError> {
    let request: ReportRequest = json_body::required(body).await?;
    let report = registry.report(caller, name, version, request).await?;
    Ok((StatusCode::CREATED, Json(report)).into_response())
}

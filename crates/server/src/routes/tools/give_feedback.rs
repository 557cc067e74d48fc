//! `POST /tools/N/feedback` — signed in, and sees the tool. Rates it, in place of an earlier rating.

use axum::Json;
use axum::body::Body;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use enact_registry::{Caller, Registry};
use enact_types::ToolName;
use enact_types::wire::{FeedbackRequest, Review};

use crate::error::ApiError;
use crate::http::json_body;
use crate::openapi::errors::{BadBody, Denied, Failures, Missing};

#[utoipa::path(
    post,
    path = "/tools/{name}/feedback",
    tag = "Feedback",
    summary = "Rate a skill",
    params(("name" = String, Path, description = "The skill's name; its slashes may be written as `%2F`", example = "alice/utils/greeter")),
    request_body = FeedbackRequest,
    responses((status = 201, body = Review), Failures, Missing, Denied, BadBody)
)]
pub(crate) async fn give_feedback(
    registry: &Registry,
    caller: &Caller,
    name: &ToolName,
    body: Body,
) -> Result<Response, ApiError> {
    let request: FeedbackRequest = json_body::required(body).await?;
    let review = registry.give_feedback(caller, name, request).await?;
    Ok((StatusCode::CREATED, Json(review)).into_response())
}

//! `GET /tools/N/feedback` — whoever may see the tool. How it is rated.

use axum::Json;
use axum::response::{IntoResponse as _, Response};
use enact_registry::{Caller, Registry};
use enact_types::ToolName;
use enact_types::wire::Feedback;

use crate::error::ApiError;
use crate::openapi::errors::{Failures, Missing};

#[utoipa::path(
    get,
    path = "/tools/{name}/feedback",
    tag = "Feedback",
    summary = "How a skill is rated",
    params(("name" = String, Path, description = "The skill's name; its slashes may be written as `%2F`", example = "alice/utils/greeter")),
    responses((status = 200, body = Feedback), Failures, Missing)
)]
pub(crate) async fn feedback(
    registry: &Registry,
    caller: &Caller,
    name: &ToolName,
) -> Result<Response, ApiError> {
    Ok(Json(registry.feedback(caller, name).await?).into_response())
}

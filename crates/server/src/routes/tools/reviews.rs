//! `GET /tools/N/feedback/reviews?limit&offset` — whoever may see the tool. What users said of it.

use axum::Json;
use axum::response::{IntoResponse as _, Response};
use enact_registry::{Caller, Registry};
use enact_types::ToolName;
use enact_types::wire::Reviews;

use crate::error::ApiError;
use crate::http::query;
use crate::openapi::errors::{Failures, Missing};

#[utoipa::path(
    get,
    path = "/tools/{name}/feedback/reviews",
    tag = "Feedback",
    summary = "What users said of a skill, newest first",
    params(
        ("name" = String, Path, description = "The skill's name; its slashes may be written as `%2F`", example = "alice/utils/greeter"),
        ("limit" = Option<i64>, Query, description = "1 to 100; 20 if absent"),
        ("offset" = Option<i64>, Query, description = "Rows to skip"),
    ),
    responses((status = 200, body = Reviews), Failures, Missing)
)]
pub(crate) async fn reviews(
    registry: &Registry,
    caller: &Caller,
    name: &ToolName,
    query: &str,
) -> Result<Response, ApiError> {
    let reviews = registry.reviews(caller, name, query::page(query)).await?;
    Ok(Json(reviews).into_response())
}

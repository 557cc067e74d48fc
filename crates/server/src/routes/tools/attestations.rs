//! `GET /tools/N/versions/V/attestations?limit&offset` — whoever may see the tool.

use axum::Json;
use axum::response::{IntoResponse as _, Response};
use enact_registry::{Caller, Registry, Selector};
use enact_types::ToolName;
use enact_types::wire::Attestations;

use crate::error::ApiError;
use crate::http::query;
use crate::openapi::errors::{Failures, Missing};

#[utoipa::path(
    get,
    path = "/tools/{name}/versions/{version}/attestations",
    tag = "Attestations",
    summary = "The attestations of a version, newest first",
    params(
        ("name" = String, Path, description = "The skill's name; its slashes may be written as `%2F`", example = "alice/utils/greeter"),
        ("version" = String, Path, description = "A version, or `latest`", example = "1.0.0"),
        ("limit" = Option<i64>, Query, description = "1 to 100; 20 if absent"),
        ("offset" = Option<i64>, Query, description = "Rows to skip"),
    ),
    responses((status = 200, body = Attestations), Failures, Missing)
)]
pub(crate) async fn attestations(
    registry: &Registry,
    caller: &Caller,
    name: &ToolName,
    version: &Selector,
    query: &str,
) -> Result<Response, ApiError> {
    Ok(Json(
        registry
            .attestations(caller, name, version, query::page(query))
            .await?,
    )
    .into_response())
}

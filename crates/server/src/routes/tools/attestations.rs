//! `GET /tools/N/versions/V/attestations?limit&offset` — whoever may see the tool.

use axum::Json;
use axum::http::request::Parts;
use axum::response::{IntoResponse as _, Response};
use enact_registry::{Caller, Registry, Selector};
use enact_types::ToolName;

use crate::error::ApiError;
use crate::routes::tools::search::Paging;

pub(crate) async fn attestations(
    registry: &Registry,
    caller: &Caller,
    name: &ToolName,
    version: &Selector,
    head: &Parts,
) -> Result<Response, ApiError> {
    let Paging { limit, offset } = Paging::of(head.uri.query().unwrap_or_default());
    Ok(Json(
        registry
            .attestations(caller, name, version, limit, offset)
            .await?,
    )
    .into_response())
}

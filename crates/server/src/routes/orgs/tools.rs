//! `GET /orgs/O/tools?limit&offset` — anybody. The public tools of an organisation.

use axum::Json;
use axum::extract::{RawQuery, State};
use enact_types::wire::OrgTools;

use crate::error::ApiError;
use crate::http::query;
use crate::http::segment::OwnerSegment;
use crate::openapi::errors::{Failures, Missing};
use crate::state::AppState;

#[utoipa::path(
    get,
    path = "/orgs/{org}/tools",
    tag = "Organisations",
    summary = "The public skills of an organisation",
    params(
        ("org" = String, Path, description = "The organisation, with or without its `@`"),
        ("limit" = Option<i64>, Query, description = "1 to 100; 20 if absent"),
        ("offset" = Option<i64>, Query, description = "Rows to skip"),
    ),
    responses((status = 200, body = OrgTools), Failures, Missing)
)]
pub(crate) async fn tools(
    State(state): State<AppState>,
    OwnerSegment(org): OwnerSegment<1>,
    RawQuery(query): RawQuery,
) -> Result<Json<OrgTools>, ApiError> {
    let page = query::page(&query.unwrap_or_default());
    Ok(Json(state.registry.org_tools(&org, page).await?))
}

//! `GET /orgs/O` — anybody. An organisation.

use axum::Json;
use axum::extract::State;
use enact_types::wire::OrgInfo;

use crate::error::ApiError;
use crate::http::segment::OwnerSegment;
use crate::openapi::errors::{Failures, Missing};
use crate::state::AppState;

#[utoipa::path(
    get,
    path = "/orgs/{org}",
    tag = "Organisations",
    summary = "An organisation",
    params(("org" = String, Path, description = "The organisation, with or without its `@`")),
    responses((status = 200, body = OrgInfo), Failures, Missing)
)]
pub(crate) async fn info(
    State(state): State<AppState>,
    OwnerSegment(org): OwnerSegment<1>,
) -> Result<Json<OrgInfo>, ApiError> {
    Ok(Json(state.registry.org_info(&org).await?))
}

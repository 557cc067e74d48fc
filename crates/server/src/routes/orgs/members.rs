//! `GET /orgs/O/members` — anybody. The members of an organisation.

use axum::Json;
use axum::extract::State;
use enact_types::wire::Members;

use crate::error::ApiError;
use crate::http::segment::OwnerSegment;
use crate::openapi::errors::{Failures, Missing};
use crate::state::AppState;

#[utoipa::path(
    get,
    path = "/orgs/{org}/members",
    tag = "Organisations",
    summary = "The members of an organisation",
    params(("org" = String, Path, description = "The organisation, with or without its `@`")),
    responses((status = 200, body = Members), Failures, Missing)
)]
pub(crate) async fn members(
    State(state): State<AppState>,
    OwnerSegment(org): OwnerSegment<1>,
) -> Result<Json<Members>, ApiError> {
    Ok(Json(state.registry.members(&org).await?))
}

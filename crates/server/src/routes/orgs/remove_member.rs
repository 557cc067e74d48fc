//! `DELETE /orgs/O/members/U` — owners of the organisation, and everybody for themselves. Removes a
//! member.

use axum::Json;
use axum::extract::State;
use enact_types::wire::MemberRemoved;

use crate::auth::Authenticated;
use crate::error::ApiError;
use crate::http::segment::OwnerSegment;
use crate::openapi::errors::{Denied, Failures, Missing, Taken};
use crate::state::AppState;

#[utoipa::path(
    delete,
    path = "/orgs/{org}/members/{user}",
    tag = "Organisations",
    summary = "Remove a member, or leave",
    params(("org" = String, Path, description = "The organisation, with or without its `@`"), ("user" = String, Path, description = "The user's name")),
    responses((status = 200, body = MemberRemoved), Failures, Missing, Denied, Taken)
)]
pub(crate) async fn remove_member(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    OwnerSegment(org): OwnerSegment<1>,
    OwnerSegment(user): OwnerSegment<3>,
) -> Result<Json<MemberRemoved>, ApiError> {
    Ok(Json(
        state.registry.remove_member(&caller, &org, user).await?,
    ))
}

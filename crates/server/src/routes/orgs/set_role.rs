//! `PATCH /orgs/O/members/U` — owners of the organisation. Changes a role.

use axum::body::Body;
use axum::extract::State;
use axum::{Extension, Json};
use enact_registry::Subject;
use enact_types::wire::{MemberChanged, RoleRequest};

use crate::auth::Authenticated;
use crate::error::ApiError;
use crate::http::json_body;
use crate::http::segment::OwnerSegment;
use crate::openapi::errors::{BadBody, Denied, Failures, Missing, Taken};
use crate::state::AppState;

#[utoipa::path(
    patch,
    path = "/orgs/{org}/members/{user}",
    tag = "Organisations",
    summary = "Change a member's role",
    params(("org" = String, Path, description = "The organisation, with or without its `@`"), ("user" = String, Path, description = "The user's name")),
    request_body = RoleRequest,
    responses((status = 200, body = MemberChanged), Failures, Missing, Denied, BadBody, Taken)
)]
pub(crate) async fn set_role(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    OwnerSegment(org): OwnerSegment<1>,
    OwnerSegment(user): OwnerSegment<3>,
    body: Body,
) -> Result<(Extension<Subject>, Json<MemberChanged>), ApiError> {
    let request: RoleRequest = json_body::required(body).await?;
    let changed = state
        .registry
        .set_role(&caller, &org, user, &request)
        .await?;
    let detail = format_args!("{} {}", changed.username, changed.role);
    let subject = Subject::default().with_detail(&detail);
    Ok((Extension(subject), Json(changed)))
}

//! `POST /orgs/O/members` — admins of the organisation; owners to make an owner. Adds a member.

use axum::body::Body;
use axum::extract::State;
use axum::http::StatusCode;
use axum::{Extension, Json};
use enact_registry::Subject;
use enact_types::wire::{MemberChanged, MemberRequest};

use crate::auth::Authenticated;
use crate::error::ApiError;
use crate::http::json_body;
use crate::http::segment::OwnerSegment;
use crate::openapi::errors::{BadBody, Denied, Failures, Missing, Taken};
use crate::state::AppState;

#[utoipa::path(
    post,
    path = "/orgs/{org}/members",
    tag = "Organisations",
    summary = "Add a member",
    params(("org" = String, Path, description = "The organisation, with or without its `@`")),
    request_body = MemberRequest,
    responses((status = 201, body = MemberChanged), Failures, Missing, Denied, BadBody, Taken)
)]
pub(crate) async fn add_member(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    OwnerSegment(org): OwnerSegment<1>,
    body: Body,
) -> Result<(StatusCode, Extension<Subject>, Json<MemberChanged>), ApiError> {
    let request: MemberRequest = json_body::required(body).await?;
    let added = state.registry.add_member(&caller, &org, &request).await?;
    let detail = format_args!("{} {}", added.username, added.role);
    let subject = Subject::default().with_detail(&detail);
    Ok((StatusCode::CREATED, Extension(subject), Json(added)))
}

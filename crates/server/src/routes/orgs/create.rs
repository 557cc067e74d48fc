//! `POST /orgs` — signed in. Makes an organisation, owned by the caller.

use axum::body::Body;
use axum::extract::State;
use axum::http::StatusCode;
use axum::{Extension, Json};
use enact_registry::Subject;
use enact_types::wire::{OrgInfo, OrgRequest};

use crate::auth::Authenticated;
use crate::error::ApiError;
use crate::http::json_body;
use crate::openapi::errors::{BadBody, Denied, Failures, Taken};
use crate::state::AppState;

#[utoipa::path(
    post,
    path = "/orgs",
    tag = "Organisations",
    summary = "Make an organisation",
    request_body = OrgRequest,
    responses((status = 201, body = OrgInfo), Failures, Denied, BadBody, Taken)
)]
pub(crate) async fn create(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    body: Body,
) -> Result<(StatusCode, Extension<Subject>, Json<OrgInfo>), ApiError> {
    let request: OrgRequest = json_body::required(body).await?;
    let org = state.registry.create_org(&caller, request).await?;
    let subject = Subject::target(&format_args!("@{}", org.name));
    Ok((StatusCode::CREATED, Extension(subject), Json(org)))
}

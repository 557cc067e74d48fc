//! `PUT /users/me/trust` — signed in. Replaces the list of whom the caller trusts.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use enact_types::wire::{TrustListChanged, TrustRequest};

use crate::auth::Authenticated;
use crate::error::ApiError;
use crate::http::json_body;
use crate::openapi::errors::{BadBody, Denied, Failures};
use crate::state::AppState;

#[utoipa::path(
    put,
    path = "/users/me/trust",
    tag = "Users",
    summary = "Replace the list of whom the caller trusts",
    request_body = TrustRequest,
    responses((status = 200, body = TrustListChanged), Failures, Denied, BadBody)
)]
pub(crate) async fn set_trust(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    body: Body,
) -> Result<Json<TrustListChanged>, ApiError> {
    let TrustRequest { trusted_auditors } = json_body::required(body).await?;
    let changed = state
        .registry
        .set_trust_list(&caller, trusted_auditors)
        .await?;
    Ok(Json(changed))
}

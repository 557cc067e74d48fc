//! `GET /auth/me` — signed in. Who the caller is.

use axum::Json;
use axum::extract::State;
use enact_types::wire::Me;

use crate::auth::Authenticated;
use crate::error::ApiError;
use crate::openapi::errors::{Denied, Failures};
use crate::state::AppState;

#[utoipa::path(
    get,
    path = "/auth/me",
    tag = "Identity",
    summary = "Who the caller is",
    responses((status = 200, body = Me), Failures, Denied)
)]
pub(crate) async fn me(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
) -> Result<Json<Me>, ApiError> {
    Ok(Json(state.registry.me(&caller).await?))
}

//! `GET /auth/tokens` — signed in. The caller's tokens, without their secrets, which nobody has here.

use axum::Json;
use axum::extract::State;
use enact_types::wire::TokenList;

use crate::auth::Authenticated;
use crate::error::ApiError;
use crate::openapi::errors::{Denied, Failures};
use crate::state::AppState;

#[utoipa::path(
    get,
    path = "/auth/tokens",
    tag = "Identity",
    summary = "The caller's tokens, the newest first",
    responses((status = 200, body = TokenList), Failures, Denied)
)]
pub(crate) async fn tokens(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
) -> Result<Json<TokenList>, ApiError> {
    Ok(Json(state.registry.own_tokens(&caller).await?))
}

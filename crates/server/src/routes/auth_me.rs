//! `GET /auth/me` — signed in. Who the caller is.

use axum::Json;
use axum::extract::State;
use enact_types::wire::Me;

use crate::auth::Authenticated;
use crate::error::ApiError;
use crate::state::AppState;

pub(crate) async fn me(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
) -> Result<Json<Me>, ApiError> {
    Ok(Json(state.registry.me(&caller).await?))
}

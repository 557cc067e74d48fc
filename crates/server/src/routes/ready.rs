//! `GET /ready` — anybody. Whether catalog and store can be reached: for load balancers.

use axum::Json;
use axum::extract::State;
use enact_types::wire::Ready;

use crate::error::ApiError;
use crate::openapi::errors::Failures;
use crate::state::AppState;

#[utoipa::path(
    get,
    path = "/ready",
    tag = "Server",
    summary = "Whether the catalog and the bundle store can be reached",
    responses((status = 200, body = Ready), Failures)
)]
pub(crate) async fn ready(State(state): State<AppState>) -> Result<Json<Ready>, ApiError> {
    Ok(Json(state.registry.ready().await?))
}

//! `GET /health` — anybody. Whether the process is alive; asks neither catalog nor store.

use axum::Json;
use enact_types::wire::Health;

#[utoipa::path(
    get,
    path = "/health",
    tag = "Server",
    summary = "Whether the process is alive",
    responses((status = 200, body = Health))
)]
pub(crate) async fn health() -> Json<Health> {
    Json(Health {
        status: "ok".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
    })
}

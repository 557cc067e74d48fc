//! Which path leads where.

use axum::Router;
use axum::middleware;
use axum::routing::{any, get};

use crate::error::ApiError;
use crate::http::cors::cors;
use crate::http::request_log::request_log;
use crate::routes;
use crate::state::AppState;

/// The API. Paths arrive normalised: see `http/normalize.rs`.
pub(crate) fn router(state: AppState) -> Router {
    Router::new()
        .route("/health", get(routes::health::health))
        .route("/auth/me", get(routes::auth_me::me))
        .route("/tools/search", get(routes::tools::search::search))
        .route("/tools/{*path}", any(routes::tools::dispatch))
        .fallback(async || ApiError::not_found("No such route"))
        .method_not_allowed_fallback(async || ApiError::method_not_allowed())
        .layer(middleware::from_fn_with_state(state.clone(), request_log))
        .layer(middleware::from_fn(cors))
        .with_state(state)
}

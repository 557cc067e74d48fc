//! Which path leads where.

use axum::Router;
use axum::middleware;
use axum::routing::{any, delete, get, patch, post};

use crate::audit::audit;
use crate::error::ApiError;
use crate::http::caching::apart;
use crate::http::cors::cors;
use crate::http::late_body::late_body;
use crate::http::request_log::request_log;
use crate::http::security_headers::{SpeaksTls, security_headers};
use crate::limits::limits;
use crate::routes::{self, auth, orgs, users};
use crate::state::AppState;

/// The API. Paths arrive normalised: see `http/normalize.rs`.
pub(crate) fn router(state: AppState) -> Router {
    Router::new()
        .route("/health", get(routes::health::health))
        .route("/ready", get(routes::ready::ready))
        .route("/openapi.json", get(routes::openapi::openapi))
        .route("/docs", get(routes::docs::docs))
        .route("/auth/me", get(auth::me::me))
        .route("/auth/cli", get(auth::cli::cli))
        .route(
            "/auth/tokens",
            get(auth::tokens::tokens).post(auth::create_token::create_token),
        )
        .route(
            "/auth/tokens/{id}",
            delete(auth::revoke_token::revoke_token),
        )
        .route("/auth/v1/user", get(auth::user::user))
        .route("/auth/v1/token", post(auth::refresh::refresh))
        .route("/rest/v1/profiles", get(auth::profiles::profiles))
        .route("/orgs", post(orgs::create::create))
        .route("/orgs/{org}", get(orgs::info::info))
        .route("/orgs/{org}/tools", get(orgs::tools::tools))
        .route(
            "/orgs/{org}/members",
            get(orgs::members::members).post(orgs::add_member::add_member),
        )
        .route(
            "/orgs/{org}/members/{user}",
            patch(orgs::set_role::set_role).delete(orgs::remove_member::remove_member),
        )
        .route(
            "/users/me/trust",
            get(users::trust::trust).put(users::set_trust::set_trust),
        )
        .route("/users/{user}", get(users::info::info))
        .route("/users/{user}/trust", get(users::trust::trust))
        .route("/tools/users/{user}", get(users::profile::profile))
        .route("/tools/users/{user}/tools", get(users::tools::tools))
        .route("/tools/search", get(routes::tools::search::search))
        .route("/tools/{*path}", any(routes::tools::dispatch))
        .fallback(async || ApiError::not_found("No such route"))
        .method_not_allowed_fallback(async || ApiError::method_not_allowed())
        .layer(middleware::from_fn_with_state(state.clone(), late_body))
        .layer(middleware::from_fn_with_state(state.clone(), limits))
        .layer(middleware::from_fn_with_state(state.clone(), request_log))
        .layer(middleware::from_fn_with_state(state.clone(), audit))
        .layer(middleware::from_fn_with_state(state.clone(), apart))
        .layer(middleware::from_fn_with_state(state.cors.clone(), cors))
        .layer(middleware::from_fn_with_state(
            SpeaksTls(state.tls),
            security_headers,
        ))
        .with_state(state)
}

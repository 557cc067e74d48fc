//! `POST /auth/tokens` — signed in. Makes a token for the caller, which may do no more than the one
//! that asks and ends no later.

use axum::body::Body;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Json};
use enact_registry::Subject;
use enact_types::wire::{TokenCreated, TokenRequest};

use crate::auth::Authenticated;
use crate::error::ApiError;
use crate::http::json_body;
use crate::openapi::errors::{BadBody, Denied, Failures, Taken};
use crate::state::AppState;

#[utoipa::path(
    post,
    path = "/auth/tokens",
    tag = "Identity",
    summary = "Make a token; its secret is in this answer alone",
    request_body = TokenRequest,
    responses((status = 201, body = TokenCreated), Failures, Denied, BadBody, Taken)
)]
pub(crate) async fn create_token(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    body: Body,
) -> Result<Response, ApiError> {
    let request: TokenRequest = json_body::required(body).await?;
    let created = state.registry.create_token(&caller, request).await?;
    let never_kept = [(header::CACHE_CONTROL, "no-store")];
    let subject = Extension(Subject::target(&created.info.id));
    Ok((StatusCode::CREATED, never_kept, subject, Json(created)).into_response())
}

//! `POST /auth/v1/token?grant_type=refresh_token` — whoever has a token. How long it is good yet, in
//! the shape of Supabase, which existing clients ask at `SUPABASE_URL` when they believe that a token
//! has expired.

use axum::Json;
use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::http::header;
use axum::http::request::Parts;
use axum::response::{IntoResponse as _, Response};
use enact_types::wire::{RefreshRequest, Session};

use crate::error::ApiError;
use crate::http::{json_body, query};
use crate::openapi::errors::{BadBody, Denied, Failures};
use crate::state::AppState;

#[utoipa::path(
    post,
    path = "/auth/v1/token",
    tag = "Identity",
    summary = "How long a token is good yet, as existing clients ask Supabase for a new one",
    description = "Answers the same token, with its remaining life and nothing gained: who needs another makes it at `/auth/tokens`.",
    params(("grant_type" = String, Query, description = "`refresh_token`; nothing else is taken")),
    request_body = RefreshRequest,
    responses((status = 200, body = Session), Failures, Denied, BadBody)
)]
pub(crate) async fn refresh(
    State(state): State<AppState>,
    RawQuery(query): RawQuery,
    parts: Parts,
    body: Body,
) -> Result<Response, ApiError> {
    let query = query.unwrap_or_default();
    if query::value(&query, "grant_type").as_deref() != Some("refresh_token") {
        return Err(ApiError::bad_request(
            "grant_type must be refresh_token: this registry takes no passwords and no codes",
        ));
    }
    let request: RefreshRequest = json_body::required(body).await?;
    let token = request.refresh_token;
    let caller = state.auth.holder(&state.registry, &parts, &token).await?;
    let session: Session = state.registry.refresh(&caller, token)?;
    let never_kept = [(header::CACHE_CONTROL, "no-store")];
    Ok((never_kept, Json(session)).into_response())
}

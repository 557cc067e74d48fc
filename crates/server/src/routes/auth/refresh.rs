//! `POST /auth/v1/token?grant_type=refresh_token` — whoever has a token. How long it is good yet, in
//! the shape of Supabase, which existing clients ask at `SUPABASE_URL` when they believe that a token
//! has expired.

use axum::Json;
use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use enact_registry::Caller;
use enact_types::wire::{RefreshRequest, Session};

use crate::audit::TokenRefused;
use crate::error::ApiError;
use crate::http::{json_body, query};
use crate::limits::Guesses;
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
    // As one in the header: whoever guesses has no second place to do it.
    let guesses = Guesses::of(&parts).filter(|_| state.auth.may_be_guess(&token));
    if let Some(Err(refusal)) = guesses.map(Guesses::admit) {
        return Ok(*refusal);
    }
    let caller = state.auth.holder(&state.registry, &parts, &token).await?;
    if matches!(caller, Caller::Anonymous | Caller::Refused(_))
        && let Some(guesses) = guesses
    {
        guesses.was_wrong();
    }
    let session: Session = match state.registry.refresh(&caller, token) {
        Ok(session) => session,
        Err(error) => {
            let mut response = ApiError::from(error).into_response();
            if response.status() == StatusCode::UNAUTHORIZED {
                response.extensions_mut().insert(TokenRefused::Wrong);
            }
            return Ok(response);
        }
    };
    let never_kept = [(header::CACHE_CONTROL, "no-store")];
    Ok((never_kept, Json(session)).into_response())
}

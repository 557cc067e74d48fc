//! `DELETE /auth/tokens/ID` — whose token it is. Revokes it: every server refuses it from the next
//! request on.

use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use enact_registry::Subject;

use crate::auth::Authenticated;
use crate::error::ApiError;
use crate::http::segment::TextSegment;
use crate::openapi::errors::{Denied, Failures, Missing};
use crate::state::AppState;

#[utoipa::path(
    delete,
    path = "/auth/tokens/{id}",
    tag = "Identity",
    summary = "Revoke a token of the caller's",
    params(("id" = String, Path, description = "The token's id, not its secret")),
    responses((status = 204, description = "It is no good any more"), Failures, Denied, Missing)
)]
pub(crate) async fn revoke_token(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    TextSegment(id): TextSegment<2>,
) -> Result<(StatusCode, Extension<Subject>), ApiError> {
    state.registry.revoke_own_token(&caller, &id).await?;
    Ok((StatusCode::NO_CONTENT, Extension(Subject::target(&id))))
}

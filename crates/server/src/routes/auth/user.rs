//! `GET /auth/v1/user` — signed in. Who the caller is, in the shape of Supabase, which existing clients
//! ask at `SUPABASE_URL`.

use axum::Json;
use axum::extract::State;
use enact_types::wire::UserRecord;

use crate::auth::Authenticated;
use crate::error::ApiError;
use crate::openapi::errors::{Denied, Failures};
use crate::state::AppState;

#[utoipa::path(
    get,
    path = "/auth/v1/user",
    tag = "Identity",
    summary = "Who the caller is, as existing clients ask Supabase",
    responses((status = 200, body = UserRecord), Failures, Denied)
)]
pub(crate) async fn user(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
) -> Result<Json<UserRecord>, ApiError> {
    Ok(Json(state.registry.user_record(&caller)?))
}

//! `GET /tools/users/U` — anybody. A user, as web pages show one.

use axum::Json;
use axum::extract::State;
use enact_types::wire::UserProfile;

use crate::error::ApiError;
use crate::http::segment::OwnerSegment;
use crate::openapi::errors::{Failures, Missing};
use crate::state::AppState;

#[utoipa::path(
    get,
    path = "/tools/users/{user}",
    tag = "Users",
    summary = "A user, as web pages show one",
    params(("user" = String, Path, description = "The user's name")),
    responses((status = 200, body = UserProfile), Failures, Missing)
)]
pub(crate) async fn profile(
    State(state): State<AppState>,
    OwnerSegment(user): OwnerSegment<2>,
) -> Result<Json<UserProfile>, ApiError> {
    Ok(Json(state.registry.user_profile(&user).await?))
}

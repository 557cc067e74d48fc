//! `GET /users/U` — anybody. A user.

use axum::Json;
use axum::extract::State;
use enact_types::wire::UserInfo;

use crate::error::ApiError;
use crate::http::segment::OwnerSegment;
use crate::openapi::errors::{Failures, Missing};
use crate::state::AppState;

#[utoipa::path(
    get,
    path = "/users/{user}",
    tag = "Users",
    summary = "A user",
    params(("user" = String, Path, description = "The user's name")),
    responses((status = 200, body = UserInfo), Failures, Missing)
)]
pub(crate) async fn info(
    State(state): State<AppState>,
    OwnerSegment(user): OwnerSegment<1>,
) -> Result<Json<UserInfo>, ApiError> {
    Ok(Json(state.registry.user_info(&user).await?))
}

//! `GET /tools/users/U/tools?include_private&limit&offset` — anybody; private tools only for the user,
//! and only when asked for. The tools of a user.

use axum::Json;
use axum::extract::{RawQuery, State};
use enact_types::wire::UserTools;

use crate::auth::Authenticated;
use crate::error::ApiError;
use crate::http::query;
use crate::http::segment::OwnerSegment;
use crate::openapi::errors::{Failures, Missing};
use crate::state::AppState;

#[utoipa::path(
    get,
    path = "/tools/users/{user}/tools",
    tag = "Users",
    summary = "The skills of a user",
    params(
        ("user" = String, Path, description = "The user's name"),
        ("include_private" = Option<bool>, Query, description = "Also private and unlisted ones, if the caller is that user"),
        ("limit" = Option<i64>, Query, description = "1 to 100; 20 if absent"),
        ("offset" = Option<i64>, Query, description = "Rows to skip"),
    ),
    responses((status = 200, body = UserTools), Failures, Missing)
)]
pub(crate) async fn tools(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    OwnerSegment(user): OwnerSegment<2>,
    RawQuery(query): RawQuery,
) -> Result<Json<UserTools>, ApiError> {
    let query = query.unwrap_or_default();
    let private = query::is_true(&query, "include_private");
    let page = query::page(&query);
    Ok(Json(
        state
            .registry
            .user_tools(&caller, &user, private, page)
            .await?,
    ))
}

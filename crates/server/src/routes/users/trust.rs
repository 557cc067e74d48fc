//! `GET /users/U/trust` — anybody. Whom a user trusts; `me` is the caller.

use axum::Json;
use axum::extract::State;
use enact_types::wire::TrustList;

use crate::auth::Authenticated;
use crate::error::ApiError;
use crate::http::segment::OwnerSegment;
use crate::openapi::errors::{Denied, Failures, Missing};
use crate::state::AppState;

#[utoipa::path(
    get,
    path = "/users/{user}/trust",
    tag = "Users",
    summary = "Whom a user trusts",
    params(("user" = String, Path, description = "The user's name")),
    responses((status = 200, body = TrustList), Failures, Missing, Denied)
)]
pub(crate) async fn trust(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    OwnerSegment(user): OwnerSegment<1>,
) -> Result<Json<TrustList>, ApiError> {
    let registry = &state.registry;
    let user = if user.as_str() == "me" {
        registry.name_of(&caller)?
    } else {
        user
    };
    Ok(Json(registry.trust_list(&user).await?))
}

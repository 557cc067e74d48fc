//! `GET /rest/v1/profiles?id=eq.ID` — anybody. The profile with an id, in the shape of Supabase.

use axum::Json;
use axum::extract::{RawQuery, State};
use enact_types::wire::ProfileRow;

use crate::error::ApiError;
use crate::http::query;
use crate::openapi::errors::Failures;
use crate::state::AppState;

#[utoipa::path(
    get,
    path = "/rest/v1/profiles",
    tag = "Identity",
    summary = "The profile with an id, as existing clients ask Supabase",
    params(("id" = Option<String>, Query, description = "`eq.` and the id")),
    responses((status = 200, body = Vec<ProfileRow>), Failures)
)]
pub(crate) async fn profiles(
    State(state): State<AppState>,
    RawQuery(query): RawQuery,
) -> Result<Json<Vec<ProfileRow>>, ApiError> {
    let query = query.unwrap_or_default();
    let Some(id) = query::value(&query, "id") else {
        return Ok(Json(Vec::new()));
    };
    let id = id.strip_prefix("eq.").unwrap_or(&id);
    Ok(Json(
        state.registry.profile(id).await?.into_iter().collect(),
    ))
}

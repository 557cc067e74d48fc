//! `GET /tools/N` — whoever may see the tool. The tool with all its versions.

use axum::Json;
use axum::response::{IntoResponse as _, Response};
use enact_registry::{Caller, Page, Registry};
use enact_types::ToolName;
use enact_types::wire::ToolInfo;

use crate::error::ApiError;
use crate::http::query;
use crate::openapi::errors::{Failures, Missing};
use crate::routes::tools::versions::filter;

#[utoipa::path(
    get,
    path = "/tools/{name}",
    tag = "Skills",
    summary = "A skill with its versions",
    params(
        ("name" = String, Path, description = "The skill's name; its slashes may be written as `%2F`", example = "alice/utils/greeter"),
        ("versions_limit" = Option<i64>, Query, description = "At most this many versions, 1 to 100; all if absent"),
        ("versions_offset" = Option<i64>, Query, description = "Versions to skip"),
        ("include_yanked" = Option<bool>, Query, description = "`false` leaves yanked versions out"),
    ),
    responses((status = 200, body = ToolInfo), Failures, Missing)
)]
pub(crate) async fn info(
    registry: &Registry,
    caller: &Caller,
    name: &ToolName,
    query: &str,
) -> Result<Response, ApiError> {
    let page = query::page_named(query, "versions_limit", "versions_offset");
    // Existing clients ask for no page and expect all of them.
    let page = Some(page).filter(|page| *page != Page::default());
    let info = registry
        .tool_info(caller, name, filter(query), page)
        .await?;
    Ok(Json(info).into_response())
}

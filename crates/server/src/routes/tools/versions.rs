//! `GET /tools/N/versions?sort&include_yanked&limit&offset` — whoever may see the tool. Its versions.

use axum::Json;
use axum::response::{IntoResponse as _, Response};
use enact_registry::{Caller, Registry, VersionFilter, VersionSort};
use enact_types::ToolName;
use enact_types::wire::VersionList;

use crate::error::ApiError;
use crate::http::query;
use crate::openapi::errors::{Failures, Missing};

#[utoipa::path(
    get,
    path = "/tools/{name}/versions",
    tag = "Versions",
    summary = "The versions of a skill",
    params(
        ("name" = String, Path, description = "The skill's name; its slashes may be written as `%2F`", example = "alice/utils/greeter"),
        ("sort" = Option<String>, Query, description = "`newest`, `oldest` or `downloads`; by version, highest first, if absent"),
        ("include_yanked" = Option<bool>, Query, description = "`false` leaves yanked ones out"),
        ("limit" = Option<i64>, Query, description = "1 to 100; 20 if absent"),
        ("offset" = Option<i64>, Query, description = "Rows to skip"),
    ),
    responses((status = 200, body = VersionList), Failures, Missing)
)]
pub(crate) async fn versions(
    registry: &Registry,
    caller: &Caller,
    name: &ToolName,
    query: &str,
) -> Result<Response, ApiError> {
    let versions = registry
        .version_list(caller, name, filter(query), query::page(query))
        .await?;
    Ok(Json(versions).into_response())
}

/// Which versions a query asks for.
pub(crate) fn filter(query: &str) -> VersionFilter {
    VersionFilter {
        hide_yanked: query::value(query, "include_yanked").is_some_and(|value| value == "false"),
        sort: match query::value(query, "sort").as_deref() {
            Some("newest") => VersionSort::Newest,
            Some("oldest") => VersionSort::Oldest,
            Some("downloads") => VersionSort::Downloads,
            _ => VersionSort::Version,
        },
    }
}

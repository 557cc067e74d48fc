//! `GET /tools/N/versions/V/files` — whoever may see the tool. What the bundle holds, from the index
//! that was written when it was published; the bundle itself is not opened.

use axum::http::header;
use axum::response::Response;
use enact_registry::{Caller, Selector};
use enact_types::ToolName;
use enact_types::wire::FileList;

use crate::error::ApiError;
use crate::http::caching;
use crate::openapi::errors::{Failures, Missing};
use crate::state::AppState;

#[utoipa::path(
    get,
    path = "/tools/{name}/versions/{version}/files",
    tag = "Files",
    summary = "What a bundle holds",
    params(("name" = String, Path, description = "The skill's name; its slashes may be written as `%2F`", example = "alice/utils/greeter"), ("version" = String, Path, description = "A version, or `latest`", example = "1.0.0")),
    responses((status = 200, body = FileList), Failures, Missing)
)]
pub(crate) async fn files(
    state: &AppState,
    caller: &Caller,
    name: &ToolName,
    version: &Selector,
) -> Result<Response, ApiError> {
    let files = state.registry.files(caller, name, version).await?;
    let cache_control = caching::of_json(files.visibility);
    let turn = state.large_answers.turn(files.bytes()).await?;
    let mut response = turn.json(&files.read().await?)?;
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, cache_control);
    Ok(response)
}

//! `POST /tools/N/versions/V/unyank` — whoever may publish the tool. The body is not read.

use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Json};
use enact_registry::{Caller, Registry, Selector, Subject};
use enact_types::ToolName;
use enact_types::wire::Unyanked;

use crate::error::ApiError;
use crate::openapi::errors::{Denied, Failures, Missing};

#[utoipa::path(
    post,
    path = "/tools/{name}/versions/{version}/unyank",
    tag = "Versions",
    summary = "Take a yank back",
    params(("name" = String, Path, description = "The skill's name; its slashes may be written as `%2F`", example = "alice/utils/greeter"), ("version" = String, Path, description = "A version, or `latest`", example = "1.0.0")),
    responses((status = 200, body = Unyanked), Failures, Missing, Denied)
)]
pub(crate) async fn unyank(
    registry: &Registry,
    caller: &Caller,
    name: &ToolName,
    version: &Selector,
) -> Result<Response, ApiError> {
    let unyanked = registry.unyank(caller, name, version).await?;
    let subject = Extension(Subject::found(&unyanked.version));
    Ok((subject, Json(unyanked)).into_response())
}

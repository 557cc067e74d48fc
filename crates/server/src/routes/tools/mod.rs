//! Everything below `/tools/`.

mod attestations;
mod download;
mod file;
mod files;
mod info;
mod publish;
pub(crate) mod search;
mod unyank;
mod version;
mod visibility;
mod yank;

use axum::extract::{Request, State};
use axum::http::Method;
use axum::response::Response;

use crate::auth::Authenticated;
use crate::error::ApiError;
use crate::http::tool_path::ToolPath;
use crate::state::AppState;

/// Leads a request to its endpoint. HEAD is GET without the body, which hyper leaves out.
pub(crate) async fn dispatch(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    request: Request,
) -> Result<Response, ApiError> {
    let registry = &state.registry;
    let (head, body) = request.into_parts();
    let path = head.uri.path().strip_prefix("/tools/").unwrap_or_default();
    let path = ToolPath::parse(path, head.method == Method::PATCH)?;
    match (head.method.as_str(), path) {
        ("POST", ToolPath::Tool(name) | ToolPath::Versions(name)) => {
            publish::publish(registry, &caller, name, &head, body).await
        }
        ("GET" | "HEAD", ToolPath::Tool(name)) => info::info(registry, &caller, &name).await,
        ("GET" | "HEAD", ToolPath::Version(name, version)) => {
            version::version(&state, &caller, &name, &version).await
        }
        ("GET" | "HEAD", ToolPath::Download(name, version)) => {
            download::download(&state, &caller, &name, &version, &head).await
        }
        ("GET" | "HEAD", ToolPath::Files(name, version)) => {
            files::files(&state, &caller, &name, &version).await
        }
        ("GET" | "HEAD", ToolPath::File(name, version, path)) => {
            file::file(&state, &caller, &name, &version, &path, &head).await
        }
        ("GET" | "HEAD", ToolPath::Attestations(name, version)) => {
            attestations::attestations(registry, &caller, &name, &version, &head).await
        }
        ("POST", ToolPath::Yank(name, version)) => {
            yank::yank(registry, &caller, &name, &version, body).await
        }
        ("POST", ToolPath::Unyank(name, version)) => {
            unyank::unyank(registry, &caller, &name, &version).await
        }
        ("PATCH", ToolPath::Visibility(name)) => {
            visibility::visibility(registry, &caller, &name, body).await
        }
        _ => Err(ApiError::method_not_allowed()),
    }
}

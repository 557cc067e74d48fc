//! Everything below `/tools/`.

pub(crate) mod attest;
pub(crate) mod attestation;
pub(crate) mod attestations;
pub(crate) mod delete;
pub(crate) mod download;
pub(crate) mod feedback;
pub(crate) mod file;
pub(crate) mod files;
pub(crate) mod give_feedback;
pub(crate) mod info;
pub(crate) mod publish;
pub(crate) mod report;
pub(crate) mod reviews;
pub(crate) mod revoke;
pub(crate) mod search;
pub(crate) mod unyank;
pub(crate) mod version;
pub(crate) mod versions;
pub(crate) mod visibility;
pub(crate) mod yank;

use axum::extract::{Request, State};
use axum::http::Method;
use axum::response::Response;

use crate::auth::Authenticated;
use crate::error::ApiError;
use crate::http::tool_path::ToolPath;
use crate::state::AppState;

/// Leads a request to its endpoint.
pub(crate) async fn dispatch(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    request: Request,
) -> Result<Response, ApiError> {
    let registry = &state.registry;
    let (head, body) = request.into_parts();
    let path = head.uri.path().strip_prefix("/tools/").unwrap_or_default();
    let path = ToolPath::parse(path, head.method == Method::PATCH)?;
    let query = head.uri.query().unwrap_or_default();
    // HEAD is GET without the body.
    let method = match head.method.as_str() {
        "HEAD" => "GET",
        method => method,
    };
    match (method, path) {
        ("GET", ToolPath::Tool(name)) => info::info(registry, &caller, &name, query).await,
        ("POST", ToolPath::Tool(name) | ToolPath::Versions(name)) => {
            publish::publish(&state, &caller, name, &head, body).await
        }
        ("DELETE", ToolPath::Tool(name)) => delete::delete(registry, &caller, &name).await,
        ("PATCH", ToolPath::Visibility(name)) => {
            visibility::visibility(registry, &caller, &name, body).await
        }
        ("GET", ToolPath::Feedback(name)) => feedback::feedback(registry, &caller, &name).await,
        ("POST", ToolPath::Feedback(name)) => {
            give_feedback::give_feedback(registry, &caller, &name, body).await
        }
        ("GET", ToolPath::Reviews(name)) => reviews::reviews(registry, &caller, &name, query).await,
        ("GET", ToolPath::Versions(name)) => {
            versions::versions(registry, &caller, &name, query).await
        }
        ("GET", ToolPath::Version(name, version)) => {
            version::version(&state, &caller, &name, &version).await
        }
        ("GET", ToolPath::Download(name, version)) => {
            download::download(&state, &caller, &name, &version, &head).await
        }
        ("GET", ToolPath::Files(name, version)) => {
            files::files(&state, &caller, &name, &version).await
        }
        ("GET", ToolPath::File(name, version, path)) => {
            file::file(&state, &caller, &name, &version, &path, &head).await
        }
        ("GET", ToolPath::Attestations(name, version)) => {
            attestations::attestations(registry, &caller, &name, &version, query).await
        }
        ("POST", ToolPath::Attestations(name, version)) => {
            attest::attest(registry, &caller, &name, &version, body).await
        }
        ("DELETE", ToolPath::Attestations(name, version)) => {
            revoke::revoke(registry, &caller, &name, &version, query).await
        }
        ("GET", ToolPath::TrustAttestation(name, version, auditor)) => {
            attestation::attestation(registry, &caller, &name, &version, &auditor).await
        }
        ("POST", ToolPath::Reports(name, version)) => {
            report::report(registry, &caller, &name, &version, body).await
        }
        ("POST", ToolPath::Yank(name, version)) => {
            yank::yank(registry, &caller, &name, &version, body).await
        }
        ("POST", ToolPath::Unyank(name, version)) => {
            unyank::unyank(registry, &caller, &name, &version).await
        }
        _ => Err(ApiError::method_not_allowed()),
    }
}

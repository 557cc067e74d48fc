//! `DELETE /tools/N/versions/V/attestations?auditor=A` — who sent the attestation. Revokes it.

use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Json};
use enact_registry::{Caller, Registry, Selector, Subject};
use enact_types::ToolName;
use enact_types::wire::AttestationRevoked;

use crate::error::ApiError;
use crate::http::query;
use crate::openapi::errors::{Denied, Failures, Missing};

#[utoipa::path(
    delete,
    path = "/tools/{name}/versions/{version}/attestations",
    tag = "Attestations",
    summary = "Revoke an attestation",
    params(
        ("name" = String, Path, description = "The skill's name; its slashes may be written as `%2F`", example = "alice/utils/greeter"),
        ("version" = String, Path, description = "A version, or `latest`", example = "1.0.0"),
        ("auditor" = String, Query, description = "Whose attestation"),
    ),
    responses((status = 200, body = AttestationRevoked), Failures, Missing, Denied)
)]
pub(crate) async fn revoke(
    registry: &Registry,
    caller: &Caller,
    name: &ToolName,
    version: &Selector,
    query: &str,
) -> Result<Response, ApiError> {
    let auditor = query::value(query, "auditor").ok_or_else(|| {
        ApiError::bad_request("The parameter auditor says whose attestation to revoke")
    })?;
    let revoked = registry
        .revoke_attestation(caller, name, version, &auditor)
        .await?;
    let subject = Extension(Subject::target(&revoked.auditor));
    Ok((subject, Json(revoked)).into_response())
}

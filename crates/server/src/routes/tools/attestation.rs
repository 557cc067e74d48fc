//! `GET /tools/N/versions/V/trust/attestations/A` — whoever may see the tool. An auditor's Sigstore
//! bundle, as it was sent.

use axum::Json;
use axum::response::{IntoResponse as _, Response};
use enact_registry::{Caller, Registry, Selector};
use enact_types::ToolName;

use crate::error::ApiError;
use crate::openapi::errors::{Failures, Missing};

#[utoipa::path(
    get,
    path = "/tools/{name}/versions/{version}/trust/attestations/{auditor}",
    tag = "Attestations",
    summary = "The Sigstore bundle of an attestation",
    params(("name" = String, Path, description = "The skill's name; its slashes may be written as `%2F`", example = "alice/utils/greeter"), ("version" = String, Path, description = "A version, or `latest`", example = "1.0.0"), ("auditor" = String, Path, description = "Whose attestation")),
    responses((status = 200, body = serde_json::Value), Failures, Missing)
)]
pub(crate) async fn attestation(
    registry: &Registry,
    caller: &Caller,
    name: &ToolName,
    version: &Selector,
    auditor: &str,
) -> Result<Response, ApiError> {
    let bundle = registry
        .attestation_bundle(caller, name, version, auditor)
        .await?;
    Ok(Json(bundle).into_response())
}

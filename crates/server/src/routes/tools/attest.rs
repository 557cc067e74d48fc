//! `POST /tools/N/versions/V/attestations` — signed in, and sees the tool. Takes a Sigstore bundle in:
//! as an attestation, or, where it is of a failed audit, as a report.

use axum::body::Body;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Json};
use enact_registry::{Caller, Registry, Selector, Subject, Submitted};
use enact_types::ToolName;
use enact_types::limits::MAX_ATTESTATION_BYTES;
use enact_types::wire::{Attestation, AttestationRequest, Report};
use serde::Serialize;
use utoipa::ToSchema;

use crate::error::ApiError;
use crate::http::json_body;
use crate::openapi::errors::{BadBody, Denied, Failures, Missing, Taken};

#[utoipa::path(
    post,
    path = "/tools/{name}/versions/{version}/attestations",
    tag = "Attestations",
    summary = "Attest to a version",
    params(("name" = String, Path, description = "The skill's name; its slashes may be written as `%2F`", example = "alice/utils/greeter"), ("version" = String, Path, description = "A version, or `latest`", example = "1.0.0")),
    request_body = AttestationRequest,
    responses((status = 201, body = AttestationOutcome), Failures, Missing, Denied, BadBody, Taken)
)]
pub(crate) async fn attest(
    registry: &Registry,
    caller: &Caller,
    name: &ToolName,
    version: &Selector,
    body: Body,
) -> Result<Response, ApiError> {
    let AttestationRequest { bundle } = json_body::read_up_to(body, MAX_ATTESTATION_BYTES)
        .await?
        .ok_or_else(json_body::missing)?;
    let submitted = registry
        .submit_attestation(caller, name, version, &bundle)
        .await?;
    let (subject, body) = match submitted {
        Submitted::Attestation(attestation) => (
            Subject::target(&attestation.auditor),
            AttestationOutcome::Attestation(attestation),
        ),
        Submitted::Report(report) => (
            Subject::default().with_detail(&"kept as a report"),
            AttestationOutcome::Report(report),
        ),
    };
    Ok((StatusCode::CREATED, Extension(subject), Json(body)).into_response())
}

/// What became of a bundle that was sent: an attestation, or, for a failed audit, a report.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum AttestationOutcome {
    Attestation(Attestation),
    Report(Report),
}

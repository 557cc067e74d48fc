//! Attestations: what auditors said of a version.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::ToSchema;

use crate::{Digest, Timestamp, ToolName, Version};

/// `GET /tools/N/versions/V/attestations`: the fields of all known servers together.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Attestations {
    /// The attestations, newest first.
    pub attestations: Vec<Attestation>,
    /// How many there are.
    pub total: u64,
    /// Rows asked for.
    pub limit: u32,
    /// Rows skipped.
    pub offset: u32,
    /// The tool.
    pub tool: ToolName,
    /// The version.
    pub version: Version,
    /// The digest of its bundle.
    pub bundle_hash: Digest,
}

/// One attestation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Attestation {
    /// Who attests: the e-mail address or URI in the certificate.
    pub auditor: String,
    /// Who vouched for the auditor's identity: `github`, `google`, or the host of another issuer.
    pub auditor_provider: String,
    /// When the registry took it in.
    pub signed_at: Timestamp,
    /// The id of its entry in the transparency log, empty if the bundle names none.
    pub rekor_log_id: String,
    /// The number of that entry.
    pub rekor_log_index: Option<u64>,
    /// What this registry found out about it.
    pub verification: Verification,
}

/// What was checked of an attestation. True only where the check really happened.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "the fields are the contract of existing clients"
)]
pub struct Verification {
    /// Everything below holds.
    pub verified: bool,
    /// When that was found.
    pub verified_at: Option<Timestamp>,
    /// The transparency log holds it.
    pub rekor_verified: bool,
    /// The certificate is of the authority that it should be of.
    pub certificate_verified: bool,
    /// The signature is the certificate's.
    pub signature_verified: bool,
}

/// Body of `POST …/attestations`.
#[derive(Debug, Clone, Deserialize, ToSchema)]
pub struct AttestationRequest {
    /// The Sigstore bundle, a JSON object; kept and handed out as it was sent.
    #[schema(value_type = Object)]
    pub bundle: Box<RawValue>,
}

/// 200 of `DELETE …/attestations?auditor=E`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AttestationRevoked {
    /// Whose attestation it was.
    pub auditor: String,
    /// Always true.
    pub revoked: bool,
    /// When.
    pub revoked_at: Timestamp,
}

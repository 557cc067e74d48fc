//! Reading a Sigstore bundle: a DSSE envelope around an in-toto statement, the signer's certificate,
//! and the entry of a transparency log. The formats:
//! <https://github.com/sigstore/protobuf-specs>, <https://github.com/secure-systems-lab/dsse>,
//! <https://github.com/in-toto/attestation>.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use enact_types::{Digest, ToolName, Version};
use serde::Deserialize;
use serde_json::Value;

use super::certificate::{self, Identity};
use crate::RegistryError;
use crate::error::ErrorKind;

const PAYLOAD_TYPE: &str = "application/vnd.in-toto+json";
const ATTESTATION: &str = "https://enact.tools/attestation/tool/v1";
/// What a failed audit is signed as.
const AUDIT_SUFFIX: &str = "/audit/v1";
/// The longest id of a log that is kept, in bytes; a SHA-256 in base64 has 44.
const MAX_LOG_ID_BYTES: usize = 200;

/// What a bundle says, as far as it concerns the registry.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Signed {
    pub(super) predicate: Predicate,
    pub(super) auditor: String,
    pub(super) auditor_provider: String,
    pub(super) rekor_log_id: String,
    pub(super) rekor_log_index: Option<u64>,
    subjects: Vec<Subject>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Predicate {
    /// The tool is good.
    Attestation,
    /// The tool failed an audit.
    Audit,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Bundle {
    verification_material: Material,
    dsse_envelope: Envelope,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Material {
    certificate: Option<Certificate>,
    x509_certificate_chain: Option<Chain>,
    #[serde(default)]
    tlog_entries: Vec<LogEntry>,
}

#[derive(Deserialize)]
struct Chain {
    certificates: Vec<Certificate>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Certificate {
    raw_bytes: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct LogEntry {
    /// A number, or, as protobuf writes 64-bit integers in JSON, its text.
    log_index: Option<Value>,
    log_id: Option<LogId>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct LogId {
    key_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Envelope {
    payload: String,
    payload_type: String,
    signatures: Vec<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Statement {
    predicate_type: String,
    subject: Vec<Subject>,
}

#[derive(Debug, PartialEq, Eq, Deserialize)]
struct Subject {
    name: String,
    digest: Digests,
}

#[derive(Debug, PartialEq, Eq, Deserialize)]
struct Digests {
    sha256: Option<String>,
}

/// Reads a bundle. Fails as invalid if it is not one, and as unverifiable if it states something
/// that no attestation of a tool states.
pub(super) fn read(bundle: &str) -> Result<Signed, RegistryError> {
    let bundle: Bundle = serde_json::from_str(bundle).map_err(|error| {
        RegistryError::invalid(format!("bundle is not a Sigstore bundle: {error}"))
    })?;
    let envelope = bundle.dsse_envelope;
    if envelope.payload_type != PAYLOAD_TYPE {
        return Err(refused(format!("the payload's type is not {PAYLOAD_TYPE}")));
    }
    if envelope.signatures.is_empty() {
        return Err(refused("the envelope has no signature"));
    }
    let payload = decode("dsseEnvelope.payload", &envelope.payload)?;
    let statement: Statement = serde_json::from_slice(&payload).map_err(|error| {
        RegistryError::invalid(format!("the payload is not an in-toto statement: {error}"))
    })?;
    let predicate = match statement.predicate_type.as_str() {
        ATTESTATION => Predicate::Attestation,
        other if other.ends_with(AUDIT_SUFFIX) => Predicate::Audit,
        _ => {
            return Err(refused(format!(
                "the predicate's type is not {ATTESTATION}"
            )));
        }
    };
    let material = bundle.verification_material;
    let chain = material.x509_certificate_chain;
    let leaf = material
        .certificate
        .or_else(|| chain?.certificates.into_iter().next())
        .ok_or_else(|| RegistryError::invalid("the bundle holds no certificate"))?;
    let Identity { name, provider } =
        certificate::identity(&decode("certificate.rawBytes", &leaf.raw_bytes)?)?;
    let entry = material.tlog_entries.into_iter().next();
    let log_id = entry.as_ref().and_then(|entry| entry.log_id.as_ref());
    let log_id = log_id.map_or("", |log| log.key_id.as_str());
    if log_id.len() > MAX_LOG_ID_BYTES || log_id.contains('\0') {
        return Err(RegistryError::invalid("logId.keyId is not the id of a log"));
    }
    Ok(Signed {
        predicate,
        auditor: name,
        auditor_provider: provider,
        rekor_log_id: log_id.to_owned(),
        rekor_log_index: entry
            .as_ref()
            .and_then(|entry| entry.log_index.as_ref())
            .and_then(number),
        subjects: statement.subject,
    })
}

impl Signed {
    /// Whether it speaks of this version, and of bytes with one of these digests.
    pub(super) fn is_about(
        &self,
        name: &ToolName,
        version: &Version,
        digests: &[Digest],
    ) -> Result<(), RegistryError> {
        let wanted = format!("{name}@{version}");
        let Some(subject) = self.subjects.iter().find(|subject| subject.name == wanted) else {
            return Err(refused(format!(
                "no subject of the statement is \"{wanted}\""
            )));
        };
        let stated = subject.digest.sha256.as_deref().unwrap_or_default();
        if digests.iter().any(|digest| digest.to_hex() == stated) {
            Ok(())
        } else {
            Err(refused(
                "the statement's digest is not that of the published bundle",
            ))
        }
    }
}

fn number(value: &Value) -> Option<u64> {
    // The catalog keeps signed numbers.
    let number = value.as_u64().or_else(|| value.as_str()?.parse().ok())?;
    (i64::try_from(number).is_ok()).then_some(number)
}

fn decode(what: &str, text: &str) -> Result<Vec<u8>, RegistryError> {
    STANDARD
        .decode(text)
        .map_err(|_| RegistryError::invalid(format!("{what} is not base64")))
}

fn refused(why: impl Into<String>) -> RegistryError {
    RegistryError::new(
        ErrorKind::AttestationRefused,
        format!("Attestation refused: {}", why.into()),
    )
}

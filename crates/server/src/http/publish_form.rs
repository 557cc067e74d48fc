//! The multipart body of a publish: parts in any order, the bundle to disk.

use std::time::Duration;

use axum::http::{HeaderMap, header};
use enact_registry::{Publish, Registry, Spooled};
use enact_types::limits::{MAX_BUNDLE_BYTES, MAX_MANIFEST_BYTES, MAX_PUBLISH_REQUEST_BYTES};
use enact_types::{Manifest, ToolName, Visibility};
use multer::{Constraints, Field, Multipart, SizeLimit};

use super::upload::{Upload, UploadError};
use crate::error::ApiError;

/// How long the next piece of the body may take to arrive.
const PIECE_TIMEOUT: Duration = Duration::from_secs(30);

/// How long the whole body may take: existing clients give up on a publish after as long.
const TOTAL_TIMEOUT: Duration = Duration::from_mins(5);

/// The most parts of one body.
const MAX_PARTS: usize = 32;

/// The parts that were found.
#[derive(Default)]
struct Parts {
    manifest: Option<String>,
    raw_manifest: Option<String>,
    visibility: Option<String>,
    checksum_manifest: Option<String>,
    sigstore_bundle: Option<String>,
    bundle: Option<Spooled>,
}

/// Receives the body and checks what can be checked part by part.
pub(crate) async fn receive(
    registry: &Registry,
    name: ToolName,
    headers: &HeaderMap,
    upload: &Upload,
) -> Result<Publish, ApiError> {
    let claimed = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if let Some(size) = claimed.filter(|size| *size > MAX_PUBLISH_REQUEST_BYTES) {
        return Err(request_too_large(size));
    }
    let content_type = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let boundary = multer::parse_boundary(content_type).map_err(|_| {
        ApiError::bad_request("Content-Type must be multipart/form-data with a boundary")
    })?;
    let limits =
        Constraints::new().size_limit(SizeLimit::new().whole_stream(MAX_PUBLISH_REQUEST_BYTES));
    let form = Multipart::with_constraints(upload.paced(), boundary, limits);
    let parts = tokio::time::timeout(TOTAL_TIMEOUT, read_parts(registry, form, upload))
        .await
        .map_err(|_| ApiError::timeout())??;
    parts.into_publish(name)
}

async fn read_parts(
    registry: &Registry,
    mut form: Multipart<'_>,
    upload: &Upload,
) -> Result<Parts, ApiError> {
    let mut parts = Parts::default();
    let mut count = 0;
    while let Some(mut field) = timely(form.next_field()).await? {
        upload.progress();
        count += 1;
        if count > MAX_PARTS {
            return Err(ApiError::invalid(format!(
                "The form has more than {MAX_PARTS} parts"
            )));
        }
        let part = field.name().unwrap_or_default().to_owned();
        let text = match part.as_str() {
            "bundle" => {
                let bundle = spool(registry, &mut field, upload).await?;
                once(&mut parts.bundle, bundle, "bundle")?;
                continue;
            }
            "manifest" => &mut parts.manifest,
            "raw_manifest" => &mut parts.raw_manifest,
            "visibility" => &mut parts.visibility,
            "checksum_manifest" => &mut parts.checksum_manifest,
            "sigstore_bundle" => &mut parts.sigstore_bundle,
            _ => {
                while timely(field.chunk()).await?.is_some() {
                    upload.progress();
                }
                continue;
            }
        };
        let value = read_text(&mut field, &part, upload).await?;
        once(text, value, &part)?;
    }
    Ok(parts)
}

async fn spool(
    registry: &Registry,
    field: &mut Field<'_>,
    upload: &Upload,
) -> Result<Spooled, ApiError> {
    let mut spool = registry.spool().await?;
    while let Some(piece) = timely(field.chunk()).await? {
        upload.progress();
        spool.write(&piece).await?;
    }
    Ok(spool.finish().await?)
}

async fn read_text(field: &mut Field<'_>, part: &str, upload: &Upload) -> Result<String, ApiError> {
    let mut text = Vec::new();
    while let Some(piece) = timely(field.chunk()).await? {
        upload.progress();
        text.extend_from_slice(&piece);
        if text.len() as u64 > MAX_MANIFEST_BYTES {
            return Err(ApiError::invalid(format!(
                "The part {part} is larger than {MAX_MANIFEST_BYTES} bytes"
            )));
        }
    }
    String::from_utf8(text).map_err(|_| ApiError::invalid(format!("The part {part} is not UTF-8")))
}

impl Parts {
    fn into_publish(self, name: ToolName) -> Result<Publish, ApiError> {
        let manifest = self.manifest.ok_or_else(|| missing("manifest"))?;
        let bundle = self.bundle.ok_or_else(|| missing("bundle"))?;
        let manifest = serde_json::from_str(&manifest).map_err(|error| {
            ApiError::invalid(format!("The part manifest is not valid JSON: {error}"))
        })?;
        let manifest =
            Manifest::from_value(manifest).map_err(|error| ApiError::invalid(error.to_string()))?;
        let visibility = match self.visibility {
            None => Visibility::default(),
            Some(text) => Visibility::parse(text.trim())
                .map_err(|error| ApiError::invalid(error.to_string()))?,
        };
        if self.checksum_manifest.is_some() != self.sigstore_bundle.is_some() {
            return Err(ApiError::invalid(
                "checksum_manifest and sigstore_bundle are sent both or not at all",
            ));
        }
        Ok(Publish {
            name,
            manifest,
            raw_manifest: self.raw_manifest,
            visibility,
            checksum_manifest: self.checksum_manifest.filter(|text| is_object(text)),
            sigstore_bundle: self.sigstore_bundle.filter(|text| is_object(text)),
            bundle,
        })
    }
}

/// A signature that is not even an object is dropped: a bad one never keeps a bundle from being
/// published.
fn is_object(text: &str) -> bool {
    !text.contains('\0')
        && serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(text).is_ok()
}

/// Waits for the parser, but not for ever.
async fn timely<T>(read: impl Future<Output = multer::Result<T>>) -> Result<T, ApiError> {
    match tokio::time::timeout(PIECE_TIMEOUT, read).await {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(refusal(&error)),
        Err(_) => Err(ApiError::timeout()),
    }
}

fn refusal(error: &multer::Error) -> ApiError {
    match error {
        multer::Error::StreamSizeExceeded { limit } => request_too_large(*limit),
        multer::Error::StreamReadFailed(source) => match source.downcast_ref::<UploadError>() {
            Some(UploadError::Slow) => ApiError::timeout(),
            Some(UploadError::Late(why)) => (*why).into(),
            Some(error) => ApiError::bad_request(format!("The form cannot be read: {error}")),
            None => ApiError::bad_request("The form cannot be read"),
        },
        multer::Error::IncompleteFieldData { .. }
        | multer::Error::IncompleteHeaders
        | multer::Error::IncompleteStream => {
            ApiError::bad_request("The form is cut off or has another boundary than it says")
        }
        error => ApiError::bad_request(format!("The form cannot be read: {error}")),
    }
}

fn once<T>(slot: &mut Option<T>, value: T, part: &str) -> Result<(), ApiError> {
    match slot.replace(value) {
        None => Ok(()),
        Some(_) => Err(ApiError::invalid(format!("The part {part} was sent twice"))),
    }
}

fn missing(part: &str) -> ApiError {
    ApiError::invalid(format!("The part {part} is missing"))
}

fn request_too_large(size: u64) -> ApiError {
    let max = MAX_BUNDLE_BYTES;
    ApiError::too_large(
        size,
        max,
        format!(
            "The request is too large: a bundle has at most {} MiB",
            max / (1024 * 1024)
        ),
    )
}

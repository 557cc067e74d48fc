//! Small JSON bodies, read within bounds.

use std::time::Duration;

use axum::body::Body;
use enact_types::limits::MAX_JSON_BODY_BYTES;
use serde::de::DeserializeOwned;

use super::late_body::LateBody;
use crate::error::ApiError;

/// How long a small body may take to arrive.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Reads a JSON body, whatever content type it claims: existing clients differ there. `None` for an
/// empty one.
pub(crate) async fn read<T: DeserializeOwned>(body: Body) -> Result<Option<T>, ApiError> {
    read_up_to(body, MAX_JSON_BODY_BYTES).await
}

/// Reads a JSON body that must be there.
pub(crate) async fn required<T: DeserializeOwned>(body: Body) -> Result<T, ApiError> {
    read(body).await?.ok_or_else(missing)
}

pub(crate) fn missing() -> ApiError {
    ApiError::bad_request("The body must be a JSON object")
}

/// Reads a JSON body of at most `max` bytes.
pub(crate) async fn read_up_to<T: DeserializeOwned>(
    body: Body,
    max: usize,
) -> Result<Option<T>, ApiError> {
    let bytes = tokio::time::timeout(TIMEOUT, axum::body::to_bytes(body, max))
        .await
        .map_err(|_| ApiError::timeout())?
        .map_err(|error| match LateBody::find(&error) {
            Some(why) => why.into(),
            None => {
                ApiError::bad_request(format!("The body is cut off or larger than {max} bytes"))
            }
        })?;
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Ok(None);
    }
    // Serde would read a list as the fields of an object in their order.
    if !bytes.trim_ascii_start().starts_with(b"{") {
        return Err(ApiError::bad_request("The body must be a JSON object"));
    }
    serde_json::from_slice(&bytes).map(Some).map_err(|error| {
        let what = if error.is_data() {
            "does not have the expected fields"
        } else {
            "is not valid JSON"
        };
        ApiError::bad_request(format!("The body {what}: {error}"))
    })
}

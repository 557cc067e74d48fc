//! Small JSON bodies, read within bounds.

use std::time::Duration;

use axum::body::Body;
use enact_types::limits::MAX_JSON_BODY_BYTES;
use serde::de::DeserializeOwned;

use crate::error::ApiError;

/// How long a small body may take to arrive.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Reads a JSON body, whatever content type it claims: existing clients differ there. `None` for an
/// empty one.
pub(crate) async fn read<T: DeserializeOwned>(body: Body) -> Result<Option<T>, ApiError> {
    let bytes = tokio::time::timeout(TIMEOUT, axum::body::to_bytes(body, MAX_JSON_BODY_BYTES))
        .await
        .map_err(|_| ApiError::timeout())?
        .map_err(|_| {
            ApiError::bad_request(format!(
                "The body is cut off or larger than {MAX_JSON_BODY_BYTES} bytes"
            ))
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

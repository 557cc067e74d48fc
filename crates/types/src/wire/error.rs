//! What every answer holds that is not a success.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::ErrorCode;

/// The body of every answer that is not a success.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ErrorBody {
    /// The error.
    pub error: ErrorDetail,
}

impl ErrorBody {
    /// A body with `code`, `message` and optional `details`.
    pub fn new(code: ErrorCode, message: impl Into<String>, details: Option<Value>) -> Self {
        let code = serde_json::to_value(code)
            .ok()
            .and_then(|value| value.as_str().map(str::to_owned));
        Self {
            error: ErrorDetail {
                code: code.unwrap_or_default(),
                message: message.into(),
                details,
            },
        }
    }
}

/// What went wrong.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ErrorDetail {
    /// For programs. A `String` when read, since another server may have codes of its own.
    pub code: String,
    /// For people; existing clients print it as it is.
    pub message: String,
    /// Facts that belong to the code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub details: Option<Value>,
}

//! The one place where an error becomes a status and a body.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use enact_catalog::Quantity;
use enact_registry::{ErrorKind, RegistryError};
use enact_types::wire::ErrorBody;
use enact_types::{ErrorCode, Token};
use serde_json::{Value, json};

use crate::http::late_body::LateBody;

/// An error on its way to the client.
#[derive(Debug)]
pub(crate) struct ApiError {
    code: ErrorCode,
    message: String,
    /// Boxed, to keep every `Result` small.
    details: Option<Box<Value>>,
    retry_after: Option<Duration>,
    /// What lies behind a 5xx. For the log only.
    cause: Option<Arc<RegistryError>>,
    /// For a 416: how many bytes there are.
    available: Option<u64>,
}

/// Attached to a response for the request log, which knows the request's id.
#[derive(Clone)]
pub(crate) struct Cause(pub(crate) Arc<RegistryError>);

impl ApiError {
    fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            details: None,
            retry_after: None,
            cause: None,
            available: None,
        }
    }

    pub(crate) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::BadRequest, message)
    }

    pub(crate) fn forbidden(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::Forbidden, message)
    }

    pub(crate) fn not_found(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::NotFound, message)
    }

    pub(crate) fn method_not_allowed() -> Self {
        Self::new(
            ErrorCode::MethodNotAllowed,
            "This route does not take that method",
        )
    }

    pub(crate) fn precondition_failed() -> Self {
        Self::new(
            ErrorCode::PreconditionFailed,
            "What is here is not what If-Match asks for",
        )
    }

    pub(crate) fn range_not_satisfiable(size: u64) -> Self {
        Self {
            available: Some(size),
            ..Self::new(
                ErrorCode::RangeNotSatisfiable,
                format!("There are {size} bytes, none of them in the range asked for"),
            )
        }
    }

    pub(crate) fn file_too_large(size: u64, max: u64) -> Self {
        Self {
            details: Some(Box::new(json!({ "size": size, "maxSize": max }))),
            ..Self::new(
                ErrorCode::FileTooLarge,
                format!(
                    "The file has {size} bytes, more than the {max} that are given in JSON; ask with \
                     Accept: application/octet-stream"
                ),
            )
        }
    }

    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::ValidationError, message)
    }

    pub(crate) fn timeout() -> Self {
        Self::new(
            ErrorCode::RequestTimeout,
            "The request's body stopped arriving",
        )
    }

    pub(crate) fn rate_limited(wait: Duration) -> Self {
        Self {
            retry_after: Some(wait),
            ..Self::new(
                ErrorCode::RateLimited,
                format!("Too many requests, try again in {} s", wait.as_secs()),
            )
        }
    }

    pub(crate) fn busy() -> Self {
        Self {
            retry_after: Some(Duration::from_secs(2)),
            ..Self::new(
                ErrorCode::Unavailable,
                "The server is busy, try again shortly",
            )
        }
    }

    pub(crate) fn internal(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        RegistryError::internal(source).into()
    }

    pub(crate) fn too_large(size: u64, max: u64, message: impl Into<String>) -> Self {
        Self {
            details: Some(Box::new(json!({ "size": size, "maxSize": max }))),
            ..Self::new(ErrorCode::BundleTooLarge, message)
        }
    }

    /// The same with details.
    fn with(self, details: Value) -> Self {
        Self {
            details: Some(Box::new(details)),
            ..self
        }
    }

    fn status(&self) -> StatusCode {
        match self.code {
            ErrorCode::BadRequest => StatusCode::BAD_REQUEST,
            ErrorCode::Unauthorized => StatusCode::UNAUTHORIZED,
            ErrorCode::Forbidden
            | ErrorCode::NamespaceMismatch
            | ErrorCode::OrgPermissionDenied
            | ErrorCode::QuotaExceeded => StatusCode::FORBIDDEN,
            ErrorCode::NotFound | ErrorCode::OrgNotFound => StatusCode::NOT_FOUND,
            ErrorCode::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            ErrorCode::RequestTimeout => StatusCode::REQUEST_TIMEOUT,
            ErrorCode::Conflict => StatusCode::CONFLICT,
            ErrorCode::VersionYanked => StatusCode::GONE,
            ErrorCode::PreconditionFailed => StatusCode::PRECONDITION_FAILED,
            ErrorCode::BundleTooLarge | ErrorCode::FileTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            ErrorCode::RangeNotSatisfiable => StatusCode::RANGE_NOT_SATISFIABLE,
            ErrorCode::ValidationError | ErrorCode::AttestationVerificationFailed => {
                StatusCode::UNPROCESSABLE_ENTITY
            }
            ErrorCode::RateLimited => StatusCode::TOO_MANY_REQUESTS,
            ErrorCode::InternalError => StatusCode::INTERNAL_SERVER_ERROR,
            ErrorCode::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

impl From<LateBody> for ApiError {
    fn from(why: LateBody) -> Self {
        match why {
            LateBody::SignedOut => Self::new(
                ErrorCode::Unauthorized,
                "Unauthorized: what signed you in was taken back while the body arrived",
            ),
            LateBody::Unknown => Self::busy(),
        }
    }
}

impl From<RegistryError> for ApiError {
    fn from(error: RegistryError) -> Self {
        let mut api = Self::new(error.kind().code(), error.to_string());
        match error.kind() {
            ErrorKind::NamespaceMismatch { tool, user } => {
                api = api.with(json!({ "toolNamespace": tool, "userNamespace": user }));
            }
            ErrorKind::QuotaExceeded { namespace, excess } => {
                api = api.with(json!({
                    "namespace": namespace, "quota": quantity(excess.quantity),
                    "used": excess.used, "max": excess.max,
                }));
            }
            ErrorKind::OrgNotFound { org } => api = api.with(json!({ "orgName": org })),
            ErrorKind::TooLarge { size, max } => {
                api = api.with(json!({ "size": size, "maxSize": max }));
            }
            // Every name that a known server uses for these.
            ErrorKind::Yanked {
                reason,
                replacement,
                yanked_at,
            } => {
                api = api.with(json!({
                    "reason": reason, "replacement": replacement, "yanked_at": yanked_at,
                    "yank_reason": reason, "replacement_version": replacement,
                }));
            }
            ErrorKind::Unavailable { retry_after } | ErrorKind::TooManyAtOnce { retry_after } => {
                api.retry_after = Some(*retry_after);
            }
            ErrorKind::Unauthorized
            | ErrorKind::TooManyOrgs
            | ErrorKind::Forbidden
            | ErrorKind::OrgPermissionDenied
            | ErrorKind::NotFound
            | ErrorKind::Conflict
            | ErrorKind::Invalid
            | ErrorKind::AttestationRefused
            | ErrorKind::Internal => {}
        }
        if api.status().is_server_error() {
            api.cause = Some(Arc::new(error));
        }
        api
    }
}

/// What a quota is about, in an answer.
fn quantity(quantity: Quantity) -> &'static str {
    match quantity {
        Quantity::Tools => "tools",
        Quantity::Versions => "versions",
        Quantity::Bytes => "bytes",
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let status = self.status();
        let details = self.details.map(|details| *details);
        // It may say again what stood in the place of a name.
        let message = Token::redact(&self.message).into_owned();
        let body = ErrorBody::new(self.code, message, details);
        let mut response = (status, Json(body)).into_response();
        // For the audit log.
        response.extensions_mut().insert(self.code);
        let headers = response.headers_mut();
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(size) = self.available
            && let Ok(value) = HeaderValue::try_from(format!("bytes */{size}"))
        {
            headers.insert(header::CONTENT_RANGE, value);
        }
        if let Some(delay) = self.retry_after {
            headers.insert(
                header::RETRY_AFTER,
                HeaderValue::from(delay.as_secs().max(1)),
            );
        }
        if let Some(cause) = self.cause {
            response.extensions_mut().insert(Cause(cause));
        }
        response
    }
}

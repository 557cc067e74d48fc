//! The machine-readable codes of the API's errors.

use serde::{Deserialize, Serialize};

/// The `code` of an error body. Clients act on some of them, so the names are fixed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ErrorCode {
    /// 400: the request itself is malformed.
    BadRequest,
    /// 401: a write without a valid token.
    Unauthorized,
    /// 403: the caller is known and may not do this.
    Forbidden,
    /// 403: publishing under somebody else's name.
    NamespaceMismatch,
    /// 403: the caller's role in the organisation does not allow it.
    OrgPermissionDenied,
    /// 403: the user or the organisation has as much as it may have.
    QuotaExceeded,
    /// 404: missing, or private and not the caller's, or no such route.
    NotFound,
    /// 404: publishing under an organisation that does not exist.
    OrgNotFound,
    /// 405: the route exists, but not for this method.
    MethodNotAllowed,
    /// 409: it exists already.
    Conflict,
    /// 410: downloading a yanked version without acknowledging it.
    VersionYanked,
    /// 412: the resource is not what `If-Match` asks for.
    PreconditionFailed,
    /// 413: the file is too large for the form of answer that was asked for.
    FileTooLarge,
    /// 416: there is no byte in the range asked for.
    RangeNotSatisfiable,
    /// 413: the bundle or the request is too large.
    BundleTooLarge,
    /// 422: well-formed, but against the rules.
    ValidationError,
    /// 422: the attestation does not speak of this version and its bytes.
    AttestationVerificationFailed,
    /// 408: the client stopped sending in mid-request.
    RequestTimeout,
    /// 429: more requests than one address or one account may make; `Retry-After` says when to go on.
    RateLimited,
    /// 500: our fault; the details are in the server's log.
    InternalError,
    /// 503: the object store or the catalog cannot be reached, or the server is busy; retry.
    Unavailable,
}

impl ErrorCode {
    /// The code as it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::BadRequest => "BAD_REQUEST",
            Self::Unauthorized => "UNAUTHORIZED",
            Self::Forbidden => "FORBIDDEN",
            Self::NamespaceMismatch => "NAMESPACE_MISMATCH",
            Self::OrgPermissionDenied => "ORG_PERMISSION_DENIED",
            Self::QuotaExceeded => "QUOTA_EXCEEDED",
            Self::NotFound => "NOT_FOUND",
            Self::OrgNotFound => "ORG_NOT_FOUND",
            Self::MethodNotAllowed => "METHOD_NOT_ALLOWED",
            Self::Conflict => "CONFLICT",
            Self::VersionYanked => "VERSION_YANKED",
            Self::PreconditionFailed => "PRECONDITION_FAILED",
            Self::FileTooLarge => "FILE_TOO_LARGE",
            Self::RangeNotSatisfiable => "RANGE_NOT_SATISFIABLE",
            Self::BundleTooLarge => "BUNDLE_TOO_LARGE",
            Self::ValidationError => "VALIDATION_ERROR",
            Self::AttestationVerificationFailed => "ATTESTATION_VERIFICATION_FAILED",
            Self::RequestTimeout => "REQUEST_TIMEOUT",
            Self::RateLimited => "RATE_LIMITED",
            Self::InternalError => "INTERNAL_ERROR",
            Self::Unavailable => "UNAVAILABLE",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ErrorCode;

    #[test]
    fn is_called_the_same_everywhere() {
        for code in [
            ErrorCode::BadRequest,
            ErrorCode::Unauthorized,
            ErrorCode::Forbidden,
            ErrorCode::NamespaceMismatch,
            ErrorCode::OrgPermissionDenied,
            ErrorCode::QuotaExceeded,
            ErrorCode::NotFound,
            ErrorCode::OrgNotFound,
            ErrorCode::MethodNotAllowed,
            ErrorCode::Conflict,
            ErrorCode::VersionYanked,
            ErrorCode::PreconditionFailed,
            ErrorCode::FileTooLarge,
            ErrorCode::RangeNotSatisfiable,
            ErrorCode::BundleTooLarge,
            ErrorCode::ValidationError,
            ErrorCode::AttestationVerificationFailed,
            ErrorCode::RequestTimeout,
            ErrorCode::RateLimited,
            ErrorCode::InternalError,
            ErrorCode::Unavailable,
        ] {
            assert_eq!(serde_json::to_value(code).unwrap(), code.as_str());
        }
    }
}
